"""Find the words of a reader's marks again in a book that was read anew.

Two versions of a book are compared as runs of letters, so that wrapping, hyphens, quote marks and the division into
sections do not matter. What stands in a stretch that both have is where that stretch is now. What does not is looked
for by its words and the words around them, and placed only where they say enough to be sure: a mark that is
nowhere is kept as it is, one that is somewhere else would be a lie.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from books.anchoring.alignment import Alignment, Run, same_after
from books.anchoring.streams import LeftOut, Stream, edges_of, letters_of, weight
from books.coordinates import Span

CONTEXT: Final = 64  # letters before and after that are compared
PROBE: Final = 8  # letters that are looked up when words are searched
LONG_PROBE: Final = 24
MOST_FOUND: Final = 500  # places of one probe; more say nothing
SURE_HERE: Final = 20  # how much words and context must say, in Latin letters, between their old neighbours
SURE: Final = 32  # and anywhere else
AHEAD: Final = 12  # how much more the best place must say than the next one
SHORTEST: Final = 24  # of a mark of which only a part is left
POINT: Final = 12  # letters on both sides by which a place without words is known
How = Literal["exact", "folded", "shortened", "changed"]


@dataclass(frozen=True, slots=True)
class Anchor:
    """Words, those around them, and where they were in the old text; no span when only the words are known."""

    quote: str
    before: str = ""
    after: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Where an anchor is now. `shortened`: a part of its words; `changed`: its words with an alteration inside."""

    span: Span
    how: How


@dataclass(frozen=True, slots=True)
class _Words:
    """An anchor in letters. `at`: where it began in the old stream; `shift`: of a point, into its own context."""

    letters: str
    before: str
    after: str
    at: int | None
    shift: int | None = None


class Moved:
    """Two versions of a book, the old one and the new one, side by side."""

    def __init__(self, old: Sequence[str], new: Sequence[str], *, left_out: LeftOut | None = None) -> None:
        """Compare two lists of sections. `left_out`: stretches of old sections that were not the author's words."""
        self._new_texts = new
        self._old, self._new = Stream(old, left_out=left_out), Stream(new)
        self._alignment = Alignment(self._old.letters, self._new.letters)

    def point(self, section: int, offset: int) -> tuple[int, int]:
        """Return where a place of the old text is now, at the same words or as near to them as can be told."""
        if not len(self._new):
            return 0, 0
        if section >= self._old.sections:
            section, offset = self._old.sections - 1, 1 << 40
        letter = self._old.at(section, offset) if section >= 0 else 0
        return self._new.place(min(self._alignment.expected(letter), len(self._new) - 1))

    def place(self, anchors: Sequence[Anchor]) -> list[Found | None]:
        """Return where each anchor is now; None where that is not sure."""
        wanted = [self._words(anchor) for anchor in anchors]
        found = [self._in_common(words) for words in wanted]
        missing = {number: words for number, words in enumerate(wanted) if found[number] is None}
        for number, start in self._searched(missing).items():
            found[number] = (start, start + len(wanted[number].letters))
        return [
            self._result(anchor, words, letters) if letters else self._partly(anchor, words)
            for anchor, words, letters in zip(anchors, wanted, found, strict=True)
        ]

    # --- In letters -----------------------------------------------------------------------------

    def _words(self, anchor: Anchor) -> _Words:
        span, old = anchor.span, self._old
        if span is None or span.section >= old.sections:
            return _by_words_alone(anchor)
        start, end = old.at(span.section, span.start), old.at(span.section, span.end)
        shift = None
        if start == end:  # a point is known by the words around it
            shift = min(POINT, start)
            start, end = start - shift, min(end + POINT, len(old))
        before, after = old.letters[max(start - CONTEXT, 0) : start], old.letters[end : end + CONTEXT]
        return _Words(old.letters[start:end], before, after, start, shift)

    def _in_common(self, words: _Words) -> tuple[int, int] | None:
        """Return the words' letters in the new text when they stand in a stretch that both have."""
        if words.at is None or not words.letters:
            return None
        run = self._alignment.covering(words.at, words.at + len(words.letters))
        if run is None:
            return None
        start = run.new + words.at - run.old
        return start, start + len(words.letters)

    # --- Searching ------------------------------------------------------------------------------

    def _searched(self, missing: dict[int, _Words]) -> dict[int, int]:
        """Return, for those words that are surely somewhere, at which letter."""
        probes: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, words in missing.items():
            for probe, back in _probes(words):
                probes[probe].append((number, back))
        places = self._places(probes)
        sure = {}
        for number, words in missing.items():
            starts = sorted(
                start for start in places.get(number, ()) if self._new.letters.startswith(words.letters, start)
            )
            start = self._best(words, starts)
            if start is not None:
                sure[number] = start
        return sure

    def _places(self, probes: dict[str, list[tuple[int, int]]]) -> dict[int, set[int]]:
        """Look all probes up in one pass for each length of them; return the places of each number."""
        hits: dict[str, list[int]] = {probe: [] for probe in probes}
        letters = self._new.letters
        for size in {len(probe) for probe in probes}:
            for at in range(len(letters) - size + 1):
                found = hits.get(letters[at : at + size])
                if found is not None and len(found) <= MOST_FOUND:
                    found.append(at)
        places: dict[int, set[int]] = defaultdict(set)
        for probe, asked in probes.items():
            if len(hits[probe]) <= MOST_FOUND:
                for number, back in asked:
                    places[number].update(at - back for at in hits[probe] if at >= back)
        return places

    def _best(self, words: _Words, starts: Sequence[int]) -> int | None:
        """Return the one place where these words surely are."""
        if not starts:
            return None
        own = weight(words.letters)
        here = self._only_here(words, starts)
        if here is not None and own + 2 * self._alike(words, here) >= SURE_HERE:
            return here
        scores = {start: self._alike(words, start) for start in starts}
        best = max(scores.values())
        equal = [start for start in starts if scores[start] == best]
        others = [score for score in scores.values() if score < best]
        if own + 2 * best < SURE or (others and 2 * (best - max(others)) < AHEAD):
            return None
        if len(equal) == 1:
            return equal[0]
        if words.at is None or best < CONTEXT:
            return None
        expected = self._alignment.expected(words.at)  # the same words in the same surroundings: the nearest
        return min(equal, key=lambda start: abs(start - expected))

    def _only_here(self, words: _Words, starts: Iterable[int]) -> int | None:
        """Return the place between the words' old neighbours, when they stood there once and stand there once."""
        if words.at is None:
            return None
        old, old_end, new, new_end = self._alignment.gap(words.at, words.at + len(words.letters))
        inside = [start for start in starts if new <= start and start + len(words.letters) <= new_end]
        first = self._old.letters.find(words.letters, old, old_end)
        is_only = first == words.at and self._old.letters.find(words.letters, first + 1, old_end) < 0
        return inside[0] if len(inside) == 1 and is_only else None

    def _alike(self, words: _Words, start: int) -> int:
        """Return how much of the context is the same at a place, in Latin letters."""
        letters = self._new.letters
        before = letters[max(start - CONTEXT, 0) : start][::-1]
        end = start + len(words.letters)
        same_before = same_after(words.before[::-1], 0, before, 0, most=CONTEXT)
        same_behind = same_after(words.after, 0, letters, end, most=CONTEXT)
        return weight(before[:same_before]) + weight(letters[end : end + same_behind])

    # --- What is left of it ---------------------------------------------------------------------

    def _partly(self, anchor: Anchor, words: _Words) -> Found | None:
        """Return where the words are that were altered inside, or the larger part of them that is left."""
        if words.at is None or words.shift is not None or not words.letters:
            return None
        start, end = words.at, words.at + len(words.letters)
        pieces = self._alignment.pieces(start, end)
        if not pieces:
            return None
        first, last = pieces[0], pieces[-1]
        left, length = sum(piece.length for piece in pieces), last.new + last.length - first.new
        is_framed = first.old == start and last.old + last.length == end and len(pieces) > 1
        is_alike = 4 * left >= 3 * len(words.letters) and 10 * length <= 13 * len(words.letters)
        if is_framed and is_alike and (found := self._span(first.new, last.new + last.length)):
            return Found(found, "changed")
        return self._shortened(max(pieces, key=lambda piece: piece.length), words)

    def _shortened(self, piece: Run, words: _Words) -> Found | None:
        """Return a part of the words that stands in one section, if it is large enough."""
        start, end = piece.new, piece.new + piece.length
        parts = self._parts(start, end)
        start, end = max(parts, key=lambda part: part[1] - part[0])
        if 2 * (end - start) < len(words.letters) or weight(self._new.letters[start:end]) < SHORTEST:
            return None
        span = self._span(start, end)
        return Found(span, "shortened") if span else None

    def _parts(self, start: int, end: int) -> list[tuple[int, int]]:
        """Divide letters of the new text where one section ends and the next begins."""
        parts = []
        while start < end:
            section, _offset = self._new.place(start)
            upto = min(self._new.at(section, len(self._new_texts[section])), end)
            parts.append((start, upto))
            start = upto
        return parts

    # --- Back in characters ---------------------------------------------------------------------

    def _result(self, anchor: Anchor, words: _Words, letters: tuple[int, int]) -> Found | None:
        start, end = letters
        if words.shift is not None:
            section, offset = self._beside(start + words.shift)
            return Found(Span(section, offset, offset), "exact")
        span = self._span(start, end)
        if span is None:
            return self._shortened(Run(start, start, end - start), words)
        span = self._with_edges(span, anchor.quote)
        return Found(span, "exact" if span.of(self._new_texts[span.section]) == anchor.quote else "folded")

    def _beside(self, letter: int) -> tuple[int, int]:
        """Return the place before a letter, or behind the last one."""
        if letter < len(self._new):
            return self._new.place(letter)
        section, offset = self._new.place(letter - 1)
        return section, offset + 1

    def _span(self, start: int, end: int) -> Span | None:
        """Return the characters of letters [start, end) of the new text; None when a section ends among them."""
        section, first = self._new.place(start)
        last_section, last = self._new.place(end - 1)
        return Span(section, first, last + 1) if section == last_section else None

    def _with_edges(self, span: Span, quote: str) -> Span:
        """Return the span with the white space and hyphens that the quote began and ended with, if they are there."""
        text = self._new_texts[span.section]
        lead, trail = edges_of(quote)
        start = span.start - len(lead) if lead and text[: span.start].endswith(lead) else span.start
        end = span.end + len(trail) if trail and text.startswith(trail, span.end) else span.end
        return Span(span.section, start, end)


def _by_words_alone(anchor: Anchor) -> _Words:
    letters, before, after = map(letters_of, (anchor.quote, anchor.before, anchor.after))
    if letters:
        return _Words(letters, before, after, None)
    shift = min(POINT, len(before))  # a point
    return _Words(before[len(before) - shift :] + after[:POINT], before[: -shift or None], after[POINT:], None, shift)


def _probes(words: _Words) -> list[tuple[str, int]]:
    """Return the letters to look up for some words, each with how far behind their beginning it stands."""
    letters = words.letters
    for size in (LONG_PROBE, PROBE):
        if len(letters) >= size:
            return [(letters[:size], 0)]
    if not letters:
        return []
    before, after = (words.before + letters)[-PROBE:], (letters + words.after)[:PROBE]
    found = [(before, PROBE - len(letters)), (after, 0)]
    return [(probe, back) for probe, back in found if len(probe) == PROBE]


def place(old_text: str, span: Span, new_texts: Sequence[str]) -> Span | None:
    """Return where the words at `span` of one old section are in the new sections; None when that is not sure."""
    quote = span.of(old_text)
    moved = Moved([old_text], new_texts)
    [found] = moved.place([Anchor(quote, span=Span(0, span.start, span.end))])
    return found.span if found else None
