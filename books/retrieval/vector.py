"""Vectors: what of a book is embedded, where it is kept, and which passages are nearest to a question.

What is embedded are windows of two or three sentences; a passage is as near as its nearest window.
A passage's windows end where the next passage begins, so no sentence is embedded twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from django.db import connection

from books.models import Passage, Section
from books.retrieval.limits import NO_LIMITS, Limit, is_past
from books.splitting import windows
from mindory_web.engines.embedding import EmbeddingEngine, embedding_engine
from mindory_web.engines.vectors import VectorRow, VectorStore, VectorStoreFactory

if TYPE_CHECKING:  # numpy costs 20 MB
    import numpy as np
    from numpy.typing import NDArray

COLLECTION: Final = "books"
WINDOWS_A_PASSAGE: Final = 3  # about as many of the nearest windows share a passage


@dataclass(frozen=True, slots=True)
class Window:
    """A few sentences to embed: the `part`-th of the passage with this id."""

    passage_id: int
    part: int
    text: str


def store(engine: EmbeddingEngine | None = None) -> VectorStore:
    """Return where the vectors of books are kept: the space of the engine in use."""
    return VectorStoreFactory.open(COLLECTION, engine or embedding_engine())


def missing_windows(book_id: int) -> Iterator[Window]:
    """Yield the windows of a book that have no vector yet, in the order of the text."""
    kept = store().parts(book_id)
    for window in every_window(book_id):
        if (window.passage_id, window.part) not in kept:
            yield window


def every_window(book_id: int) -> Iterator[Window]:
    """Yield all windows of a book. The same passages give the same windows, so a killed worker can go on."""
    for section in Section.objects.filter(book_id=book_id).only("number", "text").iterator(chunk_size=8):
        passages = list(Passage.objects.filter(book_id=book_id, section=section.number).order_by("number"))
        ends = [min(here.end, after.start) for here, after in pairwise(passages)] + [p.end for p in passages[-1:]]
        for passage, end in zip(passages, ends, strict=True):
            for part, (start, stop) in enumerate(windows(section.text, passage.start, end)):
                yield Window(passage.pk, part, section.text[start:stop])


def keep(book_id: int, kept: Sequence[Window], vectors: "NDArray[np.float32]") -> int:
    """Write the vectors of these windows; those already there stay. Returns how many are new."""
    return store().add(
        VectorRow(group=book_id, item=window.passage_id, part=window.part, vector=vector)
        for window, vector in zip(kept, vectors, strict=True)
    )


def forget(book_id: int) -> None:
    """Delete the vectors of a book: its text is about to change."""
    VectorStoreFactory.forget(COLLECTION, book_id)


def nearest_passages(
    asked: "NDArray[np.float32]",
    *,
    books: Sequence[int],
    k: int,
    engine: EmbeddingEngine,
    limits: Mapping[int, Limit] = NO_LIMITS,
) -> dict[tuple[int, int], float]:
    """Return the similarity (cosine) of the passages with the nearest windows, by (book, Passage.number)."""
    best: dict[int, float] = {}
    below = {book: limit.pk for book, limit in limits.items()}
    for hit in store(engine).nearest(asked, groups=books, k=WINDOWS_A_PASSAGE * k, below=below):
        best[hit.item] = max(best.get(hit.item, -1.0), hit.similarity)
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, [list(best), list(books)])
        rows = cursor.fetchall()
    # Ids ascend with the text as passages are written; numbers do so by definition, and they decide.
    return {(book, number): best[pk] for pk, book, number in rows if not is_past(limits, book, number)}


_NUMBERS: Final = "SELECT id, book_id, number FROM books_passage WHERE id = ANY(%s) AND book_id = ANY(%s)"
