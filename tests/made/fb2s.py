"""FictionBook files, written here in code."""

from base64 import b64encode
from collections.abc import Mapping

NOTES = (
    '<body name="notes"><title><p>Notes</p></title>'
    '<section id="n1"><title><p>1</p></title><p>A rock off the coast.</p><p>It has no name.</p></section>'
    '<section id="n2"><title><p>2</p></title><p>See the log.</p></section></body>'
)


def fb2(
    body: str, *, title: str = "The Sea", info: str = "", more: str = "", pictures: Mapping[str, bytes] | None = None
) -> str:
    """Return a FictionBook: `body` is what its main body holds, `info` more of its title-info, `more` other bodies."""
    binaries = "".join(
        f'<binary id="{name}" content-type="image/png">{b64encode(data).decode()}</binary>'
        for name, data in (pictures or {}).items()
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink">'
        f"<description><title-info><genre>sf_fantasy</genre>{info}<book-title>{title}</book-title><lang>en</lang>"
        "</title-info><publish-info><publisher>Grey House</publisher><year>1911</year><isbn>978-0-00-000000-2</isbn>"
        f"</publish-info></description><body>{body}</body>{more}{binaries}</FictionBook>"
    )


def section(title: str, *paragraphs: str, inside: str = "") -> str:
    """Return a section with a title."""
    return f"<section><title><p>{title}</p></title>{''.join(f'<p>{text}</p>' for text in paragraphs)}{inside}</section>"


def tale(chapters: int = 3, *, words: str = "The sea was calm that day, and nobody came. ") -> bytes:
    """Return a plain book of several chapters."""
    return fb2("".join(section(f"Day {number + 1}", words * 80) for number in range(chapters))).encode()
