"""Lines that come in: each is looked at as if a stranger had written it, for anyone can write a file."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import F, Max
from django.utils.translation import gettext as _

from memory import already, checking, conflicts, duplicates, forgetting, indexing, sessions
from memory.attributes import attribute_of, statement_in, subject_of
from memory.classify import classify
from memory.errors import ValidationFailed
from memory.importance import importance
from memory.models import Event, Memory, Mind, Session
from memory.types import LONGEST_QUOTE, LONGEST_TEXT, MemoryType, SourceKind, State, Verb
from memory.wording import text_hash
from memory.writing import LONGEST_ACTOR, LONGEST_REASON, Hand, among
from mindory_web.lib.errors import MindoryError
from mindory_web.lib.languages import language_of

FORMAT: Final = 1  # of the lines that are written, and the newest that is read
ACTOR: Final = "import"
LARGEST_EVENT: Final = 200_000  # bytes of what it tells
LARGEST_COUNT: Final = 1_000_000_000
LONGEST_REF: Final = 100
TIE: Final = """
UPDATE memory_memory AS learned SET turn_id = turn.id
FROM unnest(%s::bigint[], %s::bigint[]) AS tied (id, turn)
JOIN memory_memory AS turn ON turn.id = tied.turn AND turn.number IS NOT NULL
WHERE learned.id = tied.id AND learned.id <> turn.id AND learned.owner_id = %s
"""
COUNT_TURNS: Final = """
UPDATE memory_session SET turn_count = there.turns
FROM unnest(%s::bigint[]) AS one (id), LATERAL (
    SELECT max(number) + 1 AS turns FROM memory_memory WHERE session_id = one.id AND number IS NOT NULL
) AS there
WHERE memory_session.id = one.id AND memory_session.turn_count < there.turns
"""


class Row(NamedTuple):
    """A memory or turn that came in, its name in the file, and the name of the turn that it was learned from."""

    memory: Memory
    ref: str
    turn: str


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
    _turns: list[tuple[int, str]] = field(default_factory=list)  # a memory and the name of its turn, not tied yet
    _was_empty: bool | None = None

    def keep(self, hand: Hand, lines: Sequence[tuple[int, Any]]) -> None:
        """Keep a batch of (number, line). ValidationFailed, for all of it, when a newer Mindory wrote it."""
        if self._was_empty is None:
            self._was_empty = not Session.objects.filter(owner_id=self.owner_id).exists()
            self._was_empty &= not Memory.objects.filter(owner_id=self.owner_id).exists()
        rows: list[Row] = []
        events: list[tuple[int, Any]] = []
        for number, line in lines:
            _refuse_newer(line)
            try:
                self._take(hand, line, rows, events, number)
            except MindoryError as error:
                self.done.refused.append((number, error.sentence))
        self._write(hand, self._new(rows))
        self._tie()
        told: list[Event] = []
        for number, line in events:
            try:
                told.append(self._event(line))
            except MindoryError as error:
                self.done.refused.append((number, error.sentence))
        Event.objects.bulk_create(told, batch_size=500)

    def _take(self, hand: Hand, line: Any, rows: list[Row], events: list[tuple[int, Any]], number: int) -> None:
        if not isinstance(line, Mapping):
            raise ValidationFailed(_("This line holds no object."))
        kind = str(line.get("line", "memory" if "text" in line else ""))
        if kind in {"memory", "turn"}:
            row = self._row(hand, line, is_turn=kind == "turn")
            rows.append(Row(row, _name(line, "ref"), _name(line, "turn")))
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

    def _new(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows that are not there yet, neither in the memory nor earlier in the file."""
        asked = [row for row in rows if row.memory.source_key or not (self._was_empty and row.ref)]
        there = already.Known(self.owner_id, [row.memory for row in asked])
        batch, new, repeated = already.Batch(), [], []
        for row in rows:
            known = self._refs.get(row.ref) if row.ref else None
            if known is None and batch.has(row.memory, row.ref):
                known = 0  # it is written with this batch
            if known is None:
                known = there.find(row.memory, besides=self._own if row.ref else ())
            if known is None:
                batch.add(row.memory, row.ref)
                new.append(row)
                continue
            self.done.repeated += 1
            repeated.append((known, row))
            if row.ref:
                self._refs[row.ref] = known
        self._resume(repeated)
        return new

    def _resume(self, repeated: Sequence[tuple[int, Row]]) -> None:
        """Go on with what an import left that was stopped: only such a row has no history."""
        rows = Memory.objects.filter(owner_id=self.owner_id, pk__in=among([pk for pk, _row in repeated]))
        left = set(rows.filter(events=None).values_list("pk", flat=True)) if repeated else ()
        for pk, row in repeated:
            if pk in left and pk not in self._own:
                self._own_up(pk, row)

    def _write(self, hand: Hand, rows: Sequence[Row]) -> None:
        self._number(row.memory for row in rows)
        Memory.objects.bulk_create([row.memory for row in rows], batch_size=500)
        for row in rows:
            self._own_up(row.memory.pk, row)
        # With the turns themselves: what is said next in a session takes the number after them.
        _count_turns({row.memory.session_id for row in rows if row.memory.number is not None})
        self.done.added += len(rows)
        hand.is_new |= bool(rows)

    def _own_up(self, pk: int, row: Row) -> None:
        self._own.add(pk)
        if row.ref:
            self._refs[row.ref] = pk
        self._silent[row.ref or f"#{pk}"] = pk
        if row.turn:
            self._turns.append((pk, row.turn))
        if conflicts.has_slot(row.memory):
            self._slots.add((row.memory.subject, row.memory.attribute))

    def _tie(self) -> None:
        """Tie what was learned to its turn, as far as the turn has come. A turn is what was said, nothing else."""
        tied = [(pk, self._refs[turn]) for pk, turn in self._turns if turn in self._refs]
        self._turns = [(pk, turn) for pk, turn in self._turns if turn not in self._refs]
        if tied:
            with connection.cursor() as cursor:
                cursor.execute(TIE, [[pk for pk, _turn in tied], [turn for _pk, turn in tied], self.owner_id])

    def _number(self, rows: Iterable[Memory]) -> None:
        """Give turns the numbers they had, or the next free ones where those are taken."""
        turns = [row for row in rows if row.number is not None and row.session_id is not None]
        there = Memory.objects.filter(session__in={row.session_id for row in turns})
        taken = set(there.filter(number__in={row.number for row in turns}).values_list("session", "number"))
        lasts: dict[int, int] = {}
        for row in turns:
            session, number = row.session_id or 0, row.number or 0
            if (session, number) in taken:
                if session not in lasts:
                    found = Memory.objects.filter(session=session).aggregate(last=Max("number"))["last"] or 0
                    lasts[session] = max([found, *(at for of, at in taken if of == session and at is not None)])
                row.number = number = lasts[session] + 1
            if session in lasts:
                lasts[session] = max(lasts[session], number)
            taken.add((session, number))

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
        self._tie()
        hand.note_all(list(self._silent.values()), Verb.REMEMBERED)
        ids = {session.pk for session in self._sessions.values()}
        _count_turns(ids)
        beyond = Session.objects.filter(pk__in=among(list(ids)), learned_to__gt=F("turn_count"))
        beyond.update(learned_to=F("turn_count"))
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


def _count_turns(sessions: Iterable[int | None]) -> None:
    """Let sessions count the turns they hold; a count that is higher, of turns that were forgotten, stays."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_TURNS, [list(sessions)])


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
