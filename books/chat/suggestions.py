"""Questions to begin with: those a model thought of when they are there (proposing.py), and without asking one from a
book's own headings and the names in what is being read."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Max
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from books.chat import proposing
from books.models import Book, Section
from books.places import Places
from books.reach import reaches
from books.store import BookStore
from mindory_web.accounts.models import Reader

MOST: Final = 4
BOOKS: Final = 3  # of a library, the ones opened last
LOOKED_AT: Final = 20_000  # characters before the place, and after it where there is no limit
SHORTEST_LOOK: Final = 2_000  # a chapter just begun says little: the one before is read too
LEAST: Final = 3  # times a name must stand there
LONGEST_HEADING: Final = 60
WITHOUT_NAMES: Final = frozenset({"de", "lb"})  # every noun has a capital

# Words with a capital inside a sentence; the same words in small letters elsewhere are no names.
_NAME: Final = re.compile(
    r"(?<=[\w,;:—] )(?:(?:Mr|Mrs|Ms|Dr|St)\. |(?:Miss|Sir|Lady|Lord|Captain|Colonel|Madame|Monsieur) )?"
    r"[A-Z][^\W\d_A-Z]{2,}(?: [A-Z][^\W\d_A-Z]{2,})?"
)
_TITLE: Final = re.compile(r"^(?:Mr|Mrs|Ms|Dr|St)\. |^(?:Miss|Sir|Lady|Lord|Captain|Colonel|Madame|Monsieur) ")
_CAPITALS: Final = (  # words with a capital that name no person
    "January February March April May June July August September October November December Monday Tuesday "
    "Wednesday Thursday Friday Saturday Sunday English French German Chinese Italian Spanish Latin Greek Russian "
    "God Christmas Chapter Book Part Project Figure Table"
)
_NO_NAME: Final = frozenset(_CAPITALS.split())
# Who speaks in a Chinese book: two or three characters before a word for saying.
_SPEAKER: Final = re.compile(r"([\u4e00-\u9fff]{2,3}?)(?:[笑忙便冷怒哭又叹]?[道说說問问曰](?=[：:，,“「]))")
_NO_SPEAKER: Final = re.compile(
    r"[他她我你您它咱这那此其之的了着是不又便就都也只因如何怎么人等们上下来去回忙笑冷问答说道听见]"
)
# A heading that only counts: "Chapter XII", "12.", "第三回".
_COUNT: Final = re.compile(
    r"^\W*(?:(?:chapter|book|part|section|volume|act|scene|letter|canto|chapitre|kapitel|capítulo)\W+)?"
    r"(?:[ivxlcdm]+|\d+|第?[零〇一二三四五六七八九十百千两\d]+[章回节節卷部篇]?)?\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where questions are sought: a section, from its beginning to `offset`; None: all of it."""

    book: Book
    section: int
    offset: int | None


def for_book(reader: Reader, pk: int, *, is_limited: bool) -> list[str]:
    """Return questions about the place where the reader is; under the limit none from further on. Raises NotFound."""
    store = BookStore(reader)
    book = store.book(pk)
    place = Places(reader, book).newest()
    section, offset = place.section, None
    if is_limited:
        section, offset = min((place.section, place.offset), reaches(reader, [pk])[pk])
    here = (section, place.offset if offset is None else offset)
    thought_of = proposing.ready(reader, proposing.around(book, here, is_limited=is_limited))
    spot = Spot(book, section, offset)
    asked = [*thought_of, *_about_names(names(spot)), *_about_headings(spot)]
    return asked[:MOST]


def for_library(reader: Reader, *, is_limited: bool) -> list[str]:
    """Return questions about the books the reader opened last."""
    books = BookStore(reader).books().filter(is_askable=True).annotate(opened=Max("places__updated_at"))
    asked = []
    for book in books.exclude(opened=None).order_by("-opened")[:BOOKS]:
        at = reaches(reader, [book.pk])[book.pk] if is_limited else None
        place = Places(reader, book).newest()
        spot = Spot(book, place.section, None) if at is None else Spot(book, *min((place.section, place.offset), at))
        for name in names(spot)[:1]:
            asked.append(_("Who is %(name)s in “%(title)s”?") % {"name": name, "title": book.title})
    return asked[:MOST]


def _about_names(found: Sequence[str]) -> Iterator[str]:
    if found:
        yield _("Who is %(name)s?") % {"name": found[0]}
    if len(found) > 1:
        yield _("How do %(one)s and %(other)s stand to each other?") % {"one": found[0], "other": found[1]}
    if len(found) > 2:
        yield _("What is said about %(name)s?") % {"name": found[2]}


def _about_headings(spot: Spot) -> Iterator[str]:
    """Yield questions about the chapter at the place, and the two before it, or after it where nothing was read."""
    heads = [entry for entry in spot.book.contents if _is_telling(entry)]
    before = [entry for entry in heads if (entry["section"], entry["start"]) <= (spot.section, spot.offset or 0)]
    chosen = before[-1:] if spot.offset is not None or before else heads[:2]
    for entry in chosen:
        yield _("What is “%(heading)s” about?") % {"heading": " ".join(str(entry["title"]).split())}


def _is_telling(entry: dict[str, Any]) -> bool:
    title = " ".join(str(entry.get("title", "")).split())
    return 0 < len(title) <= LONGEST_HEADING and not _COUNT.fullmatch(title)


def names(spot: Spot) -> list[str]:
    """Return the names that stand most often at the place, the commonest first."""
    text = "".join(_texts(spot))
    language = spot.book.language[:2].lower()
    if language in {"zh", "ja"}:
        return _speakers(text)
    return [] if language in WITHOUT_NAMES else _capitalised(text)


def _texts(spot: Spot) -> Iterable[str]:
    """Return what was read last: the section up to the place, and the one before when that is little."""
    end = LOOKED_AT if spot.offset is None else spot.offset
    start = max(0, end - LOOKED_AT)
    here = _slice(spot.book, spot.section, start, end)
    if len(here) < SHORTEST_LOOK and spot.section > 0:
        return [_slice(spot.book, spot.section - 1, 0, LOOKED_AT), "\n", here]
    return [here]


def _slice(book: Book, section: int, start: int, end: int) -> str:
    rows = Section.objects.filter(book=book, number=section)
    return rows.values_list(Substr("text", start + 1, max(0, end - start)), flat=True).first() or ""


def _capitalised(text: str) -> list[str]:
    found = Counter(match[0] for match in _NAME.finditer(text))
    small = set(re.findall(r"\b[a-z]+\b", text))
    kept: Counter[str] = Counter()
    for name, times in found.items():
        words = _TITLE.sub("", name).split()
        if not any(word in _NO_NAME or word.lower() in small for word in words):
            kept[name] += times
    return _without_parts(kept)


def _without_parts(found: Counter[str]) -> list[str]:
    """Return the names that are common enough; of "Darcy" and "Mr. Darcy" only the commoner."""
    chosen: list[str] = []
    for name, times in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        words = set(_TITLE.sub("", name).split())
        if times >= LEAST and not any(words & set(_TITLE.sub("", other).split()) for other in chosen):
            chosen.append(name)
    return chosen


def _speakers(text: str) -> list[str]:
    found: Counter[str] = Counter()
    for match in _SPEAKER.finditer(text):
        name = match[1][-2:] if _NO_SPEAKER.search(match[1][:-2]) else match[1]
        if not _NO_SPEAKER.search(name):
            found[name] += 1
    common = [name for name, times in sorted(found.items(), key=lambda item: (-item[1], item[0])) if times >= LEAST]
    return [name for at, name in enumerate(common) if not any(name in other or other in name for other in common[:at])]
