"""A conversation to take along: as Markdown with its quotes as footnotes, or as plain values."""

import re
from collections.abc import Iterator
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from books import addresses
from books.chat import access, branches, shown
from books.events import ReplyCitation, ReplyWhole
from books.models import Book, Conversation
from mindory_web.accounts.models import Reader

FORMAT: Final = 1
NUMBER: Final = re.compile(r"\[(\d{1,3})\]")
SPECIAL: Final = re.compile(r"([\\`*_\[\]<>#|~])")


def as_values(reader: Reader, pk: int) -> dict[str, Any]:
    """Return a conversation with all its branches; `shown` are the replies of the branch that is shown."""
    talk = access.conversation(reader, pk)
    replies = shown.wholes(shown.with_citations(talk.replies.order_by("pk")))
    return {
        "format": FORMAT,
        "title": talk.title,
        "scope": talk.scope,
        "books": [{"id": book.pk, "title": book.title, "authors": book.authors} for book in _books(talk)],
        "collection": talk.collection.name if talk.collection else "",
        "is_limited": talk.is_limited,
        "created_at": talk.created_at.isoformat(),
        "updated_at": talk.updated_at.isoformat(),
        "shown": branches.branch(talk),
        "replies": [_values(reply) for reply in replies],
    }


def as_markdown(reader: Reader, pk: int) -> str:
    """Return the branch that is shown. Every quote is a footnote that leads back to its place in the book."""
    talk = access.conversation(reader, pk)
    replies = shown.wholes(shown.with_citations(talk.replies.filter(pk__in=branches.branch(talk)).order_by("pk")))
    day = date_format(timezone.localtime(talk.updated_at), "DATE_FORMAT")
    about = ", ".join(plain(book.title) for book in _books(talk)) or _("The whole library")
    parts = [f"# {plain(talk.title) or _('A conversation')}", f"{about} · {day}"]
    notes: list[str] = []
    for reply in replies:
        parts += _turn(reply, len(notes))
        notes += [_note(citation, len(notes) + at) for at, citation in enumerate(reply["citations"], 1)]
    return "\n\n".join([*parts, *notes]) + "\n"


def plain(text: str) -> str:
    """Return a text in one line, with nothing in it that Markdown takes for its own."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def address(citation: ReplyCitation) -> str:
    """Return where a quote is read."""
    return addresses.address(citation["book"], citation["section"], citation["start"], citation["end"])


def _turn(reply: ReplyWhole, before: int) -> Iterator[str]:
    yield f"## {plain(reply['question'])}"
    if reply["about"]:
        yield "\n".join(f"> {plain(line)}" for line in reply["about"]["quote"].splitlines() if line.strip())
    numbers = {citation["number"]: before + at for at, citation in enumerate(reply["citations"], 1)}
    yield NUMBER.sub(
        lambda found: f"[^{numbers[int(found[1])]}]" if int(found[1]) in numbers else "", reply["text"].strip()
    )
    if reply["state"] in {"stopped", "interrupted", "failed"}:
        yield f"*{reply['error_message'] or _('The answer ends here: it was cut short.')}*"


def _note(citation: ReplyCitation, number: int) -> str:
    page = _("page %(page)s") % {"page": citation["page"]} if citation["page"] else ""
    where = ", ".join(filter(None, [f"*{plain(citation['title'])}*", plain(citation["heading"]), plain(page)]))
    gone = "" if citation["is_placed"] else " " + _("(These words are no longer in the book.)")
    return f"[^{number}]: {where}: “{plain(citation['quote'])}” <{address(citation)}>{gone}"


def _values(reply: ReplyWhole) -> dict[str, Any]:
    kept = {name: value for name, value in reply.items() if name not in {"type", "html", "seq", "conversation"}}
    quotes = [{**citation, "address": address(citation)} for citation in reply["citations"]]
    left_out = {"type", "reply", "seq"}
    return kept | {"citations": [{k: v for k, v in quote.items() if k not in left_out} for quote in quotes]}


def _books(talk: Conversation) -> list[Book]:
    if talk.scope == Conversation.Scope.BOOK:
        return [talk.book] if talk.book else []
    if talk.scope == Conversation.Scope.COLLECTION:
        return list(talk.collection.books.filter(removed_at=None)) if talk.collection else []
    return list(talk.books.filter(removed_at=None))
