"""What a model answered, read leniently and believed strictly: broken JSON is mended, a value that does not fit is not.

No Django here, and nothing of what was asked: whether a fact is so is for grounding.py to say.
"""

import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from memory.types import LONGEST_QUOTE, MemoryType

LONGEST_FACT: Final = 1_000
LONGEST_VALUE: Final = 300
LONGEST_KEY: Final = 100
MOST_FACTS: Final = 60
MOST_TRIES: Final = 400  # places at which an object is looked for in an answer that is no JSON
LONGEST_PREFACE: Final = 120  # characters
SURE_ENOUGH: Final = 0.5
LIKELY: Final = 0.8  # confidence of a fact without one
TYPES: Final = frozenset(set(MemoryType) - {MemoryType.CONVERSATIONAL})
KINDS: Final = frozenset({"fact", "preference", "entity", "event", "decision", "goal", "relationship"})

SAME: Final = "same"
DIFFERENT: Final = "different"

# How a model numbers what it was asked about, and under which names it says what it found.
_NUMBER: Final = re.compile(r"(?:[a-z]{1,8}[ _]?)?([0-9]{1,4})", re.IGNORECASE)
_NUMBERED: Final = ("pair", "note", "number", "id", "index")
_FOUND: Final = ("verdict", "answer", "result", "type", "label")
_SHARES: Final = {"high": 0.9, "medium": 0.6, "low": 0.3, "高": 0.9, "中": 0.6, "低": 0.3}
_READERS: Final = frozenset({"user", "the user", "reader", "the reader", "用户", "读者"})
_UNSEEN: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")  # make a text look other than it is
_TRAILING: Final = re.compile(r",\s*([}\]])")
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ].*)?")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A fact as a model drew it from a turn. `importance` is None where it gave none."""

    turn: int
    text: str
    quote: str
    kind: str = "fact"
    type: MemoryType | None = None
    subject: str = "user"
    attribute: str = ""
    value: str = ""
    confidence: float = LIKELY
    importance: float | None = None
    valid_from: date | None = None
    valid_to: date | None = None


def facts_in(answer: str) -> tuple[list[Drawn], Counter[str]] | None:
    """Return the facts of an answer and how many were dropped for what; None when it is no answer at all."""
    found = objects_in(answer, "facts")
    if found is None:
        return None
    dropped: Counter[str] = Counter()
    facts: list[Drawn] = []
    for one in found:
        fact = _fact(one)
        if fact is None:
            dropped["malformed"] += 1
        elif fact.confidence < SURE_ENOUGH:
            dropped["unsure"] += 1
        elif len(facts) == MOST_FACTS:
            dropped["too_many"] += 1
        else:
            facts.append(fact)
    return facts, dropped


def types_in(answer: str) -> dict[str, MemoryType]:
    """Return which note, by its number, a model took for what; nothing of an answer that cannot be read."""
    found = _by_number(answer, "types") or {}
    return {note: MemoryType(kind) for note, kind in found.items() if kind in TYPES}


def pairs_in(answer: str) -> frozenset[int] | None:
    """Return the numbers of the pairs that a model took for the same; None of an answer that cannot be read."""
    found = _by_number(answer, "pairs")
    return None if found is None else frozenset(int(pair) for pair, verdict in found.items() if verdict == SAME)


def is_cut_off(answer: str) -> bool:
    """Say whether an answer breaks off inside its JSON."""
    if _whole(answer) is not None:
        return False
    open_brackets, is_text, is_escaped = 0, False, False
    for character in answer:
        if is_escaped:
            is_escaped = False
        elif character == "\\":
            is_escaped = is_text
        elif character == '"' and open_brackets:
            is_text = not is_text
        elif not is_text:
            open_brackets += (character in "{[") - (character in "}]")
    return open_brackets > 0


def without_preface(said: str) -> str:
    """Return an answer in prose without the line that only announces it ("Sure! Here is the title:")."""
    first, _, rest = said.strip().partition("\n")
    is_preface = len(first) <= LONGEST_PREFACE and first.rstrip(" *_").endswith((":", "："))
    return rest.strip() if is_preface and rest.strip() else said.strip()


def _by_number(answer: str, name: str) -> dict[str, str] | None:
    """Return what an answer says of each thing by its number, in small letters: of an object, or a list of objects."""
    whole = _whole(answer)
    for found in [whole] if whole is not None else _pieces(answer):
        table = found.get(name, found) if isinstance(found, Mapping) else found
        rows: list[tuple[Any, Any]] = list(table.items()) if isinstance(table, Mapping) else []
        if isinstance(table, list):
            rows = [(_one_of(row, _NUMBERED), row) for row in table]
        told: dict[str, str] = {}
        for given, verdict in rows:
            number, word = _NUMBER.fullmatch(str(given)), _one_of(verdict, _FOUND)
            if number and isinstance(word, str):
                told[number[1]] = word.strip().casefold()
        if told or not table:
            return told
    return None


def _one_of(given: Any, names: tuple[str, ...]) -> Any:
    """Return what an object has under the first of these names; what is no object is itself."""
    return next((given[name] for name in names if name in given), None) if isinstance(given, Mapping) else given


def objects_in(answer: str, name: str) -> list[Any] | None:
    """Return the list `name` of an answer: of whole JSON, of a part of it, or of an answer that was cut off."""
    found = _whole(answer)
    if found is not None:
        return _listed(found, name)
    pieces = [_listed(one, name) for one in _pieces(answer)]
    whole = [piece for piece in pieces if piece is not None]
    return [one for piece in whole for one in piece] if whole else None


def _listed(found: Any, name: str, *, deep: int = 2) -> list[Any] | None:
    """Return the list `name` of a JSON value, or the value itself where it is such a list, or one thing of it.

    Some models wrap it, call it otherwise, or say by nothing at all that there is nothing.
    """
    if isinstance(found, list):
        return found if not found or any(isinstance(one, Mapping) for one in found) else None
    if not isinstance(found, Mapping):
        return None
    if isinstance(found.get(name), list):
        return list(found[name])
    if "quote" in found:
        return [found]
    if name in found and found[name] is None:
        return []
    inner = [found[name]] if name in found else list(found.values())
    lists = [_listed(one, name, deep=deep - 1) for one in inner if deep and isinstance(one, Mapping | list)]
    return next((one for one in lists if one is not None), None)


def _whole(answer: str) -> Any:
    """Return the JSON that an answer holds from its first bracket to its last."""
    begins = [at for at in (answer.find("{"), answer.find("[")) if at >= 0]
    end = max(answer.rfind("}"), answer.rfind("]"))
    if not begins or end < min(begins):
        return None
    text = answer[min(begins) : end + 1]
    for attempt in (text, _TRAILING.sub(r"\1", text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _pieces(answer: str) -> Iterator[dict[str, Any]]:
    """Yield the objects that stand whole in an answer, the innermost that can be read."""
    decoder = json.JSONDecoder(strict=False)
    at = answer.find("{")
    for _ in range(MOST_TRIES):
        if at < 0:
            return
        try:
            found, end = decoder.raw_decode(answer, at)
        except (ValueError, RecursionError):
            at = answer.find("{", at + 1)
            continue
        if isinstance(found, dict):
            yield found
        at = answer.find("{", end)


def _fact(given: Any) -> Drawn | None:
    if not isinstance(given, Mapping):
        return None
    sure = given.get("confidence")
    turn, confidence = _whole_number(given.get("turn")), LIKELY if sure is None else _share(sure)
    text, quote = _words(given.get("text"), LONGEST_FACT), _words(given.get("quote"), LONGEST_QUOTE)
    subject = _words(given.get("subject") or "user", LONGEST_KEY)
    if subject and subject.casefold() in _READERS:
        subject = "user"
    attribute, value = (
        _words(given.get("attribute") or "", LONGEST_KEY),
        _words(given.get("value") or "", LONGEST_VALUE),
    )
    if turn is None or confidence is None or not text or not quote or not subject:
        return None
    if attribute is None or value is None:
        return None
    kind, told = str(given.get("kind")).lower(), str(given.get("type")).lower()
    since, until = _day(given.get("valid_from")), _day(given.get("valid_to"), is_whole=True)
    if since and until and until <= since:
        since = until = None
    return Drawn(
        turn=turn,
        text=text,
        quote=quote,
        kind=kind if kind in KINDS else "fact",
        type=MemoryType(told) if told in TYPES else None,
        subject=subject,
        attribute=attribute,
        value=value,
        confidence=confidence,
        importance=_share(given.get("importance")),
        valid_from=since,
        valid_to=until,
    )


def _words(given: Any, longest: int) -> str | None:
    """Return text in one line, without what is not seen; None for what is no text or too long."""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    seen = "".join(" " if unicodedata.category(c) in _UNSEEN else c for c in _TURNING.sub("", str(given)))
    line = " ".join(seen.split())
    return line if len(line) <= longest else None


def _whole_number(given: Any) -> int | None:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    digits = re.fullmatch(r"\D{0,8}(\d{1,9})(?:\.0)?\D{0,2}", str(given))
    return int(digits[1]) if digits else None


def _share(given: Any) -> float | None:
    """Return a share of one: 0.9, "0.9", "90%", 90, 9 (of ten), "high"; None for anything else."""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    word = str(given).strip().lower()
    try:
        number = _SHARES[word] if word in _SHARES else float(word.removesuffix("%"))
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(number) or not 0 <= number <= 100:
        return None
    if number > 1 or word.endswith("%"):
        number /= 100 if number > 10 or word.endswith("%") else 10
    return number


def _day(given: Any, *, is_whole: bool = False) -> date | None:
    """Return a day; of a month or year its first, unless only a whole date will do."""
    found = _DATE.fullmatch(given.strip()) if isinstance(given, str) else None
    if found and is_whole and not found[3]:
        return None
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1)) if found else None
    except ValueError:
        return None
