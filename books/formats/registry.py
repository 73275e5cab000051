"""The formats, in the order in which they are asked. Adding one is a module and a word here."""

import io
import posixpath
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Final

from books.errors import UnknownFormat
from books.formats import kinds
from books.formats.parsed import ParsedBook, Parser, Told
from books.formats.sources import Archive, Source

# Module and class of each. A child reads one book, so it loads no more of them than it has to ask.
FORMATS: Final = (
    "epub.Epub",
    "docx.Docx",
    "odt.Odt",
    "fb2.Fb2",
    "pdf.Pdf",
    "mobi.Mobi",
    "rtf.Rtf",
    "web.Html",
    "markdown.Markdown",
    "plain.PlainText",
)
_ARCHIVES: Final = frozenset({"epub.Epub", "docx.Docx"})  # always zip archives: not asked about other files
# An archive with one of these is a book itself, so what it holds are its parts.
_SIGNS_OF_A_BOOK: Final = ("mimetype", "META-INF/container.xml", "META-INF/manifest.xml", "[Content_Types].xml")
_PICTURES: Final = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp")


def parse(source: Source, told: Told) -> ParsedBook:
    """Read a book, whatever its format; its contents decide which, never its name."""
    parser, inside = chosen(source)
    return parser.parse(inside, told)


def chosen(source: Source) -> tuple[Parser, Source]:
    """Return the parser for a file, and the file, or the one book in it when it is an archive of no known kind."""
    if refusal := kinds.foreign(source.start):
        raise refusal
    archive = source.archive
    packed = _only_book(archive) if archive is not None else ""
    parser = None if packed else _parser_of(source)
    if parser is None and archive is not None:
        source = _unpacked(archive, packed or _only_member(archive), source)
        parser = _parser_of(source)
    if parser is None:
        raise kinds.unknown()
    return parser, source


def parsers(names: Iterable[str] = FORMATS) -> Iterator[Parser]:
    """Yield the parsers in their order, each loaded when it is asked for."""
    for name in names:
        module, _, parser = name.partition(".")
        yield getattr(import_module(f"books.formats.{module}"), parser)()


def _parser_of(source: Source) -> Parser | None:
    asked = (name for name in FORMATS if source.archive is not None or name not in _ARCHIVES)
    return next((parser for parser in parsers(asked) if parser.recognises(source)), None)


def _only_book(archive: Archive) -> str:
    """Return the one whole book in an archive that is none itself, whatever lies beside it: a cover, a description."""
    if any(archive.find(name) for name in _SIGNS_OF_A_BOOK):
        return ""
    found = [name for name in archive.names if _is_shown(name) and _suffix(name) in kinds.BOOK_SUFFIXES]
    if len(found) > 1:
        raise UnknownFormat("This archive holds several books. Unpack it and upload them one by one.")
    return found[0] if found else ""


def _only_member(archive: Archive) -> str:
    """Return the one text in an archive, or its only member, whatever its name."""
    names = [name for name in archive.names if _is_shown(name)]
    _refuse_other_archives(names)
    found = names if len(names) == 1 else [name for name in names if _suffix(name) in kinds.TEXT_SUFFIXES]
    if len(found) > 1:
        raise UnknownFormat("This archive holds several books. Unpack it and upload them one by one.")
    if not found and any(name.lower().endswith(_PICTURES) for name in names):
        raise UnknownFormat("This is a comic book (CBZ): pictures without text. Convert it to PDF and upload that.")
    if not found:
        raise kinds.unknown()
    return found[0]


def _unpacked(archive: Archive, name: str, outer: Source) -> Source:
    """Return a member as a file. An archive of no known kind in an archive is no book."""
    data = io.BytesIO(archive.read(name))
    inside = Source(data, suffix=_suffix(name), options=outer.options, limits=outer.limits)
    if refusal := kinds.foreign(inside.start):
        raise refusal
    return inside


def _is_shown(name: str) -> bool:
    """Say whether a member is more than a folder or a system's own note."""
    base = posixpath.basename(name)
    return bool(base) and not base.startswith((".", "__")) and not name.startswith("__MACOSX/") and base != "Thumbs.db"


def _suffix(name: str) -> str:
    return posixpath.splitext(name)[1].lower()


def _refuse_other_archives(names: list[str]) -> None:
    """Say what an archive is that is known and no book of words."""
    if any(name.startswith(("xl/", "ppt/")) for name in names):
        raise UnknownFormat("This is a spreadsheet or a presentation. Save it as PDF and upload that.")
    if any(name.startswith("Index/") and name.endswith(".iwa") for name in names) or "Index.zip" in names:
        raise UnknownFormat("This is a document of Apple's Pages. Save it there as DOCX or EPUB and upload that.")
    if any(name.endswith(".kfx") for name in names):
        raise UnknownFormat(
            "This is a Kindle file in the KFX format, which Mindory does not read. Upload AZW3, MOBI or EPUB."
        )
