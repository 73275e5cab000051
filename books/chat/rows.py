"""A reply's row, as its worker uses it: claimed, kept alive, kept up to date, finished.

The row belongs to the worker whose `fence` it carries. Every write checks it, so a worker that was
taken for dead can wake up and harm nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast, get_args

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Substr
from django.utils import timezone

from books import queue
from books.chat import about, branches, scopes
from books.chat.asked import Asked, Begun
from books.chat.citations import Cited
from books.chat.pen import Draft
from books.chat.quotes import How, Quote
from books.models import Book, Citation, Conversation, Reply, Section
from books.signals import reply_finished
from mindory_web.lib.excerpts import Excerpt, Place

OPEN = (Reply.State.LOOKING, Reply.State.WRITING)  # claimed by a worker
OVER = (Reply.State.DONE, Reply.State.STOPPED, Reply.State.INTERRUPTED, Reply.State.FAILED)
AFTERWORK = timedelta(seconds=60)  # that long nobody else tells of the end of a reply


class LostReply(Exception):
    """The reply is not this worker's any more: taken over, stopped for good, or deleted."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A reply that this worker owns."""

    asked: Asked
    fence: int
    last_seq: int
    is_stop_asked: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reply ended, and how it was made."""

    state: str
    error_code: str = ""
    error_message: str = ""
    engine: str = ""
    left_out: int = 0
    ahead: int = 0
    trace: dict[str, Any] | None = None


def lease_end() -> datetime:
    """Return until when a claim or heartbeat made now holds."""
    return timezone.now() + timedelta(seconds=settings.REPLY_LEASE_SECONDS)


def claim(reply_id: int, *, owner: str) -> Claim | None:
    """Take a waiting reply. None when it is gone or somebody else has it: a message may come twice."""
    taken = Reply.objects.filter(pk=reply_id, state=Reply.State.QUEUED).update(
        state=Reply.State.LOOKING, lease_owner=owner, lease_until=lease_end(), fence=F("fence") + 1
    )
    if not taken:
        return None
    found = Reply.objects.select_related("conversation__reader", "conversation__book")
    unread = ("contents", "details")  # of a long book they are long, and no question needs them
    reply = found.defer(*(f"conversation__book__{name}" for name in unread)).get(pk=reply_id)
    return Claim(_asked(reply), reply.fence, reply.last_seq, reply.is_stop_asked)


def _asked(reply: Reply) -> Asked:
    talk = reply.conversation
    found = scopes.reachable(talk)
    until = scopes.until(talk, found)
    limit = until if talk.is_limited else None
    return Asked(
        reply_id=reply.pk,
        reader_id=talk.reader_id,
        question=reply.question,
        language=reply.language,
        conversation_id=talk.pk,
        books=found.books,
        titles=found.titles,
        not_ready=found.not_ready,
        is_limited=talk.is_limited,
        until=until,
        about=about.asked(reply, until=limit),
        begun=_begun(reply, limit),
        history=branches.history(reply, until=limit),
        request_id=reply.request_id,
    )


def _begun(reply: Reply, limit: Mapping[int, tuple[int, int]] | None) -> Begun | None:
    """Return what the reply that this one goes on with holds; None when it may not be told any more."""
    before = reply.trace.get("continues")
    old = Reply.objects.filter(conversation=reply.conversation_id, pk=before).first() if before else None
    if old is None or (limit is not None and not branches.is_within(old, limit)):
        return None
    quotes = old.citations.filter(is_placed=True).select_related("book").order_by("number")
    return Begun(old.pk, old.text, tuple(_cited(each) for each in quotes))


def _cited(found: Citation) -> Cited:
    """Return a stored citation as the one that it was."""
    place = Place(found.book_id, found.section, found.start, found.end)
    pages = ((0, found.page),) if found.page else ()
    words = Excerpt(found.quote, 1.0, found.book.title, found.heading, found.book.language, place, pages=pages)
    how = cast(How, found.how if found.how in get_args(How) else "folded")
    return Cited(found.number, Quote(place, found.quote, how), words, found.raw_anchor, is_new=True)


def keep(draft: Draft, *, fence: int) -> None:
    """Write the text so far. Raises LostReply."""
    with transaction.atomic():
        _write(draft, fence=fence, state=Reply.State.WRITING)


def finish(draft: Draft, outcome: Outcome, *, fence: int) -> None:
    """Write the whole reply and its final state, together with the frame that says so. Raises LostReply."""
    with transaction.atomic():
        _write(
            draft,
            fence=fence,
            state=outcome.state,
            error_code=outcome.error_code,
            error_message=outcome.error_message,
            engine=outcome.engine,
            left_out=min(outcome.left_out, 32_000),
            ahead=min(outcome.ahead, 32_000),
            trace=outcome.trace or {},
            lease_until=timezone.now() + AFTERWORK,  # until the end was told; ending.reap tells of it, should we not
            finished_at=timezone.now(),
        )
        Conversation.objects.filter(replies=draft.reply_id).update(updated_at=timezone.now())


def tell_finished(reply_id: int) -> None:
    """Tell those who want to know that a reply is over, and have its conversation named.

    What goes wrong with them is theirs: it is logged and harms no reply. It may be told twice, should we be killed.
    """
    found = Reply.objects.select_related("conversation").filter(pk=reply_id, state__in=OVER).first()
    if found is None:
        return
    talk = found.conversation
    reply_finished.send_robust(Reply, reply_id=reply_id, reader_id=talk.reader_id, state=found.state)
    if found.engine and found.state == Reply.State.DONE and not talk.named_by:
        queue.name_talk(reply_id)  # until then it is called by its first question
    Reply.objects.filter(pk=reply_id, state__in=OVER).update(lease_until=None)


def _write(draft: Draft, *, fence: int, state: str, **more: Any) -> None:
    mine = Reply.objects.filter(pk=draft.reply_id, fence=fence, state__in=OPEN)
    if not mine.update(text=draft.text.replace("\0", ""), last_seq=draft.seq, noted=draft.noted, state=state, **more):
        raise LostReply(draft.reply_id)
    _keep_citations(draft)


def _keep_citations(draft: Draft) -> None:
    """Write the citations that are not there yet."""
    known = set(Citation.every.filter(reply=draft.reply_id).values_list("number", flat=True)) if draft.citations else ()
    fresh = [cited for cited in draft.citations if cited.number not in known]
    if not fresh:
        return
    # A book may be deleted while the library is talked about: its citations go with it. Locked, so that none of them
    # is read anew between our look at its text and our writing.
    wanted = Book.objects.filter(pk__in={cited.quote.place.book for cited in fresh}).order_by("pk")
    books = set(wanted.select_for_update(no_key=True).values_list("pk", flat=True))
    Citation.every.bulk_create(
        [
            Citation(
                reply_id=draft.reply_id,
                number=cited.number,
                book_id=cited.quote.place.book,
                section=cited.quote.place.section,
                start=cited.quote.place.start,
                end=cited.quote.place.end,
                quote=cited.quote.text,
                heading=cited.excerpt.heading[:500],
                page=cited.excerpt.page_at(cited.quote.place.start),
                raw_anchor=cited.raw.replace("\0", ""),
                how=cited.quote.how,
                is_placed=_is_there(cited.quote),
            )
            for cited in fresh
            if cited.quote.place.book in books
        ],
        ignore_conflicts=True,
    )


def _is_there(quote: Quote) -> bool:
    """Say whether the words still stand at their place: the book may have been read anew since they were found."""
    length = quote.place.end - quote.place.start
    there = Section.objects.filter(book=quote.place.book, number=quote.place.section)
    words = there.values_list(Substr("text", quote.place.start + 1, length), flat=True).first()
    return words == quote.text


def hand_back(reply_id: int, *, fence: int, last_seq: int) -> bool:
    """Let another worker begin this reply, of which no word is written yet."""
    mine = Reply.objects.filter(pk=reply_id, fence=fence, state__in=OPEN, text="")
    return bool(mine.update(state=Reply.State.QUEUED, lease_until=None, last_seq=last_seq, queued_at=timezone.now()))


def renew(reply_ids: Sequence[int], *, owner: str) -> dict[int, bool]:
    """Renew the leases of these replies; return those still owned, and whether their reader asked to stop."""
    mine = Reply.objects.filter(pk__in=reply_ids, lease_owner=owner, state__in=OPEN)
    mine.update(lease_until=lease_end())
    return dict(mine.values_list("pk", "is_stop_asked"))
