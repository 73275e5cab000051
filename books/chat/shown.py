"""A stored reply as everybody gets it: the socket (`reply.whole`), the pages, the API."""

from collections.abc import Iterable
from typing import Any, cast

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from books.chat import about
from books.chat.rendering import blocks
from books.events import Blocks, ReplyCitation, ReplyEnd, ReplyNew, ReplyWhole
from books.models import Citation, Reply

CITATIONS = Prefetch("citations", queryset=Citation.objects.select_related("book").order_by("number"))


def with_citations(replies: QuerySet[Reply]) -> QuerySet[Reply]:
    """Return replies with all that `whole` needs, so that many of them cost a few queries."""
    return replies.prefetch_related(CITATIONS).defer("trace")


def whole(reply: Reply) -> ReplyWhole:
    """Return a reply as its row and citations have it."""
    return {
        "type": "reply.whole",
        "reply": reply.pk,
        "conversation": reply.conversation_id,
        "parent": reply.parent_id,
        "question": reply.question,
        "about": about.shown(reply),
        "seq": reply.last_seq,
        "state": str(reply.state),
        "text": reply.text,
        "html": blocks(reply.text),
        "citations": [citation(each, reply) for each in reply.citations.all() if each.book.removed_at is None],
        "left_out": reply.left_out,
        "ahead": reply.ahead,
        "noted": list(reply.noted),
        "feedback": reply.feedback,
        "feedback_reason": reply.feedback_reason,
        "error_code": reply.error_code,
        "error_message": _(reply.error_message) if reply.error_message else "",
    }


def wholes(replies: Iterable[Reply]) -> list[ReplyWhole]:
    """Return several replies so."""
    return [whole(reply) for reply in replies]


def citation(found: Citation, reply: Reply) -> ReplyCitation:
    """Return a stored citation as its frame."""
    return {
        "type": "reply.citation",
        "reply": reply.pk,
        "seq": reply.last_seq,
        "number": found.number,
        "book": found.book_id,
        "title": found.book.title,
        "language": found.book.language,
        "section": found.section,
        "heading": found.heading,
        "start": found.start,
        "end": found.end,
        "quote": found.quote,
        "page": found.page,
        "how": found.how,
        "is_placed": found.is_placed,
    }


def new(reply: Reply) -> ReplyNew:
    """Return the frame that says that a question was accepted."""
    return {
        "type": "reply.new",
        "reply": reply.pk,
        "conversation": reply.conversation_id,
        "book": reply.conversation.book_id,
        "question": reply.question,
        "nonce": reply.nonce,
        "parent": reply.parent_id,
        "about": about.shown(reply),
    }


def end(reply: Reply, *, html: Blocks | None = None) -> ReplyEnd:
    """Return the last frame of a reply, as its row has it."""
    frame: dict[str, Any] = {
        "type": "reply.end",
        "reply": reply.pk,
        "seq": reply.last_seq,
        "state": str(reply.state),
        "left_out": reply.left_out,
        "error_code": reply.error_code,
        "error_message": reply.error_message,
        "ahead": reply.ahead,
    }
    return cast(ReplyEnd, frame if html is None else frame | {"html": html})
