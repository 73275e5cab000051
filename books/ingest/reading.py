"""From a file to the sections, pictures and pages of a book. `read` can be called again by a later step."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from django.conf import settings

from books.errors import DamagedBook
from books.files import path_of, title_from
from books.formats import sandbox
from books.formats.parsed import PARSER_VERSION, Options, ParsedBook
from books.ingest.work import Work, let_go
from books.models import Book, Passage, Posting, RecognisedPage, Section
from books.retrieval import vector


def read_sections(work: Work) -> None:
    """Parse the file in its sandbox and keep its sections. From here on the book can be read."""
    read(work, step=Book.State.READING)


def read(work: Work, *, step: str) -> ParsedBook:
    """Parse the file, with what was recognised of its pages so far, and keep the book as the result of `step`."""
    book = Book.objects.get(pk=work.book_id)
    options = options_of(book)
    let_go()
    parsed = _parsed(work, book, options)
    work.check()
    keep(work, book, parsed, step=step)
    return parsed


def options_of(book: Book) -> Options:
    """Return what the reader and earlier steps add to the file of a book."""
    lines = RecognisedPage.objects.filter(book=book).values_list("number", "lines")
    return Options(encoding=book.encoding, recognised={str(number): found for number, found in lines})


def _parsed(work: Work, book: Book, options: Options) -> ParsedBook:
    try:
        return sandbox.parse(
            path_of(book.digest),
            limits=sandbox.Limits.of(settings.PARSE_LIMITS),
            told=work.tell,
            is_over=lambda: work.is_over,
            suffix=Path(book.file_name).suffix,
            options=options,
        )
    except sandbox.Stopped:
        work.check()
        raise
    except FileNotFoundError as error:
        raise DamagedBook("The file of this book is missing on this server. Upload it again.") from error


def keep(work: Work, book: Book, parsed: ParsedBook, *, step: str) -> None:
    """Replace everything that was made from this book's file, in one transaction that says `step` is done."""
    with work.fenced() as job:
        _keep_sections(book, parsed)
        work.step_done(job, step, **_facts(book, parsed))


def _keep_sections(book: Book, parsed: ParsedBook) -> None:
    """Replace everything that was made from this book's file."""
    vector.forget(book.pk)
    for model in (Posting, Passage, Section):
        model._default_manager.filter(book_id=book.pk).delete()
    Section.objects.bulk_create(_sections(book.pk, parsed), batch_size=100)


def _sections(book_id: int, parsed: ParsedBook) -> Iterator[Section]:
    start = 0
    for number, section in enumerate(parsed.sections):
        yield Section(
            book_id=book_id,
            number=number,
            title=section.title,
            text=section.text,
            blocks=[block.as_row() for block in section.blocks],
            origins=[list(pair) for pair in section.origins],
            start_in_book=start,
        )
        start += len(section.text)


def _facts(book: Book, parsed: ParsedBook) -> dict[str, object]:
    """Return what the file tells about the book. A title that the reader gave stays."""
    is_named = book.title != title_from(book.file_name)
    return {
        "format": parsed.format,
        "title": book.title if is_named or not parsed.title else parsed.title,
        "authors": book.authors or list(parsed.authors),
        "language": parsed.language,
        "details": {**parsed.details, **({"scans": list(parsed.scans)} if parsed.scans else {})},
        "contents": [asdict(entry) for entry in parsed.contents],
        "warnings": list(parsed.warnings),
        "parser_version": PARSER_VERSION,
        "section_count": len(parsed.sections),
        "characters": sum(len(section.text) for section in parsed.sections),
        "passage_count": 0,
        "window_count": 0,
        "average_terms": 0.0,
        "is_readable": bool(parsed.sections),
        "is_askable": False,
        "is_embedded": False,
    }
