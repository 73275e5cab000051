"""What a book says of itself, what its reader says of it, and which of the two counts.

`Book.told` holds the file's own values. A field named in `Book.edited` is the reader's: reading the file again
leaves it alone. Emptying a field gives it back to the file.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from books.files import LONGEST_TITLE, title_from
from books.formats.parsed import ParsedBook
from books.models import Book
from mindory_web.lib.errors import Invalid

MOST_AUTHORS: Final = 50
LONGEST_AUTHOR: Final = 200
LONGEST_SERIES: Final = 300
LONGEST_DESCRIPTION: Final = 20_000
LARGEST_NUMBER: Final = 1_000_000  # of a series
# Well-formed BCP 47 as far as books need it: a language, perhaps a script, a region, variants.
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*")
NOT_A_LANGUAGE: Final = frozenset({"und", "mul", "zxx", "mis"})
# In the file's own words, besides the fields that a reader can change.
ALSO_TOLD: Final = ("publisher", "date", "identifiers", "translators", "subjects", "rights")
WORDS_A_MINUTE: Final = 230
CHARACTERS_A_MINUTE: Final = 400  # of Chinese and Japanese, where a character counts as a word
BY_CHARACTERS: Final = frozenset({"zh", "ja", "yue", "lzh", "wuu", "nan", "cmn"})


def _line(value: object, longest: int) -> str:
    """Return text as one line; of what is no text, nothing."""
    return " ".join(str(value or "").replace("\0", "").split())[:longest].strip()


def _title(value: Any) -> str:
    return _line(value, LONGEST_TITLE)


def _authors(value: Any) -> list[str]:
    names = [value] if isinstance(value, str) else value or []
    return [name for each in names if (name := _line(each, LONGEST_AUTHOR))][:MOST_AUTHORS]


def _language(value: Any) -> str:
    """Return a language code in its usual capitals; Invalid when it is none."""
    parts = _line(value, 100).replace("_", "-").split("-")
    first, *rest = [part.lower() for part in parts]
    cased = "-".join([first, *(part.title() if len(part) == 4 and part.isalpha() else part for part in rest)])
    cased = re.sub(r"-([a-z]{2})(?=-|$)", lambda region: region.group().upper(), cased)
    if cased and (len(cased) > 35 or cased in NOT_A_LANGUAGE or not LANGUAGE.fullmatch(cased)):
        raise Invalid(_("This is not a language code. Use one like en, pt-BR or zh-Hans."))
    return cased


def _series(value: Any) -> str:
    return _line(value, LONGEST_SERIES)


def _number(value: Any) -> float | None:
    """Return a number in a series; None when there is none."""
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not 0 <= number <= LARGEST_NUMBER:  # also false for what is no number
        raise Invalid(_("The number in a series is a number such as 3 or 2.5."))
    return number


def _description(value: Any) -> str:
    return str(value or "").replace("\r\n", "\n").replace("\0", "").strip()[:LONGEST_DESCRIPTION]


# What a reader can change, and how each is written.
FIELDS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "title": _title,
    "authors": _authors,
    "language": _language,
    "series": _series,
    "series_number": _number,
    "description": _description,
}

# What programs write where they know no title or author.
NOT_A_NAME: Final = frozenset({"unknown", "untitled", "unknown author", "未知"})


def own_value(book: Book, name: str, told: Mapping[str, Any]) -> Any:
    """Return what the file says of a field; its title is made of the file's name when it says none."""
    value = _told(name, told.get(name))
    return value or (title_from(book.file_name) if name == "title" else value)


def told_by(parsed: ParsedBook) -> dict[str, Any]:
    """Return what the file says of itself, without what it does not say."""
    title = "" if parsed.title.strip().casefold() in NOT_A_NAME else parsed.title
    authors = [author for author in parsed.authors if author.strip().casefold() not in NOT_A_NAME]
    said: dict[str, Any] = {**parsed.details, "title": title, "authors": authors}
    said["language"] = parsed.language
    told = {name: _told(name, said.get(name)) for name in FIELDS} | {name: said.get(name) for name in ALSO_TOLD}
    return {name: without_nul(value) for name, value in told.items() if value or value == 0}


def without_nul(value: Any) -> Any:
    """Return what a file says without the one character that Postgres cannot keep."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, Mapping):
        return {without_nul(name): without_nul(each) for name, each in value.items()}
    return [without_nul(each) for each in value] if isinstance(value, list | tuple) else value


def _told(name: str, value: Any) -> Any:
    """Return a value of the file as a field; a file may say anything, so what is wrong is not there."""
    try:
        return FIELDS[name](value)
    except Invalid:
        return FIELDS[name](None)


def as_read(book: Book, parsed: ParsedBook) -> dict[str, Any]:
    """Return the fields of a book whose file was read (again): the reader's own stay."""
    told = told_by(parsed)
    edited = list(book.edited) if book.told else _edited_before(book, told)
    fresh = {name: own_value(book, name, told) for name in FIELDS if name not in edited}
    return {**fresh, "told": told, "edited": edited}


def _edited_before(book: Book, told: Mapping[str, Any]) -> list[str]:
    """Return the fields whose value must be the reader's, in a book from before it was written down whose it is."""
    edited = dict.fromkeys(book.edited)
    if book.title not in {title_from(book.file_name), told.get("title", ""), ""}:
        edited["title"] = None
    if book.authors and book.authors != told.get("authors"):
        edited["authors"] = None
    return list(edited)


def change(book: Book, fields: Mapping[str, Any]) -> list[str]:
    """Give fields of a book (not saved yet) the reader's values; an empty one goes back to the file's own.

    Returns the names of the columns that are other now.
    """
    edited = dict.fromkeys(book.edited)
    before = {name: getattr(book, name) for name in FIELDS}
    for name, value in fields.items():
        wanted = FIELDS[name](value)
        if wanted or wanted == 0.0:
            edited[name] = None
            setattr(book, name, wanted)
        else:
            edited.pop(name, None)
            setattr(book, name, own_value(book, name, book.told))
    changed = [name for name in FIELDS if getattr(book, name) != before[name]]
    if list(edited) != list(book.edited):
        book.edited = list(edited)
        changed.append("edited")
    return changed


def reading_minutes(*, words: int, language: str) -> int:
    """Return how many minutes a person reads a book, at least one when there are words."""
    rate = CHARACTERS_A_MINUTE if language.partition("-")[0].lower() in BY_CHARACTERS else WORDS_A_MINUTE
    return math.ceil(words / rate)
