"""OpenDocument texts, written here in code.

odt("<text:p>Words.</text:p>", styles="<style:style .../>") -> bytes
"""

import io
import zipfile
from collections.abc import Mapping

MIME = "application/vnd.oasis.opendocument.text"
NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in (
        ("office", "office"), ("text", "text"), ("style", "style"), ("table", "table"), ("draw", "drawing"),
        ("fo", "xsl-fo-compatible"), ("svg", "svg-compatible"), ("meta", "meta"), ("manifest", "manifest"),
    )
) + ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'  # fmt: skip
BOLD = (
    '<style:style style:name="Strong"><style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="T1" style:parent-style-name="Strong">'
    '<style:text-properties fo:font-style="italic"/></style:style>'
    '<style:style style:name="T2" style:parent-style-name="T1"><style:text-properties fo:font-weight="normal" '
    'style:text-position="super 58%"/></style:style>'
)
COUNTED = (
    '<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1" '
    'text:start-value="3"/><text:list-level-style-bullet text:level="2" text:bullet-char="*"/></text:list-style>'
)


def odt(body: str, *, styles: str = "", title: str = "The Sea", more: Mapping[str, str | bytes] | None = None) -> bytes:
    """Return an .odt: `body` is what its text holds, `styles` its automatic styles."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMES}><office:automatic-styles>{styles}'
        f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return _zipped(
        {
            "mimetype": MIME,
            "content.xml": content,
            "styles.xml": f"<office:document-styles {NAMES}>{_default()}</office:document-styles>",
            "meta.xml": f"<office:document-meta {NAMES}>{_meta(title)}</office:document-meta>",
            "META-INF/manifest.xml": f"<manifest:manifest {NAMES}/>",
            **(more or {}),
        }
    )


def _zipped(members: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def fodt(body: str, *, styles: str = "", title: str = "The Sea") -> bytes:
    """Return the same as one XML file."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document {NAMES} office:mimetype="{MIME}">{_meta(title)}'
        f"<office:styles>{_default()}</office:styles><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document>"
    ).encode()


def _default() -> str:
    return (
        '<style:default-style style:family="paragraph"><style:text-properties fo:language="en" fo:country="GB"/>'
        "</style:default-style>"
    )


def _meta(title: str) -> str:
    return (
        f"<office:meta><dc:title>{title}</dc:title><meta:initial-creator>Anna Grey</meta:initial-creator>"
        "<dc:description>Of a lamp.</dc:description></office:meta>"
    )


def p(text: str, style: str = "P1") -> str:
    """Return a paragraph."""
    return f'<text:p text:style-name="{style}">{text}</text:p>'


def h(text: str, level: int = 1) -> str:
    """Return a heading."""
    return f'<text:h text:outline-level="{level}">{text}</text:h>'


def tale() -> bytes:
    """Return a plain document in two chapters."""
    words = "The sea was calm that day, and nobody came. " * 80
    return odt(h("One") + p(words) + h("Two") + p(words))
