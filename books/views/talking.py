"""What the chat beside a book and the page of a conversation have in common."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from books.chat import scopes, shown, talk
from books.contents import entries, title_at
from books.models import Book, Collection, Conversation
from books.reach import reaches
from books.views.request import ReaderRequest
from mindory_web.accounts.models import Reader
from mindory_web.engines.llm import llm_client

MOST_REPLIES = 400  # of one conversation in a page; the newest
NEW = "new"  # in an address: no conversation yet


def talking(request: ReaderRequest, *, book: Book | None, conversation: Conversation | None = None) -> dict[str, Any]:
    """Return the context of a chat: the conversation to show with its stored replies, and what can be asked."""
    if book:
        conversation = chosen(request, book)
    return {
        "conversation": conversation,
        "has_engine": llm_client() is not None,
        "collections": Collection.objects.filter(owner=request.user),
        "chat": thread(request.user, book=book, conversation=conversation),
    }


def chosen(request: ReaderRequest, book: Book) -> Conversation | None:
    """Return the conversation the address names, also one about other books, else the last one with this book."""
    wanted = request.GET.get("conversation", "")
    if wanted == NEW:
        return None
    mine = talk.conversations(request.user)
    named = (
        mine.filter(pk=int(wanted)).first() if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10 else None
    )
    return named or mine.filter(book=book, is_archived=False).first()


def thread(reader: Reader, *, book: Book | None, conversation: Conversation | None) -> dict[str, Any]:
    """Return what the page's modules know of a conversation: its replies, its scope, its standing."""
    return {
        "conversation": conversation.pk if conversation else None,
        "book": book.pk if book else None,
        "title": conversation.title if conversation else "",
        "tip": conversation.tip_id if conversation else None,
        "is_pinned": bool(conversation and conversation.is_pinned),
        "is_archived": bool(conversation and conversation.is_archived),
        "replies": replies(conversation) if conversation else [],
        "reach": reach_title(reader, book) if book else "",
        **scope(reader, book=book, conversation=conversation),
        **(told_besides(reader, [conversation.pk])[conversation.pk] if conversation else {}),
        "fresh": scope(reader, book=book, conversation=None),
    }


def told_besides(reader: Reader, conversations: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return what others know of each of these conversations (settings.TALK_SOURCES)."""
    found: dict[int, dict[str, Any]] = {number: {} for number in conversations}
    for name in settings.TALK_SOURCES:
        for number, facts in import_string(name)(reader.pk, conversations).items():
            found[number] |= facts
    return found


def scope(reader: Reader, *, book: Book | None, conversation: Conversation | None) -> dict[str, Any]:
    """Return what is asked: of a conversation, or of the one that the next question begins."""
    if conversation:
        books, collection = list(conversation.books.all()), conversation.collection
        return _scope(conversation.scope, books, collection, is_limited=conversation.is_limited)
    if book:
        return _scope(Conversation.Scope.BOOK, [], None, is_limited=reader.is_limited)
    likes = scopes.chosen(reader, scopes.Wanted())
    return _scope(likes.scope, likes.books, likes.collection, is_limited=reader.is_limited)


def _scope(kind: str, books: Any, collection: Collection | None, *, is_limited: bool) -> dict[str, Any]:
    return {
        "scope": str(kind),
        "books": [{"id": one.pk, "title": one.title} for one in books],
        "collection": {"id": collection.pk, "name": collection.name} if collection else None,
        "is_limited": is_limited,
    }


def reach_title(reader: Reader, book: Book) -> str:
    """Return the title of the chapter that the reader has come to."""
    return title_at(entries(book), *reaches(reader, [book.pk])[book.pk])


def replies(conversation: Conversation) -> list[Any]:
    """Return the newest replies of a conversation as `reply.whole` frames, oldest first."""
    newest = shown.with_citations(conversation.replies.order_by("-pk"))[:MOST_REPLIES]
    return list(shown.wholes(reversed(newest)))
