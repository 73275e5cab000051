"""From a question to memories in order, in arrays. `memory/search.py` is the way in."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import heappop, heapreplace
from typing import Final

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from memory import asking, fusion, meaning
from memory.asking import Asked
from memory.forgetting import LEAST_FACTOR
from memory.hot import HOT, TYPES, seconds
from memory.index import Index
from memory.postings import Floats
from memory.selecting import Mask, mask_of
from memory.types import FLOOR, Found, Hit, MemoryType, Parts, SessionHit, Wanted
from memory.wording import short, text_hash

Places = NDArray[np.int64]
MOST_HITS: Final = 200
SESSIONS: Final = 10  # at most, in a search
BEST_TURNS: Final = 3  # that a session is judged by
DEEP: Final = 150  # rows that are ordered beyond those asked for: equal texts are one hit, and sessions are looked for
# Of many vectors only these, the best by estimates, are compared exactly. (Of 30,000 sentences the ten nearest were
# among the first 1,000 by estimates for each of 53 questions, the fifty nearest among the first 7,000.)
LEAST_EXACT: Final = 4_096
EXACT_SHARE: Final = 1 / 12
AN_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class View:
    """A reader's memory at one moment."""

    owner_id: int
    index: Index
    started: float  # when it was asked for, by time.perf_counter()

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to find."""
        return not self.index.alive_count


def look(owner_id: int) -> View:
    """Return a reader's memory as it is now."""
    started = time.perf_counter()
    return View(owner_id, HOT.of(owner_id, model=meaning.model()), started)


def ranked(
    view: View, query: str, *, wanted: Sequence[Wanted], limit: int, min_score: float, reference: datetime | None,
    explain: bool, vector: NDArray[np.float32] | None,
) -> tuple[Found, ...]:  # fmt: skip
    """Do what `search` promises, for each of several wishes: the question is read, and rows are scored, once."""
    owner_id, index, started = view.owner_id, view.index, view.started
    now = reference or timezone.now()
    masks = [mask_of(index, owner_id, each) for each in wanted]
    if not query.strip() or not any(mask.any() for mask in masks):
        return tuple(Found(took_ms=_since(started)) for _each in wanted)
    asked = asking.read(query, index, reference=timezone.localtime(now, timezone.get_default_timezone()))
    scored = _scored(index, asked, owner_id, vector, now)
    if scored.estimated_for is not None:
        scored = _made_exact(scored, scored.estimated_for, index, masks)
    may = scored.is_candidate & ~_asks_the_same(index, query)
    found = []
    for mask in masks:
        best = _best(np.flatnonzero(mask & may), scored.scores, min(limit, MOST_HITS) + DEEP)
        order = _ordered(best, scored.scores, index)
        hits = _hits(index, scored, order, limit=min(limit, MOST_HITS), least=min_score, explain=explain)
        top = hits[0].score if hits else 0.0
        found.append(Found(hits, _sessions(index, scored, order), top < scored.floor, _since(started)))
    return tuple(found)


def foremost(view: View, wanted: Wanted, *, count: int) -> list[int]:
    """Return the ids of the first memories that a caller wants: pinned, important, newly observed ones first."""
    columns, some = view.index.columns, np.flatnonzero(mask_of(view.index, view.owner_id, wanted))
    keys = (-columns["id"], -columns["observed"], -columns["importance"], ~columns["is_pinned"])
    first: list[int] = columns["id"][some[np.lexsort([key[some] for key in keys])[:count]]].tolist()
    return first


def _asks_the_same(index: Index, query: str) -> Mask:
    """Say which rows are turns that ask this very question: nothing fits as well, and they answer nothing."""
    is_same: Mask = (index.columns["number"] >= 0) & (index.columns["hash"] == short(text_hash(query)))
    return is_same if query.rstrip().endswith(("?", "？")) else np.zeros_like(is_same)


@dataclass(frozen=True, slots=True)
class _Scored:
    """The scores of all rows, and what they are made of."""

    legs: dict[str, Floats]
    added: Floats  # for whom and when the question asks about
    factors: Floats
    estimated_for: Floats | None  # the question's vector, as long as only estimates of the vectors' leg are known
    sessions: Floats  # the words' leg by session
    scores: Floats
    fits: Floats  # the scores, but for how much a turn tells: in a session, questions count as well
    is_candidate: Mask

    @property
    def floor(self) -> float:
        """Return the score below which the best of all does not answer a question."""
        return FLOOR + fusion.NEVER_FAR if "vector" in self.legs else FLOOR


def _scored(index: Index, asked: Asked, owner_id: int, vector: Floats | None, now: datetime) -> _Scored:
    words = index.words(asked.groups)
    near = meaning.nearness(index, asked, owner_id, vector)
    factors = _factors(index, now)
    legs = {"words": words.rows, "telling": index.telling(), "validity": factors["validity"],
            "retention": factors["retention"], "importance": factors["importance"]}  # fmt: skip
    added = np.zeros(index.count, np.float32)
    if near is not None:
        legs["vector"] = near.rows
    if (whom := asking.about_whom(asked, index)) is not None:
        legs["entity"] = whom
        added += fusion.ENTITY_SHARE * whom
    if asked.ranges:
        legs["time"] = index.in_days(asked.ranges)
        added += (fusion.TIME_ALONE if asked.is_of_days else fusion.TIME_SHARE) * legs["time"]
    weighed = _weighed(legs, added, factors["all"])
    return _Scored(legs, added, factors["all"], near.vector if near else None, words.sessions, *weighed)


def _weighed(
    legs: Mapping[str, Floats], added: Floats, factors: Floats, some: Places | slice = slice(None)
) -> tuple[Floats, Floats, Mask]:
    """Return the scores of some rows, their fits, and which are worth a look."""
    leg = {name: values[some] for name, values in legs.items()}
    fit = fusion.fit(leg["words"], leg.get("vector"))
    is_candidate = fit > 0
    if "time" in leg:
        is_candidate |= leg["time"] > 0
    scores, fits = (np.minimum(one + added[some], 1.0) * factors[some] for one in (fit * leg["telling"], fit))
    return scores.astype(np.float32), fits.astype(np.float32), is_candidate


def _made_exact(scored: _Scored, vector: Floats, index: Index, masks: Sequence[Mask]) -> _Scored:
    """Return the scores with the cosines of what is best by estimates; the rest is no candidate any more."""
    count, is_best = max(LEAST_EXACT, int(index.count * EXACT_SHARE)), np.zeros(index.count, np.bool_)
    for mask in masks:
        is_best[_best(np.flatnonzero(mask), scored.scores, count)] = True
    near = scored.legs["vector"]
    index.refine(vector, is_best & ~np.isnan(near), near)
    some, is_candidate = np.flatnonzero(is_best), np.zeros_like(is_best)
    weighed = _weighed(scored.legs, scored.added, scored.factors, some)
    scored.scores[some], scored.fits[some], is_candidate[some] = weighed
    return replace(scored, estimated_for=None, is_candidate=is_candidate)


def _factors(index: Index, now: datetime) -> dict[str, Floats]:
    """Return what scores are multiplied by. Worked out once an hour: none of it changes faster."""
    hour = int(seconds(now)) // AN_HOUR
    kept = index.kept.get("factors")
    if kept is not None and kept[0] == hour:
        found: dict[str, Floats] = kept[1]
        return found
    columns, at = index.columns, hour * AN_HOUR
    days = np.maximum(at - columns["touched"], 0.0) / 86_400
    held = 1.0 / (1.0 + days / (9.0 * np.maximum(columns["stability"], 0.01)))
    is_exempt = columns["is_pinned"] | (columns["type"] == TYPES[MemoryType.PERSONAL])
    made = {
        "retention": np.where(is_exempt, 1.0, LEAST_FACTOR + (1 - LEAST_FACTOR) * held).astype(np.float32),
        "validity": np.where(columns["valid_to"] > at, 1.0, fusion.LEAST_VALIDITY).astype(np.float32),
        "importance": np.where(
            columns["is_pinned"], 1.0, fusion.LEAST_IMPORTANCE + (1 - fusion.LEAST_IMPORTANCE) * columns["importance"]
        ).astype(np.float32),
    }
    made["all"] = made["retention"] * made["validity"] * made["importance"]
    index.kept["factors"] = (hour, made)
    return made


def _best(rows: Places, scores: Floats, count: int) -> Places:
    """Return those of some rows that score best, in no order."""
    return rows if len(rows) <= count else rows[np.argpartition(-scores[rows], count)[:count]]


def _ordered(rows: Places, scores: Floats, index: Index) -> list[int]:
    """Return rows in the order of their scores, best first; of equal ones the older row comes first."""
    order: list[int] = rows[np.lexsort((index.columns["id"][rows], -np.round(scores[rows], 5)))].tolist()
    return order


def _hits(
    index: Index, scored: _Scored, order: Sequence[int], *, limit: int, least: float, explain: bool
) -> tuple[Hit, ...]:
    hits: list[Hit] = []
    seen: set[int] = set()
    ids, hashes = index.columns["id"], index.columns["hash"]
    for at in _spread(order[: 2 * limit + 30], scored.scores, index):
        score = round(float(scored.scores[at]), 4)
        if len(hits) == limit:
            break
        if score >= least and (text := int(hashes[at])) not in seen:
            seen.add(text)
            hits.append(Hit(int(ids[at]), score, _parts(scored, at) if explain else Parts()))
    return tuple(hits)


def _spread(order: Sequence[int], scores: Floats, index: Index) -> Iterator[int]:
    """Yield positions, best first, where each turn already yielded holds back the others of its session a little."""
    numbers, sessions = index.columns["number"], index.columns["session_code"]
    met: Counter[int] = Counter()
    waiting = [(-float(scores[at]), place, at, 0) for place, at in enumerate(order)]  # sorted, so a heap
    while waiting:
        score, place, at, steps = waiting[0]
        session = int(sessions[at])
        now = min(met[session], fusion.MOST_STEPS) if numbers[at] >= 0 else 0
        if now > steps:
            heapreplace(waiting, (score + fusion.STEP_BACK * (now - steps), place, at, now))
            continue
        heappop(waiting)
        met[session] += 1
        yield at


def _parts(scored: _Scored, at: int) -> Parts:
    found = {name: round(float(leg[at]), 4) for name, leg in scored.legs.items()}
    if np.isnan(found.get("vector", 0.0)):
        found["vector"] = 0.0
    return Parts(**found)


def _sessions(index: Index, scored: _Scored, order: Sequence[int]) -> tuple[SessionHit, ...]:
    """Return the sessions of what was found: half by their three best turns, half by the words of the whole."""
    best: dict[int, list[float]] = {}
    positions = np.array(order, np.int64)
    positions = positions[np.argsort(-scored.fits[positions], kind="stable")]
    fits, of_session = scored.fits[positions].tolist(), index.columns["session_code"][positions].tolist()
    for code, fit in zip(of_session, fits, strict=True):
        met = best.setdefault(code, [])
        if len(met) < BEST_TURNS:
            met.append(fit)
    codes = np.array([code for code in best if index.is_session[code]], np.int64)
    turns = np.array([sum(best[code]) / len(best[code]) for code in codes.tolist()])
    scores = (turns + scored.sessions[codes]) / 2
    ids = index.codes["session"].things
    return tuple(
        SessionHit(ids[codes[at]], index.session_keys[ids[codes[at]]], round(float(scores[at]), 4))
        for at in np.lexsort((codes, -scores))[:SESSIONS].tolist()
    )


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
