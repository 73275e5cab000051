"""The printed pages of a book: what they are called, where they begin, where words stand on them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from books.coordinates import Span
from books.formats.parsed import Page as ParsedPage
from books.formats.parsed import Word
from books.models import Book, Page, Section
from mindory_web.lib.errors import Invalid, NotFound

MOST_PAGES: Final = 50  # whose boxes one span may ask for
VERSION: Final = 12  # hexadecimals of the file's digest: pictures of pages are named by it
MOST_WORDS: Final = 8_000  # of one page that are laid over its picture

FROM_THE_RIGHT: Final = frozenset({"ar", "fa", "he", "iw", "ji", "ps", "sd", "ug", "ur", "yi"})  # languages

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Boxes:
    """Where words stand on a page: left, top, right, bottom, in tenths of a point from its top left corner."""

    page: int
    label: str
    width: int
    height: int
    boxes: list[Box]


def label_of(number: int, label: str) -> str:
    """Return what a page is called: what is printed on it, else its number from 1."""
    return label or str(number + 1)


def of(book: Book) -> "QuerySet[Page]":
    """Return the pages of a book without their words."""
    return Page.objects.filter(book=book).defer("words").order_by("number")


def page(book: Book, number: int) -> Page:
    """Return one page with its words. Raises NotFound."""
    found = Page.objects.filter(book=book, number=number).first()
    if found is None:
        raise NotFound(_("There is no such page in this book."))
    return found


def starts(pages: Sequence[ParsedPage]) -> list[tuple[int, int, str]]:
    """Return where each page of a parsed book begins (section, character), with its label, in the text's order."""
    named = [(each.section, each.start, number, each.label) for number, each in enumerate(pages)]
    return [(section, start, label_of(number, label)) for section, start, number, label in sorted(named)]


def boxes(book: Book, span: Span) -> list[Boxes]:
    """Return where the words of a span stand, page by page; words of one line are one box. Raises Invalid."""
    text = Section.objects.filter(book=book, number=span.section).values_list("text", flat=True).first()
    if text is None or span.end > len(text):
        raise Invalid(_("There is no such place in this book."))
    found = []
    for each in _pages_of(book, span):
        words = [word for word in each.words if word[0] == span.section and word[1] < span.end and word[2] > span.start]
        if words:
            label = label_of(each.number, each.label)
            found.append(Boxes(each.number, label, each.width, each.height, list(_lines(words))))
    return found


def _pages_of(book: Book, span: Span) -> Iterable[Page]:
    """Return the pages that may hold words of a span: one more on each side, where notes and heads may stand."""
    begin = Q(section__lt=span.section) | Q(section=span.section, start__lte=span.start)
    first = Page.objects.filter(begin, book=book).order_by("-number").values_list("number", flat=True).first() or 0
    before_end = Q(section__lt=span.section) | Q(section=span.section, start__lt=max(span.end, span.start + 1))
    last = Page.objects.filter(before_end, book=book).order_by("-number").values_list("number", flat=True).first() or 0
    numbers = range(max(first - 1, 0), min(last + 2, first + MOST_PAGES))
    return Page.objects.filter(book=book, number__in=numbers, width__gt=0).order_by("number")


def _lines(words: Sequence[Word]) -> Iterator[Box]:
    """Join the boxes of words that stand beside each other."""
    line: Box | None = None
    for _section, _start, _end, *edges in words:
        box: Box = (edges[0], edges[1], edges[2], edges[3])
        if line is not None and _is_beside(line, box):
            line = (min(line[0], box[0]), min(line[1], box[1]), max(line[2], box[2]), max(line[3], box[3]))
            continue
        if line is not None:
            yield line
        line = box
    if line is not None:
        yield line


def _is_beside(line: Box, box: Box) -> bool:
    height = min(line[3] - line[1], box[3] - box[1])
    shared = min(line[3], box[3]) - max(line[1], box[1])
    gap = max(box[0] - line[2], line[0] - box[2])
    return 2 * shared > height and gap < 3 * max(height, 1)


# --- For the eyes -------------------------------------------------------------------------------


def sheets(book: Book) -> dict[str, Any] | None:
    """Return what the pages of a PDF look like from afar, in page order; None for a book without drawn pages.

    `sizes` in tenths of a point and `labels` are by page; `starts` are section and character of each; `has_words`
    tells whether words can be selected on any, `is_rtl` whether two side by side are read from the right.
    """
    columns = ("number", "label", "section", "start", "width", "height")
    rows = list(Page.objects.filter(book=book, width__gt=0).order_by("number").values_list(*columns))
    if not rows:
        return None
    return {
        "version": book.digest[:VERSION],
        "has_words": Page.objects.filter(book=book, width__gt=0).exclude(words=[]).exists(),
        "is_rtl": is_rtl(book),
        "numbers": [] if rows[-1][0] == len(rows) - 1 else [row[0] for row in rows],
        "labels": [label_of(number, label) for number, label, *_rest in rows],
        "starts": [[section, start] for _number, _label, section, start, *_size in rows],
        "sizes": [[width, height] for *_rest, width, height in rows],
    }


def is_rtl(book: Book) -> bool:
    """Say whether the pages of a book are turned from the right: as its file says, else as its language has it."""
    says = book.details
    is_told = says.get("binding") == "right" or says.get("direction") == "rtl" or says.get("writing") == "vertical"
    return is_told or book.language.lower().partition("-")[0] in FROM_THE_RIGHT


def layer(book: Book, number: int) -> list[list[Any]]:
    """Return the words of a page line by line, to be laid over its picture.

    A line: section, start, left, top, right, bottom, its text (with the white space that follows it), then for each
    word where it begins in the text, how long it is, its left and its right edge. Raises NotFound.
    """
    words = page(book, number).words[:MOST_WORDS]
    numbers = {word[0] for word in words}
    texts = dict(Section.objects.filter(book=book, number__in=numbers).values_list("number", "text"))
    return [_line(line, texts[line[0][0]]) for line in _printed_lines(words) if line[0][0] in texts]


def _line(line: Sequence[Word], text: str) -> list[Any]:
    section, start, end = line[0][0], line[0][1], line[-1][2]
    after = text[end : end + 2]
    shown = text[start : end + len(after) - len(after.lstrip())]
    edges = [min(word[3] for word in line), min(word[4] for word in line), max(word[5] for word in line)]
    words = [number for word in line for number in (word[1] - start, word[2] - word[1], word[3], word[5])]
    return [section, start, *edges, max(word[6] for word in line), shown, *words]


def _printed_lines(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Put the words together that follow each other in one line, with nothing but a space between them."""
    line: list[Word] = []
    for word in words:
        if line and _follows(line, word):
            line.append(word)
            continue
        if line:
            yield line
        line = [word]
    if line:
        yield line


def _follows(line: Sequence[Word], word: Word) -> bool:
    last = line[-1]
    heights = last[6] - last[4], word[6] - word[4]
    return (
        word[0] == last[0]
        and last[2] <= word[1] <= last[2] + 1
        and max(heights) < 2 * max(min(heights), 1)
        and (word[3] >= last[3]) == (line[min(1, len(line) - 1)][3] >= line[0][3])
        and _is_beside((last[3], last[4], last[5], last[6]), (word[3], word[4], word[5], word[6]))
    )
