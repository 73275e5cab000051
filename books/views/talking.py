"""What the chat beside a book and the page of a conversation have in common."""

from typing import Any

from books.chat import talk
from books.models import Book, Conversation, Reply
from books.views.request import ReaderRequest
from mindory_web.engines.llm import llm_client

LISTED = 50  # conversations in the menu of a panel


def talking(request: ReaderRequest, *, book: Book | None, conversation: Conversation | None = None) -> dict[str, Any]:
    """Return the context of a chat: the conversation to show, its stored replies, and the others to go to."""
    others = list(talk.conversations(request.user, book=book.pk)[:LISTED]) if book else []
    if book:
        conversation = chosen(request, others)
    return {
        "conversation": conversation,
        "conversations_here": others,
        "has_engine": llm_client() is not None,
        "chat": {
            "conversation": conversation.pk if conversation else None,
            "book": book.pk if book else None,
            "replies": [stored(reply) for reply in replies(conversation)] if conversation else [],
        },
    }


def chosen(request: ReaderRequest, others: list[Conversation]) -> Conversation | None:
    """Return the conversation the address names, else the last one with this book; "new" names none."""
    wanted = request.GET.get("conversation", "")
    if wanted == "new":
        return None
    named = [conversation for conversation in others if str(conversation.pk) == wanted]
    return next(iter(named or others), None)


def replies(conversation: Conversation) -> list[Reply]:
    """Return the replies of a conversation with their citations, oldest first."""
    return list(conversation.replies.order_by("pk").prefetch_related("citations__book"))


def stored(reply: Reply) -> dict[str, Any]:
    """Return a stored reply in the form of a `reply.whole` frame, with its question."""
    citations = [
        {
            "number": citation.number,
            "book": citation.book_id,
            "title": citation.book.title,
            "language": citation.book.language,
            "section": citation.section,
            "heading": citation.heading,
            "start": citation.start,
            "end": citation.end,
            "quote": citation.quote,
            "page": citation.page,
            "is_placed": citation.is_placed,
        }
        for citation in reply.citations.all()
    ]
    return {
        "reply": reply.pk,
        "question": reply.question,
        "seq": reply.last_seq,
        "state": reply.state,
        "text": reply.text,
        "citations": citations,
        "left_out": reply.left_out,
        "error_code": reply.error_code,
        "error_message": reply.error_message,
    }
