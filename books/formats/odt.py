"""OpenDocument texts: .odt, and .fodt, the same in one XML file."""

import posixpath
from binascii import a2b_base64
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from lxml import etree

from books.errors import BookError, DamagedBook, EmptyBook, LockedBook
from books.formats import language, tree, unmarked
from books.formats.album import Album
from books.formats.division import divide, entries, one_line
from books.formats.links import is_safe, linked
from books.formats.odt_styles import Styles
from books.formats.parsed import ParsedBook, Told
from books.formats.sources import Archive, Source
from books.formats.writer import Writer

CONTENT: Final = "content.xml"
MIMES: Final = frozenset(
    {
        b"application/vnd.oasis.opendocument.text",
        b"application/vnd.oasis.opendocument.text-template",
        b"application/vnd.oasis.opendocument.text-master",
        b"application/vnd.oasis.opendocument.text-web",
    }
)
_FLAT: Final = b"<office:document"
_LONGEST_ROOT: Final = 16_384  # bytes: the first element names forty namespaces before it says what it is
_MIME_ATTRIBUTE: Final = b'office:mimetype="application/vnd.oasis.opendocument.text'
_SKIPPED: Final = frozenset(
    {"tracked-changes", "annotation", "forms", "sequence-decls", "variable-decls", "user-field-decls", "ruby-text",
     "table-of-content-source", "alphabetical-index-source", "script", "object", "object-ole", "plugin", "change",
     "dde-connection-decls", "event-listeners", "binary-data", "illustration-index-source", "bibliography-source"}
)  # fmt: skip
_DRAWN: Final = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"  # titles of pictures, for the blind
_MOST_SPACES: Final = 1_000


class Odt:
    """The parser for OpenDocument texts."""

    name = "odt"
    label = "ODT"

    def recognises(self, source: Source, /) -> bool:
        """A zip that says it is an OpenDocument text, or the same as one XML file."""
        archive = source.archive
        if archive is None:
            if _FLAT not in source.start:
                return False
            source.file.seek(0)
            return _MIME_ATTRIBUTE in source.file.read(_LONGEST_ROOT).replace(b"'", b'"')
        if archive.find("mimetype"):
            return archive.read("mimetype").strip() in MIMES
        return archive.find(CONTENT) is not None and archive.find("META-INF/manifest.xml") is not None

    def parse(self, source: Source, told: Told, /) -> ParsedBook:
        """Read the body, then the notes."""
        file = _Package(source)
        body = next(file.content.iter("{*}text"), None)
        if body is None or tree.name_of(body.getparent()) != "body":
            raise DamagedBook("This document is damaged: it has no body.")
        reading = _Reading(file)
        reading.over(body)
        told(1, 2)
        reading.write_notes()
        reading.writer.finish()
        marks = unmarked.marked(reading.writer)
        pieces = divide(reading.writer, marks)
        if not pieces:
            raise EmptyBook("There is no text in this document.")
        sections = linked(reading.writer, pieces)
        told(2, 2)
        return ParsedBook(
            format=self.name,
            sections=sections,
            contents=entries(marks, pieces),
            title=file.meta("title") or (marks[0].title if marks and marks[0].start == 0 else ""),
            authors=[author] if (author := file.meta("initial-creator") or file.meta("creator")) else [],
            language=language.settled(
                file.meta("language") or file.styles.language, (section.text for section in sections)
            ),
            details=file.details(),
            warnings=file.warnings,
            originals=reading.album.originals,
        )


class _Package:
    """The parts of a document: members of an archive, or all in one file."""

    def __init__(self, source: Source) -> None:
        self.warnings: list[str] = []
        self._archive = source.archive
        if self._archive is None:
            self.content = tree.forgiving_xml(source.whole(), what="document")
            roots = [self.content]
        else:
            _refuse_encrypted(self._archive)
            self.content = tree.forgiving_xml(self._archive.read(CONTENT), what=CONTENT)
            roots = [root for name in ("styles.xml", "meta.xml") if (root := self._part(name)) is not None]
        for root in [*roots, self.content]:
            etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction, etree.Entity)
        self.styles = Styles([*roots, self.content])
        self._meta: dict[str, str] = {}
        for root in [*roots, self.content]:
            for element in root.iter("{*}meta"):
                for value in element.iterchildren():
                    self._meta.setdefault(tree.name_of(value), one_line("".join(value.itertext())))

    def _part(self, name: str) -> Any:
        assert self._archive is not None
        if not self._archive.find(name):
            return None
        try:
            return tree.forgiving_xml(self._archive.read(name), what=name)
        except BookError:
            self.warnings.append("This document is damaged: its styles or its title could not be read.")
            return None

    def meta(self, name: str) -> str:
        """Return what the document says of itself."""
        return self._meta.get(name, "")

    def details(self) -> dict[str, str]:
        """Return what else is worth showing."""
        found = {"description": self.meta("description") or self.meta("subject"), "date": self.meta("creation-date")}
        return {name: value[:2000] for name, value in found.items() if value}

    def picture(self, image: Any, album: Album) -> int | None:
        """Return the number of an image's file, inside the archive or written into the XML."""
        href = posixpath.normpath(tree.attribute(image, "href").strip() or "-")
        if self._archive is not None and self._archive.find(href):
            return album.number(href, partial(self._archive.read, href))
        data = next(image.iterchildren("{*}binary-data"), None)
        if data is None:
            return None
        return album.number(f"picture {len(album.originals) + 1}", partial(_decoded, data))


def _decoded(element: Any) -> bytes:
    return a2b_base64((element.text or "").encode("ascii", errors="ignore"))


def _refuse_encrypted(archive: Archive) -> None:
    """Refuse a document whose parts are scrambled with a password."""
    name = "META-INF/manifest.xml"
    if archive.find(name):
        root = tree.forgiving_xml(archive.read(name), what="manifest")
        if next(root.iter("{*}encryption-data"), None) is not None or archive.find("encrypted-package"):
            raise LockedBook("This document is locked with a password. Save it without one and upload that.")


class _Reading:
    """The body being read, element by element: what begins pushes what is to be done at its end."""

    def __init__(self, file: _Package) -> None:
        self.writer = Writer()
        self.album = Album()
        self._file, self._styles = file, file.styles
        self._ends: list[Callable[[], None] | None] = []
        self._lists: list[list[Any]] = []  # of each open list: its style, the number of its next item
        self._last_number: dict[str, int] = {}  # style of a list -> the number its last item had
        self._is_item_begun = False
        self._tables: list[list[int]] = []  # of each open table: rows so far, cells so far in this row
        self._is_layout = 0  # tables that only lay out the page
        self._notes: list[Any] = []
        self._note = -1
        self._paragraphs = 0  # open ones: what is written inside them are words

    def over(self, root: Any) -> None:
        """Write everything below `root`."""
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            name = tree.name_of(element)
            if event == "end":
                self._leave(element, is_last=element is root)
            elif name in _SKIPPED or element.tag.startswith(_DRAWN) or (name == "number" and not self._is_in_heading()):
                walk.skip_subtree()
                self._ends.append(None)
            else:
                self._ends.append(self._enter(element, name))
                if name == "note":
                    walk.skip_subtree()
                elif self._paragraphs and element.text:
                    self.writer.write(element.text)
        self.writer.close()

    def _leave(self, element: Any, *, is_last: bool) -> None:
        if end := self._ends.pop():
            end()
        if self._paragraphs and element.tail and not is_last:
            self.writer.write(element.tail)

    def _is_in_heading(self) -> bool:
        return self._paragraphs > 0 and self.writer.kind == "h"

    def _enter(self, element: Any, name: str) -> Callable[[], None] | None:
        """Write what an element begins with; return what is to be done at its end."""
        simple = _SIMPLE.get(name)
        if simple is not None:
            simple(self, element)
            return None
        if name in {"p", "h"}:
            return self._paragraph(element, name)
        if name == "span":
            return self._marked(self._styles.marks(tree.attribute(element, "style-name")))
        if name == "a":
            return self._link(element)
        if name in {"list", "list-item", "list-header"}:
            return self._list(element, name)
        if name in {"table", "table-row", "table-cell", "covered-table-cell"}:
            return self._table(element, name)
        if name == "ruby":
            return self._ruby(element)
        return None

    def _paragraph(self, element: Any, name: str) -> Callable[[], None]:
        style = tree.attribute(element, "style-name")
        if self._tables and not self._is_layout:
            if self.writer.has_words and self._tables[-1][2]:
                self.writer.line_break()
            self._tables[-1][2] = 1
        elif self._note >= 0:
            self.writer.start("note", number=self._note)
            self._note = 0
        else:
            self._start(element, name, style)
        self._anchor(element)
        self._paragraphs += 1
        marks = [] if name == "h" else self._styles.marks(style)
        for mark in marks:
            self.writer.open_mark(mark)
        return partial(self._end_paragraph, len(marks))

    def _end_paragraph(self, marks: int) -> None:
        self._close(marks)
        self._paragraphs -= 1
        if not self._tables or self._is_layout:
            self.writer.close()

    def _start(self, element: Any, name: str, style: str) -> None:
        level = tree.whole(tree.attribute(element, "outline-level"), 1) if name == "h" else self._styles.level(style)
        align = self._styles.align(style)
        if level:
            self.writer.start("h", level=min(max(level, 1), 6), align=align)
        elif self._lists and not self._is_item_begun:
            self._is_item_begun = True
            self._start_item()
        elif self._styles.is_code(style):
            self.writer.start("pre")
        elif self._styles.is_quote(style):
            self.writer.start("quote", level=1, align=align)
        else:
            self.writer.start("p", align=align)

    def _start_item(self) -> None:
        style, number = self._lists[-1]
        depth = len(self._lists)
        if self._styles.is_counting(style, depth):
            self.writer.start("oli", level=depth, number=number)
            self._lists[-1][1] = number + 1
            if depth == 1:
                self._last_number[style] = number
        else:
            self.writer.start("li", level=depth)

    def _list(self, element: Any, name: str) -> Callable[[], None]:
        if name == "list":
            style = tree.attribute(element, "style-name") or (self._lists[-1][0] if self._lists else "")
            goes_on = tree.attribute(element, "continue-numbering") == "true" or tree.attribute(
                element, "continue-list"
            )
            first = self._last_number.get(style, 0) + 1 if goes_on else self._styles.first(style, len(self._lists) + 1)
            self._lists.append([style, first])
            return self._end_list
        self._is_item_begun = name == "list-header"
        if start := tree.attribute(element, "start-value"):
            self._lists[-1][1] = tree.whole(start, 1)
        return self._end_item

    def _end_item(self) -> None:
        if not self._tables or self._is_layout:
            self.writer.close()

    def _end_list(self) -> None:
        self._lists.pop()
        self._is_item_begun = True  # what follows in the item around is not its first paragraph

    def _table(self, element: Any, name: str) -> Callable[[], None] | None:
        if name == "table":
            if self._tables or self._is_layout or not _is_of_facts(element):
                self._is_layout += 1
                return self._end_layout
            self.writer.close()
            self._tables.append([0, 0, 0])
            return self._end_table
        if self._is_layout or not self._tables:
            return None
        table = self._tables[-1]
        if name == "table-row":
            table[0] += 1
            table[1] = 0
            self.writer.start("row", number=1 if table[0] == 1 else 0)
            return self.writer.close
        if name == "covered-table-cell":
            return None
        if table[1]:
            self.writer.tab()
        table[1], table[2] = 1, 0
        target = _cell(element)
        if not target:
            return None
        self.writer.open_mark("cell", target)
        return self.writer.close_mark

    def _end_table(self) -> None:
        self._tables.pop()
        self.writer.close()

    def _end_layout(self) -> None:
        self._is_layout -= 1

    def _marked(self, marks: list[str]) -> Callable[[], None] | None:
        for mark in marks:
            self.writer.open_mark(mark)
        return partial(self._close, len(marks)) if marks else None

    def _close(self, marks: int) -> None:
        for _ in range(marks):
            self.writer.close_mark()

    def _link(self, element: Any) -> Callable[[], None] | None:
        href = tree.attribute(element, "href").strip()
        target = f"#{href[1:].partition('|')[0]}" if href.startswith("#") else href
        if not target.startswith("#") and not is_safe(target):
            return None
        self.writer.open_mark("link", target)
        return self.writer.close_mark

    def _ruby(self, element: Any) -> Callable[[], None] | None:
        reading = next(element.iterchildren("{*}ruby-text"), None)
        if reading is None or not (said := one_line("".join(reading.itertext()))):
            return None
        self.writer.open_mark("ruby", said)
        return self.writer.close_mark

    def _anchor(self, element: Any) -> None:
        name = tree.attribute(element, "name") or tree.attribute(element, "id")
        if name:
            self.writer.anchor(name)

    def _spaces(self, element: Any) -> None:
        self.writer.write(" " * min(tree.whole(tree.attribute(element, "c"), 1), _MOST_SPACES))

    def _tab(self, element: Any) -> None:
        self.writer.write(" ")

    def _line_break(self, element: Any) -> None:
        self.writer.line_break()

    def _image(self, element: Any) -> None:
        number = self._file.picture(element, self.album)
        if number is None:
            return
        frame = element.getparent()
        words = [tree.first_words(part) for name in ("desc", "title") for part in frame.iterchildren(f"{{*}}{name}")]
        self.writer.picture(number, next((text for text in words if text), ""))

    def _note_reference(self, element: Any) -> None:
        self._notes.append(element)
        cited = next(element.iterchildren("{*}note-citation"), None)
        sign = (tree.attribute(cited, "label") or one_line("".join(cited.itertext()))) if cited is not None else ""
        self.writer.open_mark("note", f"#\0note{len(self._notes)}")
        self.writer.write(sign or str(len(self._notes)))
        self.writer.close_mark()

    def write_notes(self) -> None:
        """Write the notes at the end, in the order in which they are referred to."""
        for number, note in enumerate(self._notes, 1):  # a note inside a note is appended while we go
            body = next(note.iterchildren("{*}note-body"), None)
            if body is not None:
                self.writer.close()
                self.writer.anchor(f"\0note{number}")
                self._note, self._lists = 1, []
                self.over(body)
        self._note = -1


_SIMPLE: Final[dict[str, Callable[[_Reading, Any], None]]] = {
    "s": _Reading._spaces, "tab": _Reading._tab, "line-break": _Reading._line_break, "image": _Reading._image,
    "note": _Reading._note_reference, "bookmark": _Reading._anchor, "bookmark-start": _Reading._anchor,
    "reference-mark": _Reading._anchor, "reference-mark-start": _Reading._anchor,
}  # fmt: skip


def _is_of_facts(table: Any) -> bool:
    """Say whether a table holds plain cells. One whose cells hold long texts or tables only lays out the page."""
    cells = paragraphs = 0
    for cell in table.iter("{*}table-cell"):
        cells += 1
        for inside in cell.iterchildren():
            if tree.name_of(inside) in {"table", "list", "h"}:
                return False
            paragraphs += tree.name_of(inside) == "p"
    return cells > 1 and paragraphs <= 4 * cells


def _cell(cell: Any) -> str:
    columns = tree.whole(tree.attribute(cell, "number-columns-spanned"), 1)
    rows = tree.whole(tree.attribute(cell, "number-rows-spanned"), 1)
    is_header = tree.name_of(cell.getparent().getparent()) == "table-header-rows"
    is_spanning = (columns, rows) != (1, 1) and 0 < columns < 1000 and 0 < rows < 10_000
    return ("h" if is_header else "") + (f"{columns}x{rows}" if is_spanning else "")
