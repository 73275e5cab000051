"""The only module that knows both books and memory: what a reader does with books becomes what Mindory remembers.

Each function hears a signal of books after its row is committed. A failure here is logged and harms no book.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Substr
from django.db.models.signals import post_delete
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from books import contents, publishing, signals
from books.anchoring import Anchor, Moved
from books.models import Annotation, Book, Conversation, Reply, Section
from books.retrieval import Scope
from memory import recalling
from memory.layers import tokens_in
from memory.manager import MemoryManager
from memory.models import Memory, Session
from memory.signals import memories_learned
from memory.types import Candidate, MemoryType, Source, SourceKind, State, Turn
from mindory_web.accounts.models import Reader
from mindory_web.lib.excerpts import Excerpt, Place
from mindory_web.lib.languages import language_of

log = structlog.get_logger(__name__)

SAID: Final = frozenset({Reply.State.DONE, Reply.State.STOPPED})
MARKS: Final = re.compile(r" ?\[\d{1,3}\]")  # where quotes stood in an answer
SHOWN: Final = 400  # characters of marked words that the sentence about them repeats
ACTOR: Final = "reading"
TALK: Final = "conversation:"  # how the keys of their sessions begin
NOTE: Final = "memory:"  # and those of notes
OF_MARK: Final = re.compile(r"annotation:([0-9]{1,18})")  # the key of what is remembered of an annotation
MOST_NOTES: Final = 8
LONGEST_NOTE: Final = 600  # characters of one memory; its page has all of it
DAYS: Final = {"zh-hans": "Y年n月j日"}  # elsewhere as in "3 March 2026"


def connect() -> None:
    """Connect what happens in books to what the memory wants to know."""
    for signal, hear in (
        (signals.reply_finished, remember_turns),
        (signals.book_begun, remember_begun),
        (signals.book_finished, remember_finished),
        (signals.annotation_changed, remember_annotation),
    ):
        signal.connect(hear, dispatch_uid=f"wiring.{hear.__name__}")
    memories_learned.connect(tell_learned, dispatch_uid="wiring.tell_learned")
    post_delete.connect(forget_conversation, sender=Conversation, dispatch_uid="wiring.forget_conversation")
    post_delete.connect(forget_annotations, sender=Book, dispatch_uid="wiring.forget_annotations")


def conversation_key(pk: int) -> str:
    """Return the key of the session that a conversation is to the memory."""
    return f"{TALK}{pk}"


def _harmless(hear: Callable[..., None]) -> Callable[..., None]:
    """Log what goes wrong: who sent the signal has done their work and cannot help."""

    @wraps(hear)
    def heard(*args: Any, **told: Any) -> None:
        try:
            hear(*args, **told)
        except Exception:
            log.exception("not_remembered", what=hear.__name__)

    return heard


@_harmless
def remember_turns(*, reply_id: int, reader_id: int, state: str, **_signal: Any) -> None:
    """Add a question and its answer to the conversation's session, if the reader lets Mindory learn from it."""
    if state not in SAID:
        return
    reply = Reply.objects.select_related("conversation").filter(pk=reply_id).first()
    manager = MemoryManager(reader_id, actor="conversation")
    if reply is None:
        return
    told, used = _recalled(manager, reply)
    if not manager.mind().is_learning:
        return
    key = conversation_key(reply.conversation_id)
    with transaction.atomic():  # the first line holds the reader's row: nobody leaves the conversation out meanwhile
        if manager.open_session(key).is_learning:
            _remember_said(manager, key, reply)
            recalling.note_recalls(reader_id, key, told, key=f"reply:{reply.pk}", used=used)


def _remember_said(manager: MemoryManager, key: str, reply: Reply) -> None:
    talk = reply.conversation
    name = Reader.objects.get(pk=manager.owner_id).username
    cited = reply.citations.order_by().values_list("book", flat=True).distinct()
    books = sorted({*cited, *([talk.book_id] if talk.book_id else [])})
    manager.open_session(key, title=str(talk), books=books, participants=(name, "Mindory"))
    said = [Turn(reply.question, "user", name, key=f"reply:{reply.pk}:question", said_at=reply.created_at)]
    if answer := MARKS.sub("", reply.text).strip():
        said.append(Turn(answer, "assistant", "Mindory", key=f"reply:{reply.pk}:answer", said_at=reply.finished_at))
    manager.add_turns(key, said)


def _recalled(manager: MemoryManager, reply: Reply) -> tuple[list[int], list[int]]:
    """Return the memories that an answer was told and those it drew on, which stay the longer for it."""
    told = [int(key.removeprefix(NOTE)) for key in reply.noted if key.startswith(NOTE)]
    if not told:
        return [], []
    used = recalling.drawn_on(manager.owner_id, told, question=reply.question, answer=reply.text)
    if used:
        manager.used(used)
    return told, used


@_harmless
def remember_begun(*, book_id: int, reader_id: int, **_signal: Any) -> None:
    """Remember that a book was begun."""
    _remember_reading(book_id, reader_id, "begun")


@_harmless
def remember_finished(*, book_id: int, reader_id: int, **_signal: Any) -> None:
    """Remember that a book was read to its end."""
    _remember_reading(book_id, reader_id, "finished")


def _remember_reading(book_id: int, reader_id: int, what: str) -> None:
    manager = MemoryManager(reader_id, actor=ACTOR)
    book = Book.objects.filter(pk=book_id, owner=reader_id).first()
    if book is None or not _is_following(manager):
        return
    with override(_language(reader_id)):
        sentence = _("You began “%(title)s”.") if what == "begun" else _("You finished “%(title)s”.")
        text = sentence % {"title": book.title}
    source = Source(SourceKind.EVENT, key=f"{what}:{book.pk}", label=book.title[:300])
    manager.remember(Candidate(text, MemoryType.EPISODIC, subject="user", book=book.pk, source=source))


@_harmless
def remember_annotation(
    *, annotation_id: int, reader_id: int, is_new: bool = False, is_gone: bool = False, **_signal: Any
) -> None:
    """Remember marked words and notes with their place; a changed note changes what is remembered of it.

    What a reader had forgotten does not come back because they change its colour.
    """
    manager = MemoryManager(reader_id, actor=ACTOR)
    known = Memory.objects.filter(owner=reader_id, source_key=f"annotation:{annotation_id}").first()
    if is_gone:
        if known and known.state != State.FORGOTTEN:
            manager.forget([known.pk], reason="the note was deleted")
        return
    found = Annotation.objects.select_related("book").filter(pk=annotation_id, reader=reader_id).first()
    if found is None or found.kind == Annotation.Kind.BOOKMARK or not _is_following(manager):
        return
    if known is None and is_new:
        manager.remember(_of_annotation(found, language=_language(reader_id)))
    elif known is not None and known.state != State.FORGOTTEN:
        text = _of_annotation(found, language=_language(reader_id)).text
        if text != known.text:
            manager.update(known.pk, {"text": text}, reason="the note was changed")


def _of_annotation(found: Annotation, *, language: str) -> Candidate:
    listed = contents.entries(found.book)
    heading = contents.title_at(listed, found.section, found.start)
    where = ", ".join(part for part in (found.book.title, heading) if part)
    words = found.quote if len(found.quote) <= SHOWN else found.quote[: SHOWN - 1] + "…"
    named = {"words": words, "where": where, "note": found.text}
    with override(language):
        marked = _("You marked “%(words)s” in %(where)s.") % named
        text = _("You noted on “%(words)s” in %(where)s: %(note)s") % named if found.text else marked
    place = Place(found.book_id, found.section, found.start, found.end)
    source = Source(SourceKind.BOOK, quote=found.quote, place=place, key=f"annotation:{found.pk}", label=where[:300])
    return Candidate(
        text, MemoryType.EPISODIC, subject="user", book=found.book_id, source=source, observed_at=found.updated_at
    )


@_harmless
def forget_annotations(*, instance: Book, origin: Any, **_signal: Any) -> None:
    """Forget what was remembered of the notes in a deleted book. That it was read stays: it is the reader's life."""
    if isinstance(origin, Reader):  # everything goes with them
        return
    noted = Memory.objects.filter(owner=instance.owner_id, book=instance.pk, source_key__startswith="annotation:")
    ids = list(noted.exclude(state=State.FORGOTTEN).values_list("pk", flat=True))
    if ids:
        MemoryManager(instance.owner_id, actor=ACTOR).forget(ids, reason="the book was deleted")


@_harmless
def forget_conversation(*, instance: Conversation, origin: Any, **_signal: Any) -> None:
    """Forget the turns of a deleted conversation, and what was learned from it alone."""
    key = conversation_key(instance.pk)
    if not isinstance(origin, Reader) and Session.objects.filter(owner=instance.reader_id, key=key).exists():
        MemoryManager(instance.reader_id, actor="conversation").forget_session(key, with_learned=True)


def notes_about(question: str, *, reader_id: int, scope: Scope, k: int) -> list[Excerpt]:
    """Return what the reader told and noted that belongs to a question (settings.CHAT_SOURCES), best first.

    At most MEMORY_TOKENS of it. A fault here is logged, and the question is answered from the books alone.
    """
    if not settings.MEMORY_TOKENS:
        return []
    try:
        found = recalling.memories_about(
            reader_id,
            question,
            asked=scope.asked,
            session=conversation_key(scope.conversation),
            is_careful=scope.is_limited,
        )
        return _as_notes(found[: min(k, MOST_NOTES)], reader_id, scope)
    except Exception:
        log.exception("nothing_recalled")
        return []


def _as_notes(found: Sequence[recalling.Recalled], reader_id: int, scope: Scope) -> list[Excerpt]:
    if not found:
        return []
    places = _places([each.memory for each in found], scope)
    language = "zh-hans" if language_of(scope.asked) == "zh" else _language(reader_id)
    notes: list[Excerpt] = []
    left = float(settings.MEMORY_TOKENS)
    with override(language):
        for each in found:
            memory = each.memory
            text = _told(memory, DAYS.get(language, "j F Y"))
            left -= tokens_in(text)
            if left < 0:
                break
            legs = {"words": each.parts.words, "vector": each.parts.vector}
            notes.append(
                Excerpt(
                    text,
                    each.score,
                    memory.source_label,
                    language=memory.language,
                    place=places.get(memory.pk),
                    legs=legs,
                    key=f"{NOTE}{memory.pk}",
                )
            )
    return notes


def _told(memory: Memory, day: str) -> str:
    """Return a memory in one line with its day: whoever reads it can tell when."""
    text = " ".join(memory.text.split())
    text = text if len(text) <= LONGEST_NOTE else text[: LONGEST_NOTE - 1] + "…"
    named = {"date": dateformat.format(timezone.localtime(memory.observed_at), day), "text": text}
    if memory.number is not None:
        named["who"] = memory.speaker or memory.role
        return _("%(who)s said on %(date)s: %(text)s") % named
    if memory.source_kind in {SourceKind.BOOK, SourceKind.EVENT}:  # "You noted on ..."
        return _("On %(date)s: %(text)s") % named
    return _("Told on %(date)s: %(text)s") % named


def _places(memories: Sequence[Memory], scope: Scope) -> dict[int, Place]:
    """Return where the words now are that memories stand on, in the books that are asked."""
    here = [
        memory for memory in memories if memory.book is not None and (scope.books is None or memory.book in scope.books)
    ]
    marks = _marks_of(here)
    places = {memory: _place_at(mark) for memory, mark in marks.items() if mark.is_placed}
    others = [memory for memory in here if memory.pk not in marks and memory.source_kind == SourceKind.BOOK]
    return places | {memory.pk: place for memory in others if (place := _still_there(memory))}


def _marks_of(memories: Sequence[Memory]) -> dict[int, Annotation]:
    """Return the annotations that memories of one reader tell of, by the memories."""
    keys = {memory: int(key[1]) for memory in memories if (key := OF_MARK.fullmatch(memory.source_key))}
    if not keys:
        return {}
    owners = {memory.owner_id for memory in keys}
    there = {each.pk: each for each in Annotation.objects.filter(pk__in=keys.values(), reader__in=owners)}
    found = {memory: there[pk] for memory, pk in keys.items() if pk in there}
    return {memory.pk: mark for memory, mark in found.items() if mark.book_id == memory.book}


def _place_at(mark: Annotation) -> Place:
    return Place(mark.book_id, mark.section, mark.start, mark.end)


def place_of(memory: Memory) -> Place | None:
    """Return where the words in a book now are that a memory stands on (settings.MEMORY_PLACE).

    None when they are not to be found there for sure: a place somewhere else would be a lie.
    """
    if (mark := _marks_of([memory]).get(memory.pk)) is not None:
        return _place_at(mark) if mark.is_placed else None
    return _still_there(memory) or _found_anew(memory)


def _still_there(memory: Memory) -> Place | None:
    """Return the place of a memory if its words still stand there."""
    if memory.book is None or memory.section is None or memory.start is None or memory.end is None:
        return None
    mine = Section.objects.filter(book=memory.book, book__owner=memory.owner_id, number=memory.section)
    words = mine.values_list(Substr("text", memory.start + 1, memory.end - memory.start), flat=True).first()
    is_there = bool(words) and words == memory.quote
    return Place(memory.book, memory.section, memory.start, memory.end) if is_there else None


def _found_anew(memory: Memory) -> Place | None:
    """Look for the words of a memory in the whole book, which was read otherwise when they were told."""
    if memory.book is None or not memory.quote:
        return None
    rows = Section.objects.filter(book=memory.book, book__owner=memory.owner_id).order_by("number")
    texts = list(rows.values_list("text", flat=True))
    if sum(text.count(memory.quote) for text in texts) == 1:
        section, start = next((number, at) for number, text in enumerate(texts) if (at := text.find(memory.quote)) >= 0)
        return Place(memory.book, section, start, start + len(memory.quote))
    [found] = Moved([], texts).place([Anchor(memory.quote)])
    if found is None or found.how == "changed":
        return None
    return Place(memory.book, found.span.section, found.span.start, found.span.end)


@_harmless
def tell_learned(*, owner_id: int, session_key: str, memory_ids: Sequence[int], **_signal: Any) -> None:
    """Tell the reader's open pages what was learned from a conversation."""
    number = session_key.removeprefix(TALK)
    if session_key.startswith(TALK) and number.isdigit():
        frame = {"type": "memory.learned", "conversation": int(number), "memories": list(memory_ids)}
        publishing.tell_now(owner_id, frame)


def facts_of_talks(reader_id: int, conversation_ids: Collection[int]) -> Mapping[int, Mapping[str, Any]]:
    """Return what pages know of conversations and the memory (settings.TALK_SOURCES): whether it learns from each."""
    keys = {conversation_key(number): number for number in conversation_ids}
    paused = Session.objects.filter(owner=reader_id, key__in=keys, is_learning=False)
    forgetful = set(paused.values_list("key", flat=True))
    return {number: {"is_forgetful": key in forgetful} for key, number in keys.items()}


def remembered(reader_id: int) -> Iterator[tuple[str, Callable[[], Iterable[bytes]]]]:
    """Yield what the parcel of a reader holds of their memory (settings.PARCEL_SOURCES)."""

    def lines() -> Iterator[bytes]:
        for line in MemoryManager(reader_id).export():
            yield json.dumps(line, ensure_ascii=False).encode() + b"\n"

    if Memory.objects.filter(owner=reader_id).exists():
        yield "memory.jsonl", lines


def _is_following(manager: MemoryManager) -> bool:
    mind = manager.mind()
    return mind.is_learning and mind.is_following


def _language(reader_id: int) -> str:
    language = Reader.objects.filter(pk=reader_id).values_list("language", flat=True).first()
    return language or settings.LANGUAGE_CODE
