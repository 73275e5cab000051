"""What callers tell the memory, read once for all doors: filters, what to remember, what to change, what was said.

Times without a zone are UTC; a day alone is its first moment. What cannot be read is refused by name.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Any, Final, TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _

from memory.errors import ValidationFailed
from memory.types import Candidate, MemoryType, Source, SourceKind, Turn, Wanted
from mindory_web.lib.excerpts import Place

LARGEST_ID: Final = 2**63 - 1
DIMENSIONS: Final = ("user", "agent", "session", "resource")
ROLES: Final = ("user", "assistant", "system", "tool")
FILTERS: Final = (
    "type",
    "dimension",
    "agent",
    "book",
    "session",
    "subject",
    "attribute",
    "pinned",
    "since",
    "until",
    "as_of",
    "known_at",
    "include_archived",
    "include_past",
)

DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

E = TypeVar("E", bound=Enum)
T = TypeVar("T")


def wanted_of(given: Mapping[str, Any]) -> Wanted:
    """Read filters by their common names (FILTERS). ValidationFailed names the one that cannot be read.

    `type` is one or several, a time a `datetime` or its ISO form. `dimension` narrows to one of the four sides of a
    memory: `user` what was told or learned, `session` what was said turn by turn, `agent` and `resource` what
    belongs to the `agent` or the `book` that must be named beside it.
    """
    told = _told(given, FILTERS)
    side = told.get("dimension")
    if side is not None:
        _one_of(side, DIMENSIONS, "dimension")
        needed = {"agent": "agent", "resource": "book"}.get(side)
        if needed and told.get(needed) is None:
            sentence = _("The dimension %(side)s needs the filter %(name)s.") % {"side": side, "name": needed}
            raise ValidationFailed(sentence, field=needed)
    types = told.get("type", ())
    if "type" in told and not types:  # no filter at all, and so everything: nobody who forgets means that
        raise _unreadable("type", _("name a type or several, or leave it out"))
    return Wanted(
        types=frozenset(_member(MemoryType, each, "type") for each in ([types] if isinstance(types, str) else types)),
        is_turn={"user": False, "session": True}.get(str(side)),
        agent=_text(told, "agent"),
        session=_text(told, "session"),
        book=_number(told, "book"),
        subject=_text(told, "subject"),
        attribute=_text(told, "attribute"),
        is_pinned=_flag(told, "pinned"),
        since=_time(told, "since"),
        until=_time(told, "until"),
        as_of=_time(told, "as_of"),
        known_at=_time(told, "known_at"),
        include_archived=bool(_flag(told, "include_archived")),
        include_past=bool(_flag(told, "include_past")),
    )


REMEMBERED: Final = (
    "text",
    "type",
    "subject",
    "attribute",
    "value",
    "language",
    "importance",
    "is_pinned",
    "confidence",
    "source",
    "agent",
    "session",
    "book",
    "observed_at",
    "valid_from",
    "valid_to",
    "expires_on",
    "metadata",
)
CHANGED: Final = (
    "text",
    "type",
    "subject",
    "attribute",
    "value",
    "importance",
    "is_pinned",
    "confidence",
    "valid_from",
    "valid_to",
    "expires_on",
    "metadata",
)
OPENED: Final = frozenset({"valid_from", "valid_to", "expires_on"})  # a change to None takes them away


def candidate_of(given: Mapping[str, Any]) -> Candidate:
    """Read what is to be remembered. ValidationFailed names the field that cannot be read."""
    told = _told(given, REMEMBERED)
    return Candidate(
        text=_to_be_seen(told, "text"),
        type=_member(MemoryType, told["type"], "type") if "type" in told else None,
        subject=_text(told, "subject") or "",
        attribute=_text(told, "attribute") or "",
        value=_text(told, "value") or "",
        language=_text(told, "language") or "",
        importance=_share(told, "importance"),
        is_pinned=bool(_flag(told, "is_pinned")),
        confidence=1.0 if (sure := _share(told, "confidence")) is None else sure,
        source=source_of(told.get("source") or {}),
        agent=_text(told, "agent") or "",
        session=_text(told, "session") or "",
        book=_number(told, "book"),
        observed_at=_time(told, "observed_at"),
        valid_from=_time(told, "valid_from"),
        valid_to=_time(told, "valid_to"),
        expires_on=_day_to_come(told, "expires_on"),
        metadata=_object(told, "metadata"),
    )


def source_of(given: Mapping[str, Any]) -> Source:
    """Read where something comes from; nothing given is "told as it is"."""
    told = _told(given, ("kind", "turn", "quote", "place", "key", "label"), inside="source")
    place = told.get("place")
    return Source(
        kind=_member(SourceKind, told.get("kind", SourceKind.API), "source.kind"),
        turn=_number(told, "turn"),
        quote=_text(told, "quote") or "",
        place=_place(place) if place else None,
        key=_text(told, "key") or "",
        label=_text(told, "label") or "",
    )


def changes_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Read what is to be changed: what is given, and no more. None opens a time, an end or a day of expiry."""
    unknown = sorted(set(given) - set(CHANGED))
    if unknown:
        raise _unreadable(unknown[0], _("it cannot be changed"))
    read: dict[str, Callable[[Mapping[str, Any], str], Any]] = {
        **dict.fromkeys(("text", "subject", "attribute", "value"), _text),
        **dict.fromkeys(("importance", "confidence"), _share),
        **dict.fromkeys(("valid_from", "valid_to"), _time),
        "type": lambda told, name: _member(MemoryType, told[name], name),
        "is_pinned": _flag,
        "expires_on": _day_to_come,
        "metadata": _object,
    }
    for name, value in given.items():
        if value is None and name not in OPENED:
            raise _unreadable(name, _("it cannot be nothing"))
    return {name: read[name](given, name) for name in given}


def turn_of(given: Mapping[str, Any]) -> Turn:
    """Read one thing said."""
    told = _told(given, ("text", "role", "speaker", "caption", "key", "said_at"), inside="message")
    return Turn(
        text=_text(told, "text") or "",
        role=_one_of(told.get("role", "user"), ROLES, "role"),
        speaker=_text(told, "speaker") or "",
        caption=_text(told, "caption") or "",
        key=_text(told, "key") or "",
        said_at=_time(told, "said_at"),
    )


def moment_of(value: Any, name: str) -> datetime | None:
    """Read a time: aware as it comes, UTC without a zone, the first moment of a day."""
    if value is None or isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime.combine(value, time())
    else:
        moment = _read(datetime.fromisoformat, value)
    if moment is None:
        if value is None:
            return None
        raise _unreadable(name, _("it is not a time like 2026-11-22T14:05:00Z"))
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        raise _unreadable(name, _("it is not a time like 2026-11-22T14:05:00Z")) from None


def _read(reader: Callable[[str], T], value: Any) -> T | None:
    """Read ISO 8601 with its dashes, or return None: bare digits may be a year, a day, seconds, or a slip."""
    told = str(value).strip()
    try:
        return reader(told) if DAY.match(told) else None
    except ValueError:
        return None


def _unreadable(name: str, why: str) -> ValidationFailed:
    return ValidationFailed(_("%(name)s: %(why)s.") % {"name": name, "why": why}, field=name)


def _told(given: Mapping[str, Any], names: Iterable[str], *, inside: str = "") -> dict[str, Any]:
    """Return what is given and not None; a name that nobody knows is refused."""
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise _unreadable(f"{inside}.{unknown[0]}" if inside else unknown[0], _("there is no such field"))
    return {name: value for name, value in given.items() if value is not None}


def _text(told: Mapping[str, Any], name: str) -> str | None:
    value = told.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _unreadable(name, _("it is not text"))
    if "\0" in value:
        raise _unreadable(name, _("the character NUL is not text"))
    return value


def _to_be_seen(told: Mapping[str, Any], name: str) -> str:
    text = _text(told, name) or ""
    if text.strip() and all(unicodedata.category(character)[0] in "ZC" for character in text):
        raise _unreadable(name, _("there is nothing in it that can be seen"))
    return text


def _number(told: Mapping[str, Any], name: str) -> int | None:
    value = told.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isascii():
        raise _unreadable(name, _("it is not a number"))
    if not str(value).isdigit() or len(str(value)) > 19 or not 1 <= int(value) <= LARGEST_ID:
        raise _unreadable(name, _("it is not a number"))
    return int(value)


def _share(told: Mapping[str, Any], name: str) -> float | None:
    value = told.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise _unreadable(name, _("it is not a number from 0 to 1"))
    return float(value)


def _flag(told: Mapping[str, Any], name: str) -> bool | None:
    value = told.get(name)
    if value is not None and not isinstance(value, bool):
        raise _unreadable(name, _("it is neither true nor false"))
    return value


def _time(told: Mapping[str, Any], name: str) -> datetime | None:
    return moment_of(told.get(name), name)


def _day(told: Mapping[str, Any], name: str) -> date | None:
    value = told.get(name)
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    day = _read(date.fromisoformat, value)
    if day is None:
        raise _unreadable(name, _("it is not a day like 2026-11-22"))
    return day


def _day_to_come(told: Mapping[str, Any], name: str) -> date | None:
    """Read a day of expiry. What expires the moment it is told would be answered with an id that nobody finds."""
    day = _day(told, name)
    if day is not None and day <= timezone.localdate():
        raise _unreadable(name, _("this day has come already; name a later one"))
    return day


def _object(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = told.get(name, {})
    if not isinstance(value, Mapping):
        raise _unreadable(name, _("it is not an object"))
    return value


def _place(given: Any) -> Place:
    names = ("book", "section", "start", "end")
    if not isinstance(given, Mapping) or set(given) != set(names):
        raise _unreadable("source.place", _("it needs book, section, start and end"))
    if any(isinstance(given[name], bool) or not isinstance(given[name], int) for name in names):
        raise _unreadable("source.place", _("it is not a number"))
    return Place(**{name: given[name] for name in names})


def _member(kinds: type[E], value: Any, name: str) -> E:
    try:
        return kinds(value)
    except ValueError:
        raise _unreadable(name, _one_of_these(str(each.value) for each in kinds)) from None


def _one_of(value: Any, words: Iterable[str], name: str) -> str:
    if value not in words:
        raise _unreadable(name, _one_of_these(words))
    return str(value)


def _one_of_these(words: Iterable[str]) -> str:
    return _("it is none of %(words)s") % {"words": ", ".join(words)}
