"""Tell a reader's pages how far a book is. A frame repeats what the rows say."""

from books.events import BookFrame
from books.models import Book, Job
from books.publishing import tell_now


def book_frame(book: Book, job: Job | None = None) -> BookFrame:
    """Return what the pages are told about a book and its newest job."""
    return {
        "type": "book",
        "book": book.pk,
        "title": book.title,
        "state": book.state,
        "step": job.step if job else "",
        "done": job.done if job else 0,
        "total": job.total if job else 0,
        "is_readable": book.is_readable,
        "is_askable": book.is_askable,
        "is_embedded": book.is_embedded,
        "error_code": book.error_code,
        "error_message": book.error_message,
    }


def tell_book(book_id: int) -> None:
    """Send the frame of a book as it is now, if it still is."""
    book = Book.objects.filter(pk=book_id).defer("contents", "details").first()
    if book is not None:
        tell_now(book.owner_id, book_frame(book, book.jobs.order_by("-pk").first()))
