"""Which paragraphs are headings: what the outline names, else what is set larger, or reads like "Chapter 3"."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from books.formats.division import Heading, one_line
from books.formats.pdf.paragraphs import Paragraph, Style
from books.formats.pdf.structure import Target
from books.formats.pdf.writing import Place, Written

_LARGER: Final = 1.15  # than the text
_TITLE: Final = 1.4
_LONGEST: Final = 200  # characters
_MOST_LEVELS: Final = 5
_MOST_ON_PAGE: Final = 500  # lines of an outline that lead to one page and are looked for on it
_LIST: Final = 4  # headings with nothing between them are a list of the contents
_NUMBER: Final = r"(?:[0-9]{1,3}|[ivxlc]{1,7}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_PATTERN: Final = re.compile(
    rf"(?:chapter|part|book|volume|section|canto|act|kapitel|chapitre|capítulo|capitolo)\s+(?:the\s+)?{_NUMBER}\b.{{0,80}}"
    r"|(?:prologue|epilogue|preface|foreword|introduction|afterword|appendix|conclusion|contents|notes|bibliography)"
    r"(?:\s+[a-z0-9]{1,3})?\.?"
    r"|第[0-9〇零一二三四五六七八九十百千]{1,9}[章回卷部节篇集].{0,60}|[序楔跋]子?|前言|后记|尾声",
    re.IGNORECASE,
)
_BYLINE: Final = re.compile(r"by\s", re.IGNORECASE)
_LETTER: Final = re.compile(r"[^\W\d_]")


def find(paragraphs: Sequence[Paragraph], style: Style) -> list[Paragraph]:
    """Make headings of the paragraphs that look like one; return them in order."""
    larger = [paragraph for paragraph in paragraphs if _is_larger(paragraph, style)]
    named = [paragraph for paragraph in paragraphs if paragraph not in _Same(larger) and _is_named(paragraph, style)]
    if sum(_PATTERN.fullmatch(paragraph.text) is not None for paragraph in larger) >= 2:
        named = []  # where chapters are set larger, the same words in the text's own size are a list of them
    chosen = _without_lists(paragraphs, [*larger, *named])
    sizes = _levels(paragraph.size for paragraph in larger if paragraph in _Same(chosen))
    for paragraph in chosen:
        paragraph.kind = "h"
        paragraph.level = min(sizes.get(paragraph.size, len(set(sizes.values())) + 1), 6)
    return chosen


class _Same:
    """Membership by identity: equal paragraphs are not the same one."""

    def __init__(self, paragraphs: Iterable[Paragraph]) -> None:
        self._ids = {id(paragraph) for paragraph in paragraphs}

    def __contains__(self, paragraph: Paragraph) -> bool:
        return id(paragraph) in self._ids


def _is_larger(paragraph: Paragraph, style: Style) -> bool:
    return (
        paragraph.kind == "p"
        and paragraph.size > _LARGER * style.size
        and len(paragraph.lines) <= 5
        and _is_larger_text(paragraph.text)
    )


def _is_larger_text(text: str) -> bool:
    return 2 <= len(text) <= _LONGEST and _LETTER.search(text) is not None and not text[0].islower()


def _is_named(paragraph: Paragraph, style: Style) -> bool:
    """Say whether a line of the text's own size stands apart as a heading does."""
    if paragraph.kind != "p" or len(paragraph.lines) > 2 or len(text := paragraph.text) > 100:
        return False
    if _PATTERN.fullmatch(text) and not text.endswith((",", ";")):
        return paragraph.is_apart or paragraph.is_centred or paragraph.lines[0].is_bold
    is_title = not text.endswith((".", ",", ";", ":", "。", "，")) and _LETTER.search(text) is not None
    return is_title and all(line.is_bold for line in paragraph.lines) and paragraph.is_apart and not text[0].islower()


def _without_lists(paragraphs: Sequence[Paragraph], chosen: Sequence[Paragraph]) -> list[Paragraph]:
    """Leave out headings of one size that follow each other: they are a list of the contents."""
    among = _Same(chosen)
    kept: list[Paragraph] = []
    runs = groupby(paragraphs, key=lambda paragraph: paragraph.size if paragraph in among else 0)
    for size, run in runs:
        found = list(run)
        if size and (len(found) < _LIST or _is_title_page(found)):
            kept += found
        elif size and len(found) > 1 and found[-1].text in {one.text for one in found[:-1]}:
            kept.append(found[-1])  # the list, and then its first chapter
    return kept


def _is_title_page(run: Sequence[Paragraph]) -> bool:
    return run[0].lines[0].page == 0 and run[-1].lines[0].page == 0


def _levels(sizes: Iterable[int]) -> dict[int, int]:
    """Return the level of each size; sizes that nearly agree are one."""
    levels: dict[int, int] = {}
    last, level = 0, 0
    for size in sorted(set(sizes), reverse=True):
        if not level or size < last * 0.96:
            level, last = min(level + 1, _MOST_LEVELS), size
        levels[size] = level
    return levels


def title(paragraphs: Sequence[Paragraph], style: Style) -> str:
    """Return what the first page shows in type much larger than the text."""
    first = paragraphs[0].lines[0].page if paragraphs else 0
    shown = [one for one in paragraphs[:20] if one.lines[0].page == first and one.size > _TITLE * style.size]
    largest = max(shown, key=lambda paragraph: paragraph.size, default=None)
    return one_line(largest.text) if largest and _is_larger_text(largest.text) else ""


def guessed(chosen: Sequence[Paragraph], text: Written) -> list[Heading]:
    """Return the contents that headings make; `text` holds them as blocks of kind h."""
    blocks = [block for block in text.writer.blocks if block.kind == "h"]
    whole = text.writer.text
    levels = sorted({block.level for block in blocks})
    found = [
        Heading(one_line(whole[block.start : block.end]), block.start, levels.index(block.level)) for block in blocks
    ]
    return [heading for heading in found if not _BYLINE.match(heading.title)] if chosen else []


def name(paragraphs: Sequence[Paragraph], targets: Sequence[Target]) -> None:
    """Make headings of the paragraphs that the outline names; what else looks like one stays below them."""
    deepest = max((target.depth for target in targets), default=0)
    for paragraph in paragraphs:
        if paragraph.kind == "h":
            paragraph.level = min(deepest + 2, 6)
    by_page: defaultdict[int, list[tuple[str, Paragraph]]] = defaultdict(list)
    for paragraph in paragraphs:
        if paragraph.kind != "note" and len(paragraph.lines) <= 5:
            by_page[paragraph.lines[0].page].append((_letters(paragraph.text[:600]), paragraph))
    counts = Counter(target.page for target in targets)
    for target in targets:
        if counts[target.page] <= _MOST_ON_PAGE and (found := _named(by_page.get(target.page, ()), target)):
            found.kind, found.level = "h", min(target.depth + 1, 6)


def _named(paragraphs: Iterable[tuple[str, Paragraph]], target: Target) -> Paragraph | None:
    """Return the paragraph that says what the outline says, the nearest to where it leads."""
    wanted = _letters(target.title)
    same = [paragraph for text, paragraph in paragraphs if _is_same(text, wanted)]
    return min(same, key=lambda paragraph: abs(paragraph.lines[0].top - (target.down or 0)), default=None)


def _is_same(text: str, title: str) -> bool:
    if not text or not title:
        return False
    return text == title or (len(text) >= 4 and len(text) * 2 >= len(title) and title.endswith(text))


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def places(targets: Sequence[Target], text: Written, page_starts: Sequence[int], heads: Sequence[int]) -> list[Heading]:
    """Return the outline's lines with the offsets they lead to; `heads` are the offsets of headings."""
    whole = text.writer.text
    titles: dict[tuple[int, str], int] = {}
    of_heads = set(heads)
    for page, lines in text.places.items():
        for place in lines:
            if place.is_first and place.start in of_heads:
                end = whole.find("\n\n", place.start)
                titles.setdefault((page, _letters(whole[place.start : end if end >= 0 else None][:600])), place.start)
    found = []
    counts = Counter(target.page for target in targets)
    for target in targets:
        at = titles.get((target.page, _letters(target.title)))
        if at is None and counts[target.page] <= _MOST_ON_PAGE:
            at = _below(text.places.get(target.page, ()), target.down)
        if at is None and target.page < len(page_starts):
            at = page_starts[target.page]
        if at is not None:
            found.append(Heading(target.title, at, target.depth))
    return found


def _below(lines: Sequence[Place], down: int | None) -> int | None:
    """Return the first paragraph that begins below a place, else the one that is there."""
    below = [place for place in lines if down is None or place.bottom > down + 10]
    begun = next((place.start for place in below if place.is_first), None)
    if begun is not None:
        return begun
    return below[0].start if below else (lines[-1].paragraph if lines else None)
