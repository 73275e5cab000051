"""No span, no fact: what a fact says is held against the words it was drawn from.

A model that extracts facts also completes them. So every fact quotes its turn, holds no number, date, or proper name
that neither the turn nor what was said just before it holds, and shares a word that says something with them. Checked
letter by letter, not by a model.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from memory.dates import ranges_in
from memory.dates.calendar import DAYS, MONTHS
from memory.wording import FRAME, LIGHT, ZH_FRAME
from mindory_web.lib.terms import UNSPACED

_WORD: Final = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_DIGITS: Final = re.compile(r"\d+(?:[.,]\d+)*")
_HAN_NUMBER: Final = re.compile(r"[〇零一二两三四五六七八九十百千万亿]+")
_SENTENCE: Final = re.compile(r"(?:^|[.!?…。！？:：;；\n])[\s\"'“”‘’(（\[]*")
_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"
_TITLE: Final = re.compile(r"[《「『]([^《》「」『』]{1,60})[》」』]")
_WORDS_OF: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_NUMBERS: Final = {
    **{word: at for at, word in enumerate(re.findall(r"\w+", _WORDS_OF))},
    **{
        word: (at + 2) * 10
        for at, word in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"))
    },
    **{"hundred": 100, "thousand": 1000, "million": 1_000_000, "dozen": 12, "twice": 2, "first": 1, "second": 2},
    **{"third": 3, "fourth": 4, "fifth": 5, "half": 2, "couple": 2, "both": 2, "once": 1},
}
_LOOSE: Final = frozenset(
    {"second", "half", "once", "first", "one", "both", "couple", "hundred", "thousand", "million"}
)
_HAN_DIGITS: Final = {**{c: at for at, c in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2}
_HAN_UNITS: Final = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
# Words that begin a sentence about somebody, and so have a capital without being a name.
_OPENERS: Final = frozenset(
    re.findall(
        r"\w+",
        "a an the they their he she it his her its we our my i you your this that these those there here one some many "
        "most both each every no not in on at by for from with without of to as when while after before since until "
        "during because although though if whether and but or so also both currently now once recently previously "
        "formerly originally usually often sometimes always never reader readers user users mindory please today "
        "yesterday tomorrow",
    )
)
# Words in which any fact is put: what they share says nothing.
_FRAME: Final = frozenset(word.removesuffix("s") for word in LIGHT | FRAME | _OPENERS)
_NOT: Final = re.compile(
    r"\b(?:not|never|no longer|cannot|hardly|neither|nor|without|stopped|quit|hates?|dislikes?|avoids?|against)\b|n't\b"
    r"|不|没|别|未|勿|讨厌|戒|拒绝",
    re.IGNORECASE,
)
_STEM: Final = 4  # letters that two forms of a word have in common: moved, moving
_LIKES: Final = re.compile(r"\b(like|love|enjoy|want|plan|prefer|live|work|own|have|eat|drink)(?:s|d|ed|ing)?\b", re.I)


@dataclass(frozen=True, slots=True)
class Near:
    """What a fact may draw on: the turn it quotes, what was said just before, and the names of those present."""

    turn: str
    said_at: datetime
    before: Sequence[str] = ()
    names: Sequence[str] = ()
    language: str = ""

    @property
    def all(self) -> str:
        """Return all of it as one text."""
        return "\n".join((*self.before, self.turn, *self.names))


def objection(near: Near, quote: str, said: Iterable[str], *, is_prose: bool = False) -> str:
    """Return why a fact may not be kept; "" when there is no reason. `said`: its text, value and subject.

    `is_prose`: a sentence may begin with any word, so only names within one count.
    """
    ground = near.all
    days = _days(near)
    known, numbers = _known_words(ground, days), _known_numbers(ground, days)
    for text in said:
        if not _numbers(text, loose=False) <= numbers:
            return "number"
        if not all(name in known for name in _names(text, is_prose=is_prose)):
            return "name"
        if not all(_bare(title) in _bare(ground) for title in _TITLE.findall(text)):
            return "name"
        if not is_prose and _is_turned(text, quote):
            return "negation"
    return ""


def is_related(near: Near, text: str) -> bool:
    """Say whether a fact has to do with its turn: a word in common, other than those in which any fact is put.

    A number, or a name from what was said just before, will do as well: "Do you mean Jane Austen?" - "I love her."
    """
    before = "\n".join(near.before)
    if _numbers(text, loose=False) & _numbers(f"{near.turn}\n{before}", loose=True):
        return True
    if set(_names(text, is_prose=False)) & set(_WORD.findall(_plain(before))):
        return True
    stems = {_bare_word(word)[:_STEM] for word in _WORD.findall(UNSPACED.sub(" ", _plain(near.turn)))}
    meant = [word for word in map(_bare_word, _WORD.findall(UNSPACED.sub(" ", _plain(text)))) if word not in _FRAME]
    tight = {character for run in UNSPACED.findall(_plain(text)) for character in run} - ZH_FRAME
    if not meant and not tight:
        return True  # "The reader lives at home": all frame, which numbers, names and the quote have to bear out
    return bool(tight & set(near.turn)) or any(word[:_STEM] in stems for word in meant)


def _bare_word(word: str) -> str:
    """Return a word without a possessive or a plural."""
    bare = word.removesuffix("'s").removesuffix("'")
    return bare.removesuffix("s") if len(bare) > 2 else bare


def is_dated(day: date, near: Near) -> bool:
    """Say whether a day is one that was spoken of, about the day on which it was said, or of a past year that was."""
    today = near.said_at.date()
    if abs(day - today) <= timedelta(days=1) or any(first <= day <= last for first, last in _ranges(near)):
        return True
    return day < today and str(day.year) in _numbers(near.all, loose=True)


def _ranges(near: Near) -> list[tuple[date, date]]:
    """Return the first and the last day of each time that the turn and what came before it speak of."""
    return [
        (one.start, one.last)
        for text in (*near.before, near.turn)
        for one in ranges_in(text, reference=near.said_at, language=near.language)
    ]


def _days(near: Near) -> list[date]:
    """Return the days that the turn and what came before it speak of, first and last of each range, and today."""
    today = near.said_at.date()
    spoken = [day for both in _ranges(near) for day in both]
    return [today, today - timedelta(days=1), today + timedelta(days=1), *spoken]


def _known_words(ground: str, days: Sequence[date]) -> frozenset[str]:
    words = {part for word in _WORD.findall(_plain(ground)) for part in _forms(word)}
    for day in days:
        words |= {MONTHS[day.month - 1], MONTHS[day.month - 1][:3], DAYS[day.weekday()], DAYS[day.weekday()][:3]}
    return frozenset(words)


def _forms(word: str) -> tuple[str, ...]:
    """Return a word as names are looked up: whole, its parts, without a possessive or plural."""
    bare = word.removesuffix("'s").removesuffix("'")
    return (word, bare, bare.removesuffix("s"), bare + "s", *re.split(r"['-]", word))


def _names(text: str, *, is_prose: bool) -> list[str]:
    """Return the words of a fact that are names: with a capital, and not only because a sentence begins."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'")
    begins = {found.end() for found in _SENTENCE.finditer(plain)}
    found = []
    for word in _WORD.finditer(plain):
        if not word[0][0].isupper():
            continue
        bare = _plain(word[0]).removesuffix("'s").removesuffix("'")
        if word.start() in begins and (is_prose or bare in _OPENERS or bare.endswith(("ing", "ed", "ly"))):
            continue
        if bare not in _OPENERS:
            found.append(bare)
    return found


def _known_numbers(ground: str, days: Sequence[date]) -> frozenset[str]:
    parts = {str(part) for day in days for part in (day.year, day.month, day.day, day.year % 100)}
    return frozenset(_numbers(ground, loose=True) | parts)


def _numbers(text: str, *, loose: bool) -> set[str]:
    """Return the numbers of a text, in figures or words. `loose`: also those words that are often no numbers."""
    plain = unicodedata.normalize("NFKC", text)
    found = {_figure(digits) for digits in _DIGITS.findall(plain)}
    if loose:  # 2024-05-07 is also 2024, 5 and 7
        found |= {part.lstrip("0") or "0" for part in re.findall(r"\d+", plain)}
    for word in _WORD.findall(plain.casefold()):
        for part in word.split("-"):
            if part in _NUMBERS and (loose or part not in _LOOSE):
                found.add(str(_NUMBERS[part]))
        if "-" in word and all(part in _NUMBERS for part in word.split("-")):
            found.add(str(sum(_NUMBERS[part] for part in word.split("-"))))
    for run in _HAN_NUMBER.findall(plain):
        if loose or (run[0] in _HAN_DIGITS and run not in {"一", "万一"}):
            found.add(str(_han(run)))
    return found


def _figure(digits: str) -> str:
    """Return a figure without what typesetting adds: 1,200.50 is 1200.5."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    whole, _point, rest = digits.replace(",", ".").partition(".")
    rest = rest.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{rest}" if rest else "")


@cache
def _han(run: str) -> int:
    """Return the number that Chinese numerals write: 二十三, 一百零五, 二〇二四."""
    if not any(c in _HAN_UNITS for c in run):
        return int("".join(str(_HAN_DIGITS[c]) for c in run))
    total = part = digit = 0
    for c in run:
        if c in _HAN_DIGITS:
            digit = _HAN_DIGITS[c]
        elif (unit := _HAN_UNITS[c]) >= 10_000:
            total, part, digit = (total + part + digit or 1) * unit, 0, 0
        else:
            part, digit = part + (digit or 1) * unit, 0
    return total + part + digit


def _is_turned(text: str, quote: str) -> bool:
    """Say whether a fact says that somebody does what the quote says they do not."""
    if not _NOT.search(quote) or _NOT.search(text):
        return False
    return bool({verb.lower() for verb in _LIKES.findall(text)} & {verb.lower() for verb in _LIKES.findall(quote)}) or (
        any(
            verb in text and re.search(f"[不没别未](?:[太很再怎]|是很)?{verb}", quote)
            for verb in ("喜欢", "想", "爱", "住", "吃")
        )
    )


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _bare(text: str) -> str:
    return re.sub(rf"[^\w{_HAN}]+", "", _plain(text))
