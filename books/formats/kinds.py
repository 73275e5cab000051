"""Tell foreign files by their first bytes: what they are, and what their reader can do. Nothing is parsed here."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from books.errors import LockedBook, UnknownFormat
from books.formats.decoding import looks_like_text

# What Mindory reads, as people call it; a test compares it with the parsers, which not every process loads.
LABELS: Final = ("EPUB", "DOCX", "ODT", "FB2", "PDF", "MOBI, AZW3", "RTF", "HTML", "Markdown", "TXT")
# Names that a browser's file dialogue offers. What a file is, its contents decide.
TEXT_SUFFIXES: Final = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml")
BOOK_SUFFIXES: Final = (
    ".epub", ".pdf", ".docx", ".docm", ".dotx", ".odt", ".fodt", ".rtf", ".fb2", ".fbz", ".mobi", ".azw", ".azw3",
    ".prc",
)  # fmt: skip
SUFFIXES: Final = (*BOOK_SUFFIXES, *TEXT_SUFFIXES, ".zip")
STARTS: Final = 4096  # bytes that are looked at
ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
PALM_BOOKS: Final = (b"BOOKMOBI", b"TEXtREAd")


def foreign(start: bytes) -> UnknownFormat | LockedBook | None:
    """Return what to say about a file of another kind that begins like this; None when it may be a book."""
    for is_this, said in _FOREIGN:
        if is_this(start):
            return said()
    return None


def may_be_a_book(start: bytes) -> bool:
    """Say whether any parser could read a file that begins like this."""
    is_marked = start.startswith((*ZIP, b"{\\rtf")) or b"%PDF-" in start or start[60:68] in PALM_BOOKS
    return is_marked or looks_like_text(start)


def unknown() -> UnknownFormat:
    """Return the refusal of a file that no parser recognises. A test compares its list with FORMATS."""
    return UnknownFormat(
        "This file is not a book that Mindory can read. "
        "It reads EPUB, DOCX, ODT, FB2, PDF, MOBI, AZW3, RTF, HTML, Markdown and TXT."
    )


def refuse_foreign(path: Path) -> None:
    """Raise UnknownFormat or LockedBook when the first bytes already show that this is no book."""
    with path.open("rb") as file:
        start = file.read(STARTS)
    if refusal := foreign(start):
        raise refusal
    if not may_be_a_book(start):
        raise unknown()


def _image() -> UnknownFormat:
    return UnknownFormat("This is a picture, not a book. Pages that were photographed can be added as one PDF.")


def _sound() -> UnknownFormat:
    return UnknownFormat("This is a recording or a film. Mindory reads books as text.")


def _office() -> UnknownFormat:
    return UnknownFormat(
        "This is a file of an old office program (.doc), or a document with a password. "
        "Open it there and save it as DOCX or PDF without a password."
    )


def _djvu() -> UnknownFormat:
    return UnknownFormat("This is a DjVu file, which Mindory does not read. Convert it to PDF and upload that.")


def _help() -> UnknownFormat:
    return UnknownFormat("This is a CHM help file, which Mindory does not read. Convert it to EPUB and upload that.")


def _archive() -> UnknownFormat:
    return UnknownFormat("This is a packed archive (RAR, 7z and the like). Unpack it and upload the book inside.")


def _literature() -> UnknownFormat:
    return UnknownFormat("This is a Microsoft Reader file (.lit). Convert it to EPUB and upload that.")


def _palm() -> UnknownFormat:
    return UnknownFormat("This is a file for old Palm devices. Convert it to EPUB and upload that.")


def _kfx() -> UnknownFormat:
    return UnknownFormat(
        "This is a Kindle file in the KFX format, which Mindory does not read. Upload AZW3, MOBI or EPUB."
    )


def _locked_kindle() -> LockedBook:
    return LockedBook("This book is locked (DRM) and only opens with its shop's own program.")


def _topaz() -> UnknownFormat:
    return UnknownFormat("This is a Kindle Topaz file, which Mindory does not read. Upload AZW3, MOBI or EPUB.")


def _program() -> UnknownFormat:
    return UnknownFormat("This is a program, not a book.")


def _begins(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda start: start.startswith(marks)


def _holds(mark: bytes, *, at: int) -> Callable[[bytes], bool]:
    return lambda start: start[at : at + len(mark)] == mark


def _is_riff(start: bytes) -> bool:
    return start.startswith(b"RIFF") and start[8:12] in {b"WAVE", b"AVI ", b"WEBP"}


def _is_palm(start: bytes) -> bool:
    """A Palm database of another program: its type and creator are letters, and a record list follows."""
    return len(start) > 78 and start[60:68] in {b"PNRdPPrs", b"ToGoToGo", b"PDctDgoo", b"zTXTGPlm", b"DataPlkr"}


# (does it begin so?, what is said). A mark that could also be a word at the start of a text holds a control character.
_FOREIGN: Final[tuple[tuple[Callable[[bytes], bool], Callable[[], UnknownFormat | LockedBook]], ...]] = (
    (_begins(b"\x89PNG\r\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF87a", b"GIF89a"), _image),
    (lambda start: _is_riff(start) and start[8:12] == b"WEBP", _image),
    (lambda start: start[4:8] == b"ftyp" and start[8:12] in {b"heic", b"heix", b"mif1", b"avif"}, _image),
    (_is_riff, _sound),
    (_holds(b"ftyp", at=4), _sound),
    (_begins(b"ID3\x02", b"ID3\x03", b"ID3\x04", b"OggS\0", b"fLaC\0", b"\x1aE\xdf\xa3", b"\0\0\x01\xba"), _sound),
    (_begins(b"\xff\xfb", b"\xff\xf3", b"\xff\xf1"), _sound),
    (_begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), _office),
    (_begins(b"AT&TFORM"), _djvu),
    (_begins(b"ITSF\x03\0"), _help),
    (_begins(b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", b"\xfd7zXZ\0", b"BZh91AY&SY"), _archive),
    (_holds(b"ustar", at=257), _archive),
    (_begins(b"ITOLITLS"), _literature),
    (_is_palm, _palm),
    (_begins(b"CONT\x02\0", b"CONT\x01\0"), _kfx),
    (_begins(b"\xeaDRMION\xee"), _locked_kindle),
    (_begins(b"TPZ0", b"TPZ\0"), _topaz),
    (_begins(b"\x7fELF", b"MZ\x90\0", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"), _program),
)
