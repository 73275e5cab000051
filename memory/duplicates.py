"""Which memory a candidate repeats, if any."""

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Q

from memory.attributes import is_single, says_just
from memory.dates import ranges_in
from memory.models import Event, Memory
from memory.types import MemoryType, SourceKind, State, Verb
from memory.wording import HASH_BYTES, adds_nothing, agree, folded, gist, has_spoken_time, same_count, same_words

MOST_LOOKED_AT: Final = 20
A_DAY: Final = timedelta(days=1)
BIRTHDAY: Final = "birthday"
ANY_YEAR: Final = datetime(2000, 1, 1, tzinfo=UTC)  # a leap year
_YEAR: Final = re.compile(r"(?<!\d)\d{4}(?!\d)")
INTO: Final = "superseded_by_id"  # in the event of a merged memory: what it was merged into


def same_value(one: Memory, other: Memory) -> bool:
    """Say whether two values of an attribute are the same; without values, whether the texts are."""
    if one.value or other.value:
        return bool(one.value and other.value) and _value(one) == _value(other)
    return same_words(one.text, other.text)


def _value(memory: Memory) -> str:
    """Return a value as it is compared. A kind of thing may be one or many, peanut or peanuts; a name may not."""
    value = folded(memory.value)
    if memory.attribute == BIRTHDAY and len(days := ranges_in(memory.value, reference=ANY_YEAR)) == 1:
        year = _YEAR.search(memory.value)  # 3 March, March 3rd
        return f"{year[0] if year else ''}-{days[0].start:%m-%d}-{days[0].last:%m-%d}"
    is_kind = not is_single(memory.attribute) and memory.value[:1].islower() and not value.endswith("ss")
    return value.removesuffix("s") if is_kind else value


def says_no_more(new: Memory, known: Memory) -> bool:
    """Say whether a text says no more of the same value: but for the form, or as one plain statement like the other."""
    if same_words(new.text, known.text) or adds_nothing(new.text, known.text):
        return True
    return all(says_just(row.text, row.attribute, row.value) for row in (new, known))


def gist_of(memory: Memory) -> bytes:
    """Return under which hash the same in other words is looked for: the value where there is one, else the text."""
    if not (memory.attribute and memory.value):
        return gist(memory.text, memory.language)
    said = f"{memory.attribute}\0{_value(memory)}"
    return hashlib.blake2b(said.encode(), digest_size=HASH_BYTES).digest()


def known(memory: Memory) -> Memory | None:
    """Return the memory that says the same as a new row, if there is one.

    Same owner, subject and book; no turn. Not for values of single-valued attributes: those depend on when.
    """
    by_words = Q(text_hash=memory.text_hash)
    if memory.gist:
        by_words |= Q(gist=memory.gist)
    rows = (
        Memory.objects.filter(
            by_words, owner_id=memory.owner_id, subject=memory.subject, book=memory.book, number__isnull=True
        )
        .exclude(state=State.FORGOTTEN)
        .defer("tokens")
        .order_by("state", "-pk")  # "active" before "archived"
    )
    found = _first_same(memory, rows[:MOST_LOOKED_AT])
    return survivor(found) if found is not None else None


def survivor(memory: Memory) -> Memory:
    """Return the memory that stands for one that was merged into it; the memory itself otherwise."""
    into = merged_to(memory)
    if into is None:
        return memory
    found = Memory.objects.filter(owner_id=memory.owner_id, pk=into).exclude(state=State.FORGOTTEN).first()
    return found if found is not None else memory


def merged_to(memory: Memory) -> int | None:
    """Return the id of what a memory was merged into; None when it was not, or came back since."""
    if memory.state != State.ARCHIVED:
        return None
    last = Event.objects.filter(memory=memory, after__has_key="state").order_by("-pk").first()
    into = last.after.get(INTO) if last is not None and last.verb == Verb.MERGED else None
    return into if isinstance(into, int) else None


def _first_same(memory: Memory, rows: Iterable[Memory]) -> Memory | None:
    near = None
    for row in rows:
        if not is_same_time(memory, row):
            continue
        if same_words(memory.text, row.text):
            return row
        if near is None and says_the_same(memory, row):
            near = row
    return near


def says_the_same(memory: Memory, row: Memory) -> bool:
    """Say whether a new row says no more than a known one, in other words."""
    if not memory.gist or bytes(memory.gist) != bytes(row.gist):
        return False
    if memory.attribute and memory.value:
        return same_value(memory, row) and says_no_more(memory, row)
    return agree(memory.text, row.text) and same_count(memory.text, row.text)


def is_same_time(memory: Memory, row: Memory) -> bool:
    """Say whether both can be one: the same thing at another time is another memory."""
    if memory.valid_from != row.valid_from and (memory.valid_from and row.valid_from):
        return False
    if memory.told_to != row.told_to and (memory.told_to or row.told_to):
        return False
    if memory.type == MemoryType.EPISODIC and SourceKind.EVENT in {memory.source_kind, row.source_kind}:
        return memory.source_kind == row.source_kind and abs(memory.observed_at - row.observed_at) < A_DAY
    if has_spoken_time(memory.text) and abs(memory.observed_at - row.observed_at) >= A_DAY:
        return memory.valid_from is not None and memory.valid_from == row.valid_from
    return True
