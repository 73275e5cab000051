"""The formats, in the order in which they are asked. Adding one is a module and a word here."""

import io
import posixpath
from typing import Final

from books.errors import UnknownFormat
from books.formats import kinds
from books.formats.docx import Docx
from books.formats.epub import Epub
from books.formats.fb2 import Fb2
from books.formats.mobi import Mobi
from books.formats.odt import Odt
from books.formats.parsed import ParsedBook, Parser, Told
from books.formats.pdf import Pdf
from books.formats.plain import PlainText
from books.formats.rtf import Rtf
from books.formats.sources import Archive, Source
from books.formats.web import Html, Markdown

FORMATS: Final[tuple[Parser, ...]] = (
    Epub(),
    Docx(),
    Odt(),
    Fb2(),
    Pdf(),
    Mobi(),
    Rtf(),
    Html(),
    Markdown(),
    PlainText(),
)
# Names that a browser's file dialogue offers. What a file is, its contents decide.
_TEXTS: Final = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml")
SUFFIXES: Final = (
    *(".epub", ".pdf", ".docx", ".odt", ".fodt", ".rtf", ".fb2", ".fbz", ".mobi", ".azw", ".azw3", ".prc"),
    *(*_TEXTS, ".zip"),
)
_PICTURES: Final = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp")


def labels() -> list[str]:
    """Return the names of the formats, for people."""
    return [parser.label for parser in FORMATS]


def parse(source: Source, told: Told) -> ParsedBook:
    """Read a book, whatever its format; its contents decide which, never its name."""
    if refusal := kinds.foreign(source.start):
        raise refusal
    if parser := _parser_of(source):
        return parser.parse(source, told)
    if source.archive is not None:
        inside = _packed(source.archive, source)
        if parser := _parser_of(inside):
            return parser.parse(inside, told)
    raise kinds.unknown()


def _parser_of(source: Source) -> Parser | None:
    return next((parser for parser in FORMATS if parser.recognises(source)), None)


def _packed(archive: Archive, outer: Source) -> Source:
    """Return the one book that an archive of no known kind holds. An archive in that archive is no book."""
    names = [name for name in archive.names if _is_shown(name)]
    _refuse_other_archives(names)
    if len(names) == 1:
        found = names
    else:
        found = [name for name in names if _suffix(name) in SUFFIXES and _suffix(name) not in {".zip", *_TEXTS}]
        found = found or [name for name in names if _suffix(name) in _TEXTS]
    if len(found) > 1:
        raise UnknownFormat("This archive holds several books. Unpack it and upload them one by one.")
    if not found and any(name.lower().endswith(_PICTURES) for name in names):
        raise UnknownFormat("This is a comic book (CBZ): pictures without text. Convert it to PDF and upload that.")
    if not found:
        raise kinds.unknown()
    inside = Source(io.BytesIO(archive.read(found[0])), suffix=_suffix(found[0]), options=outer.options)
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
