"""What a book without a picture wears: a design and a cloth that follow from its id, so they never change."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from books.models import Book

DESIGNS = ("label", "split", "frame", "initial", "pattern", "modern")
PATTERNS = ("", " waves", " lattice", " stars")
CLOTHS = 10
SLIP_AT_MOST = 8  # characters that stand one above the other on a title slip
SIZES = ("", "mid", "long", "xlong")
LONGEST = {"": 12, "mid": 26, "long": 48}  # characters; a wide one counts as two
STRETCHES = (9, 13, 17)  # letters; a word longer than these needs at least the second, third, fourth size
SUBTITLE = re.compile(r"\s*[;:；：(（\[【].*$|\s+[-–—]\s+.*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Cover:
    """Class names for frontend/static/css/cover.css, and the words on the cover."""

    classes: str
    title: str
    author: str
    initial: str
    has_plate: bool


def cover_of(book_id: int, *, title: str, author: str = "") -> Cover:
    """Return the typographic cover of a book; the same id always gives the same design and cloth."""
    digest = hashlib.sha256(str(book_id).encode()).digest()
    short = SUBTITLE.sub("", title).strip() or title.strip()
    is_slip = has_han(short) and len(short) <= SLIP_AT_MOST
    design = "slip" if is_slip else DESIGNS[digest[0] % len(DESIGNS)]
    if design == "initial" and has_han(short):
        design = "label"  # a Han character as a cut-off initial cannot be read
    if design == "pattern":
        design += PATTERNS[digest[2] % len(PATTERNS)]
    classes = " ".join(filter(None, (design, f"c{digest[1] % CLOTHS + 1}", size_of(short))))
    plated = design.split()[0] in {"slip", "label", "pattern"}
    return Cover(classes, short, author, short[:1].upper(), plated)


def picture_of(book: Book) -> str:
    """Return the address of the picture on a book's cover; nothing when it has none. Another picture has another."""
    if not book.own_cover and book.cover is None:
        return ""
    version = book.own_cover[:12] or f"{book.digest[:8]}-{book.parser_version}-{book.cover}"
    return f"/books/{book.pk}/cover?v={version}"


def size_of(title: str) -> str:
    """Return the size class of a title as it is set on a cover."""
    length = sum(width(character) for character in title)
    step = next((SIZES.index(name) for name, most in LONGEST.items() if length <= most), len(SIZES) - 1)
    longest = max((len(word) for word in title.split() if not has_han(word)), default=0)
    return SIZES[max(step, sum(longest > limit for limit in STRETCHES))]


def width(character: str) -> int:
    """Return 2 for a character as wide as a Chinese one, else 1."""
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def has_han(text: str) -> bool:
    """Say whether there is a Chinese character in `text`."""
    return any("㐀" <= character <= "鿿" or "\U00020000" <= character <= "\U0003ffff" for character in text)
