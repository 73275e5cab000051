"""What a reader does with conversations. Every door calls these verbs; each is bounded by its reader."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, Literal

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from books import publishing
from books.chat import about as words
from books.chat import access, branches, ending, scopes, shown, wire
from books.chat.access import conversation, reply
from books.chat.scopes import Wanted
from books.errors import BadQuestion
from books.events import ReplyNew, ReplyWhole
from books.models import Conversation, Reply
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Conflict, TooMany
from mindory_web.lib.limits import spend

__all__ = ["conversation", "reply"]

LONGEST_QUESTION: Final = 4_000  # characters
LONGEST_TITLE: Final = 80
LONGEST_NONCE: Final = 64
LONGEST_REASON: Final = 1_000
MOST_A_MINUTE: Final = 60
PURGED_AT_ONCE: Final = 100
MOST_OPEN: Final = 10  # replies of one reader that wait or are being written

TIP: Final = "tip"
CUT_SHORT: Final = (Reply.State.INTERRUPTED, Reply.State.STOPPED, Reply.State.FAILED)


@dataclass(frozen=True, slots=True)
class _Question:
    """What a new reply is made of. `text` may be empty where it goes without saying."""

    text: str
    about: Mapping[str, object]
    parent: int | Literal["tip"] | None
    nonce: str
    language: str
    request_id: str
    trace: Mapping[str, Any]


def ask(  # size: one parameter for each thing that a question may carry
    reader: Reader,
    text: str,
    *,
    conversation: int | None = None,
    parent: int | Literal["tip"] | None = TIP,
    book: int | None = None,
    wanted: Wanted | None = None,
    about: Mapping[str, Any] | None = None,
    nonce: str = "",
    language: str = "",
    request_id: str = "",
) -> Reply:
    """Ask in a conversation, or begin one with what is `wanted` (or one book). The answer is made elsewhere.

    `parent`: the reply it follows; None: a new beginning. The same nonce twice is one question.
    Raises BadQuestion, BookNotReady, ScopeGone, NotFound, Invalid or TooMany.
    """
    asked = words.checked(reader, about) if about else None
    question = _question(text if text.strip() or asked is None else words.question_of(asked["kind"]))
    wanted = wanted or Wanted(book=book)
    if asked and not wanted.is_said:
        wanted = replace(wanted, book=asked["book"])
    if conversation is None and isinstance(parent, int):
        conversation = access.reply(reader, parent).conversation_id
    new = _Question(question, asked or {}, parent, nonce[:LONGEST_NONCE], language, request_id, {})
    return _put(reader, new, lambda: _opened(reader, conversation, wanted, title=question))


def again(reader: Reader, reply_id: int, *, text: str = "", nonce: str = "", request_id: str = "") -> Reply:
    """Ask the question of a finished reply once more, or another one in its place, beside it."""
    old = reply(reader, reply_id)
    if old.state in Reply.OPEN:
        raise Conflict(_("This question is still being answered."))
    return _beside(reader, old, text=text, nonce=nonce, request_id=request_id, trace={})


def go_on(reader: Reader, reply_id: int, *, nonce: str = "", request_id: str = "") -> Reply:
    """Go on with an answer that was cut short: a new reply beside it begins with its words."""
    old = reply(reader, reply_id)
    if old.state not in CUT_SHORT:
        raise Conflict(_("This answer is not one that was cut short."))
    trace = {"continues": old.pk} if old.text.strip() else {}
    return _beside(reader, old, text="", nonce=nonce, request_id=request_id, trace=trace)


def _beside(reader: Reader, old: Reply, *, text: str, nonce: str, request_id: str, trace: Mapping[str, Any]) -> Reply:
    question = _question(text) if text else old.question
    new = _Question(question, old.about, old.parent_id, nonce[:LONGEST_NONCE], old.language, request_id, trace)
    return _put(reader, new, lambda: _opened(reader, old.conversation_id, Wanted(), title=question))


def _put(reader: Reader, new: _Question, opened: Callable[[], Conversation]) -> Reply:
    """Write a question down as the tip of its conversation, and have it answered."""
    spend(f"ask:{reader.pk}", limit=MOST_A_MINUTE, seconds=60)
    with transaction.atomic():
        # One question of a reader at a time: the same one sent twice at once stays one.
        Reader.objects.select_for_update(no_key=True).filter(pk=reader.pk).first()
        if new.nonce and (known := access.replies_of(reader).filter(nonce=new.nonce).first()):
            return known
        _check_open(reader)
        talk = opened()
        made = Reply.objects.create(
            conversation=talk,
            parent_id=_parent(talk, new.parent),
            question=new.text,
            about=new.about,
            nonce=new.nonce,
            trace=new.trace,
            language=(new.language or get_language() or "")[:16],
            request_id=new.request_id[:64],
        )
        talk.title, talk.tip, talk.updated_at = talk.title or _title(new.text), made, timezone.now()
        talk.save(update_fields=["title", "tip", "updated_at"])
        transaction.on_commit(lambda: _announce(made))
    return made


def _opened(reader: Reader, pk: int | None, wanted: Wanted, *, title: str) -> Conversation:
    talk = begin(reader, wanted=wanted, title=title, is_question=True) if pk is None else conversation(reader, pk)
    if pk is not None:
        scopes.check(talk)
    return talk


def _parent(talk: Conversation, wanted: int | Literal["tip"] | None) -> int | None:
    if wanted is None:
        return None
    if wanted == TIP:
        return talk.tip_id
    if not Reply.objects.filter(conversation=talk, pk=wanted).exists():
        raise Conflict(_("The answer this question follows is not part of this conversation."))
    return wanted


def stop(reader: Reader, reply_id: int) -> Reply:
    """Stop a reply, from any device. What is written stays. A finished reply stays as it is."""
    asked = Reply.objects.filter(pk=reply(reader, reply_id).pk, state__in=Reply.OPEN)
    if asked.update(is_stop_asked=True):
        wire.tell_to_stop(reply_id)
        ending.end_waiting(reply_id)
    return reply(reader, reply_id)


def choose(reader: Reader, reply_id: int) -> Conversation:
    """Show the branch that a reply is on, to its newest end."""
    chosen = reply(reader, reply_id)
    end = branches.end_of(chosen)
    changed = Conversation.objects.filter(pk=chosen.conversation_id).exclude(tip=end)
    if changed.update(tip=end):
        frame = {"type": "reply.chosen", "reply": end, "conversation": chosen.conversation_id}
        transaction.on_commit(lambda: publishing.tell_talk_now(chosen.conversation_id, frame))
    return conversation(reader, chosen.conversation_id)


def judge(reader: Reader, reply_id: int, *, value: int, reason: str = "") -> Reply:
    """Say whether an answer was good (1) or bad (-1), and why; 0 takes it back."""
    judged = reply(reader, reply_id)
    judged.feedback = max(-1, min(1, value))
    judged.feedback_reason = " ".join(reason.replace("\0", "").split())[:LONGEST_REASON] if value else ""
    judged.save(update_fields=["feedback", "feedback_reason"])
    return judged


def conversations(reader: Reader, *, book: int | None = None) -> QuerySet[Conversation]:
    """Return the reader's conversations, the latest first; only those with `book` when one is given."""
    found = access.conversations_of(reader).order_by("-updated_at", "-pk")
    return found if book is None else found.filter(book=book)


def begin(
    reader: Reader,
    *,
    book: int | None = None,
    wanted: Wanted | None = None,
    title: str = "",
    is_question: bool = False,
) -> Conversation:
    """Begin a conversation without a question yet. `is_question`: the title is the first one, and no name."""
    wanted = wanted or Wanted(book=book)
    is_limited = reader.is_limited if wanted.is_limited is None else wanted.is_limited
    named_by = Conversation.Namer.READER if title and not is_question else ""
    talk = Conversation(reader=reader, title=_title(title), named_by=named_by, is_limited=is_limited)
    with transaction.atomic():
        scopes.chosen(reader, wanted).put(talk)
        scopes.check(talk)
    return talk


def change(
    reader: Reader,
    pk: int,
    *,
    wanted: Wanted | None = None,
    title: str | None = None,
    is_pinned: bool | None = None,
    is_archived: bool | None = None,
) -> Conversation:
    """Change what a conversation is about, its title, or where it is listed. What is None stays."""
    wanted = wanted or Wanted()
    with transaction.atomic():
        found = conversation(reader, pk)
        new = {"is_limited": wanted.is_limited, "is_pinned": is_pinned, "is_archived": is_archived}
        for name, value in new.items():
            if value is not None:
                setattr(found, name, value)
        if name := _title(title or ""):
            found.title, found.named_by = name, Conversation.Namer.READER
            transaction.on_commit(lambda: tell_changed(found))
        found.save(update_fields=["title", "named_by", *new])
        if wanted.is_said:
            scopes.chosen(reader, wanted).put(found)
    return conversation(reader, pk)


def rename(reader: Reader, pk: int, *, title: str) -> Conversation:
    """Give a conversation another title."""
    return change(reader, pk, title=title)


def delete(reader: Reader, pk: int) -> None:
    """Delete a conversation with its replies for good. One that is being written ends unseen."""
    found = conversation(reader, pk)
    for open_id in found.replies.filter(state__in=Reply.OPEN).values_list("pk", flat=True):
        wire.tell_to_stop(open_id)
    with transaction.atomic():
        _delete(found)
        transaction.on_commit(lambda: _tell_gone(reader, pk))


def _delete(talk: Conversation) -> None:
    """Delete the rows. The replies are locked first, as a worker does that ends one and then says so of its talk."""
    list(talk.replies.select_for_update().order_by("pk").values_list("pk"))
    talk.delete()


def remove(reader: Reader, pk: int) -> None:
    """Take a conversation away from everywhere, with what was written so far. `restore` brings it back for a while."""
    found = conversation(reader, pk)
    for open_id in found.replies.filter(state__in=Reply.OPEN).values_list("pk", flat=True):
        stop(reader, open_id)
    Conversation.every.filter(pk=found.pk).update(removed_at=Now())
    transaction.on_commit(lambda: _tell_gone(reader, pk))


def restore(reader: Reader, pk: int) -> Conversation:
    """Bring a removed conversation back, whole. One that is not removed stays as it is."""
    with transaction.atomic():
        Conversation.every.filter(reader=reader, pk=pk).update(removed_at=None)
        found = conversation(reader, pk)
        transaction.on_commit(lambda: tell_changed(found))
    return found


def purge() -> int:
    """Delete for good the conversations that were removed longer ago than they can be brought back."""
    over = Now() - timedelta(seconds=settings.UNDO_SECONDS)
    due = Conversation.every.filter(removed_at__lt=over).order_by("removed_at")[:PURGED_AT_ONCE]
    gone = 0
    for pk in list(due.values_list("pk", flat=True)):
        with transaction.atomic():  # one that is brought back at this moment is passed over
            if found := Conversation.every.select_for_update().filter(pk=pk, removed_at__lt=over).first():
                _delete(found)
                gone += 1
    return gone


def tell_changed(talk: Conversation) -> None:
    """Tell the reader's pages the name of a conversation, so that their lists show it."""
    publishing.tell_now(talk.reader_id, {"type": "talk.named", "conversation": talk.pk, "title": talk.title})


def _tell_gone(reader: Reader, pk: int) -> None:
    publishing.tell_now(reader.pk, {"type": "talk.gone", "conversation": pk})


def whole(reader: Reader, pk: int) -> ReplyWhole:
    """Return one reply of the reader as it is stored."""
    return shown.whole(reply(reader, pk))


def new_frame(asked: Reply) -> ReplyNew:
    """Return the frame that says that a question was accepted."""
    return shown.new(asked)


def _announce(asked: Reply) -> None:
    wire.wake(asked.pk)
    publishing.tell_now(asked.conversation.reader_id, new_frame(asked))


def _question(text: str) -> str:
    question = text.replace("\0", "").encode("utf-8", "ignore").decode().strip()
    if not question:
        raise BadQuestion(_("Write a question first."))
    if len(question) > LONGEST_QUESTION:
        raise BadQuestion(_("The question is too long: %(most)s characters at most.") % {"most": LONGEST_QUESTION})
    return question


def _check_open(reader: Reader) -> None:
    if access.replies_of(reader).filter(state__in=Reply.OPEN).count() >= MOST_OPEN:
        raise TooMany(_("Several questions of yours are still being answered. Wait for one of them."), retry_after=5)


def _title(text: str) -> str:
    """Return a text as a title: one line, cut at a word."""
    line = " ".join(text.replace("\0", "").split())
    if len(line) <= LONGEST_TITLE:
        return line
    cut = line[:LONGEST_TITLE]
    return (cut.rsplit(" ", 1)[0] if " " in cut[LONGEST_TITLE // 2 :] else cut) + "…"
