"""Conversations as they are looked for: by what was said in them, and with the words around it."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Greatest, StrIndex, Substr, Upper

from books.chat import access
from books.models import Conversation, Reply
from mindory_web.accounts.models import Reader

LONGEST: Final = 200  # characters that are looked for
BEFORE: Final = 60  # characters of a snippet before what was found
SNIPPET: Final = 240


@dataclass(frozen=True, slots=True)
class Filter:
    """Which conversations. None: all."""

    book: int | None = None
    collection: int | None = None
    is_archived: bool | None = None
    is_pinned: bool | None = None
    words: str = ""


def found(reader: Reader, wanted: Filter) -> QuerySet[Conversation]:
    """Return the reader's conversations, the latest first. Words that are looked for are in `said` or `asked`."""
    exact = {
        "book": wanted.book,
        "collection": wanted.collection,
        "is_archived": wanted.is_archived,
        "is_pinned": wanted.is_pinned,
    }
    talks = access.conversations_of(reader).order_by("-updated_at", "-pk")
    talks = talks.filter(**{name: value for name, value in exact.items() if value is not None})
    words = wanted.words.replace("\0", "").strip()[:LONGEST]
    return with_words(talks, words) if words else talks


def with_words(talks: QuerySet[Conversation], words: str) -> QuerySet[Conversation]:
    """Keep the conversations in whose title, questions or answers the words stand."""
    replies = Reply.objects.filter(conversation=OuterRef("pk"))
    is_said = Exists(replies.filter(Q(question__icontains=words) | Q(text__icontains=words)))
    return talks.filter(Q(title__icontains=words) | is_said).annotate(
        said=_snippet(replies, "text", words), asked=_snippet(replies, "question", words)
    )


def snippet(talk: Conversation) -> str:
    """Return the words around what was found, in one line; nothing where only the title has it."""
    return " ".join(str(getattr(talk, "said", "") or getattr(talk, "asked", "") or "").split())


def _snippet(replies: QuerySet[Reply], name: str, words: str) -> Subquery:
    first: Any = replies.filter(**{f"{name}__icontains": words}).order_by("-pk")
    at = Greatest(StrIndex(Upper(F(name)), Upper(Value(words))) - BEFORE, Value(1))
    return Subquery(first.annotate(snippet=Substr(F(name), at, SNIPPET)).values("snippet")[:1])
