"""EPUB 2 and 3: the spine in its order, the contents from the navigation document or the NCX."""

from typing import Any, Final

from books.errors import EmptyBook
from books.formats import language
from books.formats.epub import package
from books.formats.epub.contents import navigation
from books.formats.epub.metadata import Metadata
from books.formats.epub.reading import Reading
from books.formats.parsed import ParsedBook, Told
from books.formats.sources import Source

# Their books turn to the left page after page, and yet their lines run to the right.
_NOT_TO_THE_LEFT: Final = frozenset({"zh", "ja", "ko"})


class Epub:
    """The EPUB parser."""

    name = "epub"
    label = "EPUB"

    def recognises(self, source: Source, /) -> bool:
        """A zip with a container, or at least with a package document."""
        archive = source.archive
        return archive is not None and (archive.find(package.CONTAINER) is not None or bool(package.packages(archive)))

    def parse(self, source: Source, told: Told, /) -> ParsedBook:
        """Read the spine."""
        archive = source.archive
        assert archive is not None
        package.refuse_locked(archive)
        book = package.package(archive)
        found = navigation(archive, book)
        meta = Metadata(book.root)
        reading = Reading(archive, book.spine, found, meta.language())
        for number, item in enumerate(book.spine):
            reading.read(item)
            told(number + 1, len(book.spine))
        if not reading.pieces:
            raise EmptyBook("There is no text in this book.")
        reading.finish()
        sections = reading.sections()
        covers = (reading.pictures.number(member) for member in package.covers(book, archive))
        named = language.settled(meta.language(), (section.text for section in sections))
        return ParsedBook(
            format="epub",
            sections=sections,
            contents=reading.contents(),
            title=meta.title(),
            authors=meta.authors(),
            language=named,
            details={**meta.details(), **_layout(book, reading, named)},
            warnings=[*book.warnings, *found.warnings, *reading.warnings],
            pages=reading.pages(),
            cover=next((number for number in covers if number is not None), reading.first_picture),
            originals=reading.pictures.originals,
        )


def _layout(book: package.Package, reading: Reading, language: str) -> dict[str, Any]:
    """Return how the book is set, and where its text begins."""
    spine = next(book.root.iter("{*}spine"), None)
    turns_left = spine is not None and spine.get("page-progression-direction") == "rtl"
    found: dict[str, Any] = {}
    if reading.is_vertical or book.meta("primary-writing-mode").startswith("vertical"):
        found["writing"] = "vertical"
    elif (turns_left and language.partition("-")[0] not in _NOT_TO_THE_LEFT) or reading.runs_left:
        found["direction"] = "rtl"
    begin = reading.begin()
    if begin is not None:
        found["begin"] = begin
    return found
