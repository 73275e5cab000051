"""What a heading looks like in a text file: 第一回, 卷二, 楔子, Chapter I, BOOK THE FIRST."""

import re
from dataclasses import dataclass, replace
from typing import Final

from books.formats.plain import numbers
from books.formats.plain.lines import Line

LONGEST: Final = 90  # characters of a heading
_UNITS: Final = "章回节節卷部篇集幕折话話冊册季辑輯"
_VOLUMES: Final = "卷部篇集冊册"
_GAP: Final = r"[\s\u3000:：、.．·—】〗\])）-]*"
_OPENERS: Final = re.compile(r"(?:正文[\s\u3000]*|[【〖\[（(][\s\u3000]*){1,3}")
_CLOSERS: Final = "】〗])） \u3000"
_ZH: Final = re.compile(
    rf"(?:第\s?(?P<number>[{numbers.CHINESE}]{{1,9}})\s?(?P<unit>[{_UNITS}])"
    rf"|(?P<volume>[{_VOLUMES}])[之第]?\s?(?P<after>[{numbers.CHINESE}]{{1,9}})(?![{numbers.CHINESE}年月日天个位人])"
    rf"|(?P<side>[上中下前后後])(?P<half>[{_VOLUMES}]))(?P<gap>{_GAP})(?P<rest>.*)"
)
_ZH_ALONE: Final = re.compile(
    r"(?:楔\s*子|(?:自|代|总|總|原|再版|初版)?\s*序\s*[章言幕曲]?|前\s*言|引\s*[子言]|尾\s*[声聲]|(?:后|後)\s*[记記序]|"
    rf"番\s*外(?:\s*篇)?(?:\s?[{numbers.CHINESE}]{{1,4}})?|附\s*[录錄](?:\s?[{numbers.CHINESE}]{{1,3}})?|"
    r"跋|终\s*章|終\s*章|结\s*[语語局]|結\s*[語局]|题\s*记|題\s*記|凡\s*例|目\s*[录錄次])"
    rf"(?P<gap>{_GAP})(?P<rest>.*)"
)
_EN: Final = re.compile(
    r"(?P<unit>chapter|book|part|volume|vol\.|letter|act|scene|canto|stave|section|adventure|episode)\s+(?:the\s+)?"
    rf"(?P<number>{numbers.ENGLISH})\b(?P<gap>\s*[.:,—–-]*\s*)(?P<rest>.*)",
    re.IGNORECASE,
)
_EN_ALONE: Final = re.compile(
    r"(?:prologue|epilogue|preface|foreword|introduction|appendix|afterword|contents|table of contents|dedication|"
    r"acknowledge?ments|conclusion)\.?|(?:prologue|epilogue|appendix)\s*[.:—–-]\s*.{1,60}|"
    r"\*\*\* ?end of th(?:e|is) project gutenberg.{0,120}",
    re.IGNORECASE,
)
_BARE: Final = re.compile(r"(?P<number>[ivxlcdm]{1,7}|\d{1,3}|[一二三四五六七八九十百]{1,5})[.、．]?", re.IGNORECASE)
_FIRSTS: Final = frozenset(
    "第卷部篇集冊册上中下前后後楔自代总總原再初序引尾番附跋终終结結题題凡目正【〖[（(*cbpvlasetficdCBPVLASETFICD"
)
_FULL_STOP: Final = re.compile(r"[。；;，,、]$|[。；]|[\"”』」]$")
_SHOUT: Final = re.compile(r"[！？!?…]$")
CONTENTS: Final = "contents"
# How wide a unit is, the widest first; those of one rank stand beside each other.
RANKS: Final = {
    **dict.fromkeys("部集季辑輯", 0), **dict.fromkeys("卷篇冊册", 1), **dict.fromkeys("章回幕折话話", 3),
    **dict.fromkeys("节節", 4),
    "volume": 0, "vol.": 0, "book": 0, "part": 1, "act": 1,
    **dict.fromkeys(("chapter", "letter", "canto", "stave", "adventure", "episode"), 3), "section": 4, "scene": 4,
    "": 3, CONTENTS: 3, "bare": 3,
}  # fmt: skip
WIDEST_CHAPTER: Final = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A line that looks like a heading. `unit` is empty for one without a number; `is_sure` when a gap sets it off.

    `inner` is the chapter that stands in the same line as its volume, at character `inner_at`.
    """

    line: int
    title: str
    unit: str = ""
    number: int = 0
    is_sure: bool = True
    has_title: bool = False
    lines: int = 1
    inner: "Found | None" = None
    inner_at: int = 0

    @property
    def rank(self) -> int:
        """Return how wide the unit is."""
        return RANKS[self.unit]


def heading(line: Line, number: int) -> Found | None:
    """Return what a line, taken by itself, would be the heading of."""
    text = line.text
    if len(text) > LONGEST or text[0] not in _FIRSTS:
        return None
    if text[0].isascii() and text[0] not in "[(":
        return _english(text, number)
    opener = _OPENERS.match(text)
    start = opener.end() if opener else 0
    found = _chinese(text[start:].rstrip(_CLOSERS), number)
    return replace(found, inner_at=found.inner_at + start) if found and found.inner else found


def _chinese(text: str, line: int) -> Found | None:
    if match := _ZH.fullmatch(text):
        gap, rest = match["gap"], match["rest"]
        unit = match["unit"] or match["volume"] or match["half"]
        value = numbers.ordinal(match["number"] or match["after"] or "") or "上中下".find(match["side"] or "?") + 1
        if RANKS[unit] < WIDEST_CHAPTER and rest and (inner := _ZH.fullmatch(rest)) and inner["unit"]:
            chapter = _chinese(rest, line)
            if chapter and chapter.rank >= WIDEST_CHAPTER:
                outer = text[: match.start("rest")].rstrip(" \u3000:：、.．·—-")
                return Found(line, outer, unit, value, inner=chapter, inner_at=match.start("rest"))
        if not _is_title(rest, has_gap=bool(gap)):
            return None
        return Found(line, text, unit, value, is_sure=bool(gap) or not rest, has_title=bool(rest))
    if (match := _ZH_ALONE.fullmatch(text)) and len(match["rest"]) <= 30:
        rest, is_alone = match["rest"], bool(match["gap"]) or not match["rest"]
        is_contents = text.startswith("目")
        return (
            Found(line, text, CONTENTS if is_contents else "") if is_alone and _is_title(rest, has_gap=True) else None
        )
    return None


def _is_title(rest: str, *, has_gap: bool) -> bool:
    """Say whether what follows the number may be a title, and not the rest of a sentence."""
    if not rest:
        return True
    if not has_gap:
        return len(rest) <= 25 and not _FULL_STOP.search(rest) and not _SHOUT.search(rest) and "，" not in rest
    return len(rest) <= 60 and not _FULL_STOP.search(rest) and (len(rest) <= 25 or not _SHOUT.search(rest))


def _english(text: str, line: int) -> Found | None:
    if match := _EN.fullmatch(text):
        rest, unit = match["rest"], match["unit"].lower()
        is_run_on = bool(rest) and not match["gap"].strip() and rest[:1].islower()
        is_prose = re.search(r"[,;]$|[a-z]\.\s+[a-z]", text) or (rest.endswith(".") and len(rest) > 60)
        if is_run_on or is_prose or (text[0].islower() and rest):
            return None
        value = numbers.english(match["number"])
        if RANKS[unit] < WIDEST_CHAPTER and (inner := _EN.fullmatch(rest)) and RANKS[inner["unit"].lower()] >= 3:
            chapter = _english(rest, line)
            outer = text[: match.start("rest")].rstrip(" .:,—–-")
            return Found(line, outer, unit, value, inner=chapter, inner_at=match.start("rest")) if chapter else None
        return Found(line, text, unit, value, has_title=bool(rest))
    if _EN_ALONE.fullmatch(text) and not text[0].islower():
        return Found(line, text, CONTENTS if "contents" in text.lower() else "")
    return None


def bare(line: Line, number: int) -> Found | None:
    """Return the heading that a number alone on its line may be."""
    match = _BARE.fullmatch(line.text) if len(line.text) <= 8 else None
    if match is None:
        return None
    value = numbers.ordinal(match["number"]) or numbers.english(match["number"])
    return Found(number, line.text, "bare", value) if value else None
