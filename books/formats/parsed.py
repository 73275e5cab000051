"""What every format becomes: sections of canonical text, and the blocks and marks they are shown with.

Canonical text is what the author wrote, with white space collapsed as a browser does and nothing else
changed. Every offset counts Unicode code points of one section's text. Blocks follow each other without
overlap; what is between two blocks is a blank line.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Protocol

# Raised when the same file would give other text than before: a book read by an older parser can be read again.
PARSER_VERSION: Final = 3

LONGEST_SECTION: Final = 60_000  # characters; a longer one is cut at the end of a paragraph
LONGEST_BLOCK: Final = 20_000  # a longer paragraph is cut at the end of a sentence
LONGEST_TITLE: Final = 500
LONGEST_TARGET: Final = 2_000  # characters of an address
LONGEST_MATH: Final = 20_000  # characters of a formula's tree
LONGEST_LABEL: Final = 1_000

BLOCK_KINDS: Final = frozenset(
    {"p", "h", "quote", "li", "oli", "pre", "row", "term", "hr", "img", "note", "caption", "verse"}
)
PLAIN_MARKS: Final = frozenset({"em", "strong", "code", "sup", "sub", "small-caps", "under", "strike"})
MARK_KINDS: Final = PLAIN_MARKS | {"ruby", "rt", "link", "note", "img", "math", "cell", "lang"}
ALIGNMENTS: Final = frozenset({"", "center", "right", "left"})


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters [start, end) are written in a certain way, which `target` and `label` describe further.

    | kind | target |
    |---|---|
    | ruby | the reading, which stands above the text and is not part of it |
    | link | "section:start" in this book, or an address that begins with https://, http:// or mailto: |
    | note | "section:start:end": the words of the footnote that these characters refer to |
    | img  | the number of a picture; it stands before `start`, has no characters, and `label` says what it shows |
    | math | the formula as JSON, ["mfrac", ["mn", "1"], ["mn", "2"]]; its strings, joined, are the characters |
    | cell | of a row: "h" for a header, "2x3" for two columns and three rows, "h2x3" for both |
    | lang | BCP 47 |
    | others | nothing |

    (`rt` is what parser version 1 made of a reading.)
    """

    kind: str
    start: int
    end: int
    target: str = ""
    label: str = ""

    def as_row(self) -> list[Any]:
        """Return this mark as JSON keeps it."""
        return _trimmed([self.kind, self.start, self.end, self.target, self.label], least=3)

    def moved(self, by: int) -> "Mark":
        """Return this mark `by` characters further on."""
        return replace(self, start=self.start + by, end=self.end + by)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or the like: characters [start, end) of the section's text.

    `level`: of a heading 1-6, of a list item or a quotation how deep it is nested. `number`: of an item
    of an ordered list; 1 for the first `row` of each table. A `row` holds its cells with a tab between them.
    `hr` and `img` hold no characters; an `img` is the picture number `target`, and `label` says what it shows.
    `note` is a paragraph of a footnote, its first one has the `number` 1; `verse` is a stanza whose lines end
    with line feeds.
    """

    kind: str
    start: int
    end: int
    level: int = 0
    marks: tuple[Mark, ...] = ()
    number: int = 0
    align: str = ""
    target: str = ""
    label: str = ""

    def as_row(self) -> list[Any]:
        """Return this block as JSON keeps it."""
        marks = [mark.as_row() for mark in self.marks]
        row = [self.kind, self.start, self.end, self.level, marks, self.number, self.align, self.target, self.label]
        return _trimmed(row, least=6)

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> "Block":
        """Return the block that `as_row` wrote."""
        kind, start, end, level, marks, *rest = row
        return cls(kind, start, end, level, tuple(Mark(*mark) for mark in marks), *rest)

    def moved(self, by: int) -> "Block":
        """Return this block `by` characters further on."""
        marks = tuple(mark.moved(by) for mark in self.marks)
        return replace(self, start=self.start + by, end=self.end + by, marks=marks)


def _trimmed(row: list[Any], *, least: int) -> list[Any]:
    """Drop the empty strings at the end of a row."""
    while len(row) > least and row[-1] == "":
        row.pop()
    return row


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table of contents: where in the book it leads, and how deep it is nested (from 0)."""

    title: str
    section: int
    start: int
    depth: int = 0


@dataclass(frozen=True, slots=True)
class ParsedSection:
    """A chapter or part, in reading order.

    `origins`, for formats that are text files: pairs (offset here, offset in the decoded file); from each
    pair to the next the characters are the same, one by one.
    """

    title: str
    text: str
    blocks: tuple[Block, ...]
    origins: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Original:
    """A picture as the file has it, to be read, checked and written anew in the parser's child."""

    number: int
    read: Callable[[], bytes]
    name: str = ""  # where in the file, for people


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that may be shown: written anew by us. `digest`: SHA-256 of its bytes. Width and height in pixels."""

    number: int
    digest: str
    media_type: str
    width: int
    height: int
    size: int  # bytes


# (section, start, end, left, top, right, bottom): characters of a section, and where they stand on the page
Word = tuple[int, int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a printed book. It begins at character `start` of `section`.

    Width, height and the edges of words are in tenths of a point (1/720 inch), from the page's top left corner;
    0 and none when only the page's label is known.
    """

    label: str
    section: int
    start: int
    width: int = 0
    height: int = 0
    words: Sequence[Word] = ()


@dataclass(frozen=True, slots=True)
class ParsedBook:
    """A whole book. `language` is BCP 47 or empty; `warnings` are sentences for people: what could not be saved.

    `details` may hold: publisher, date, description, rights, series, series_number, version, encoding, converter
    (strings); identifiers, subjects, translators (lists of strings); direction "rtl", writing "vertical";
    binding "right" (printed pages that are turned from the right, whichever way their text runs);
    had_lossy (bool), replaced (how many characters could not be read), stretches ([encoding, first byte, last byte]).
    `scans`: pages (from 0) that are pictures without text. `originals` are only there in the parser's child,
    `pictures` only outside it.
    """

    format: str
    sections: Sequence[ParsedSection]
    contents: Sequence[Entry] = ()
    title: str = ""
    authors: Sequence[str] = ()
    language: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    pages: Sequence[Page] = ()
    scans: Sequence[int] = ()
    originals: Sequence[Original] = ()
    pictures: Sequence[Picture] = ()
    cover: int | None = None  # the number of a picture

    def head(self) -> dict[str, Any]:
        """Return everything but sections, pages and pictures, as JSON."""
        return {
            "format": self.format,
            "title": self.title[:LONGEST_TITLE],
            "authors": [author[:200] for author in self.authors][:50],
            "language": self.language[:35],
            "details": dict(self.details),
            "warnings": list(dict.fromkeys(self.warnings))[:100],
            "contents": [asdict(entry) for entry in self.contents],
            "scans": list(self.scans),
            "cover": self.cover,
        }


@dataclass(frozen=True, slots=True)
class Options:
    """What a reader, or an earlier step, adds to a file. `recognised`: the words of scanned pages, by page.

    `page` (from 0) and `width` (pixels) are what the child's task "page" draws, or all of `pages`; `clip` (left, top,
    width, height, in pixels of the page at that width) is the part of it. `scans` (from 0) are the pages that its
    task "recognise" reads. `is_careful`: an attempt after one that ended its process; every page is told,
    and the pages `skipped` (from 0) are not given to native code; nor are the pictures `lost_pictures`.
    """

    encoding: str = ""
    password: str = ""
    recognised: Mapping[str, Any] = field(default_factory=dict)
    page: int = 0
    width: int = 0
    pages: Sequence[int] = ()
    clip: Sequence[int] = ()
    scans: Sequence[int] = ()
    is_careful: bool = False
    skipped: Sequence[int] = ()
    lost_pictures: Sequence[int] = ()


Told = Callable[[int, int], None]  # (done, total), in the format's own unit: chapters, pages


class Parser(Protocol):
    """One format. `parse` raises a BookError with a plain sentence when the file cannot become a book."""

    name: str
    label: str  # for people

    def recognises(self, source: Any, /) -> bool:
        """Say, from the contents alone, whether this parser reads `source` (a sources.Source)."""
        ...

    def parse(self, source: Any, told: Told, /) -> ParsedBook:
        """Return the book, telling `told` how far it is."""
        ...
