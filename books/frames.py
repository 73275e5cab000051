"""Frames of a page, checked before anything is done with them: known, complete, typed, and not too many."""

import json
import time
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from django.conf import settings
from django.http.cookie import parse_cookie
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from books.events import FromPage
from mindory_web.lib.errors import Invalid, TooMany

LARGEST_NUMBER: Final = 2**63 - 1  # what a bigint holds
BURST: Final = 60.0  # frames that a page may send at once
PER_SECOND: Final = 20.0


class BadFrame(Invalid):
    """Not JSON, not one of books/events.py, or with a field of the wrong kind."""

    code = "bad_frame"


class Budget:
    """How many frames one socket may still send."""

    def __init__(self) -> None:
        self._left, self._counted = BURST, time.monotonic()

    def spend(self) -> None:
        """Count one frame, or raise TooMany."""
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._counted) * PER_SECOND)
        self._counted = now
        if self._left < 1:
            raise TooMany(_("This page sends too much at once."), retry_after=1)
        self._left -= 1


# type -> (required fields, all fields with the kinds they may be: a type, a list of one, or an object with fields)
Fields = dict[str, tuple[Any, ...]]


def _fields(frame: Any) -> tuple[str, frozenset[str], Fields]:
    hints = get_type_hints(frame)
    name = str(get_args(hints.pop("type"))[0])
    return name, frame.__required_keys__ - {"type"}, {field: _kinds(hint) for field, hint in hints.items()}


def _kinds(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) is NotRequired:
        hint = get_args(hint)[0]
    return get_args(hint) if get_origin(hint) in {Union, types.UnionType} else (hint,)


@cache
def _fields_of(thing: Any) -> Fields:
    return {name: _kinds(hint) for name, hint in get_type_hints(thing).items()}


KNOWN: Final = {name: (required, fields) for name, required, fields in map(_fields, get_args(FromPage))}


def read_frame(text: str, budget: Budget) -> Mapping[str, Any]:
    """Return the frame that `text` is. Raises BadFrame or TooMany."""
    budget.spend()
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise BadFrame(_("This is not JSON.")) from None
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str) or frame["type"] not in KNOWN:
        raise BadFrame(_("This kind of frame is not known here."))
    required, fields = KNOWN[frame["type"]]
    is_right = required <= frame.keys() and all(
        _is(frame[name], kinds) for name, kinds in fields.items() if name in frame
    )
    if not is_right:
        raise BadFrame(_("A field of this frame is missing or of the wrong kind."))
    return frame


def _is(value: Any, kinds: tuple[Any, ...]) -> bool:
    if isinstance(value, bool):
        return bool in kinds
    if isinstance(value, int):
        return int in kinds and 0 <= value <= LARGEST_NUMBER
    if isinstance(value, list):
        return any(all(_is(one, get_args(kind)) for one in value) for kind in kinds if get_origin(kind) is list)
    if isinstance(value, dict):
        return any(_is_thing(value, kind) for kind in kinds if is_typeddict(kind))
    return any(isinstance(value, kind) for kind in kinds if isinstance(kind, type) and not is_typeddict(kind))


def _is_thing(value: dict[str, Any], thing: Any) -> bool:
    """Say whether an object has the fields of `thing`; more of them do no harm."""
    fields = _fields_of(thing)
    return fields.keys() <= value.keys() and all(_is(value[name], kinds) for name, kinds in fields.items())


def language_of_page(scope: Mapping[str, Any], chosen: str) -> str:
    """Return the language of a page as its HTTP requests would have it: chosen, by cookie, or the browser's."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope.get("headers", [])}
    cookie = parse_cookie(headers.get("cookie", "")).get(settings.LANGUAGE_COOKIE_NAME, "")
    accepted = [code for code, _weight in parse_accept_lang_header(headers.get("accept-language", "").lower())]
    for code in filter(None, [chosen, cookie, *accepted]):
        try:
            return str(get_supported_language_variant(code))
        except LookupError:
            continue
    return str(settings.LANGUAGE_CODE)
