"""What earlier conversations quoted of a book: the pencil strokes in its margin. Bounded by the reader."""

from django.db.models import Count, QuerySet

from books.models import Book, Citation
from mindory_web.accounts.models import Reader


def quoted(reader: Reader, book: Book, *, first: int = 0, last: int | None = None) -> QuerySet[Citation]:
    """Return the quotes from a book in the reader's conversations, in the order of the text.

    Only those of sections `first` to `last` when they are given. Quotes that lost their place come last.
    """
    found = Citation.objects.filter(book=book, reply__conversation__reader=reader, section__gte=first)
    if last is not None:
        found = found.filter(section__lte=last)
    return found.select_related("reply__conversation").order_by("-is_placed", "section", "start", "pk")


def counts(reader: Reader, book: Book) -> list[dict[str, int]]:
    """Return for each section that was quoted: how many quotes, and in how many conversations."""
    placed = quoted(reader, book).filter(is_placed=True).order_by("section")
    counted = placed.values_list("section").annotate(Count("pk"), Count("reply__conversation", distinct=True))
    return [
        {"section": section, "quotes": quotes, "conversations": conversations}
        for section, quotes, conversations in counted
    ]
