"""What was forgotten and is sent again: senders try again, and what a reader forgot must not come back by that.

A turn's key, and the key of a request, stay behind as a keyed hash: it can be compared and not be read. Of the words
nothing stays, not even a hash. Said anew, under a new key or none, it is new.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from django.db.models import Case, CharField, F, Func, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.utils.crypto import salted_hmac

from memory.models import Memory, Request
from memory.types import State

SALT: Final = "mindory: keys of what was forgotten"
MARK: Final = "~"
IS_KEYED_TURN: Final = Q(number__isnull=False) & ~Q(source_key="")


def name_of(owner_id: int, key: str) -> str:
    """Return what stands for a key once that which it named was forgotten."""
    return MARK + hashlib.sha256((_pepper(owner_id) + key).encode()).hexdigest()


def turns_named(owner_id: int, keys: Iterable[str]) -> dict[str, Memory]:
    """Return the turns that have these keys, and the empty rows of those that had them, by the keys."""
    names = {name_of(owner_id, key): key for key in keys if key}
    rows = list(Memory.objects.filter(owner_id=owner_id, source_key__in=[*names, *names.values()]))
    rows.sort(key=lambda row: row.state != State.FORGOTTEN)  # what is there again counts
    return {names.get(row.source_key, row.source_key): row for row in rows}


def request_named(owner_id: int, key: str) -> Request | None:
    """Return the request that had this key; its digest is empty when what it told was forgotten since."""
    mine = Request.objects.filter(owner_id=owner_id, key__in=[key, name_of(owner_id, key)])
    return mine.select_related("memory").first()


def hide(owner_id: int, mine: QuerySet[Memory], ids: RawSQL) -> Case:
    """Make the keys of requests for rows that go unreadable; return what the rows' own keys become."""
    asked = Request.objects.filter(owner_id=owner_id, memory__in=ids).exclude(digest=b"")
    asked.update(key=_hashed(owner_id, "key"), digest=b"")
    name = _hashed(owner_id, "source_key")
    again = mine.filter(IS_KEYED_TURN).annotate(name=name).values("name")
    there = Memory.objects.filter(owner_id=owner_id, state=State.FORGOTTEN, source_key__in=again)
    there.update(source_key="")  # brought back by an import, and forgotten a second time
    return Case(When(IS_KEYED_TURN, then=name), default=Value(""))


def _hashed(owner_id: int, column: str) -> Func:
    return Func(
        Value(_pepper(owner_id)), F(column), arg_joiner=" || ", output_field=CharField(),
        template=f"'{MARK}' || encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')",
    )  # fmt: skip


def _pepper(owner_id: int) -> str:
    return salted_hmac(SALT, str(owner_id), algorithm="sha256").hexdigest()
