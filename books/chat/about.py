"""The words of a book that a question is about: named by their place, taken from the book itself."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from books.chat.asked import About
from books.events import About as AboutFrame
from books.models import Book, Reply, Section
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Invalid, NotFound
from mindory_web.lib.excerpts import Excerpt, Place

KINDS: Final = ("ask", "explain", "translate")
LONGEST: Final = 4_000  # characters
BEFORE: Final = 600  # characters told to the model besides
AFTER: Final = 300


def checked(reader: Reader, given: Mapping[str, Any]) -> AboutFrame:
    """Return what is asked about, with its words. Raises NotFound when the book is not the reader's, and Invalid."""
    book, section, start, end = (int(given[name]) for name in ("book", "section", "start", "end"))
    if given["kind"] not in KINDS:
        raise Invalid(_("Words can be asked about, explained or translated."))
    if not Book.objects.filter(owner=reader, pk=book).exists():
        raise NotFound(_("There is no such book."))
    if not 0 <= start < end:
        raise Invalid(_("Choose some words first."))
    if end - start > LONGEST:
        raise Invalid(
            _("These are too many words to ask about at once: %(most)s characters at most.") % {"most": LONGEST}
        )
    quote = _slice(book, section, start, end)
    if len(quote) < end - start or not quote.strip():
        raise Invalid(_("There is no such place in this book."))
    return {"kind": given["kind"], "book": book, "section": section, "start": start, "end": end, "quote": quote}


def question_of(kind: str) -> str:
    """Return the question that goes without saying; an empty one when it does not."""
    return {"explain": _("Explain these words."), "translate": _("Translate these words.")}.get(kind, "")


def shown(reply: Reply) -> AboutFrame | None:
    """Return what a stored question is about, as frames have it."""
    return reply.about or None


def asked(reply: Reply, *, until: Mapping[int, tuple[int, int]] | None) -> About | None:
    """Return what a stored question is about, with what stands around it as far as the limit allows."""
    words: AboutFrame | None = shown(reply)
    if words is None:
        return None
    place = Place(words["book"], words["section"], words["start"], words["end"])
    found = around(place, until=until)
    if found and words["quote"] not in found.text:  # the book was read anew
        found = None
    return About(words["kind"], words["quote"], found)


def around(words: Place, *, until: Mapping[int, tuple[int, int]] | None) -> Excerpt | None:
    """Return words of a book with what stands around them as far as the limit allows; None when the book is gone."""
    start, end = max(0, words.start - BEFORE), words.end + AFTER
    if until is not None:
        section, offset = until.get(words.book, (0, 0))
        if (section, offset) < (words.section, words.end):
            start, end = words.start, words.end  # the reader chose these words, and read nothing beside them
        elif section == words.section:
            end = min(end, offset)
    book = Book.objects.filter(pk=words.book).first()
    text = _slice(words.book, words.section, start, end)
    if book is None or not text:
        return None
    heading = Section.objects.filter(book=book, number=words.section).values_list("title", flat=True).first()
    place = Place(book.pk, words.section, start, start + len(text))
    return Excerpt(text, 1.0, book.title, heading or "", book.language, place)


def _slice(book: int, section: int, start: int, end: int) -> str:
    there = Section.objects.filter(book=book, number=section)
    return there.values_list(Substr("text", start + 1, end - start), flat=True).first() or ""
