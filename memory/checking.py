"""What may be written: every text, number and time from outside is looked at here, and refused with a sentence."""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from memory.errors import ValidationFailed
from memory.types import LONGEST_NAME, LONGEST_QUOTE, LONGEST_TEXT, Candidate, MemoryType, Source, SourceKind, Turn

LONGEST_VALUE: Final = 1_000
LONGEST_LABEL: Final = 300
LONGEST_METADATA: Final = 16_384  # bytes, as JSON
LONGEST_LANGUAGE: Final = 16
DEEPEST: Final = 12
LARGEST_ID: Final = 2**63 - 1
LARGEST_OFFSET: Final = 2**31 - 1
AHEAD: Final = timedelta(days=1)  # clocks differ, and so do time zones
EARLIEST: Final = 1000  # a year; before it, Postgres and Python write times in ways of their own
MOST_AT_ONCE: Final = 1_000
ROLES: Final = frozenset({"user", "assistant", "system", "tool"})


def candidate(given: Candidate) -> None:
    """Refuse a candidate that cannot be kept."""
    body(given.text, "text", most=LONGEST_TEXT)
    for name in ("subject", "attribute", "agent", "session"):
        words(getattr(given, name), name)
    words(given.value, "value", most=LONGEST_VALUE)
    words(given.language, "language", most=LONGEST_LANGUAGE)
    if given.type is not None:
        memory_type(given.type)
    share(given.confidence, "confidence")
    if given.importance is not None:
        share(given.importance, "importance")
    number(given.book, "book", most=LARGEST_ID)
    source(given.source)
    past(given.observed_at, "observed_at")
    interval(given.valid_from, given.valid_to)
    day(given.expires_on, "expires_on")
    metadata(given.metadata)


def source(given: Source) -> None:
    """Refuse a source that cannot be kept."""
    if not isinstance(given, Source) or given.kind not in set(SourceKind):
        raise ValidationFailed(_("A source is one of: message, book, event, api."), field="source")
    words(given.quote, "quote", most=LONGEST_QUOTE)
    words(given.key, "source.key")
    words(given.label, "source.label", most=LONGEST_LABEL)
    number(given.turn, "source.turn", most=LARGEST_ID)
    if (place := given.place) is not None:
        number(place.book, "place.book", most=LARGEST_ID)
        for name in ("section", "start", "end"):
            number(getattr(place, name), f"place.{name}", most=LARGEST_OFFSET)
        if place.start > place.end:
            raise ValidationFailed(_("A place ends after it begins."), field="place.end")


def turn(given: Turn) -> None:
    """Refuse a turn that cannot be kept."""
    body(given.text, "text", most=LONGEST_TEXT)
    if given.role not in ROLES:
        raise ValidationFailed(_("A role is one of: user, assistant, system, tool."), field="role")
    words(given.speaker, "speaker")
    words(given.caption, "caption", most=LONGEST_QUOTE)
    words(given.key, "key")
    past(given.said_at, "said_at")


def body(given: object, field: str, *, most: int) -> str:
    """Return a text that says something."""
    text = words(given, field, most=most)
    if not text.strip():
        raise ValidationFailed(_("There is nothing to remember: the text is empty."), field=field)
    return text


def words(given: object, field: str, *, most: int = LONGEST_NAME) -> str:
    """Return a text that Postgres and JSON can hold."""
    if not isinstance(given, str):
        raise ValidationFailed(_("“%(field)s” must be text.") % {"field": field}, field=field)
    if len(given) > most:
        raise ValidationFailed(
            _("“%(field)s” is too long: %(most)s characters are kept at most.") % {"field": field, "most": most},
            field=field,
        )
    if not is_storable(given):
        raise ValidationFailed(
            _("“%(field)s” holds characters that are no text (NUL, or half of one).") % {"field": field}, field=field
        )
    return given


def is_storable(text: str) -> bool:
    """Say whether a text has neither NUL nor lone surrogates."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def key(given: object, field: str = "key") -> str:
    """Return a sender's own name of something."""
    name = words(given, field)
    if not name.strip():
        raise ValidationFailed(_("“%(field)s” must not be empty.") % {"field": field}, field=field)
    return name


def memory_type(given: object) -> MemoryType:
    """Return a type of memory."""
    try:
        return MemoryType(str(given))
    except ValueError:
        known = ", ".join(MemoryType)
        raise ValidationFailed(_("A type is one of: %(known)s.") % {"known": known}, field="type") from None


def share(given: object, field: str) -> float:
    """Return a number from 0 to 1."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given) or not 0 <= given <= 1:
        raise ValidationFailed(_("“%(field)s” must be a number from 0 to 1.") % {"field": field}, field=field)
    return float(given)


def number(given: object, field: str, *, most: int) -> int | None:
    """Return a whole number from 0 up, or None."""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= most:
        raise ValidationFailed(_("“%(field)s” must be a whole number.") % {"field": field}, field=field)
    return given


def flag(given: object, field: str) -> bool:
    """Return yes or no."""
    if not isinstance(given, bool):
        raise ValidationFailed(_("“%(field)s” must be true or false.") % {"field": field}, field=field)
    return given


def time(given: object, field: str) -> datetime | None:
    """Return a time that says which zone it is in, or None."""
    if given is None:
        return None
    if not isinstance(given, datetime) or given.tzinfo is None or given.utcoffset() is None:
        raise ValidationFailed(_("“%(field)s” must be a time with its time zone.") % {"field": field}, field=field)
    if not EARLIEST <= given.year < 9999:
        raise ValidationFailed(_("“%(field)s” is out of all time.") % {"field": field}, field=field)
    return given


def past(given: object, field: str) -> datetime | None:
    """Return a time that has been; a day ahead is let pass."""
    found = time(given, field)
    if found is not None and found > timezone.now() + AHEAD:
        raise ValidationFailed(_("“%(field)s” has not been yet.") % {"field": field}, field=field)
    return found


def interval(begin: object, end: object) -> None:
    """Refuse an interval that ends before it begins."""
    first, last = time(begin, "valid_from"), time(end, "valid_to")
    if first and last and first > last:
        raise ValidationFailed(_("What is valid cannot end before it begins."), field="valid_to")


def day(given: object, field: str) -> date | None:
    """Return a day, or None."""
    if given is None:
        return None
    if not isinstance(given, date) or isinstance(given, datetime):
        raise ValidationFailed(_("“%(field)s” must be a day.") % {"field": field}, field=field)
    return given


def metadata(given: object, field: str = "metadata", *, most: int = LONGEST_METADATA) -> dict[str, Any]:
    """Return what JSON can hold: an object, not deep, not large, without NUL and lone surrogates."""
    if not isinstance(given, Mapping):
        raise ValidationFailed(_("“%(field)s” must be an object.") % {"field": field}, field=field)
    if not _is_json(given, 0):
        raise ValidationFailed(_("“%(field)s” holds what JSON cannot, or is too deep.") % {"field": field}, field=field)
    written = json.dumps(given, ensure_ascii=False, default=dict)
    if len(written.encode()) > most:
        raise ValidationFailed(
            _("“%(field)s” is too large: %(most)s bytes are kept at most.") % {"field": field, "most": most},
            field=field,
        )
    kept: dict[str, Any] = json.loads(written)
    return kept


def fits(given: Mapping[str, Any]) -> bool:
    """Say whether metadata, put together from what was checked, is small enough to be kept."""
    return len(json.dumps(given, ensure_ascii=False).encode()) <= LONGEST_METADATA


def _is_json(given: object, depth: int) -> bool:
    """Say whether a value can be kept as JSON as it is."""
    if depth > DEEPEST:
        return False
    if given is None or isinstance(given, bool):
        return True
    if isinstance(given, int):
        return abs(given) <= LARGEST_ID
    if isinstance(given, float):  # Postgres gives a large one back as a whole number
        return math.isfinite(given) and abs(given) <= LARGEST_ID
    if isinstance(given, str):
        return is_storable(given)
    if isinstance(given, Mapping):
        return all(
            isinstance(name, str) and is_storable(name) and _is_json(value, depth + 1) for name, value in given.items()
        )
    if isinstance(given, list | tuple):
        return all(_is_json(value, depth + 1) for value in given)
    return False


def many(given: Sequence[object]) -> None:
    """Refuse more than may be sent at once."""
    if len(given) > MOST_AT_ONCE:
        raise ValidationFailed(_("These are too many at once: %(most)s at most.") % {"most": MOST_AT_ONCE})
