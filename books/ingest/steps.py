"""The steps of an ingest, in their order. Each can be repeated: it writes its results and that it is done together.

None holds a transaction or a connection while a parser or a model works.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.conf import settings

from books import splitting
from books.errors import BookError
from books.ingest.reading import read_sections
from books.ingest.recognising import recognise_pages
from books.ingest.work import Work, let_go
from books.models import Book, Passage, Posting, Section
from books.retrieval import lexical, vector
from mindory_web.engines.embedding import embedding_engine

WINDOWS_AT_ONCE: Final = 64  # embedded in one go: a few seconds of work at most are lost with a worker


@dataclass(frozen=True, slots=True)
class Step:
    """A named part of the work. `name` is also the state the book is in meanwhile."""

    name: str
    run: Callable[[Work], None]


def split_passages(work: Work) -> None:
    """Cut the sections into passages."""
    total = Section.objects.filter(book_id=work.book_id).count()
    passages: list[Passage] = []
    for done, section in enumerate(_texts(work.book_id), 1):
        for start, end in splitting.passages(
            section.text, size=settings.PASSAGE_CHARACTERS, overlap=settings.PASSAGE_OVERLAP
        ):
            number = len(passages)
            passages.append(Passage(book_id=work.book_id, number=number, section=section.number, start=start, end=end))
        work.check()
        if done == total or done % 50 == 0:
            work.tell(done, total)
    with work.fenced() as job:
        vector.forget(work.book_id)
        Posting.objects.filter(book_id=work.book_id).delete()
        Passage.objects.filter(book_id=work.book_id).delete()
        Passage.objects.bulk_create(passages, batch_size=2000)
        work.step_done(job, Book.State.SPLITTING, passage_count=len(passages), is_askable=False, is_embedded=False)


def _texts(book_id: int) -> Iterator[Section]:
    """Yield the sections a few at a time, by number: no cursor stays open between two."""
    after = -1
    while some := list(
        Section.objects.filter(book_id=book_id, number__gt=after).order_by("number").only("number", "text")[:20]
    ):
        yield from some
        after = some[-1].number


def index_words(work: Work) -> None:
    """Write the postings of every passage. From here on the book can be asked."""
    language = Book.every.values_list("language", flat=True).get(pk=work.book_id)
    places: dict[int, list[tuple[int, int, int]]] = {}
    for section, number, start, end in Passage.objects.filter(book_id=work.book_id).values_list(
        "section", "number", "start", "end"
    ):
        places.setdefault(section, []).append((number, start, end))
    texts = [
        (number, section.text[start:end])
        for section in _texts(work.book_id)
        for number, start, end in places.get(section.number, [])
    ]
    work.check()
    work.tell(0, len(texts))
    with work.fenced() as job:
        average = lexical.index_passages(work.book_id, texts, language=language)
        work.step_done(job, Book.State.INDEXING, is_askable=True, average_terms=average)
    work.tell(len(texts), len(texts))


def embed_windows(work: Work) -> None:
    """Embed what has no vector yet. Skipped when the engine knows nothing of the book's language."""
    engine = embedding_engine()
    language = Book.every.values_list("language", flat=True).get(pk=work.book_id)
    total = 0
    if engine.has_vote(language):
        missing = list(vector.missing_windows(work.book_id))
        total = vector.store(engine).count([work.book_id]) + len(missing)
        _embed(work, missing, total)
    with work.fenced() as job:
        work.step_done(job, Book.State.EMBEDDING, is_embedded=True, window_count=total)


def _embed(work: Work, missing: list[vector.Window], total: int) -> None:
    engine = embedding_engine()
    waiting = iter(missing)
    done = total - len(missing)
    work.tell(done, total)
    while some := list(islice(waiting, WINDOWS_AT_ONCE)):
        work.check()
        let_go()
        vectors = engine.embed([window.text for window in some])
        with work.fenced() as job:
            vector.keep(work.book_id, some, vectors)
            if job.attempts > 1:  # it moves on: attempts count what stands still
                job.attempts = 1
                job.save(update_fields=["attempts"])
        done += len(some)
        work.tell(done, total)
        if done < total:
            work.make_way()


STEPS: Final = (
    Step(Book.State.READING, read_sections),
    Step(Book.State.RECOGNISING, recognise_pages),
    Step(Book.State.SPLITTING, split_passages),
    Step(Book.State.INDEXING, index_words),
    Step(Book.State.EMBEDDING, embed_windows),
)

__all__ = ["STEPS", "BookError", "Step"]
