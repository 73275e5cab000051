"""What was forgotten, sealed for the caller alone: for five minutes it can be written back, and nobody else has it."""

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

from django.core import signing
from django.db.models import Model
from django.utils.translation import gettext as _

from memory.errors import ValidationFailed

SALT: Final = "mindory: what was forgotten"
SECONDS: Final = 300
LONGEST: Final = 1_000_000  # characters of a token; more than that is forgotten for good, and the receipt says so


class Words:
    """How what is sealed is written down: JSON in which every sign stands as itself."""

    def dumps(self, kept: Any) -> bytes:
        """Return a value as bytes."""
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()

    def loads(self, written: bytes) -> Any:
        """Return the value that bytes hold."""
        return json.loads(written)


def sealed(kept: dict[str, Any]) -> str:
    """Return what was forgotten as a token; nothing when it is too much for one."""
    token = signing.dumps(kept, salt=SALT, serializer=Words, compress=True)
    return token if len(token) <= LONGEST else ""


def opened(token: str) -> dict[str, Any]:
    """Return what a token holds."""
    refusal = ValidationFailed(_("This can no longer be undone."), field="undo")
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST:
        raise refusal
    try:
        kept = signing.loads(token, salt=SALT, serializer=Words, max_age=SECONDS)
    except (signing.BadSignature, UnicodeError):
        raise refusal from None
    return kept if isinstance(kept, dict) else {}


def written(rows: Iterable[Model], *, without: Collection[str] = ()) -> dict[str, list[Any]]:
    """Return rows in words, column by column (so they are small when packed), so that the same can be made again."""
    kept = list(rows)
    fields = kept[0]._meta.concrete_fields if kept else ()
    return {field.attname: [_word(row, field) for row in kept] for field in fields if field.attname not in without}


def read(kind: type[Model], kept: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Yield the columns of each row that was put in words."""
    fields = [field for field in kind._meta.concrete_fields if field.attname in kept]
    for values in zip(*(kept[field.attname] for field in fields), strict=True):
        yield {field.attname: _value(field, value) for field, value in zip(fields, values, strict=True)}


def _word(row: Model, field: Any) -> Any:
    return None if getattr(row, field.attname) is None else field.value_to_string(row)


def _value(field: Any, value: Any) -> Any:
    if value is None:
        return None
    found = field.to_python(value)
    return bytes(found) if isinstance(found, memoryview) else found
