"""The labels of numbered paragraphs, counted as Word counts them: "1.2", "b)", "第三章"."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from books.formats.docx.names import is_on, number, short, value
from books.formats.docx.numerals import numeral

LEVELS: Final = 9
_LONGEST_LABEL: Final = 200
_LARGEST: Final = 1_000_000
_HOLE: Final = re.compile(r"%([1-9])")
_PLAIN: Final = re.compile(r"%([1-9])[.)、．]?")


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before a paragraph: `text` with the space after it, or a bullet.

    `number` is that of an item whose label is a plain decimal: in a list the page writes it.
    """

    text: str = ""
    number: int | None = None
    is_bullet: bool = False


@dataclass(slots=True)
class _Level:
    start: int = 1
    form: str = "decimal"
    text: str = ""
    restart: int | None = None  # after which level (1-9) it begins anew; 0: never
    is_legal: bool = False
    gap: str = " "
    style: str = ""


@dataclass(slots=True)
class _List:
    """A w:num: which w:abstractNum it counts in, and what it changes of it."""

    abstract: str
    levels: dict[int, _Level] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)


class Numbering:
    """The lists of a document, and how far each has counted."""

    def __init__(self, root: Any) -> None:
        self._abstract: dict[str, dict[int, _Level]] = {}
        self._links: dict[str, str] = {}  # an abstractNum that only names a style of lists
        self._linked: dict[str, str] = {}
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, list[int | None]] = {}
        for element in root if root is not None else ():
            name = short(element)
            if name == "w:abstractNum":
                self._add_abstract(element)
            elif name == "w:num":
                self._add_list(element)

    def _add_abstract(self, element: Any) -> None:
        key = _id(element, "abstractNumId")
        self._abstract[key] = dict(_level(found) for found in element if short(found) == "w:lvl")
        if link := value(element, "w:numStyleLink"):
            self._links[key] = link
        if link := value(element, "w:styleLink"):
            self._linked.setdefault(link, key)

    def _add_list(self, element: Any) -> None:
        found = _List(value(element, "w:abstractNumId"))
        for override in element:
            if short(override) != "w:lvlOverride":
                continue
            at = number(_id(override, "ilvl"), 0)
            if start := value(override, "w:startOverride"):
                found.starts[at] = number(start, 1)
            for level in override:
                if short(level) == "w:lvl":
                    found.levels[at] = _level(level)[1]
        self._lists[_id(element, "numId")] = found

    def level_of(self, list_id: str, style: str) -> int:
        """Return the level of a list that belongs to a paragraph style; 0 when none says so."""
        found = self._lists.get(list_id)
        if found is None or not style:
            return 0
        levels = self._abstract.get(self._counted_in(found), {})
        return next((at for at, level in levels.items() if level.style == style), 0)

    def label(self, list_id: str, at: int) -> Label | None:
        """Count one paragraph on and return its label; None when there is no such list."""
        found = self._lists.get(list_id)
        if found is None:
            return None
        key = self._counted_in(found)
        levels = {**self._abstract.get(key, {}), **found.levels}
        level = levels.get(at)
        if level is None:
            return None
        counts = self._counts.setdefault(key, [None] * LEVELS)
        self._count(counts, found, levels, at)
        if level.form == "bullet":
            return Label(is_bullet=True)
        text = _HOLE.sub(
            lambda hole: _part(int(hole.group(1)) - 1, counts, levels, is_legal=level.is_legal), level.text
        )
        text = " ".join(text.split())[:_LONGEST_LABEL]
        plain = _PLAIN.fullmatch(level.text)
        is_plain = plain is not None and int(plain.group(1)) == at + 1 and level.form == "decimal"
        count = counts[at] or 0
        is_shown_by_page = is_plain and 0 <= count < _LARGEST
        return Label(text + level.gap, count if is_shown_by_page else None) if text else None

    def _counted_in(self, found: _List) -> str:
        return self._linked.get(self._links.get(found.abstract, ""), found.abstract)

    def _count(self, counts: list[int | None], found: _List, levels: dict[int, _Level], at: int) -> None:
        before = counts[at]
        if at in found.starts and at not in found.begun:
            counts[at] = found.starts[at]
        else:
            counts[at] = levels[at].start if before is None else before + 1
        found.begun.add(at)
        for deeper in range(at + 1, LEVELS):
            restart = levels[deeper].restart if deeper in levels else None
            if restart is None or (restart and at + 1 <= restart):
                counts[deeper] = None


def _part(at: int, counts: list[int | None], levels: dict[int, _Level], *, is_legal: bool) -> str:
    level = levels.get(at) or _Level()
    count = counts[at]
    count = level.start if count is None else count
    return str(count) if is_legal and level.form != "none" else numeral(count, level.form)


def _level(element: Any) -> tuple[int, _Level]:
    restart = value(element, "w:lvlRestart")
    gap = value(element, "w:suff")
    level = _Level(
        start=number(value(element, "w:start"), 1),
        form=_form(element),
        text=value(element, "w:lvlText")[:_LONGEST_LABEL],
        restart=number(restart, 0) if restart else None,
        is_legal=is_on(element, "w:isLgl"),
        gap="" if gap == "nothing" else " ",
        style=value(element, "w:pStyle"),
    )
    return min(max(number(_id(element, "ilvl"), 0), 0), LEVELS - 1), level


def _form(element: Any) -> str:
    """Return the format of a level's numbers; one that Word of today knows is written beside one for the older."""
    direct = value(element, "w:numFmt")
    if direct:
        return direct
    found = next((found for found in element.iter() if short(found) == "w:numFmt"), None)
    return "decimal" if found is None else value(found) or "decimal"


def _id(element: Any, name: str) -> str:
    return next((text for key, text in element.items() if key.rpartition("}")[2] == name), "")
