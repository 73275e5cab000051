"""The blocks of a document: paragraphs, headings, lists, tables, text boxes and notes."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from books.formats.docx.footnotes import KINDS, Notes
from books.formats.docx.names import child, chosen, full, short, value
from books.formats.docx.numbering import Label, Numbering
from books.formats.docx.package import Package
from books.formats.docx.runs import Runs, is_placeholder
from books.formats.docx.styles import NOTHING, Style, Styles, merge, paragraph_says
from books.formats.docx.tables import Cell, rows_of
from books.formats.writer import Writer

_SKIPPED: Final = frozenset({"", "w:del", "w:moveFrom", "w:sectPr", "w:sdtPr", "w:sdtEndPr", "w:tblPr", "w:tblGrid",
                             "w:trPr", "w:tcPr", "w:altChunk", "w:customXmlPr"})  # fmt: skip
_PPR, _TEXT, _STYLE = full("w:pPr"), full("w:t"), full("w:pStyle")
_VAL, _RPR, _FRAME, _DROP = full("w:val"), full("w:rPr"), full("w:framePr"), full("w:dropCap")
_GALLERY: Final = "Table of Contents"
_TOLD: Final = 2_000  # paragraphs between two words about the progress


class Body:
    """One walk over a document."""

    def __init__(self, package: Package, told: Callable[[int], None]) -> None:
        self.writer = Writer()
        self.titles: list[int] = []  # where paragraphs stand that look like the title of all
        self.paragraphs = self.rtl = 0
        self._package, self._told = package, told
        self.styles = Styles(
            package.part("styles", warning="The styles of this document are damaged; headings may be missing.")
        )
        self._numbering = Numbering(
            package.part("numbering", warning="The numbers of this document's lists are damaged and left out.")
        )
        self._notes = Notes(package)
        self.runs = Runs(self.writer, package, self.styles, self._notes)
        self._pending: list[Any] = []  # paragraphs whose end was deleted: they go on in the next one
        self._note_number: int | None = None  # in a note: 1 until its first paragraph is written

    def over(self, container: Any) -> None:
        """Write every block of the text, then the notes."""
        self._blocks(container)
        for kind in KINDS:
            for note, element in self._notes.referred(kind):
                self._notes.current, self._note_number = note, 1
                self.runs.part = self._package.part_name(f"{kind}s")
                self.writer.anchor(note.anchor)
                self._blocks(element)
        self.writer.finish()

    def _blocks(self, container: Any) -> None:
        """Write the blocks of the body or of a note; what floats beside a paragraph, after it."""
        stack = [iter(container)]
        while stack:
            element = next(stack[-1], None)
            if element is not None:
                inner = self._block(element, short(element))
                stack += [inner] if inner is not None else []
            elif stack.pop() and not stack:
                self._flush()
            stack += [iter(box) for box in reversed(self._boxes())]

    def _boxes(self) -> list[Any]:
        boxes, self.runs.boxes = self.runs.boxes, []
        return boxes

    def _block(self, element: Any, name: str) -> Iterator[Any] | None:
        """Write a block, or return what stands in something around blocks."""
        if name == "w:p":
            self._paragraph(element)
        elif name == "w:tbl":
            self._flush()
            return self._table(element)
        elif name == "w:bookmarkStart":
            self.runs.anchor(element)
        elif name == "mc:AlternateContent":
            return chosen(element)
        elif name in {"m:oMath", "m:oMathPara"}:
            self._begin(NOTHING, None)
            self.runs.write([element])
            self._end("p")
        elif name == "w:sdt" and (is_placeholder(element) or _is_contents(element)):
            return None
        elif name not in _SKIPPED:
            inner: Iterator[Any] = iter(element)
            return inner
        return None

    # --- Paragraphs -----------------------------------------------------------------------------

    def _paragraph(self, paragraph: Any) -> None:
        self.paragraphs += 1
        if self.paragraphs % _TOLD == 0:
            self._told(self.paragraphs)
        properties = paragraph.find(_PPR)
        if properties is not None and _goes_on(properties):
            self._pending.append(paragraph)
            return
        group = [*self._pending, paragraph]
        self._pending = []
        self._write(group, self._said(properties), properties)

    def _flush(self) -> None:
        """Write paragraphs that wait for one that does not come."""
        if self._pending:
            group, self._pending = self._pending, []
            properties = group[-1].find(_PPR)
            self._write(group, self._said(properties), properties)

    def _said(self, properties: Any) -> Style:
        """Return what a paragraph's style and its own properties say."""
        if properties is None:
            return self._of(self.styles.default)
        named = properties.find(_STYLE)
        key = (named.get(_VAL) if named is not None else "") or self.styles.default
        style = self._of(key)
        says_more = len(properties) > (named is not None)
        said = merge(style, paragraph_says(properties)) if says_more else style
        if said.list_id and said.list_level is None:
            said = merge(said, Style(list_level=self._numbering.level_of(said.list_id, key)))
        return said

    def _of(self, key: str) -> Style:
        return self.styles.of(key) if key else NOTHING

    def _write(self, group: list[Any], said: Style, properties: Any) -> None:
        if ("hidden", True) in said.marks:
            return
        if said.level and self.runs.is_silent:
            self.runs.end_contents()
        if said.kind == "contents" and self.runs.is_silent:
            said = NOTHING
        label = None
        if said.list_id and said.list_id != "0" and not self.runs.is_silent and _has_words(group):
            label = self._numbering.label(said.list_id, said.list_level or 0)
        if said.is_rtl:
            self.rtl += 1
        kind = self._begin(said, label)
        for paragraph in group:
            self.runs.write(paragraph)
        self._end(kind)
        if kind == "h" and said.kind == "title" and self.writer.blocks:
            self.titles.append(self.writer.blocks[-1].start)

    def _begin(self, said: Style, label: Label | None) -> str:
        """Start the block of a paragraph, write its label, and return its kind."""
        kind, level, count = self._kind(said, label)
        if kind == "pre" and self.writer.kind == "pre" and self.writer.has_words:
            self.writer.write("\n")
            return kind
        self.writer.start(kind, level=level, number=count, align=_align(said))
        if label is not None and kind != "oli":
            self.writer.write(label.text)
        return kind

    def _kind(self, said: Style, label: Label | None) -> tuple[str, int, int]:
        """Return kind, level and number of the block."""
        if self._note_number is not None:
            return "note", 0, self._note_number
        if said.level:
            return "h", min(said.level, 6), 0
        if said.kind == "title":
            return "h", 1, 0
        if label is not None:
            level = (said.list_level or 0) + 1
            if label.number is not None:
                return "oli", level, label.number
            return ("li", level, 0) if label.is_bullet else ("p", 0, 0)
        if said.kind in {"quote", "caption", "pre"}:
            return said.kind, int(said.kind == "quote"), 0
        return "p", 0, 0

    def _end(self, kind: str) -> None:
        self.runs.pen.lift()
        if kind == "pre":
            return  # the next line may belong to it
        before = len(self.writer.blocks)
        self.writer.close()
        if self._note_number and any(block.kind == "note" for block in self.writer.blocks[before:]):
            self._note_number = 0

    # --- Tables ---------------------------------------------------------------------------------

    def _table(self, table: Any) -> Iterator[Any] | None:
        """Write a table as rows; return what stands in one that only lays out the page."""
        rows = rows_of(table)
        if self._note_number is not None or self._lays_out(rows):
            return iter([part for row in rows for cell in row for part in cell.element])
        is_first = True
        for row in rows:
            self.writer.start("row", number=int(is_first))
            for place, cell in enumerate(row):
                if place:
                    self.writer.tab()
                self._cell(cell)
            before = len(self.writer.blocks)
            self.writer.close()
            is_first = is_first and len(self.writer.blocks) == before
        return None

    def _lays_out(self, rows: list[list[Cell]]) -> bool:
        return all(len(row) < 2 for row in rows) or any(
            cell.is_long or self._has_heading(cell.element) for row in rows for cell in row
        )

    def _has_heading(self, cell: Any) -> bool:
        return any(self.styles.of(style.get(_VAL) or "").level for style in cell.iter(_STYLE))

    def _cell(self, cell: Cell) -> None:
        if cell.target:
            self.writer.open_mark("cell", cell.target)
        begin, has_words = self.writer.size, False
        for paragraph in _paragraphs(cell.element):
            self.paragraphs += 1
            if has_words and self.writer.size > begin:
                self.writer.line_break()
            self._label_in_cell(paragraph)
            before = self.writer.size
            self.runs.write(paragraph)
            self.runs.pen.lift()
            has_words = self.writer.size > before
            for box in self._boxes():
                for inner in _paragraphs(box):
                    self.runs.write(inner)
                    self.runs.pen.lift()
        if cell.target:
            self.writer.close_mark()

    def _label_in_cell(self, paragraph: Any) -> None:
        said = self._said(paragraph.find(_PPR))
        if said.list_id and said.list_id != "0" and _has_words([paragraph]):
            label = self._numbering.label(said.list_id, said.list_level or 0)
            if label is not None:
                self.writer.write(label.text)


def _paragraphs(container: Any) -> Iterator[Any]:
    """Yield the paragraphs of a cell, with those of the tables in it."""
    stack = [iter(container)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif (name := short(element)) == "w:p":
            yield element
        elif name == "mc:AlternateContent":
            stack.append(chosen(element))
        elif name not in _SKIPPED:
            stack.append(iter(element))


def _goes_on(properties: Any) -> bool:
    """Say whether a paragraph goes on in the next one: its end was deleted, or it is only a dropped capital."""
    mark = properties.find(_RPR)
    if mark is not None and any(short(element) in {"w:del", "w:moveFrom"} for element in mark):
        return True
    frame = properties.find(_FRAME)
    return frame is not None and frame.get(_DROP) in {"drop", "margin"}


def _has_words(group: list[Any]) -> bool:
    return any((text.text or "").strip() for paragraph in group for text in paragraph.iter(_TEXT))


def _align(said: Style) -> str:
    """Return the alignment of a block; in a paragraph from the right, "end" is the left."""
    if said.align == "center":
        return "center"
    return "right" if said.align in {"right", "end"} and not said.is_rtl else ""


def _is_contents(control: Any) -> bool:
    """Say whether a content control holds the list of contents that Word made."""
    gallery = child(control, "w:sdtPr", "w:docPartObj", "w:docPartGallery")
    return gallery is not None and value(gallery) == _GALLERY
