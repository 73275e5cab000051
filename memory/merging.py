"""Two memories that say the same become one: the younger is put away, and nothing of either is lost.

Whoever proposes two (a model does) is only believed where the words bear it out: the same owner, type, subject and
time; numbers, dates, negation, names and units agree; most of what the shorter one says stands in the other. What a
reader pinned, edited or took out of the archive is left alone. `restore` brings back what was put away.
"""

from collections.abc import Collection
from typing import Final

from memory.attributes import is_single
from memory.conflicts import has_slot
from memory.duplicates import INTO, is_same_time, merged_to
from memory.models import Event, Memory
from memory.names import same_people
from memory.types import MemoryType, SourceKind, State, Verb
from memory.wording import FRAME, LIGHT, ZH_FRAME, agree, gist, same_count, same_order
from memory.writing import Hand
from mindory_web.lib.languages import language_of
from mindory_web.lib.terms import UNSPACED, terms

ACTOR: Final = "extraction"  # of changes that no person made
TOLD: Final = frozenset({SourceKind.MESSAGE, SourceKind.API})  # events and notes follow what they come from
ALIKE: Final = 2 / 3  # of the words of the one that says less, which the other has to say, too
A_DAY_SECONDS: Final = 86_400
TOUCHED: Final = (Verb.UPDATED, Verb.PINNED, Verb.UNPINNED, Verb.ARCHIVED, Verb.RESTORED)

_FRAME: Final = frozenset(terms(" ".join(LIGHT | FRAME), language="en"))
_LIGHT: Final = frozenset(terms(" ".join(LIGHT), language="en"))


def merge(hand: Hand, older: Memory, younger: Memory, *, reason: str) -> bool:
    """Put `younger` away into `older`, and say whether that was done: not if anything speaks against it."""
    if objection(older, younger) or is_touched(older) or is_touched(younger):
        return False
    source: dict[str, object] = {"kind": str(younger.source_kind)}
    if younger.turn_id is not None:
        source["turn"] = younger.turn_id
    if younger.agent:
        source["agent"] = younger.agent
    told_at = [younger.valid_from or younger.observed_at]
    before, count = {"told_count": older.told_count}, {"told_count": older.told_count + younger.told_count}
    hand.keep(older, count)
    told = {"told_at": told_at, "from": younger.pk, "source": source}
    hand.note(older, Verb.MERGED, before=before, after={**count, **told}, reason=reason)
    hand.keep(younger, {"state": State.ARCHIVED})
    away = {"state": State.ARCHIVED, INTO: older.pk, "source": source}
    hand.note(younger, Verb.MERGED, before={"state": State.ACTIVE}, after=away, reason=reason)
    return True


def objection(older: Memory, younger: Memory) -> str:
    """Return what of the rows themselves speaks against merging them; "" when nothing does."""
    both = (older, younger)
    if older.owner_id != younger.owner_id or older.pk >= younger.pk:
        return "owner"
    if any(one.state != State.ACTIVE or one.number is not None for one in both):
        return "state"
    if any(one.is_pinned or one.source_kind not in TOLD for one in both):
        return "kept"
    if younger.source_kind == SourceKind.API and younger.source_key:
        return "kept"  # its sender may say something else under this name
    if any(getattr(older, name) != getattr(younger, name) for name in ("type", "subject", "book", "expires_on")):
        return "kind"
    if has_slot(younger) or is_single(younger.attribute) or younger.attribute not in {"", older.attribute}:
        return "attribute"
    if not _is_same_time(older, younger):
        return "time"
    return "" if says_alike(older, younger) else "words"


def is_touched(memory: Memory) -> bool:
    """Say whether a person changed a memory, or anybody took it out of the archive."""
    touched = Event.objects.filter(memory=memory, verb__in=TOUCHED)
    return any(event.actor != ACTOR or event.verb == Verb.RESTORED for event in touched)


def merged_into(hand: Hand, ids: Collection[int]) -> list[Memory]:
    """Return what was put away by merges into these rows and is still away."""
    hand.write_events()
    merges = Event.objects.filter(owner_id=hand.owner_id, memory__in=ids, verb=Verb.MERGED, after__has_key="from")
    away = {each for each in merges.values_list("after__from", flat=True) if isinstance(each, int)}
    rows = Memory.objects.filter(owner_id=hand.owner_id, pk__in=away, state=State.ARCHIVED)
    return [row for row in rows if merged_to(row) in ids]


def part(hand: Hand, some: Collection[int], going: Collection[int]) -> None:
    """Bring back what was merged into some of the rows that are `going`, and does not go with them."""
    for row in merged_into(hand, some):
        if row.pk not in going:
            hand.change(row, Verb.RESTORED, {"state": State.ACTIVE})


def _is_same_time(older: Memory, younger: Memory) -> bool:
    """Say whether both are of one time, and the younger says no more of it: of one occasion, if they are events."""
    if younger.valid_from is not None and younger.valid_from != older.valid_from:
        return False
    if younger.valid_from is None and older.valid_to is not None and older.valid_to <= younger.observed_at:
        return False  # what was over is told again
    if MemoryType.EPISODIC in {older.type, younger.type}:
        apart = abs((older.observed_at - younger.observed_at).total_seconds())
        if apart >= A_DAY_SECONDS:
            return False
    return is_same_time(younger, older)


# --- Words --------------------------------------------------------------------------------------


def says_alike(one: Memory, other: Memory) -> bool:
    """Say whether the words of two memories allow that they say the same."""
    if not (gist(one.text, one.language) and gist(other.text, other.language)):
        return False  # too long, or a language whose negation and numbers are not known here
    if (language_of(one.text) == "zh") != (language_of(other.text) == "zh"):
        return False
    if not agree(one.text, other.text) or not same_count(one.text, other.text):
        return False
    if language_of(one.text) == "zh":
        return _says_alike_in_chinese(one.text, other.text)
    return same_order(one.text, other.text) and likeness(content(one.text), content(other.text)) >= ALIKE


def _says_alike_in_chinese(one: str, other: str) -> bool:
    """Say the same of two Chinese texts. No capital marks a name: one character instead of another may be another
    person or town (北京, 南京), so only one of the two may say more."""
    mine, theirs = content(one), content(other)
    is_one_more = mine <= theirs or theirs <= mine
    return is_one_more and same_people(one, other) and likeness(mine, theirs) >= ALIKE


def content(text: str) -> frozenset[str]:
    """Return what a text says beside the words in which any fact is put: stems, and single characters of Chinese."""
    tight = {character for run in UNSPACED.findall(text) for character in run}
    if tight:
        return frozenset((tight - ZH_FRAME) or tight)
    stems = frozenset(terms(text, language="en"))
    return (stems - _FRAME) or (stems - _LIGHT)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return which share of the smaller of two contents stands in the other, 0..1."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0
