"""Whose conversations these are. Every door and every verb looks here, so another rule is a change of this file."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from books.models import Conversation, Reply
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import NotFound


def conversations_of(reader: Reader) -> QuerySet[Conversation]:
    """Return the conversations that this reader may read and ask in."""
    return Conversation.objects.filter(reader=reader)


def replies_of(reader: Reader) -> QuerySet[Reply]:
    """Return the replies that this reader may read."""
    return Reply.objects.filter(conversation__in=conversations_of(reader)).select_related("conversation")


def conversation(reader: Reader, pk: int) -> Conversation:
    """Return one conversation."""
    whole = conversations_of(reader).select_related("book", "collection").defer("book__contents", "book__details")
    found = whole.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such conversation."))
    return found


def reply(reader: Reader, pk: int) -> Reply:
    """Return one reply."""
    found = replies_of(reader).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such answer."))
    return found


def still_open(reader: Reader, pks: Iterable[int]) -> set[int]:
    """Return those of these conversations that the reader may still be in."""
    return set(conversations_of(reader).filter(pk__in=list(pks)).values_list("pk", flat=True))
