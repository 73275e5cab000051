"""The spine of an EPUB being read, page after page: sections, pictures, and where each name is."""

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from typing import Any, Final

from books.errors import DamagedBook
from books.formats import markup
from books.formats.album import MOST_DRAWN
from books.formats.context import joined
from books.formats.division import Heading, Piece, divide, entries, headings, pictures, with_pictures
from books.formats.epub import drawn
from books.formats.epub.contents import Line, Navigation, section_titles
from books.formats.epub.package import Item, resolved
from books.formats.epub.sheets import Sheets
from books.formats.links import Anchors, is_safe, settled
from books.formats.parsed import LONGEST_TARGET, Block, Entry, Original, Page, ParsedSection
from books.formats.sources import Archive
from books.formats.writer import Writer

MOST_PICTURES: Final = 20_000


class Pictures:
    """The pictures that the pages show, numbered in the order of their first use."""

    def __init__(self, archive: Archive) -> None:
        self.originals: list[Original] = []
        self.is_one_missing = False
        self._archive = archive
        self._numbers: dict[str, int | None] = {}
        self._drawn = 0

    def number(self, member: str) -> int | None:
        """Return the number of a member of the archive; None when there is no such member."""
        found = self._archive.find(member)
        if found is None:
            self.is_one_missing = True
            return None
        if found not in self._numbers:
            if len(self._numbers) >= MOST_PICTURES:
                return None
            self._numbers[found] = self._added(found)
        return self._numbers[found]

    def _added(self, member: str) -> int | None:
        """Return the number of a new picture. A drawing that only frames one stands for that."""
        read: Callable[[], bytes] = partial(self._archive.read, member)
        if member.lower().endswith(".svg"):
            try:
                found = drawn.found(read())
            except DamagedBook:
                self.is_one_missing = True
                return None
            if found.is_framed and (inside := self._archive.find(resolved("", joined(member, found.framed))[0])):
                return self.number(inside) if not inside.lower().endswith(".svg") else None
            if found.is_empty:
                return None
            read = partial(drawn.read, self._archive, member, read)
        self.originals.append(Original(len(self.originals), read, member))
        return len(self.originals) - 1

    def drawing(self, data: bytes, member: str) -> int | None:
        """Return the number of a drawing that stands in a page."""
        name = f"{member} {sha256(data).hexdigest()[:16]}"
        if name not in self._numbers:
            if len(self._numbers) >= MOST_PICTURES or self._drawn + len(data) > MOST_DRAWN:
                return None
            self._drawn += len(data)
            read = partial(drawn.read, self._archive, member, lambda: data)
            self._numbers[name] = len(self.originals)
            self.originals.append(Original(len(self.originals), read, name))
        return self._numbers[name]


class _Surroundings:
    """What a page asks about its book (markup.Surroundings)."""

    def __init__(self, archive: Archive, members: frozenset[str], pictures: Pictures) -> None:
        self._archive, self._members, self._pictures = archive, members, pictures

    def picture(self, address: str, /) -> int | None:
        """Return the number of a picture inside the book. Nothing is fetched from elsewhere."""
        if is_elsewhere(address):
            return None
        return self._pictures.number(resolved("", address)[0])

    def drawing(self, data: bytes, base: str, /) -> int | None:
        """Return the number of a drawing in a page."""
        return self._pictures.drawing(data, base)

    def link(self, address: str, /) -> str | None:
        """Return the place that a link leads to."""
        if is_elsewhere(address):
            return address if is_safe(address) else None
        path, fragment = resolved("", address)
        member = self._archive.find(path)
        if member is None or member not in self._members:
            return None
        return _name(member, fragment) if len(member) + len(fragment) < LONGEST_TARGET else None


def is_elsewhere(address: str) -> bool:
    """Say whether an address is none of this book: it has a scheme or a host."""
    return address.startswith("//") or (":" in address and ":" in address.partition("/")[0].partition("#")[0])


def _name(member: str, fragment: str) -> str:
    return f"#{member}#{fragment}" if fragment else f"#{member}"


class Reading:
    """The sections so far, and where in them each page and anchor is."""

    def __init__(self, archive: Archive, spine: Sequence[Item], found: Navigation, language: str) -> None:
        self.pieces: list[Piece] = []
        self.warnings: list[str] = []
        self.pictures = Pictures(archive)
        self.is_vertical = self.runs_left = False
        self._sheets = Sheets(archive)
        self._archive, self._found, self._language = archive, found, language
        self._around = _Surroundings(archive, frozenset(item.member for item in spine), self.pictures)
        self._anchors = Anchors()
        self._of: dict[str, list[Line]] = {}
        for line in found.lines:
            self._of.setdefault(line.target, []).append(line)
        self._titles = section_titles(found.lines)
        self._places: dict[int, Entry] = {}  # id(line) -> where it leads
        self._fallback: list[Entry] = []
        self._breaks: list[tuple[str, str]] = []  # label and anchor of each printed page that the text names
        self._waiting: list[Line] = []  # lines whose page holds no text: they lead to what follows
        self._plates: list[Block] = []  # pictures of pages without text, likewise
        self._wordless: list[str] = []  # those pages
        self._begins_with_picture = False

    def read(self, item: Item) -> None:
        """Add the sections of one page."""
        if not item.is_page:
            number = self.pictures.number(item.member)
            self._put_off(item.member, [] if number is None else [Block("img", 0, 0, target=str(number))])
            return
        written = self._written(item.member)
        if written is None or not written.text:
            self._put_off(item.member, [] if written is None else pictures(written.blocks))
            return
        first = len(self.pieces)
        pieces = self._divided(item.member, written)
        pieces[0] = with_pictures(pieces[0], before=self._plates)
        self.pieces += pieces
        for member in [*self._wordless, item.member]:
            self._anchors.put(member, first, 0)
        self._anchors.add(written.anchors, pieces, first_section=first, prefix=f"{item.member}#")
        self._waiting, self._plates, self._wordless = [], [], []

    @property
    def first_picture(self) -> int | None:
        """Return the picture of a first page that shows nothing else."""
        block = self.pieces[0].section.blocks[0] if self.pieces and self._begins_with_picture else None
        return int(block.target) if block is not None and block.kind == "img" else None

    def _put_off(self, member: str, found: list[Block]) -> None:
        self._begins_with_picture = self._begins_with_picture or (not self.pieces and bool(found))
        self._waiting += self._of.get(member, [])
        self._plates += found
        self._wordless.append(member)

    def _divided(self, member: str, written: Writer) -> list[Piece]:
        """Return the sections of a page, and note where the lines of the contents lead in them."""
        own = self._of.get(member, [])
        lines = [*self._waiting, *own]
        at = {id(line): written.anchors.get(line.fragment, 0) if line.target == member else 0 for line in lines}
        marks = [Heading(self._titles[id(line)], at[id(line)], line.depth) for line in lines]
        heads = headings(written)
        titles = [self._titles[id(line)] for line in own] + [mark.title for mark in marks + heads]
        pieces = divide(written, [mark for mark in marks if mark.start > 0], title=titles[0] if titles else "")
        first = len(self.pieces)
        for line, entry in zip(lines, entries(marks, pieces, first_section=first), strict=True):
            self._places[id(line)] = Entry(line.title, entry.section, entry.start, line.depth)
        self._fallback += entries(heads[:1], pieces, first_section=first)
        return pieces

    def _written(self, member: str) -> Writer | None:
        try:
            root = markup.page(self._archive.read(member))
        except DamagedBook:
            self.warnings.append("A chapter of this book is missing or damaged; the others are here.")
            return None
        if root is None:
            return None
        written = Writer()
        styles = self._sheets.of(root, member)
        walk = markup.Walk(written, self._around, member, styles=styles, language=self._language)
        walk.over(root)
        written.finish()
        self.is_vertical = self.is_vertical or walk.is_vertical
        self.runs_left = self.runs_left or _runs_left(root)
        self._breaks += [(label, f"{member}#{anchor}") for label, anchor in walk.breaks]
        return written

    def finish(self) -> None:
        """Give what is still waiting to the last section."""
        if not self.pieces:
            return
        section = self.pieces[-1].section
        end = len(section.text)
        for line in self._waiting:
            self._places[id(line)] = Entry(line.title, len(self.pieces) - 1, end, line.depth)
        for member in self._wordless:
            self._anchors.put(member, len(self.pieces) - 1, end)
        self.pieces[-1] = with_pictures(self.pieces[-1], after=self._plates)
        if self.pictures.is_one_missing:
            self.warnings.append("A picture of this book is missing.")
        if self._sheets.is_one_missing:
            self.warnings.append("A style sheet of this book is missing or damaged; some of its text may look plainer.")

    def sections(self) -> list[ParsedSection]:
        """Return the sections with their links settled."""
        return settled([piece.section for piece in self.pieces], self._anchors)

    def contents(self) -> list[Entry]:
        """Return the book's own contents, or its headings when it has none."""
        found = [self._places[id(line)] for line in self._found.lines if id(line) in self._places]
        return found or self._fallback

    def place(self, member: str, fragment: str) -> tuple[int, int] | None:
        """Return where an address of the book is: its anchor, else its page."""
        return self._anchors.find(f"{member}#{fragment}" if fragment else member) or self._anchors.find(member)

    def pages(self) -> list[Page]:
        """Return where the pages of the printed book begin, from its list or from the text."""
        listed = [(line.title, self.place(line.target, line.fragment)) for line in self._found.pages]
        listed = listed or [(label, self._anchors.find(anchor)) for label, anchor in self._breaks]
        return [Page(label, *place) for label, place in listed if place is not None]

    def begin(self) -> list[int] | None:
        """Return where the text itself begins, as the landmarks say."""
        line = self._found.begin
        place = self.place(line.target, line.fragment) if line is not None else None
        return list(place) if place is not None else None


def _runs_left(root: Any) -> bool:
    """Say whether a page is written from right to left."""
    heads = (root, next(root.iter("{*}body", "body"), root))
    return any((element.get("dir") or "").lower() == "rtl" for element in heads)
