"""What was forgotten, sealed for the caller alone: for five minutes it can be written back, and nobody else has it."""

from typing import Any, Final

from django.core import signing
from django.db.models import Model
from django.utils.translation import gettext as _

from memory.errors import ValidationFailed

SALT: Final = "mindory: what was forgotten"
SECONDS: Final = 300
LONGEST: Final = 1_000_000  # characters of a token; more than that is forgotten for good, and the receipt says so


def sealed(kept: dict[str, Any]) -> str:
    """Return what was forgotten as a token; nothing when it is too much for one."""
    token = signing.dumps(kept, salt=SALT, compress=True)
    return token if len(token) <= LONGEST else ""


def opened(token: str) -> dict[str, Any]:
    """Return what a token holds."""
    refusal = ValidationFailed(_("This can no longer be undone."), field="undo")
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST:
        raise refusal
    try:
        kept = signing.loads(token, salt=SALT, max_age=SECONDS)
    except (signing.BadSignature, UnicodeError):
        raise refusal from None
    return kept if isinstance(kept, dict) else {}


def written(row: Model) -> dict[str, Any]:
    """Return a row in words: every column, so that the same row can be made again."""
    return {
        field.attname: None if getattr(row, field.attname) is None else field.value_to_string(row)
        for field in row._meta.concrete_fields
    }


def read(kind: type[Model], kept: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a row that was put in words."""
    return {
        field.attname: None if kept[field.attname] is None else _value(field, kept[field.attname])
        for field in kind._meta.concrete_fields
    }


def _value(field: Any, value: Any) -> Any:
    found = field.to_python(value)
    return bytes(found) if isinstance(found, memoryview) else found
