"""Arrays of some rows of a reader's memory: postings of their terms, their columns, days, names and vectors.

Postings are compressed rows: term -> positions, with how often the row itself says it (`own`) and what its speaker
and its day add (`extra`). No database is asked here.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from memory import indexing

AT_ONCE: Final = 512  # vectors
MANY: Final = 16_384  # vectors of one part: from here on a search estimates first
SAMPLE: Final = 512  # vectors that tell what a number of differing signs means for a question
FOREVER: Final = 9e15  # seconds: an open end
NEVER: Final = 2**31 - 1  # the day of what does not expire

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Entries = np.dtype([("term", "<u4"), ("count", "u1"), ("field", "u1")])


class Row(NamedTuple):
    """One memory as it is read from the database. Times are seconds since 1970, days are ordinals."""

    id: int
    is_alive: bool
    type: int
    is_archived: bool
    session: int
    session_key: str
    number: int
    speaker: str
    agent: str
    subject: str
    attribute: str
    language: str
    role: str
    book: int
    turn: int
    is_pinned: bool
    importance: float
    stability: float
    observed: float
    day: int
    touched: float
    valid_to: float
    expires: int
    hash: int
    space: int
    tokens: indexing.Tokens


NUMBERS: Final[Mapping[str, Any]] = {
    "id": np.int64, "is_alive": np.bool_, "type": np.uint8, "is_archived": np.bool_, "session": np.int64,
    "number": np.int32, "book": np.int64, "turn": np.int64, "is_pinned": np.bool_, "importance": np.float32,
    "stability": np.float32, "observed": np.float64, "day": np.int32, "touched": np.float64,
    "valid_to": np.float64,   "expires": np.int32, "hash": np.int64,
    "space": np.int16,
}  # fmt: skip
NAMED: Final = ("session", "speaker", "agent", "subject", "attribute", "language", "role")  # kept as numbers of a list


class Codes:
    """Numbers for things that repeat. It only grows, so older indexes may go on reading. For any number of threads."""

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}
        self.things: list[Any] = []
        self._lock = threading.Lock()  # a search inside a transaction adds beside the one that is kept

    def __call__(self, thing: Any) -> int:
        """Return the number of a thing; a new one if it has none."""
        number = self.numbers.get(thing)
        if number is None:
            with self._lock:
                if thing not in self.numbers:
                    self.things.append(thing)
                    self.numbers[thing] = len(self.things) - 1
                number = self.numbers[thing]
        return number


@dataclass(frozen=True, slots=True)
class Postings:
    """term -> positions. `starts` has one number more than `terms`."""

    terms: NDArray[np.uint32]
    starts: NDArray[np.int64]
    rows: Ints
    own: NDArray[np.uint8]
    extra: NDArray[np.uint8]

    @classmethod
    def of(cls, entries: Sequence[bytes], first: int) -> Postings:
        """Make the postings of rows whose positions begin at `first`."""
        counts = np.fromiter((len(one) for one in entries), np.int64, len(entries)) // indexing.ENTRY.size
        all_of_them = np.frombuffer(b"".join(entries), Entries)
        at = np.repeat(np.arange(first, first + len(entries), dtype=np.uint64), counts)
        keys = (all_of_them["term"].astype(np.uint64) << np.uint64(32)) | at
        order = np.argsort(keys, kind="stable")
        keys, some = keys[order], all_of_them[order]
        is_own = (some["field"] == indexing.TEXT) | (some["field"] == indexing.CAPTION)
        counts_here = some["count"].astype(np.int64)
        edges = np.flatnonzero(np.diff(keys, prepend=np.uint64(2**64 - 1))) if len(keys) else np.empty(0, np.int64)
        own, extra = (_sums(np.where(mine, counts_here, 0), edges) for mine in (is_own, ~is_own))
        keys = keys[edges]
        terms, starts = np.unique((keys >> np.uint64(32)).astype(np.uint32), return_index=True)
        return cls(
            terms, np.append(starts, len(keys)).astype(np.int64), (keys & np.uint64(2**32 - 1)).astype(np.int32),
            own, extra,
        )  # fmt: skip

    def of_terms(self, terms: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where the entries of each term begin and end."""
        if not len(self.terms):
            none = np.zeros(len(terms), np.int64)
            return none, none
        at = np.minimum(np.searchsorted(self.terms, terms), len(self.terms) - 1)
        starts = self.starts[at]
        return starts, np.where(self.terms[at] == terms, self.starts[at + 1], starts)

    @property
    def nbytes(self) -> int:
        """Return the bytes of it."""
        return sum(part.nbytes for part in (self.terms, self.starts, self.rows, self.own, self.extra))


def _sums(counts: NDArray[np.int64], edges: NDArray[np.int64]) -> NDArray[np.uint8]:
    summed = np.add.reduceat(counts, edges) if len(edges) else counts
    return np.minimum(summed, 255).astype(np.uint8)


Found = list[tuple[Postings, int, int, float]]  # entries [start, end) of a postings list, and what one counts


@dataclass(frozen=True, slots=True)
class Vectors:
    """Unit vectors in eight bits a number, with the scale of each. Measured: no hit changes its place for it."""

    rows: Ints
    numbers: NDArray[np.int8]
    scales: Floats
    signs: NDArray[np.uint64] | None = None  # of many: 64 numbers' signs in each, a column a row

    @classmethod
    def of(cls, rows: Sequence[int], vectors: Sequence[NDArray[Any]]) -> Vectors:
        """Pack vectors of the rows at these positions, some at a time: together they would take four times the room."""
        numbers = np.empty((len(rows), len(vectors[0])), np.int8)
        scales = np.empty(len(rows), np.float32)
        for first in range(0, len(rows), AT_ONCE):
            some = np.stack(vectors[first : first + AT_ONCE]).astype(np.float32)
            scale = np.maximum(np.abs(some).max(axis=1), 1e-9) / 127
            scales[first : first + AT_ONCE] = scale
            numbers[first : first + AT_ONCE] = np.rint(some / scale[:, None])
        return cls(np.asarray(rows, np.int32), numbers, scales, _signs(numbers) if len(rows) >= MANY else None)

    def similarities(self, vector: Floats, out: Floats) -> None:
        """Write the cosine of each row into `out`, at its position."""
        out[self.rows] = self._cosines(vector)

    def estimates(self, vector: Floats, out: Floats) -> None:
        """Write about the cosine of each row into `out`, as the signs of its numbers tell it; of few, the cosine.

        The angle between two vectors shows in how many of their signs differ (Charikar 2002, "Similarity estimation
        techniques from rounding algorithms"). What a number of them means for this question, a sample tells.
        """
        if self.signs is None:
            self.similarities(vector, out)
            return
        differing = np.zeros(len(self.rows), np.uint16)
        for signs, asked in zip(self.signs, _signs(vector[None])[:, 0], strict=True):
            differing += np.bitwise_count(signs ^ asked)
        sample = np.arange(0, len(self.rows), max(1, len(self.rows) // SAMPLE))
        known, cosines = differing[sample].astype(np.float32), self._cosines(vector, sample)
        apart = known - known.mean()
        slope = np.float32((apart @ cosines) / max(float(apart @ apart), 1e-9))
        out[self.rows] = cosines.mean() + slope * (differing - known.mean())

    def refine(self, vector: Floats, wanted: NDArray[np.bool_], out: Floats) -> None:
        """Write the cosine of each wanted row into `out`, at its position."""
        places = np.flatnonzero(wanted[self.rows])
        out[self.rows[places]] = self._cosines(vector, places)

    def _cosines(self, vector: Floats, places: NDArray[np.int64] | None = None) -> Floats:
        """Return the cosines of all vectors, or of those at these places."""
        scales = self.scales if places is None else self.scales[places]
        found = np.empty(len(scales), np.float32)
        for first in range(0, len(scales), AT_ONCE):  # what is unpacked at once stays in the processor's cache
            some = slice(first, first + AT_ONCE)
            numbers = self.numbers[some] if places is None else self.numbers[places[some]]
            found[some] = numbers.astype(np.float32) @ vector
        return found * scales

    @property
    def nbytes(self) -> int:
        """Return the bytes of it."""
        signs = 0 if self.signs is None else self.signs.nbytes
        return self.rows.nbytes + self.numbers.nbytes + self.scales.nbytes + signs


def _signs(vectors: NDArray[Any]) -> NDArray[np.uint64]:
    """Return the signs of vectors, 64 numbers in one: (numbers / 64, vectors)."""
    width = -(-vectors.shape[1] // 64)
    packed = np.zeros((len(vectors), 8 * width), np.uint8)
    for first in range(0, len(vectors), AT_ONCE):
        some = np.packbits(vectors[first : first + AT_ONCE] > 0, axis=1)
        packed[first : first + AT_ONCE, : some.shape[1]] = some
    return np.ascontiguousarray(packed.view(np.uint64).T)


NO_VECTORS: Final = Vectors(np.empty(0, np.int32), np.empty((0, 0), np.int8), np.empty(0, np.float32))


@dataclass(frozen=True, slots=True)
class Part:
    """Rows with positions from `first` on: the base or the tail."""

    first: int
    columns: Mapping[str, NDArray[Any]]
    postings: Postings
    lengths: tuple[Ints, Ints]  # sums of `own` and `extra` of each row
    range_rows: Ints
    ranges: Ints  # (first day, last day)
    names: frozenset[str]
    vectors: Vectors = NO_VECTORS

    @classmethod
    def of(cls, rows: Sequence[Row], codes: Mapping[str, Codes], *, first: int, vectors: Mapping[int, Floats]) -> Part:
        """Make the arrays of some rows. `vectors` are by memory id."""
        columns: dict[str, NDArray[Any]] = {}
        fields = (
            dict(zip(Row._fields, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(Row._fields, ())
        )
        for name, kind in NUMBERS.items():
            columns[name] = np.array(fields[name], kind)
        for name in NAMED:
            columns[f"{name}_code"] = np.array([codes[name](thing) for thing in fields[name]], np.int32)
        postings = Postings.of([row.tokens.entries for row in rows], first)
        lengths = tuple(
            np.bincount(postings.rows - first, weights=part, minlength=len(rows)).astype(np.int32)
            for part in (postings.own, postings.extra)
        )
        ranges = [(first + at, *one) for at, row in enumerate(rows) for one in row.tokens.ranges]
        table = np.array(ranges, np.int32).reshape(-1, 3)
        held = [at for at, row in enumerate(rows) if row.id in vectors]
        packed = Vectors.of([first + at for at in held], [vectors[rows[at].id] for at in held]) if held else NO_VECTORS
        names = frozenset(name.lower() for row in rows for name in row.tokens.names)
        return cls(first, columns, postings, (lengths[0], lengths[1]), table[:, 0], table[:, 1:], names, packed)

    @property
    def count(self) -> int:
        """Return how many rows there are."""
        return len(self.columns["id"])

    @property
    def nbytes(self) -> int:
        """Return the bytes of it."""
        arrays = [*self.columns.values(), *self.lengths, self.range_rows, self.ranges]
        return sum(one.nbytes for one in arrays) + self.postings.nbytes + self.vectors.nbytes + 80 * len(self.names)
