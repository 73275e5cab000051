"""A reader's memory as arrays: what a search reads instead of the database. See docs/memory.md, "Search".

Rows have positions. A *base* holds nearly all; rows that came or changed since stand behind it in a *tail* and
make the old ones dead. A turn is also found by what the two turns on each side say: `links` tells where those
are, and the sums are made when a question asks for a term.

No database is asked here. An Index is never changed once it is made, so threads share it without a lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from memory import fusion, indexing
from memory.postings import NAMED, Codes, Floats, Found, Ints, Part, Row

REACH: Final = 2  # turns on each side that a turn is found by
STEPS: Final = tuple(step for step in range(-REACH, REACH + 1) if step)  # -2, -1, 1, 2: a step and its mirror
OWN_WEIGHT: Final = 2  # what a row itself says
KIN: Final = 0.7  # what another form of a word, or of a name, counts of the very one
# What a turn says counts so much for the turn that is STEPS from it: a question is answered after it.
SHARES: Final = (0.5, 0.75, 1.25, 1.0)
K1: Final = 1.2
B: Final = 0.75
ASSISTANT: Final = "assistant"  # a role whose "I" is nobody that is asked about
# A young memory knows too little to tell rare words from common ones: it counts as if it had this many rows more.
PRIOR_ROWS: Final = 30
# Entries that one question may add up, the rarest terms first: what is left out decides nothing.
MOST_ENTRIES: Final = 250_000
CELLS_AT_ONCE: Final = 500_000
CHEAP: Final = 5_000  # rows
OBJECTS: Final = 20_000  # bytes of an index without rows


class Turns(NamedTuple):
    """Where the turns of a part are: sorted keys (session, number) and the positions that go with them."""

    keys: NDArray[np.int64]
    rows: Ints

    @classmethod
    def of(cls, part: Part) -> Turns:
        """Collect the turns of a part."""
        numbers, sessions = part.columns["number"], part.columns["session_code"]
        held = np.flatnonzero((numbers >= 0) & (part.columns["session"] >= 0))
        keys = (sessions[held].astype(np.int64) << 32) | numbers[held]
        order = np.argsort(keys)
        return cls(keys[order], (part.first + held[order]).astype(np.int32))

    def find(self, keys: NDArray[np.int64]) -> Ints:
        """Return the position of each key, -1 where there is none."""
        if not len(self.keys):
            return np.full(len(keys), -1, np.int32)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, self.rows[at], np.int32(-1)).astype(np.int32)


class Group(NamedTuple):
    """Numbers of terms that mean one thing: the very word, by its stem in each language, and its other forms."""

    very: tuple[int, ...]
    kin: tuple[int, ...] = ()


class Words(NamedTuple):
    """What the words of a question found: the share of the most a row (a session) could have had, 0..1."""

    rows: Floats
    sessions: Floats  # by session_code


class Index:
    """All memories of one reader at one revision."""

    def __init__(
        self, base: Part, codes: Mapping[str, Codes], *, revision: int, space: int, is_lean: bool = False,
        turns: Turns | None = None,
        links: Ints | None = None, changed: Mapping[int, Row] | None = None,
        changed_vectors: Mapping[int, Floats] | None = None,
        session_keys: Mapping[int, str] | None = None,
    ) -> None:  # fmt: skip
        self.base, self.codes, self.revision, self.space = base, codes, revision, space
        self.is_lean = is_lean  # the vectors are too many to be held here, and are searched where they are kept
        self.session_keys = dict(session_keys or {})
        self.changed = dict(changed or {})
        self.changed_vectors = dict(changed_vectors or {})
        self._turns = Turns.of(base) if turns is None else turns
        self._base_links = self._linked(base, self._turns) if links is None else links
        fresh = [row for row in self.changed.values() if row.is_alive]
        self.tail = Part.of(fresh, codes, first=base.count, vectors=self.changed_vectors) if fresh else None
        self.parts = (base,) if self.tail is None else (base, self.tail)
        self.count = base.count + len(fresh)
        self.columns = self._joined()
        self.alive = self._alive()
        self.alive_count = int(self.alive.sum())
        self.has_dead = self.alive_count < self.count
        self.links = self._links()
        self._persons = self._spoken_of()
        self._own, self.norms = self._norms()
        self.session_norms, self.is_session = self._session_norms()
        self.names = frozenset[str]().union(*(part.names for part in self.parts))
        self.kept: dict[Any, Any] = {}  # what searches worked out from this index and may use again

    @classmethod
    def of(
        cls, rows: Iterable[Row], *, revision: int, space: int, vectors: Mapping[int, Floats], is_lean: bool = False
    ) -> Index:
        """Make the index of all rows of a reader."""
        ordered = sorted((row for row in rows if row.is_alive), key=lambda row: (row.session, row.number, row.id))
        codes = {name: Codes() for name in NAMED}
        return cls(
            Part.of(ordered, codes, first=0, vectors=vectors), codes, revision=revision, space=space, is_lean=is_lean,
            session_keys={row.session: row.session_key for row in ordered},
        )  # fmt: skip

    def changed_by(self, rows: Iterable[Row], *, revision: int, vectors: Mapping[int, Floats]) -> Index:
        """Return the index after these rows were added, changed or forgotten."""
        fresh = {row.id: row for row in rows}
        kept = {pk: vector for pk, vector in self.changed_vectors.items() if pk not in fresh}
        return Index(
            self.base, self.codes, revision=revision, space=self.space, is_lean=self.is_lean, turns=self._turns,
            links=self._base_links,
            changed=self.changed | fresh, changed_vectors=kept | dict(vectors),
            session_keys=self.session_keys | {row.session: row.session_key for row in fresh.values()},
        )  # fmt: skip

    @property
    def is_ragged(self) -> bool:
        """Say whether so much has changed that the index had better be made anew."""
        if len(self.changed) > max(256, self.base.count // 16):
            return True
        # Of what is forgotten not even the terms stay, where making all anew costs nothing to speak of.
        return self.base.count < CHEAP and not all(row.is_alive for row in self.changed.values())

    @property
    def nbytes(self) -> int:
        """Return about how many bytes it takes."""
        own = [self.links, self._base_links, self.norms, self._own, self._persons, self.alive, *self._turns]
        held = sum(part.nbytes for part in self.parts) + sum(one.nbytes for one in own)
        twice = 0 if self.tail is None else sum(one.nbytes for one in self.columns.values())
        return OBJECTS + held + twice + 2_000 * len(self.changed) + 24 * self.count  # and what `kept` may hold

    def words(self, groups: Sequence[Group]) -> Words:
        """Return how well the rows and the sessions fit the terms of a question."""
        rows, sessions = np.zeros(self.count), np.zeros(len(self.session_norms))
        most, most_of_sessions = 0.0, 0.0
        for some in self._in_turn(groups):
            counts, of_sessions = self._counts(some)
            share, whole = _saturated(counts, self.norms, self.alive_count)
            rows += share
            most += whole
            share, whole = _saturated(of_sessions, self.session_norms, int(self.is_session.sum()))
            sessions += share
            most_of_sessions += whole
        rows /= max(most, 1e-9)
        sessions /= max(most_of_sessions, 1e-9)
        return Words(rows.astype(np.float32), sessions.astype(np.float32))

    def holds(self, dimension: int) -> bool:
        """Say whether the vectors it holds have so many numbers."""
        return all(part.vectors.numbers.shape[1] in {0, dimension} for part in self.parts)

    def similarities(self, vector: Floats) -> Floats:
        """Return the cosine of each row's vector with `vector`; NaN where there is none."""
        found = np.full(self.count, np.nan, np.float32)
        for part in self.parts:
            part.vectors.similarities(vector, found)
        return found

    @property
    def has_many_vectors(self) -> bool:
        """Say whether they are so many that `estimates`, and to `refine` some, is the faster way."""
        return self.base.vectors.signs is not None

    def estimates(self, vector: Floats) -> Floats:
        """Return about what `similarities` would: half of the estimates are off by less than 0.05."""
        found = np.full(self.count, np.nan, np.float32)
        for part in self.parts:
            part.vectors.estimates(vector, found)
        return found

    def refine(self, vector: Floats, wanted: NDArray[np.bool_], estimates: Floats) -> None:
        """Put the cosines of the wanted rows in the place of their estimates."""
        for part in self.parts:
            part.vectors.refine(vector, wanted, estimates)

    def holds_terms(self, terms: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Say which terms any row holds."""
        held = np.zeros(len(terms), np.bool_)
        for part in self.parts:
            starts, ends = part.postings.of_terms(terms)
            held |= ends > starts
        return held

    def telling(self) -> Floats:
        """Return what the fit of each row is multiplied by for how much it tells, whatever is asked; see fusion.py."""
        found: Floats | None = self.kept.get("telling")
        if found is None:
            speaker, spoken_to = self._persons
            told = np.minimum(self._own / fusion.ENOUGH_SAID, 1.0) - fusion.USUALLY_SAID
            whom = (speaker - spoken_to) / (speaker + spoken_to + 1)
            whom[self.columns["role_code"] == self.codes["role"].numbers.get(ASSISTANT, -1)] = 0.0
            weighed = 1.0 + fusion.SAID_SHARE * told + fusion.PERSON_SHARE * whom
            found = np.where(self.columns["number"] >= 0, weighed, 1.0).astype(np.float32)
            self.kept["telling"] = found
        return found

    def in_days(self, ranges: Sequence[tuple[int, int]]) -> Floats:
        """Return how well rows lie in one of these days (first, last): observed then, or speaking of then."""
        days = self.columns["day"]
        found = np.zeros(self.count, np.float32)
        for first, last in ranges:
            found[(days >= first) & (days <= last)] = 1.0
            for part in self.parts:
                shared = np.minimum(part.ranges[:, 1], last) - np.maximum(part.ranges[:, 0], first) + 1
                share = np.clip(shared / np.maximum(part.ranges[:, 1] - part.ranges[:, 0] + 1, 1), 0, 1)
                np.maximum.at(found, part.range_rows, share.astype(np.float32))
        return found

    def by_id(self) -> Ints:
        """Return the positions of the living rows in the order of their ids."""
        order: Ints | None = self.kept.get("by id")
        if order is None:
            held = np.flatnonzero(self.alive)
            order = self.kept["by id"] = held[np.argsort(self.columns["id"][held])].astype(np.int32)
        return order

    def _joined(self) -> dict[str, NDArray[Any]]:
        if self.tail is None:
            return dict(self.base.columns)
        return {name: np.concatenate([column, self.tail.columns[name]]) for name, column in self.base.columns.items()}

    def _alive(self) -> NDArray[np.bool_]:
        alive = np.ones(self.count, np.bool_)
        if self.changed:
            ids = np.fromiter(self.changed, np.int64, len(self.changed))
            alive[: self.base.count] = ~np.isin(self.base.columns["id"], ids)
        return alive

    def _linked(self, part: Part, turns: Turns) -> Ints:
        links = np.full((2 * REACH, part.count), -1, np.int32)
        for at, step in enumerate(STEPS):
            links[at, turns.rows - part.first] = turns.find(turns.keys + step)
        return links

    def _links(self) -> Ints:
        """Return the positions of the turns around each row, -1 where there is none."""
        if self.tail is None:
            return self._base_links
        turns = Turns.of(self.tail)
        links = np.concatenate([self._base_links, self._linked(self.tail, turns)], axis=1)
        for at, step in enumerate(STEPS):
            there = self._turns.find(turns.keys + step)
            between = (links[at, turns.rows] < 0) & (there >= 0)
            links[at, turns.rows[between]] = there[between]
            met = there >= 0  # the neighbour in the base now looks at the new row
            links[len(STEPS) - 1 - at, there[met]] = turns.rows[met]
        return links

    def _spoken_of(self) -> Floats:
        """Return how often each row speaks of its speaker, and of the one spoken to."""
        found = np.zeros((2, self.count), np.float32)
        for part in self.parts:
            starts, ends = part.postings.of_terms(np.array([indexing.OF_SPEAKER, indexing.OF_SPOKEN_TO], np.uint32))
            for person, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
                found[person, part.postings.rows[start:end]] = part.postings.extra[start:end]
        return found

    def _norms(self) -> tuple[Ints, Floats]:
        """Return what each row itself says, in terms, and what BM25 makes of its length with its neighbours'."""
        own, extra = (np.concatenate([part.lengths[at] for part in self.parts]) for at in (0, 1))
        own = np.where(self.alive, own, 0).astype(np.int32)
        padded = np.append(own, 0).astype(np.float32)  # -1 is nobody
        lengths = OWN_WEIGHT * own + extra - self._persons.sum(axis=0)
        for share, links in zip(reversed(SHARES), self.links, strict=True):  # seen from the other end
            lengths += share * padded[links]
        mean = lengths[self.alive].mean() if self.alive_count else 1.0
        return own, (K1 * (1 - B + B * lengths / max(mean, 1e-9))).astype(np.float32)

    def _session_norms(self) -> tuple[Floats, NDArray[np.bool_]]:
        """Return what BM25 makes of the length of each session, and which numbers are sessions with words."""
        ids = np.array(self.codes["session"].things, np.int64)
        lengths = np.bincount(self.columns["session_code"], weights=self._own, minlength=len(ids))
        is_session = (lengths > 0) & (ids >= 0)
        mean = lengths[is_session].mean() if is_session.any() else 1.0
        return (K1 * (1 - B + B * lengths / mean)).astype(np.float32), is_session

    def _in_turn(self, groups: Sequence[Group]) -> Iterable[list[Found]]:
        """Yield the entries of the groups, some groups at a time, the rarest first; too common ones are left out."""
        terms = np.fromiter((term for group in groups for some in group for term in some), np.uint32)
        of_group = [at for at, (very, kin) in enumerate(groups) for _ in range(len(very) + len(kin))]
        shares = [share for very, kin in groups for share in (*[1.0] * len(very), *[KIN] * len(kin))]
        found: list[Found] = [[] for _ in groups]
        for part in self.parts:
            starts, ends = part.postings.of_terms(terms)
            for at in np.flatnonzero(ends > starts).tolist():
                found[of_group[at]].append((part.postings, int(starts[at]), int(ends[at]), shares[at]))
        found.sort(key=_size)
        total, some = 0, []
        for entries in found:
            total += _size(entries)
            if total > MOST_ENTRIES and total > _size(entries):
                break
            some.append(entries)
            if len(some) * (self.count + 1) > CELLS_AT_ONCE:
                yield some
                some = []
        if some:
            yield some

    def _counts(self, groups: Sequence[Found]) -> tuple[Floats, Floats]:
        """Return how often each row, with its neighbours, and each session says each group."""
        pieces = [(number, *piece) for number, group in enumerate(groups) for piece in group]
        width, sessions = self.count + 1, len(self.session_norms)
        if not pieces:
            return np.zeros((len(groups), self.count), np.float32), np.zeros((len(groups), sessions), np.float32)
        rows = np.concatenate([postings.rows[start:end] for _, postings, start, end, _ in pieces])
        own = np.concatenate([postings.own[start:end] for _, postings, start, end, _ in pieces]).astype(np.float32)
        extra = np.concatenate([postings.extra[start:end] for _, postings, start, end, _ in pieces])
        lengths = [end - start for _, _, start, end, _ in pieces]
        number = np.repeat([piece[0] for piece in pieces], lengths)
        if any(piece[-1] < 1 for piece in pieces):
            own *= np.repeat(np.array([piece[-1] for piece in pieces], np.float32), lengths)
        if self.has_dead:
            held = self.alive[rows]
            rows, own, extra, number = rows[held], own[held], extra[held], number[held]
        offsets = number * width + 1  # the first cell of each group is nobody's
        cells = np.concatenate([offsets + rows, *(offsets + self.links[at][rows] for at in range(len(STEPS)))])
        weights = np.concatenate([OWN_WEIGHT * own + extra, *(share * own for share in SHARES)])
        summed = np.bincount(cells, weights, minlength=len(groups) * width).astype(np.float32)
        counts = summed.reshape(len(groups), width)[:, 1:]
        if self.has_dead:
            counts[:, ~self.alive] = 0
        by_session = number * sessions + self.columns["session_code"][rows]
        spoken = np.bincount(by_session, own, minlength=len(groups) * sessions).astype(np.float32)
        whole = spoken.reshape(len(groups), sessions)
        whole[:, ~self.is_session] = 0
        return counts, whole


def _size(entries: Found) -> int:
    return sum(end - start for _, start, end, _ in entries)


def _saturated(counts: Floats, norms: Floats, total: int) -> tuple[Floats, float]:
    """Return BM25 by these counts, and the most that could be had."""
    with_it = np.count_nonzero(counts, axis=1)
    weights = np.log1p((total + PRIOR_ROWS - with_it + 0.5) / (with_it + 0.5)).astype(np.float32)
    score: Floats = weights @ (counts / (counts + norms))
    return score, float(weights.sum())
