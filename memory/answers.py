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
SURE_ENOUGH: Final = 0.5
LIKELY: Final = 0.8  # confidence of a fact without one
TYPES: Final = frozenset(set(MemoryType) - {MemoryType.CONVERSATIONAL})
KINDS: Final = frozenset({"fact", "preference", "entity", "event", "decision", "goal", "relationship"})

SAME: Final = "same"
DIFFERENT: Final = "different"

_PAIR: Final = re.compile(r"[0-9]{1,4}")
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
    """Return which note a model took for what; nothing of an answer that cannot be read."""
    found = _whole(answer)
    types = found.get("types") if isinstance(found, Mapping) else None
    if not isinstance(types, Mapping):
        return {}
    return {str(note): MemoryType(kind) for note, kind in types.items() if isinstance(kind, str) and kind in TYPES}


def pairs_in(answer: str) -> frozenset[int]:
    """Return the numbers of the pairs that a model took for the same; none of an answer that cannot be read."""
    found = _whole(answer)
    pairs = found.get("pairs") if isinstance(found, Mapping) else None
    if not isinstance(pairs, Mapping):
        return frozenset()
    return frozenset(int(pair) for pair, verdict in pairs.items() if verdict == SAME and _PAIR.fullmatch(str(pair)))


def objects_in(answer: str, name: str) -> list[Any] | None:
    """Return the list `name` of an answer: of whole JSON, of a part of it, or of an answer that was cut off."""
    found = _whole(answer)
    if found is not None:
        return _listed(found, name)
    pieces = [_listed(one, name) for one in _pieces(answer)]
    whole = [piece for piece in pieces if piece is not None]
    return [one for piece in whole for one in piece] if whole else None


def _listed(found: Any, name: str) -> list[Any] | None:
    """Return the list `name` of a JSON value, or the value itself where it is such a list, or one thing of it."""
    if isinstance(found, Mapping) and isinstance(found.get(name), list):
        return list(found[name])
    if isinstance(found, Mapping) and "quote" in found:
        return [found]
    if isinstance(found, Mapping) and isinstance(found.get(name), Mapping):
        return _listed(found[name], name)
    if isinstance(found, list) and (not found or any(isinstance(one, Mapping) for one in found)):
        return found
    return None


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
    attribute, value = (
        _words(given.get("attribute") or "", LONGEST_KEY),
        _words(given.get("value") or "", LONGEST_VALUE),
    )
    if turn is None or confidence is None or not text or not quote or not subject:
        return None
    if attribute is None or value is None:
        return None
    kind, told = given.get("kind"), given.get("type")
    since, until = _day(given.get("valid_from")), _day(given.get("valid_to"), is_whole=True)
    if since and until and until <= since:
        since = until = None
    return Drawn(
        turn=turn,
        text=text,
        quote=quote,
        kind=kind if isinstance(kind, str) and kind in KINDS else "fact",
        type=MemoryType(told) if isinstance(told, str) and told in TYPES else None,
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
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    try:
        number = float(given)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and 0 <= number <= 1 else None


def _day(given: Any, *, is_whole: bool = False) -> date | None:
    """Return a day; of a month or year its first, unless only a whole date will do."""
    found = _DATE.fullmatch(given.strip()) if isinstance(given, str) else None
    if found and is_whole and not found[3]:
        return None
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1)) if found else None
    except ValueError:
        return None
