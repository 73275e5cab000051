"""Books put straight into the tables, one section per chapter: what retrieval reads, without an ingest."""

from collections.abc import Sequence

from books.models import Book, Passage, Section
from books.retrieval import lexical
from mindory_web.accounts.models import Reader


def shelved(owner: Reader, chapters: Sequence[str], *, language: str = "en", title: str = "A book") -> Book:
    """Return a book of `owner` whose passages are the paragraphs of `chapters`, indexed."""
    book = Book.objects.create(
        owner=owner, digest=f"{Book.objects.count():064x}", file_name="a.txt", file_size=1, title=title,
        language=language, state=Book.State.READY, is_readable=True, is_askable=True, is_embedded=True,
        section_count=len(chapters), characters=sum(map(len, chapters)),
    )  # fmt: skip
    texts: list[tuple[int, str]] = []
    before = 0
    for number, text in enumerate(chapters):
        Section.objects.create(book=book, number=number, title=f"Chapter {number + 1}", text=text, start_in_book=before)
        before += len(text)
        start = 0
        for paragraph in text.split("\n\n"):
            end = start + len(paragraph)
            Passage.objects.create(book=book, number=len(texts), section=number, start=start, end=end)
            texts.append((len(texts), paragraph))
            start = end + 2
    book.passage_count = len(texts)
    book.average_terms = lexical.index_passages(book.pk, texts, language=language)
    book.save()
    return book
