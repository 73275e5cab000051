"""Lines that come in: each is looked at as if a stranger had written it, for anyone can write a file."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from memory import checking, conflicts, duplicates, forgetting, indexing, sessions
from memory.attributes import attribute_of, statement_in, subject_of
from memory.classify import classify
from memory.errors import ValidationFailed
from memory.importance import importance
from memory.models import Event, Memory, Mind, Session
from memory.types import LONGEST_QUOTE, LONGEST_TEXT, MemoryType, SourceKind, State, Verb
from memory.wording import text_hash
from memory.writing import LONGEST_ACTOR, LONGEST_REASON, Hand
from mindory_web.lib.errors import MindoryError
from mindory_web.lib.languages import language_of

FORMAT: Final = 1  # of the lines that are written, and the newest that is read
ACTOR: Final = "import"
LARGEST_EVENT: Final = 200_000  # bytes of what it tells
LARGEST_COUNT: Final = 1_000_000_000
LONGEST_REF: Final = 100


@dataclass(slots=True)
class Imported:
    """What became of lines: how many memories and turns were added, how many were known, and (line, sentence) of
    those refused. Lines are counted from 1."""

    added: int = 0
    repeated: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class Importer:
    """Takes lines, batch by batch, into one reader's memory."""

    owner_id: int
    done: Imported = field(default_factory=Imported)
    _refs: dict[str, int] = field(default_factory=dict)  # name in the file -> id here
    _silent: dict[str, int] = field(default_factory=dict)  # added, and no history of it has come yet
    _own: set[int] = field(default_factory=set)  # added here
    _slots: set[tuple[str, str]] = field(default_factory=set)
    _sessions: dict[str, Session] = field(default_factory=dict)
    _turns: list[tuple[int, str]] = field(default_factory=list)  # a memory and the name of its turn
    _was_empty: bool | None = None

    def keep(self, hand: Hand, lines: Sequence[tuple[int, Any]]) -> None:
        """Keep a batch of (number, line). ValidationFailed, for all of it, when a newer Mindory wrote it."""
        if self._was_empty is None:
            self._was_empty = not Session.objects.filter(owner_id=self.owner_id).exists()
            self._was_empty &= not Memory.objects.filter(owner_id=self.owner_id).exists()
        rows: list[tuple[Memory, str, str]] = []
        events: list[tuple[int, Any]] = []
        for number, line in lines:
            _refuse_newer(line)
            try:
                self._take(hand, line, rows, events, number)
            except MindoryError as error:
                self.done.refused.append((number, error.sentence))
        self._write(hand, rows)
        told: list[Event] = []
        for number, line in events:
            try:
                told.append(self._event(line))
            except MindoryError as error:
                self.done.refused.append((number, error.sentence))
        Event.objects.bulk_create(told, batch_size=500)

    def _take(
        self, hand: Hand, line: Any, rows: list[tuple[Memory, str, str]], events: list[tuple[int, Any]], number: int
    ) -> None:
        if not isinstance(line, Mapping):
            raise ValidationFailed(_("This line holds no object."))
        kind = str(line.get("line", "memory" if "text" in line else ""))
        if kind in {"memory", "turn"}:
            row = self._row(hand, line, is_turn=kind == "turn")
            ref, turn = _name(line, "ref"), _name(line, "turn")
            known = self._refs.get(ref) if ref else None
            if known is None:
                known = self._known(row, ref, rows)
            if known is None:
                rows.append((row, ref, turn))
                return
            if ref:
                self._refs[ref] = known
            self.done.repeated += 1
        elif kind == "event":
            events.append((number, line))
        elif kind == "session":
            self._session(line)
        elif kind == "mind":
            self._mind(line)
        else:
            raise ValidationFailed(_("This line does not say what it is: mind, session, turn, memory or event."))

    def _mind(self, line: Mapping[str, Any]) -> None:
        switches = {name: checking.flag(line[name], name) for name in ("is_learning", "is_following") if name in line}
        if self._was_empty and switches:  # a reader's own switches are not turned by a file
            Mind.objects.filter(reader_id=self.owner_id).update(**switches)

    def _session(self, line: Mapping[str, Any]) -> Session:
        key = checking.key(line.get("key"), "key")
        values = sessions.checked({name: line.get(name) for name in ("title", "agent", "books", "participants")})
        values["is_learning"] = checking.flag(line.get("is_learning", True), "is_learning")
        values["learned_to"] = _count(line, "learned_to", least=0, usual=0)
        for name in ("opened_at", "last_turn_at", "closed_at"):
            if (at := checking.past(_time(line, name), name)) is not None:
                values[name] = at
        session, _is_new = Session.objects.get_or_create(owner_id=self.owner_id, key=key, defaults=values)
        self._sessions[key] = session
        return session

    def _session_of(self, line: Mapping[str, Any], *, is_turn: bool) -> Session | None:
        if line.get("session") in (None, "") and not is_turn:
            return None
        key = checking.key(line.get("session"), "session")
        if key not in self._sessions:
            found = Session.objects.filter(owner_id=self.owner_id, key=key).first()
            if found is None and not is_turn:
                raise ValidationFailed(_("There is no such session."), field="session")
            self._sessions[key] = found or self._session({"key": key})
        return self._sessions[key]

    def _row(self, hand: Hand, line: Mapping[str, Any], *, is_turn: bool) -> Memory:
        row = Memory(owner_id=self.owner_id, revision=hand.revision, session=self._session_of(line, is_turn=is_turn))
        _words(row, line)
        _times(row, line, hand.now)
        _source(row, line)
        if is_turn:
            row.number = checking.number(line.get("number", 0), "number", most=checking.LARGEST_OFFSET)
            row.role = str(line.get("role", "user"))
            if row.role not in checking.ROLES:
                raise ValidationFailed(_("A role is one of: user, assistant, system, tool."), field="role")
            row.is_learnable = checking.flag(line.get("is_learnable", row.role in sessions.TOLD), "is_learnable")
        else:
            _about(row, line)
        _weight(row, line, is_turn=is_turn)
        row.text_hash = text_hash(row.text)
        row.gist = b"" if is_turn else duplicates.gist_of(row)
        row.tokens = indexing.tokens_of(row)
        return row

    def _known(self, row: Memory, ref: str, rows: Iterable[tuple[Memory, str, str]]) -> int | None:
        """Return the id of the row that is the same; 0 for one of the same batch. Lines with names are not compared
        with each other: an export may hold two that are alike."""
        for other, its_ref, _turn in rows:
            if (ref and ref == its_ref) or (row.source_key and other.source_key == row.source_key):
                return 0
            if not (ref and its_ref) and _key(other) == _key(row):
                return 0
        if self._was_empty and ref and not row.source_key:
            return None
        mine = Memory.objects.filter(owner_id=self.owner_id).exclude(state=State.FORGOTTEN)
        same = Q(text_hash=row.text_hash, observed_at=row.observed_at, subject=row.subject, attribute=row.attribute)
        same &= Q(value=row.value, book=row.book, number__isnull=row.number is None, session=row.session)
        if ref:
            same &= ~Q(pk__in=self._own)
        if row.source_key:
            same |= Q(source_key=row.source_key)
        return mine.filter(same).order_by("pk").values_list("pk", flat=True).first()

    def _write(self, hand: Hand, rows: list[tuple[Memory, str, str]]) -> None:
        self._number(row for row, _ref, _turn in rows)
        Memory.objects.bulk_create([row for row, _ref, _turn in rows], batch_size=500)
        for row, ref, turn in rows:
            self._own.add(row.pk)
            if ref:
                self._refs[ref] = row.pk
            self._silent[ref or f"#{row.pk}"] = row.pk
            if turn:
                self._turns.append((row.pk, turn))
            if conflicts.has_slot(row):
                self._slots.add((row.subject, row.attribute))
        self.done.added += len(rows)
        hand.is_new |= bool(rows)

    def _number(self, rows: Iterable[Memory]) -> None:
        """Give turns the numbers they had, or the next free ones where those are taken."""
        taken: dict[int, set[int]] = {}
        for row in rows:
            if row.number is None or row.session is None:
                continue
            pk = row.session.pk
            if pk not in taken:
                there = Memory.objects.filter(session=pk, number__isnull=False)
                taken[pk] = {number for number in there.values_list("number", flat=True) if number is not None}
            if row.number in taken[pk]:
                row.number = max(taken[pk]) + 1
            taken[pk].add(row.number)

    def _event(self, line: Mapping[str, Any]) -> Event:
        ref = _name(line, "memory")
        pk = self._refs.get(ref, 0)
        if pk not in self._own:
            raise ValidationFailed(_("This belongs to a memory that is not among these lines."), field="memory")
        if str(line.get("verb")) not in set(Verb):
            raise ValidationFailed(_("This is nothing that happens to a memory."), field="verb")
        before, after = (
            renamed(checking.metadata(line.get(name, {}), name, most=LARGEST_EVENT), self._refs)
            for name in ("before", "after")
        )
        event = Event(
            owner_id=self.owner_id,
            memory_id=pk,
            verb=str(line["verb"]),
            before=before,
            after=after,
            actor=checking.words(line.get("actor", ACTOR), "actor", most=LONGEST_ACTOR),
            reason=checking.words(line.get("reason", ""), "reason", most=LONGEST_REASON),
        )
        event.at = checking.past(_time(line, "at"), "at") or event.at
        self._silent.pop(ref, None)
        return event

    def end(self, hand: Hand) -> None:
        """Tie together what was added: turns, histories, counts, and which value ended which."""
        self.done.refused.sort()
        for pk, turn in self._turns:
            if (told := self._refs.get(turn)) and told != pk:
                Memory.objects.filter(pk=pk).update(turn_id=told)
        turns = set(Memory.objects.filter(learned__in=self._own, number__isnull=True).values_list("pk", flat=True))
        Memory.objects.filter(pk__in=self._own, turn__in=turns).update(turn=None)  # a turn is what was said
        for pk in self._silent.values():
            hand.note(Memory(pk=pk), Verb.REMEMBERED)
        for session in self._sessions.values():
            last = Memory.objects.filter(session=session).aggregate(last=Max("number"))["last"]
            count = max(session.turn_count, 0 if last is None else last + 1)
            Session.objects.filter(pk=session.pk).update(turn_count=count, learned_to=min(session.learned_to, count))
        for subject, attribute in sorted(self._slots):
            conflicts.settle(hand, subject, attribute, quietly=self._own)


def _refuse_newer(line: Any) -> None:
    """Refuse lines of a format that is not known here: what they mean by a word may have changed."""
    if not isinstance(line, Mapping) or line.get("line") != "mind" or line.get("format", FORMAT) == FORMAT:
        return
    sentence = _(
        "A newer Mindory wrote this file, in a format that this one does not know. Update Mindory, and import it again."
    )
    raise ValidationFailed(sentence, field="format", newest=FORMAT)


def renamed(words: Mapping[str, Any], names: Mapping[Any, Any]) -> dict[str, Any]:
    """Return what an event tells with other names for the memories in it; one that has none is nothing."""
    told = dict(words)
    for key in ("superseded_by_id", "from"):
        if key in told:
            told[key] = _named(told[key], names)
    if isinstance(source := told.get("source"), dict) and "turn" in source:
        told["source"] = {**source, "turn": _named(source["turn"], names)}
    return told


def _named(given: Any, names: Mapping[Any, Any]) -> Any:
    return names.get(given) if isinstance(given, str | int) else None


def _key(row: Memory) -> tuple[Any, ...]:
    session = row.session.pk if row.session else None
    return (row.text_hash, row.observed_at, row.subject, row.attribute, row.value, row.book, row.number, session)


def _name(line: Mapping[str, Any], field_name: str) -> str:
    return checking.words(line.get(field_name) or "", field_name, most=LONGEST_REF)


def _words(row: Memory, line: Mapping[str, Any]) -> None:
    row.text = checking.body(line.get("text"), "text", most=LONGEST_TEXT)
    row.language = checking.words(
        line.get("language", language_of(row.text)), "language", most=checking.LONGEST_LANGUAGE
    )
    row.metadata = checking.metadata(line.get("metadata", {}))
    row.agent = checking.words(line.get("agent", ""), "agent")
    row.speaker = checking.words(line.get("speaker", ""), "speaker")
    row.caption = checking.words(line.get("caption", ""), "caption", most=LONGEST_QUOTE)
    row.state = str(line.get("state", State.ACTIVE))
    if row.state not in {State.ACTIVE, State.ARCHIVED}:
        raise ValidationFailed(_("A memory that comes in is active or archived."), field="state")


def _about(row: Memory, line: Mapping[str, Any]) -> None:
    row.subject = subject_of(checking.words(line.get("subject", ""), "subject"))
    row.attribute = attribute_of(checking.words(line.get("attribute", ""), "attribute"))
    row.value = checking.words(line.get("value", ""), "value", most=checking.LONGEST_VALUE)
    if not {"subject", "attribute", "value"} & line.keys() and (stated := statement_in(row.text)):
        row.subject, row.attribute, row.value = stated.subject, stated.attribute, stated.value
    row.valid_from = conflicts.begin_of(row)


def _times(row: Memory, line: Mapping[str, Any], now: datetime) -> None:
    row.observed_at = checking.past(_time(line, "observed_at"), "observed_at") or now
    row.recorded_at = checking.past(_time(line, "recorded_at"), "recorded_at") or now
    row.changed_at = checking.past(_time(line, "changed_at"), "changed_at") or now
    row.last_used_at = checking.past(_time(line, "last_used_at"), "last_used_at")
    row.valid_from = checking.time(_time(line, "valid_from"), "valid_from")
    row.told_to = checking.time(_time(line, "told_to" if "told_to" in line else "valid_to"), "valid_to")
    checking.interval(row.valid_from, row.told_to)
    row.valid_to = row.told_to
    given = line.get("expires_on")
    try:
        row.expires_on = None if given is None else date.fromisoformat(checking.words(given, "expires_on"))
    except ValueError:
        raise ValidationFailed(_("“%(field)s” must be a day.") % {"field": "expires_on"}, field="expires_on") from None


def _source(row: Memory, line: Mapping[str, Any]) -> None:
    row.source_kind = str(line.get("source_kind", SourceKind.API))
    if row.source_kind not in set(SourceKind):
        raise ValidationFailed(_("A source is one of: message, book, event, api."), field="source_kind")
    row.source_key = checking.words(line.get("source_key", ""), "source_key")
    row.source_label = checking.words(line.get("source_label", ""), "source_label", most=checking.LONGEST_LABEL)
    row.quote = checking.words(line.get("quote", ""), "quote", most=LONGEST_QUOTE)
    row.book = checking.number(line.get("book"), "book", most=checking.LARGEST_ID)
    for name in ("section", "start", "end"):
        setattr(row, name, checking.number(line.get(name), name, most=checking.LARGEST_OFFSET))


def _weight(row: Memory, line: Mapping[str, Any], *, is_turn: bool) -> None:
    if "type" in line:
        row.type, sure = checking.memory_type(line["type"]), 1.0
    else:
        row.type, sure = (MemoryType.CONVERSATIONAL, 1.0) if is_turn else classify(row.text, language=row.language)
    kind = MemoryType(row.type)
    row.type_confidence = checking.share(line.get("type_confidence", sure), "type_confidence")
    row.confidence = checking.share(line.get("confidence", 1.0), "confidence")
    row.is_pinned = checking.flag(line.get("is_pinned", False), "is_pinned")
    row.importance = checking.share(line.get("importance", importance(row.text, kind)), "importance")
    stable = line.get("stability_days", forgetting.stability(kind, row.importance))
    is_number = isinstance(stable, int | float) and not isinstance(stable, bool) and math.isfinite(stable)
    if not is_number or not 0 < stable <= forgetting.LONGEST_DAYS:
        raise ValidationFailed(_("“%(field)s” must be a number of days.") % {"field": "stability_days"})
    row.stability_days = float(stable)
    row.used_count = _count(line, "used_count", least=0, usual=0)
    row.told_count = _count(line, "told_count", least=1, usual=1)


def _count(line: Mapping[str, Any], name: str, *, least: int, usual: int) -> int:
    found = checking.number(line.get(name, usual), name, most=LARGEST_COUNT)
    return max(usual if found is None else found, least)


def _time(line: Mapping[str, Any], name: str) -> datetime | None:
    given = line.get(name)
    if given is None:
        return None
    try:
        return datetime.fromisoformat(checking.words(given, name))
    except (ValueError, OverflowError):
        raise ValidationFailed(
            _("“%(field)s” must be a time with its time zone.") % {"field": name}, field=name
        ) from None
