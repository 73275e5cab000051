"""Is a book whole? What must hold for every finished book, whatever happened while it was made."""

from collections import Counter

from books import pictures
from books.formats.parsed import Block
from books.models import Annotation, Book, Citation, Page, Passage, Picture, Posting, ReadingPlace, Section
from books.retrieval import vector
from mindory_web.engines.embedding import embedding_engine
from mindory_web.engines.models import Vector


def faults_of(book: Book) -> list[str]:
    """Return everything that is wrong with a ready book; an empty list is what tests want."""
    return [
        *_sections(book),
        *_passages(book),
        *_postings(book),
        *_vectors(book),
        *_pictures(book),
        *_pages(book),
        *_marks(book),
    ]


def _sections(book: Book) -> list[str]:
    sections = list(Section.objects.filter(book=book).order_by("number"))
    found = []
    if [section.number for section in sections] != list(range(book.section_count)) or not sections:
        found.append(f"sections {[section.number for section in sections]} of {book.section_count}")
    if sum(len(section.text) for section in sections) != book.characters:
        found.append("characters do not add up")
    start = 0
    for section in sections:
        if section.start_in_book != start:
            found.append(f"section {section.number} does not begin where the last one ends")
        start += len(section.text)
        at = 0
        for block in map(Block.from_row, section.blocks):
            if not at <= block.start <= block.end <= len(section.text):
                found.append(f"section {section.number}: block {block.start}-{block.end}")
            at = block.end
    return found


def _passages(book: Book) -> list[str]:
    texts = dict(Section.objects.filter(book=book).values_list("number", "text"))
    passages = list(Passage.objects.filter(book=book).order_by("number"))
    found = []
    if [passage.number for passage in passages] != list(range(book.passage_count)) or not passages:
        found.append(f"{len(passages)} passages of {book.passage_count}")
    covered: Counter[int] = Counter()
    for passage in passages:
        text = texts.get(passage.section, "")
        if not text[passage.start : passage.end].strip() or passage.end > len(text):
            found.append(f"passage {passage.number} holds nothing")
        gap = text[covered[passage.section] : passage.start]
        if passage.start > covered[passage.section] and gap.strip():
            found.append(f"nothing covers {gap[:40]!r}")
        covered[passage.section] = max(covered[passage.section], passage.end)
    found += [
        f"the end of section {number} is in no passage"
        for number, text in texts.items()
        if text[covered[number] :].strip()
    ]
    return found


def _postings(book: Book) -> list[str]:
    found = []
    terms = Counter(Posting.objects.filter(book=book).values_list("term", flat=True))
    if not terms or max(terms.values()) > 1:
        found.append("terms are missing or there twice")
    for posting in Posting.objects.filter(book=book):
        numbers = list(posting.passages)
        if numbers != sorted(set(numbers)) or len(numbers) != len(posting.weights) or posting.held != len(numbers):
            found.append(f"posting of {posting.term!r} is torn")
        if numbers and numbers[-1] >= book.passage_count:
            found.append(f"posting of {posting.term!r} names a passage that is not there")
    return found


def _vectors(book: Book) -> list[str]:
    engine = embedding_engine()
    kept = Counter(Vector.objects.filter(space__model=engine.model, group=book.pk).values_list("item", "part"))
    if not engine.has_vote(book.language):
        return [] if not kept else ["vectors by an engine that has no vote"]
    wanted = {(window.passage_id, window.part) for window in vector.every_window(book.pk)}
    found = []
    if set(kept) != wanted or not wanted:
        found.append(f"{len(wanted - set(kept))} vectors missing, {len(set(kept) - wanted)} too many")
    if kept and max(kept.values()) > 1:
        found.append("a vector is there twice")
    if book.window_count != len(wanted):
        found.append(f"window_count {book.window_count} of {len(wanted)}")
    return found


def _pictures(book: Book) -> list[str]:
    found = []
    rows = list(Picture.objects.filter(book=book))
    for row in rows:
        path = pictures.path_of(pictures.name_of(row.digest, row.media_type))
        if not path.is_file() or path.stat().st_size != row.size:
            found.append(f"the file of picture {row.number} is missing or another one")
    if book.cover is not None and book.cover not in {row.number for row in rows}:
        found.append("the cover is no picture of the book")
    if book.own_cover and not pictures.path_of(book.own_cover).is_file():
        found.append("the file of the reader's own cover is missing")
    return found


def _pages(book: Book) -> list[str]:
    texts = dict(Section.objects.filter(book=book).values_list("number", "text"))
    pages = list(Page.objects.filter(book=book).order_by("number"))
    found = []
    if [page.number for page in pages] != list(range(book.page_count)):
        found.append(f"{len(pages)} pages of {book.page_count}")
    for page in pages:
        if page.start > len(texts.get(page.section, "")) or page.section not in texts:
            found.append(f"page {page.number} begins outside the book")
        if any(not 0 <= start < end <= len(texts.get(section, "")) for section, start, end, *_ in page.words):
            found.append(f"page {page.number} has a word outside the book")
    return found


def _marks(book: Book) -> list[str]:
    """What is placed stands on exactly its words."""
    texts = dict(Section.objects.filter(book=book).values_list("number", "text"))
    found = []
    for model in (Annotation, Citation):
        for row in model.objects.filter(book=book, is_placed=True):
            text = texts.get(row.section, "")
            if not row.start <= row.end <= len(text) or text[row.start : row.end] != row.quote:
                found.append(f"{model.__name__} {row.pk} stands on other words")
    for place in ReadingPlace.objects.filter(book=book):
        if place.offset > len(texts.get(place.section, "")) or place.section not in texts:
            found.append("the reader is outside the book")
    return found
