"""What a reader does with conversations. Every door calls these verbs; each is bounded by its reader."""

from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from books import publishing
from books.chat import ending, wire
from books.errors import BadQuestion, BookNotReady
from books.events import ReplyNew, ReplyWhole
from books.models import Book, Conversation, Reply
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Conflict, NotFound, TooMany
from mindory_web.lib.limits import spend

LONGEST_QUESTION: Final = 4_000  # characters
LONGEST_TITLE: Final = 80
LONGEST_NONCE: Final = 64
MOST_A_MINUTE: Final = 60
MOST_OPEN: Final = 10  # replies of one reader that wait or are being written


def ask(  # size: one parameter for each thing that a question may carry
    reader: Reader,
    text: str,
    *,
    conversation: int | None = None,
    book: int | None = None,
    nonce: str = "",
    language: str = "",
    request_id: str = "",
) -> Reply:
    """Ask in a conversation, or start one with a book (None: the whole library). The answer is made elsewhere.

    The same nonce twice is one question. Raises BadQuestion, BookNotReady, NotFound or TooMany.
    """
    question, nonce = _question(text), nonce[:LONGEST_NONCE]
    spend(f"ask:{reader.pk}", limit=MOST_A_MINUTE, seconds=60)
    with transaction.atomic():
        # One question of a reader at a time: the same one sent twice at once stays one.
        Reader.objects.select_for_update(no_key=True).filter(pk=reader.pk).first()
        if nonce and (known := _replies(reader).filter(nonce=nonce).first()):
            return known
        _check_open(reader)
        talk = _open(reader, conversation) if conversation is not None else _begin(reader, question, book=book)
        reply = Reply.objects.create(
            conversation=talk,
            question=question,
            nonce=nonce,
            language=(language or get_language() or "")[:16],
            request_id=request_id[:64],
        )
        if conversation is not None:
            named = talk.title or _title(question)
            Conversation.objects.filter(pk=talk.pk).update(updated_at=timezone.now(), title=named)
        transaction.on_commit(lambda: _announce(reply))
    return reply


def again(reader: Reader, reply_id: int, *, nonce: str = "", request_id: str = "") -> Reply:
    """Ask the question of a finished reply anew, as a new reply of the same conversation."""
    old = reply(reader, reply_id)
    if old.state in Reply.OPEN:
        raise Conflict(_("This question is still being answered."))
    return ask(
        reader,
        old.question,
        conversation=old.conversation_id,
        nonce=nonce,
        language=old.language,
        request_id=request_id,
    )


def stop(reader: Reader, reply_id: int) -> Reply:
    """Stop a reply, from any device. What is written stays. A finished reply stays as it is."""
    asked = Reply.objects.filter(pk=reply(reader, reply_id).pk, state__in=Reply.OPEN)
    if asked.update(is_stop_asked=True):
        wire.tell_to_stop(reply_id)
        ending.end_waiting(reply_id)
    return reply(reader, reply_id)


def conversations(reader: Reader, *, book: int | None = None) -> QuerySet[Conversation]:
    """Return the reader's conversations, the latest first; only those with `book` when one is given."""
    found = Conversation.objects.filter(reader=reader).order_by("-updated_at", "-pk")
    return found if book is None else found.filter(book=book)


def conversation(reader: Reader, pk: int) -> Conversation:
    """Return one conversation of the reader."""
    found = conversations(reader).select_related("book").filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such conversation."))
    return found


def begin(reader: Reader, *, book: int | None = None, title: str = "") -> Conversation:
    """Start a conversation without a question yet."""
    return _begin(reader, title, book=book)


def rename(reader: Reader, pk: int, *, title: str) -> Conversation:
    """Give a conversation another title."""
    found = conversation(reader, pk)
    found.title = _title(title) or found.title
    found.save(update_fields=["title"])
    return found


def delete(reader: Reader, pk: int) -> None:
    """Delete a conversation with its replies. One that is being written ends unseen."""
    found = conversation(reader, pk)
    for open_id in found.replies.filter(state__in=Reply.OPEN).values_list("pk", flat=True):
        wire.tell_to_stop(open_id)
    found.delete()


def reply(reader: Reader, pk: int) -> Reply:
    """Return one reply of the reader."""
    found = _replies(reader).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such answer."))
    return found


def whole(reader: Reader, pk: int) -> ReplyWhole:
    """Return one reply of the reader as it is stored."""
    return ending.whole(reply(reader, pk))


def new_frame(asked: Reply) -> ReplyNew:
    """Return the frame that says that a question was accepted."""
    return {
        "type": "reply.new",
        "reply": asked.pk,
        "conversation": asked.conversation_id,
        "book": asked.conversation.book_id,
        "question": asked.question,
        "nonce": asked.nonce,
    }


def _announce(asked: Reply) -> None:
    wire.wake(asked.pk)
    publishing.tell_now(asked.conversation.reader_id, new_frame(asked))


def _replies(reader: Reader) -> QuerySet[Reply]:
    mine = Conversation.objects.filter(reader=reader)  # without those of removed books
    return Reply.objects.filter(conversation__in=mine).select_related("conversation")


def _question(text: str) -> str:
    question = text.replace("\0", "").encode("utf-8", "ignore").decode().strip()
    if not question:
        raise BadQuestion(_("Write a question first."))
    if len(question) > LONGEST_QUESTION:
        raise BadQuestion(_("The question is too long: %(most)s characters at most.") % {"most": LONGEST_QUESTION})
    return question


def _check_open(reader: Reader) -> None:
    if _replies(reader).filter(state__in=Reply.OPEN).count() >= MOST_OPEN:
        raise TooMany(_("Several questions of yours are still being answered. Wait for one of them."), retry_after=5)


def _open(reader: Reader, pk: int) -> Conversation:
    talk = conversation(reader, pk)
    if talk.book is not None and not talk.book.is_askable:
        raise BookNotReady(_("The words of this book are not indexed yet. Ask again in a moment."))
    return talk


def _begin(reader: Reader, question: str, *, book: int | None) -> Conversation:
    chosen = None
    if book is not None:
        chosen = Book.objects.filter(owner=reader, pk=book).first()
        if chosen is None:
            raise NotFound(_("There is no such book."))
        if not chosen.is_askable:
            raise BookNotReady(_("The words of this book are not indexed yet. Ask again in a moment."))
    return Conversation.objects.create(reader=reader, book=chosen, title=_title(question))


def _title(text: str) -> str:
    """Return a text as a title: one line, cut at a word."""
    line = " ".join(text.replace("\0", "").split())
    if len(line) <= LONGEST_TITLE:
        return line
    cut = line[:LONGEST_TITLE]
    return (cut.rsplit(" ", 1)[0] if " " in cut[LONGEST_TITLE // 2 :] else cut) + "…"
