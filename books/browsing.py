"""Which books of a shelf are shown, and in which order: the same for the page and the API. The database decides."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Case, CharField, F, FloatField, Func, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Greatest
from django.utils.translation import gettext as _

from books.collections import Collections
from books.models import Book, ReadingPlace, Section
from books.order import in_order, sorting
from books.titles import Line, matching
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Invalid

FINISHED_FROM: Final = 99  # percent
SORTS: Final = ("opened", "title", "author", "added", "progress", "length", "series")
STATES: Final = ("reading", "finished", "new", "adding", "failed")
ADDING: Final = ("queued", "reading", "recognising", "splitting", "indexing", "embedding")
WITHIN: Final = {"author": "title", "series": "series", "language": "title", "state": "opened"}  # a group
NONE: Final = "-"  # the author of books without one, and the series of those in none
LONGEST_VALUE: Final = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """Which books, and in which order. What is empty says nothing; a sort with "-" goes the other way round.

    `language` is BCP 47, "und" are the books whose language is not known; `author` and `series` may be NONE. `words`
    are looked for in titles, authors and series. `by`: what the shelf is grouped by (books/grouping.py).
    """

    words: str = ""
    collection: int = 0
    author: str = ""
    series: str = ""
    language: str = ""
    state: str = ""
    sort: str = ""
    by: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Wish":
        """Read an address. What it does not understand it leaves out, so that an old link still shows something."""
        number = asked.get("collection", "")
        state, sort = asked.get("state", ""), asked.get("sort", "")
        named = {name: asked.get(name, "").replace("\0", "").strip() for name in ("author", "series", "language")}
        return cls(
            words=asked.get("q", "").replace("\0", "").strip()[:LONGEST_VALUE],
            collection=int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else 0,
            state=state if state in STATES else "",
            sort=sort if sort.removeprefix("-") in SORTS else "",
            by=by if (by := asked.get("by", "")) in WITHIN else "",
            **{name: value[:LONGEST_VALUE] for name, value in named.items()},
        )

    @property
    def is_filtered(self) -> bool:
        """Say whether some books are left out."""
        return self != Wish(sort=self.sort, by=self.by)

    @property
    def order(self) -> str:
        """Return the sort that counts: a series and a group stand in an order of their own unless another is wanted."""
        return self.sort or ("series" if self.series else WITHIN.get(self.by, "opened"))

    def but(self, **changes: Any) -> "Wish":
        """Return this wish with some values changed."""
        return replace(self, **changes)

    def query(self) -> str:
        """Return the wish as an address has it."""
        named = {("q" if field.name == "words" else field.name): getattr(self, field.name) for field in fields(self)}
        return urlencode({name: value for name, value in named.items() if value})


def found(reader: Reader, wish: Wish) -> "QuerySet[Any]":
    """Return the books of a reader that a wish means, each with its place (`with_places`), in the order wanted.

    Raises NotFound when the collection is not the reader's.
    """
    books = with_places(Book.objects.filter(owner=reader), reader=reader)
    if wish.collection:
        books = books.filter(collections=Collections(reader).one(wish.collection))
    if wish.author:
        books = books.filter(authors=[]) if wish.author == NONE else books.filter(authors__contains=[wish.author])
    if wish.series:
        books = books.filter(series="" if wish.series == NONE else wish.series)
    if wish.language:
        books = books.filter(_in_language(wish.language))
    if wish.words:
        books = books.filter(pk__in=by_words(reader, wish.words))
    return _ordered(_in_state(books, wish.state), wish.order)


def by_words(reader: Reader, words: str) -> list[int]:
    """Return the ids of the reader's books whose title, authors or series have these words, best first."""
    lines: Iterable[Line] = Book.objects.filter(owner=reader).values_list("pk", "title", "authors", "series")
    return matching(lines, words)


def with_places(books: "QuerySet[Book]", *, reader: Reader) -> "QuerySet[Any]":
    """Add to each book its reader's place: `place_…` of the section and its start, `touched_at`, `percent` or None."""
    place = ReadingPlace.objects.filter(reader=reader, book=OuterRef("pk")).order_by("-updated_at")
    begun = Section.objects.filter(book=OuterRef("pk"), number=OuterRef("place_section"))
    return books.annotate(
        place_section=Subquery(place.values("section")[:1]),
        place_offset=Subquery(place.values("offset")[:1]),
        opened_at=Subquery(place.values("updated_at")[:1]),
        place_start=Subquery(begun.values("start_in_book")[:1]),
        place_heading=Subquery(begun.values("title")[:1]),
        touched_at=Coalesce("opened_at", "created_at"),
        percent=100.0
        * Cast(F("place_start") + F("place_offset"), FloatField())
        / Greatest(F("characters"), Value(1), output_field=FloatField()),
    )


def _in_language(code: str) -> Q:
    if code == "und":
        return Q(language="")
    return Q(language=code) | Q(language__startswith=f"{code}-")


def _in_state(books: "QuerySet[Any]", state: str) -> "QuerySet[Any]":
    if state == "reading":
        return books.filter(percent__lt=FINISHED_FROM)
    if state == "finished":
        return books.filter(percent__gte=FINISHED_FROM)
    if state == "new":
        return books.filter(percent=None, state=Book.State.READY)
    if state == "adding":
        return books.filter(state__in=ADDING)
    if state == "failed":
        return books.filter(state__in=[Book.State.FAILED, Book.State.CANCELLED])
    return books


def states_of(state: str, percent: float | None) -> list[str]:
    """Return which of STATES a book is in, as `found` filters by them."""
    is_in = {
        "reading": percent is not None and percent < FINISHED_FROM,
        "finished": percent is not None and percent >= FINISHED_FROM,
        "new": percent is None and state == Book.State.READY,
        "adding": state in ADDING,
        "failed": state in {Book.State.FAILED, Book.State.CANCELLED},
    }
    return [name for name in STATES if is_in[name]]


def _ordered(books: "QuerySet[Any]", order: str) -> "QuerySet[Any]":
    title, author, series = (in_order(text) for text in (_title(), _author(), _plain("series")))
    keys: dict[str, tuple[Any, ...]] = {
        "opened": (F("touched_at").desc(),),
        "title": (title.asc(),),
        "author": (author.asc(nulls_last=True), title.asc()),
        "added": (F("created_at").desc(),),
        "progress": (F("percent").desc(nulls_last=True), F("touched_at").desc()),
        "length": (F("words").desc(),),
        "series": (series.asc(), F("series_number").asc(nulls_last=True), title.asc()),
    }
    asked = keys[order.removeprefix("-")]
    if order.startswith("-"):
        asked = tuple(key.copy() for key in asked)
        for key in asked:
            key.reverse_ordering()
            if key.nulls_first:  # what has no value stays last
                key.nulls_first, key.nulls_last = None, True
    return books.order_by(*asked, "-pk")


def _plain(of: Any) -> Func:
    """Return a text as it is sorted: small letters, without accents."""
    bare = Func(
        of,
        template="regexp_replace(normalize(%(expressions)s, NFKD), U&'[\\0300-\\036f]', '', 'g')",
        output_field=CharField(),
    )
    return Func(bare, function="lower", output_field=CharField())


def _title() -> Any:
    """Sort an English title without its article."""
    bare = Func(
        _plain("title"), Value(r"^(the|an?)\s+"), Value(""), function="regexp_replace", output_field=CharField()
    )
    return Case(When(Q(language="") | Q(language__startswith="en"), then=bare), default=_plain("title"))


def _author() -> Any:
    """Sort the first author by the last word of the name; a name with a comma is turned round already."""
    first = Func("authors", template="(%(expressions)s)[1]", output_field=CharField())
    turned = Func(
        _plain(first), Value(r"^([^,]*)\s(\S+)$"), Value(r"\2 \1"), function="regexp_replace", output_field=CharField()
    )
    return turned


@dataclass(frozen=True, slots=True)
class Facets:
    """What a shelf can be filtered by, each with the number of its books."""

    authors: Sequence[tuple[str, int]]
    series: Sequence[tuple[str, int]]
    languages: Sequence[tuple[str, int]]


def facets(reader: Reader) -> Facets:
    """Return the authors, series and languages of a shelf."""
    authors: Counter[str] = Counter()
    series: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    for names, name, code in Book.objects.filter(owner=reader).values_list("authors", "series", "language"):
        authors.update(set(names))
        series.update([name] if name else [])
        languages[code or "und"] += 1
    return Facets(_by_name(authors), _by_name(series), languages.most_common())


def _by_name(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda item: sorting(item[0]))


def sort_named(sort: str) -> str:
    """Return a sort that the API was given; Invalid when there is no such one."""
    if sort and sort.removeprefix("-") not in SORTS:
        raise Invalid(_("There is no such order."))
    return sort
