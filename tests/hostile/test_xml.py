"""XML that means harm, in every place where a format has XML: nothing is loaded, expanded, or nested to death."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from books.errors import BookError
from books.formats import sandbox
from books.formats.limits import Limits
from tests.books_made import PAGE, docx, zipped
from tests.made import fb2s, hostile, odts

MANY = 100_000
NEEDLE = "root:"  # of /etc/passwd
EXTERNAL = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
# piece -> (what stands before the root element, what stands inside the innermost place for text)
PIECES: dict[str, tuple[str, str]] = {
    "laughs": (hostile.entities(), "&laugh;"),
    "quadratic": ('<!DOCTYPE x [<!ENTITY a "' + "a" * 100_000 + '">]>', "&a;" * 20_000),
    "external entity": (EXTERNAL, "&e;"),
    "external subset": ('<!DOCTYPE x SYSTEM "file:///etc/passwd">', "words"),
    "parameter entity": ('<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>', "words"),
    "inclusion": (
        "",
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>',
    ),
    "nesting": ("", "<b>" * MANY + "deep" + "</b>" * MANY),
    "nesting without an end": ("", "<b>" * MANY),
    "attributes": ("", "<b " + " ".join(f'a{n}="x"' for n in range(MANY)) + ">words</b>"),
    "one attribute": ("", f'<b a="{"x" * 11_000_000}">words</b>'),
    "namespaces": ("", "<b " + " ".join(f'xmlns:n{n}="urn:{n}"' for n in range(20_000)) + ">words</b>"),
    "names": ("", "".join(f"<n{n}>w</n{n}>" for n in range(50_000))),
    "comment": ("", "<!--" + "-x" * 2_000_000 + "-->words"),
    "references": ("", "&#97;" * 200_000 + "&#0;&#xD800;&#x110000;"),
    "long name": ("", f"<{'n' * 2_000_000}>words</{'n' * 2_000_000}>"),
}
PLACES = (
    "epub page",
    "epub package",
    "epub container",
    "epub ncx",
    "epub nav",
    "epub encryption",
    "docx",
    "docx styles",
    "docx core",
    "docx notes",
    "odt",
    "odt meta",
    "odt flat",
    "fb2",
)


def put(xml: str | bytes, before: str, inside: str, *, at: str) -> str:
    """Return XML with a piece before its root element, and another one behind the text `at`."""
    text = xml.decode() if isinstance(xml, bytes) else xml
    assert at in text
    text = text.replace(at, at + inside, 1)
    start = text.index("?>") + 2 if text.startswith("<?xml") else 0
    return text[:start] + before + text[start:]


def made(place: str, before: str, inside: str) -> bytes:
    """Return a book of one chapter that is good but for this place."""
    if place.startswith("epub"):
        return zipped(_epub(place.removeprefix("epub "), before, inside))
    if place.startswith("docx"):
        return _docx(place.removeprefix("docx").strip(), before, inside)
    words = "The lamp burns all night. "
    if place == "fb2":
        return put(fb2s.fb2(fb2s.section("One", words)), before, inside, at=words).encode()
    if place == "odt flat":
        return put(odts.fodt(odts.h("One") + odts.p(words)), before, inside, at=words).encode()
    members = hostile.unzipped(odts.odt(odts.h("One") + odts.p(words)))
    name, at = ("meta.xml", "<dc:title>") if place == "odt meta" else ("content.xml", words)
    return zipped({**members, name: put(members[name], before, inside, at=at)})


def _epub(place: str, before: str, inside: str) -> Mapping[str, str | bytes]:
    members = hostile.members()
    name, at = {
        "page": ("OEBPS/c0.xhtml", "forty years."),
        "package": ("OEBPS/book.opf", "<dc:title>"),
        "container": ("META-INF/container.xml", "<rootfiles>"),
        "nav": ("OEBPS/nav.xhtml", "The Lighthouse"),
        "ncx": ("OEBPS/toc.ncx", "<text>"),
        "encryption": ("META-INF/encryption.xml", "<encryption>"),
    }[place]
    members["META-INF/encryption.xml"] = '<?xml version="1.0"?><encryption></encryption>'
    members["OEBPS/toc.ncx"] = (
        '<?xml version="1.0"?><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>One'
        '</text></navLabel><content src="c0.xhtml"/></navPoint></navMap></ncx>'
    )
    package = str(members["OEBPS/book.opf"])
    if place == "ncx":  # without a navigation document it counts
        package = package.replace('href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"',
                                  'href="toc.ncx" media-type="application/x-dtbncx+xml"')  # fmt: skip
    members["OEBPS/book.opf"] = package
    members[name] = put(members[name], before, inside, at=at)
    return members


def _docx(place: str, before: str, inside: str) -> bytes:
    words = "The lamp burns all night. "
    members = hostile.unzipped(docx([("Heading1", "One"), ("Normal", words)], title="x"))
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    members["word/footnotes.xml"] = (
        f'<?xml version="1.0"?><w:footnotes xmlns:w="{space}"><w:footnote w:id="1"><w:p><w:r><w:t>words</w:t></w:r>'
        "</w:p></w:footnote></w:footnotes>"
    ).encode()
    name, at = {
        "": ("word/document.xml", words),
        "styles": ("word/styles.xml", 'heading 1"/>'),
        "core": ("docProps/core.xml", "<dc:title>"),
        "notes": ("word/footnotes.xml", "words"),
    }[place]
    return zipped({**members, name: put(members[name], before, inside, at=at)})


def outcome(file: Path) -> str:
    """Return all that a reader sees of a file: a book, or why it is none."""
    try:
        book = sandbox.parse(file, limits=Limits(seconds=30, memory=1024 * 1024 * 1024))
    except BookError as error:
        return "a mistake" if isinstance(error, sandbox.Unforeseen) else str(error)
    return repr((book.head(), [section.text for section in book.sections]))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("piece", PIECES)
def test_no_xml_loads_expands_or_nests_to_death(tmp_path: Path, piece: str, place: str) -> None:
    file = tmp_path / "book"
    file.write_bytes(made(place, *PIECES[piece]))
    began = time.monotonic()
    said = outcome(file)

    assert said != "a mistake"
    assert NEEDLE not in said
    assert len(said) < 5_000_000
    assert time.monotonic() - began < 25


def test_a_page_of_very_many_levels_keeps_its_words(tmp_path: Path) -> None:
    members = hostile.members()
    members["OEBPS/c0.xhtml"] = PAGE.format(title="x", body="<div>" * MANY + "words" + "</div>" * MANY)
    file = tmp_path / "book"
    file.write_bytes(zipped(members, compress=False))

    assert "words" in sandbox.parse(file, limits=Limits()).sections[0].text


def test_contents_nested_five_thousand_deep_lead_somewhere(tmp_path: Path) -> None:
    members = hostile.members()
    deep = 5_000
    lines = "<ol><li><a href='c0.xhtml'>One</a>" * deep + "</li></ol>" * deep
    members["OEBPS/nav.xhtml"] = PAGE.format(title="x", body=f'<nav epub:type="toc">{lines}</nav>')
    file = tmp_path / "book"
    file.write_bytes(zipped(members))
    book = sandbox.parse(file, limits=Limits())

    assert len(book.sections) == 3
    assert max(entry.depth for entry in book.contents) <= 100
