"""From a file to the sections, pictures and pages of a book. `read` can be called again by a later step."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.db import transaction

from books import metadata, pictures
from books.errors import DamagedBook, NeedsPassword
from books.files import path_of
from books.formats import rescue, sandbox
from books.formats.counting import words
from books.formats.parsed import PARSER_VERSION, Options, ParsedBook
from books.ingest.work import Work, let_go
from books.metadata import without_nul
from books.models import Book, Page, Passage, Picture, Posting, RecognisedPage, Section
from books.moving import Moving
from books.retrieval import vector
from books.sealing import opened


def read_sections(work: Work) -> None:
    """Parse the file in its sandbox and keep its sections. From here on the book can be read."""
    read(work, step=Book.State.READING)


def read(work: Work, *, step: str) -> ParsedBook:
    """Parse the file, with what was recognised of its pages so far, and keep the book as the result of `step`."""
    book = Book.every.get(pk=work.book_id)
    options = options_of(book)
    let_go()
    with pictures.waiting() as room:
        try:
            parsed = _parsed(work, book, options, room)
        except NeedsPassword:
            _forget_password(work, book)
            raise
        work.check()
        keep(work, parsed, room, step=step)
    return parsed


def options_of(book: Book) -> Options:
    """Return what the reader and earlier steps add to the file of a book."""
    lines = RecognisedPage.objects.filter(book=book).values_list("number", "lines")
    recognised = {str(number): found for number, found in lines}
    return Options(encoding=book.encoding, password=opened(book.password), recognised=recognised)


def _parsed(work: Work, book: Book, options: Options, room: pictures.Waiting) -> ParsedBook:
    try:
        return rescue.parse(
            path_of(book.digest),
            limits=sandbox.Limits.of(settings.PARSE_LIMITS),
            told=work.tell,
            is_over=lambda: work.is_over,
            suffix=Path(book.file_name).suffix,
            options=options,
            keep=room.keep,
        )
    except sandbox.Stopped:
        work.check()
        raise
    except FileNotFoundError as error:
        raise DamagedBook("The file of this book is missing on this server. Upload it again.") from error


def _forget_password(work: Work, book: Book) -> None:
    """A password that does not open the file is of no use to anybody."""
    if book.password:
        with work.fenced():
            Book.every.filter(pk=book.pk).update(password="")


def keep(work: Work, parsed: ParsedBook, room: pictures.Waiting, *, step: str) -> None:
    """Replace everything that was made from this book's file, in one transaction that says `step` is done.

    What its reader left in it moves along; the fields that are the reader's own stay.
    """
    moving, figures = Moving(Book.every.get(pk=work.book_id), parsed), _figures(parsed)
    with work.fenced() as job:
        # Nobody adds a mark or edits a field until this is done: they lock this row too.
        book = Book.every.select_for_update(no_key=True).get(pk=work.book_id)
        moving.carry_out()
        before = pictures.names_in_use(book.pk)
        room.place()
        _replace(book.pk, parsed)
        work.step_done(job, step, **_facts(book, parsed), **figures)
        transaction.on_commit(lambda: pictures.let_go(before))


def _replace(book_id: int, parsed: ParsedBook) -> None:
    vector.forget(book_id)
    for model in (Posting, Passage, Page, Picture, Section):
        model._default_manager.filter(book_id=book_id).delete()
    Section.objects.bulk_create(_sections(book_id, parsed), batch_size=100)
    Picture.objects.bulk_create(_pictures(book_id, parsed), batch_size=1000)
    Page.objects.bulk_create(_pages(book_id, parsed), batch_size=100)


def _sections(book_id: int, parsed: ParsedBook) -> Iterator[Section]:
    start = 0
    for number, section in enumerate(parsed.sections):
        yield Section(
            book_id=book_id,
            number=number,
            title=section.title,
            text=section.text,
            blocks=without_nul([block.as_row() for block in section.blocks]),
            origins=[list(pair) for pair in section.origins],
            start_in_book=start,
        )
        start += len(section.text)


def _pictures(book_id: int, parsed: ParsedBook) -> Iterator[Picture]:
    for picture in {picture.number: picture for picture in parsed.pictures}.values():
        yield Picture(book_id=book_id, **asdict(picture))


def _pages(book_id: int, parsed: ParsedBook) -> Iterator[Page]:
    for number, page in enumerate(parsed.pages):
        yield Page(
            book_id=book_id,
            number=number,
            label=without_nul(page.label),
            section=page.section,
            start=page.start,
            width=page.width,
            height=page.height,
            words=[list(word) for word in page.words],
        )


def _facts(book: Book, parsed: ParsedBook) -> dict[str, object]:
    """Return the columns of a book that follow from its file."""
    details = {**parsed.details, **({"scans": list(parsed.scans)} if parsed.scans else {})}
    return {
        **metadata.as_read(book, parsed),
        "format": parsed.format,
        "details": without_nul(details),
        "contents": without_nul([asdict(entry) for entry in parsed.contents]),
        "warnings": without_nul(list(parsed.warnings)),
        "parser_version": PARSER_VERSION,
        "cover": parsed.cover,
        "passage_count": 0,
        "window_count": 0,
        "average_terms": 0.0,
        "is_readable": bool(parsed.sections),
        "is_askable": False,
        "is_embedded": False,
    }


def _figures(parsed: ParsedBook) -> dict[str, int]:
    """Count what is in a book; of a long one this takes a moment."""
    return {
        "section_count": len(parsed.sections),
        "characters": sum(len(section.text) for section in parsed.sections),
        "words": sum(words(section.text) for section in parsed.sections),
        "page_count": len(parsed.pages),
    }
