"""Cut a section's text: passages (what is found and shown to a model) and windows (what is embedded).

Sizes count Latin letters; a Chinese, Japanese or Korean character counts for two and a half of them,
which is what it says and about what it costs a model. Everything is deterministic: the same text gives
the same cuts, so work that was interrupted can go on. Time grows with the length of the text and no faster,
whatever stands in it: every look is bounded by a size, and every step goes forward by a part of one.
"""

import re
from collections.abc import Iterator
from typing import Final

WINDOW: Final = 400  # size of a window at most
WINDOW_SENTENCES: Final = 3
_SMALL: Final = 60  # a last window smaller than this joins the one before
_EXTRA: Final = 1.5  # what a wide character counts beyond one
_WIDE: Final = re.compile(r"[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_BREAK: Final = re.compile(r"\n\n+")
# These two begin with one set of characters: the engine then skips all others without trying to match there.
_WIDE_RUN: Final = re.compile(_WIDE.pattern + _WIDE.pattern + "*+")
# A run of full stops is looked at once, from its beginning: a million of them end one sentence.
_END: Final = re.compile(
    r"[.!?…。！？\n](?:"
    r"(?<=[.!?…])(?<![.!?…].)[.!?…]*+[\"'”’»)\]]*+(?=\s|$)"
    r"|(?<=[。！？!?…])(?<![。！？!?…].)[。！？!?…]*+[”’」』）》\"]*+(?=[^.!?…。！？])"
    r"|(?<=\n)\n*+)"
)
_SPACE: Final = re.compile(r"[\s，、；：,;:]+")
_WORD_BEFORE: Final = re.compile(r"([^\W\d_]+)$")
# A full stop after these ends no sentence.
_SHORT_WORDS: Final = (
    "mr mrs ms dr prof st sr jr vs etc no vol pp fig ed rev hon gen col capt lt sgt messrs mme mlle viz cf al"
)
_SHORT: Final = frozenset(_SHORT_WORDS.split())


def passages(text: str, *, size: int, overlap: int) -> list[tuple[int, int]]:
    """Return spans of about `size` that cover the text, each sharing about `overlap` with the one before.

    A passage ends at the end of a paragraph or sentence and begins at the beginning of one, where there is one.
    """
    overlap = min(overlap, size * 2 // 5)
    found: list[tuple[int, int]] = []
    start = _skip(text, 0)
    while start < len(text):
        reach = _reach(text, start, size)
        end = reach if reach >= len(text) else _cut(text, start, reach)
        found.append((start, _trim(text, start, end)))
        if end >= len(text):
            break
        start = _skip(text, _next_start(text, start, end, overlap))
    return found


def _cut(text: str, start: int, reach: int) -> int:
    """Return where a passage that may go to `reach` ends best."""
    half = start + (reach - start) // 2
    paragraphs = [match.start() for match in _BREAK.finditer(text, half, reach)]
    if paragraphs:
        return paragraphs[-1]
    ends = [end for end in _ends(text, half, reach) if end < reach]
    if ends:
        return ends[-1]
    spaces = [match.end() for match in _SPACE.finditer(text, half, reach)]
    return spaces[-1] if spaces else reach


def _next_start(text: str, start: int, end: int, overlap: int) -> int:
    """Return where the passage after [start, end) begins: at a sentence, about `overlap` before `end`."""
    back = max(_reach_back(text, end, overlap), start + max((end - start) // 4, 1))
    if back >= end:
        return end
    for found in _ends(text, back, end):
        if found < end:
            return found
    spaces = _SPACE.search(text, back, end)
    return spaces.end() if spaces else back


def windows(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return spans of two or three sentences that tile [start, end) but for the white space between them."""
    found: list[tuple[int, int]] = []
    held: list[tuple[int, int]] = []
    for sentence in _pieces(text, start, end):
        if held and (len(held) == WINDOW_SENTENCES or _size(text, held[0][0], sentence[1]) > WINDOW):
            found.append((held[0][0], held[-1][1]))
            held = []
        held.append(sentence)
    if held:
        first, last = held[0][0], held[-1][1]
        if found and last - first < _SMALL and _size(text, found[-1][0], last) <= WINDOW + _SMALL:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the sentences of [start, end), without the white space between them."""
    found = []
    at = _skip(text, start)
    for stop in [*_ends(text, start, end), end]:
        last = _trim(text, at, min(stop, end))
        if last > at:
            found.append((at, last))
        at = max(at, _skip(text, stop))
    return found


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield sentences, those longer than a window in several pieces."""
    for first, last in sentences(text, start, end):
        at = first
        while (reach := _reach(text, at, WINDOW)) < last:
            spaces = [match.end() for match in _SPACE.finditer(text, at + (reach - at) // 2, reach)]
            cut = spaces[-1] if spaces else reach
            yield at, _trim(text, at, cut)
            at = _skip(text, cut)
        if at < last:
            yield at, last


def _ends(text: str, start: int, end: int) -> Iterator[int]:
    """Yield where sentences end in [start, end), after the closing quotes."""
    for match in _END.finditer(text, start, end):
        if match.group().startswith(".") and len(match.group()) == 1:
            word = _WORD_BEFORE.search(text, max(match.start() - 12, 0), match.start())
            if word and (word.group(1).lower() in _SHORT or (len(word.group(1)) == 1 and word.group(1).isupper())):
                continue
        yield match.end()


def _reach(text: str, start: int, size: int) -> int:
    """Return the furthest end of a span from `start` that counts at most `size`."""
    limit = min(start + size, len(text))
    extra = 0.0
    for run in _WIDE_RUN.finditer(text, start, limit):
        first, last = run.span()
        fit = int((size - extra - (first - start)) // (1 + _EXTRA))  # wide characters that still have room
        if fit < last - first:
            return max(min(first + max(fit, 0), limit), start + 1)
        extra += _EXTRA * (last - first)
        limit = min(limit, start + int(size - extra))
        if last >= limit:
            break
    return max(limit, start + 1)


def _reach_back(text: str, end: int, size: int) -> int:
    """Return the earliest start of a span to `end` that counts at most `size`."""
    furthest = max(end - size, 0)
    at, left = end, float(size)
    for run in reversed(list(_WIDE_RUN.finditer(text, furthest, end))):
        first, last = run.span()
        if at - last > left:
            break
        left -= at - last
        fit = int(left // (1 + _EXTRA))
        if fit < last - first:
            return last - fit
        left -= (last - first) * (1 + _EXTRA)
        at = first
    return max(at - int(left), furthest)


def _size(text: str, start: int, end: int) -> float:
    """Return what [start, end) counts."""
    if end - start > WINDOW + _SMALL:
        return end - start
    return end - start + _EXTRA * len(_WIDE.findall(text, start, end))


def _skip(text: str, at: int) -> int:
    """Return the first place from `at` on that is no white space."""
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _trim(text: str, start: int, end: int) -> int:
    """Return `end` without the white space before it."""
    while end > start and text[end - 1].isspace():
        end -= 1
    return end
