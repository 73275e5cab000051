"""In which encodings the text of a file can be read, for a reader who sees that ours is the wrong one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from books.errors import BadEncoding
from books.files import path_of
from books.formats import sandbox
from books.formats.decoding.names import ENCODINGS, known
from books.models import Book
from mindory_web.lib.errors import Conflict, NotFound

FORMATS: Final = frozenset({"txt", "html", "markdown"})
SECONDS: Final = 20  # for a look at a file; one of 60 MB takes less than five


@dataclass(frozen=True, slots=True)
class EncodingChoice:
    """One way to read a text file. `is_detected`: Mindory's own; `is_chosen`: the one the book is read in now.

    `replaced`: how many characters could not be read.
    """

    encoding: str
    label: str
    preview: str
    replaced: int
    is_detected: bool
    is_chosen: bool


def choices(book: Book) -> list[EncodingChoice]:
    """Return the encodings that fit the file, likeliest first, looked up in the parser's child."""
    _check_format(book)
    found: list[EncodingChoice] = []
    now = book.encoding or known(str(book.details.get("encoding", "")))

    def add(result: Any) -> None:
        encoding = known(str(result["encoding"]))
        if encoding:
            label, preview = ENCODINGS[encoding], str(result["preview"]).replace("\0", "")
            detected, is_chosen = bool(result["is_detected"]), encoding == now
            found.append(EncodingChoice(encoding, label, preview, int(result["replaced"]), detected, is_chosen))

    limits = sandbox.Limits(seconds=SECONDS, memory=settings.PARSE_LIMITS["memory"])
    try:
        sandbox.ask("encodings", path_of(book.digest), limits=limits, suffix=Path(book.file_name).suffix, result=add)
    except FileNotFoundError as error:
        raise NotFound(_("The file of this book is missing on this server.")) from error
    return found


def name_of(book: Book, encoding: str) -> str:
    """Return our name of an encoding that a reader chose for a book; "" stays "". Raises BadEncoding."""
    _check_format(book)
    name = known(encoding)
    if encoding.strip() and not name:
        raise BadEncoding(_("Mindory does not know this encoding. Choose one of the list."), encodings=list(ENCODINGS))
    return name


def _check_format(book: Book) -> None:
    if book.format and book.format not in FORMATS:
        raise Conflict(_("Only a text file has an encoding to choose."))
