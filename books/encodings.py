"""In which encodings the text of a file can be read, for a reader who sees that ours is the wrong one."""

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from books.errors import BadEncoding
from books.files import path_of
from books.formats import sandbox
from books.formats.parsed import Options
from books.models import Book
from mindory_web.lib.errors import Conflict

FORMATS: Final = frozenset({"txt", "html", "markdown", "md"})  # what is a text file
LONGEST_PREVIEW: Final = 400  # characters


@dataclass(frozen=True, slots=True)
class EncodingChoice:
    """One way to read a text file. `is_detected`: Mindory's own; `is_chosen`: the one the book is read in now."""

    encoding: str
    preview: str
    is_detected: bool
    is_chosen: bool


def choices(book: Book) -> list[EncodingChoice]:
    """Return the encodings that fit the file, likeliest first."""
    _check_format(book)
    answers: list[Any] = []
    sandbox.ask(
        "encodings",
        path_of(book.digest),
        limits=sandbox.Limits.of(settings.PARSE_LIMITS),
        suffix=Path(book.file_name).suffix,
        options=Options(encoding=book.encoding),
        result=answers.append,
    )
    raise NotImplementedError(answers)


def check(book: Book, encoding: str) -> None:
    """Refuse an encoding that the file cannot be read in."""
    _check_format(book)
    if not encoding:
        return
    try:
        codecs.lookup(encoding)
    except (LookupError, ValueError):
        raise BadEncoding(_("Mindory does not know this encoding.")) from None


def _check_format(book: Book) -> None:
    if book.format and book.format not in FORMATS:
        raise Conflict(_("Only a text file has an encoding to choose."))
