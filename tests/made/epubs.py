"""EPUBs with everything that a package document can say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.books_made import CONTAINER, zipped

SPACES = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'
DOT = (  # a picture of one pixel
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00"
    b"\x0cIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\r\xefF\xb8\x00\x00\x00\x00IEND\xaeB`\x82"
)


def page(body: str, *, head: str = "", root: str = "") -> str:
    """Return a page."""
    return f"<html {SPACES} {root}><head><title>x</title>{head}</head><body>{body}</body></html>"


@dataclass
class Made:
    """What an EPUB is made of. `files`: members of the folder OEBPS; `pages` are those of the spine, in its order."""

    pages: Mapping[str, str]
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    nav: str = ""  # the body of the navigation document
    metadata: str = "<dc:title>A tale</dc:title><dc:language>en</dc:language>"
    items: str = ""  # more of the manifest
    spine: str | None = None  # instead of one reference a page
    spine_attributes: str = ""
    guide: str = ""
    others: Mapping[str, str | bytes] = field(default_factory=dict)  # members outside the folder
    left_out: Sequence[str] = ()

    def package(self) -> str:
        """Return the package document."""
        kinds = {"png": "image/png", "css": "text/css", "ncx": "application/x-dtbncx+xml", "svg": "image/svg+xml"}
        listed = [(name, kinds.get(name.rpartition(".")[2], "application/octet-stream")) for name in self.files]
        listed += [(name, "application/xhtml+xml") for name in self.pages]
        items = "".join(f'<item id="{name}" href="{name}" media-type="{kind}"/>' for name, kind in listed)
        if self.nav:
            items += '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        spine = "".join(f'<itemref idref="{name}"/>' for name in self.pages) if self.spine is None else self.spine
        return (
            '<package xmlns="http://www.idpf.org/2007/opf" xmlns:opf="http://www.idpf.org/2007/opf" version="3.0" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>{self.metadata}</metadata>'
            f"<manifest>{items}{self.items}</manifest><spine {self.spine_attributes}>{spine}</spine>"
            f"<guide>{self.guide}</guide></package>"
        )

    def members(self) -> dict[str, str | bytes]:
        """Return the members of the archive."""
        nav = {"OEBPS/nav.xhtml": page(self.nav)} if self.nav else {}
        inside = {f"OEBPS/{name}": body for name, body in {**self.pages, **self.files}.items()}
        found: dict[str, str | bytes] = {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": CONTAINER,
            "OEBPS/book.opf": self.package(),
            **nav,
            **inside,
            **self.others,
        }
        return {name: body for name, body in found.items() if name not in self.left_out}

    def archive(self) -> bytes:
        """Return the file."""
        return zipped(self.members())
