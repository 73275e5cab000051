"""Word documents: the archive's own XML, read by the same hardened parser as EPUB. Relationships are not followed."""

import re
from collections.abc import Iterator
from typing import Any, Final

from books.errors import DamagedBook, EmptyBook
from books.formats import language, markup
from books.formats.division import Heading, divide, entries, headings, one_line
from books.formats.parsed import ParsedBook, Told
from books.formats.sources import Archive, Source
from books.formats.writer import Writer

DOCUMENT: Final = "word/document.xml"
W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OFF: Final = frozenset({"0", "false", "none", "off"})
_MARKS: Final = {"b": "strong", "i": "em", "smallCaps": "small-caps", "strike": "strike", "dstrike": "strike"}
_SKIPPED: Final = frozenset({"del", "moveFrom", "pPr", "rPr", "sectPr", "tblPr", "tcPr", "trPr", "tblGrid", "drawing",
                             "pict", "object", "instrText", "delText", "fldData", "sdtPr", "Fallback"})  # fmt: skip
_CHUNK: Final = 2_000  # paragraphs between two words about the progress


class Docx:
    """The parser for .docx."""

    name = "docx"
    label = "DOCX"

    def recognises(self, source: Source, /) -> bool:
        """A zip with a Word document in it."""
        archive = source.archive
        return archive is not None and archive.find(DOCUMENT) is not None

    def parse(self, source: Source, told: Told, /) -> ParsedBook:
        """Read the body, then the notes."""
        archive = source.archive
        assert archive is not None
        root = markup.xml(archive.read(DOCUMENT), what="main document")
        body = root.find(f"{W}body")
        if body is None:
            raise DamagedBook("This document is damaged: it has no body.")
        reading = _Reading(archive)
        total = sum(1 for _ in body.iter(f"{W}p"))
        reading.over(body, lambda done: told(done, total))
        reading.notes()
        reading.writer.finish()
        marks = headings(reading.writer)
        pieces = divide(reading.writer, marks)
        if not pieces:
            raise EmptyBook("There is no text in this document.")
        told(total, total)
        meta = _properties(archive)
        sections = [piece.section for piece in pieces]
        return ParsedBook(
            format="docx",
            sections=sections,
            contents=entries(marks, pieces),
            title=meta.get("title", "") or _only_title(marks),
            authors=[meta["creator"]] if "creator" in meta else [],
            language=language.settled(meta.get("language", ""), (section.text for section in sections)),
            details={name: meta[name] for name in ("subject", "description", "created") if name in meta},
        )


class _Reading:
    """One walk over a document's body."""

    def __init__(self, archive: Archive) -> None:
        self.writer = Writer()
        self._archive = archive
        self._levels = _heading_levels(archive)
        self._numbered = _ordered_lists(archive)
        self._next: dict[tuple[str, int], int] = {}
        self._notes: list[tuple[str, str]] = []
        self._cells = 0

    def over(self, body: Any, told: Any) -> None:
        """Write every paragraph and table below `body`, in order."""
        done = 0
        for element in _blocks(body):
            if element.tag == f"{W}tbl":
                self._table(element)
                done += sum(1 for _ in element.iter(f"{W}p"))
            else:
                self._paragraph(element)
                done += 1
            if done % _CHUNK == 0:
                told(done)

    def _paragraph(self, paragraph: Any) -> None:
        kind, level, number = self._kind(paragraph)
        self.writer.start(kind, level=level, number=number)
        self._runs(paragraph)
        self.writer.close()

    def _kind(self, paragraph: Any) -> tuple[str, int, int]:
        style = _value(paragraph, "pPr", "pStyle")
        outline = _value(paragraph, "pPr", "outlineLvl")
        level = int(outline) + 1 if outline.isdigit() and int(outline) < 9 else self._levels.get(style, 0)
        if level:
            return "h", min(level, 6), 0
        listed = _value(paragraph, "pPr", "numPr", "numId")
        if listed and listed != "0":
            depth = _value(paragraph, "pPr", "numPr", "ilvl")
            depth_number = int(depth) if depth.isdigit() else 0
            if (listed, depth_number) in self._numbered:
                self._next[listed, depth_number] = self._next.get((listed, depth_number), 0) + 1
                return "oli", depth_number + 1, self._next[listed, depth_number]
            return "li", depth_number + 1, 0
        return ("quote", 1, 0) if "quote" in style.lower() else ("p", 0, 0)

    def _table(self, table: Any) -> None:
        """Write a table as rows; one whose cells hold several paragraphs only lays out the page."""
        cells = list(table.iter(f"{W}tc"))
        if any(sum(1 for p in cell.iter(f"{W}p") if _has_text(p)) > 1 for cell in cells):
            for paragraph in table.iter(f"{W}p"):
                self._paragraph(paragraph)
            return
        for row in table.iterchildren(f"{W}tr"):
            self.writer.start("row")
            for number, cell in enumerate(row.iterchildren(f"{W}tc")):
                if number:
                    self.writer.tab()
                for paragraph in cell.iter(f"{W}p"):
                    self._runs(paragraph)
            self.writer.close()

    def _runs(self, paragraph: Any) -> None:
        """Write the runs of one paragraph, those in links and insertions too, those in deletions not."""
        stack = [iter(paragraph)]
        while stack:
            element = next(stack[-1], None)
            if element is None:
                stack.pop()
            elif element.tag == f"{W}r":
                self._run(element)
            elif isinstance(element.tag, str) and markup.name_of(element) not in _LOWER_SKIPPED:
                stack.append(iter(element))

    def _run(self, run: Any) -> None:
        marks = _run_marks(run)
        for mark in marks:
            self.writer.open_mark(mark)
        for element in run:
            name = markup.name_of(element)
            if name == "t":
                self.writer.write(element.text or "")
            elif name in {"tab", "ptab"}:
                self.writer.write(" ")
            elif name in {"br", "cr"}:
                self.writer.line_break()
            elif name == "nobreakhyphen":
                self.writer.write("\u2011")
            elif name == "softhyphen":
                self.writer.write("\u00ad")
            elif name in {"footnotereference", "endnotereference"}:
                self._note(element, name.removesuffix("reference"))
        for _ in marks:
            self.writer.close_mark()

    def _note(self, element: Any, kind: str) -> None:
        self._notes.append((kind, element.get(f"{W}id") or ""))
        self.writer.open_mark("sup")
        self.writer.write(str(len(self._notes)))
        self.writer.close_mark()

    def notes(self) -> None:
        """Write the notes at the end, numbered as they are referred to."""
        bodies = {kind: _notes(self._archive, kind) for kind in {kind for kind, _ in self._notes}}
        known = [(number, bodies[kind][at]) for number, (kind, at) in enumerate(self._notes, 1) if at in bodies[kind]]
        for number, note in known:
            self.writer.start("oli", level=1, number=number)
            for paragraph in note.iter(f"{W}p"):
                self._runs(paragraph)
                self.writer.write(" ")
            self.writer.close()


_LOWER_SKIPPED: Final = frozenset(name.lower() for name in _SKIPPED)


def _blocks(body: Any) -> Iterator[Any]:
    """Yield paragraphs and outermost tables, also those inside content controls."""
    stack = [iter(body)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag in {f"{W}p", f"{W}tbl"}:
            yield element
        elif isinstance(element.tag, str) and markup.name_of(element) not in _LOWER_SKIPPED:
            stack.append(iter(element))


def _has_text(paragraph: Any) -> bool:
    return any((text.text or "").strip() for text in paragraph.iter(f"{W}t"))


def _value(element: Any, *path: str) -> str:
    """Return the w:val at the end of a path of children, or nothing."""
    for name in path:
        element = element.find(f"{W}{name}")
        if element is None:
            return ""
    return str(element.get(f"{W}val") or "")


def _run_marks(run: Any) -> list[str]:
    properties = run.find(f"{W}rPr")
    if properties is None:
        return []
    marks = [
        _MARKS[name]
        for element in properties
        if (name := str(element.tag).rpartition("}")[2]) in _MARKS and element.get(f"{W}val") not in _OFF
    ]
    raised = _value(run, "rPr", "vertAlign")
    return [*marks, *({"superscript": ["sup"], "subscript": ["sub"]}.get(raised, []))]


def _heading_levels(archive: Archive) -> dict[str, int]:
    """Return the heading level of each style, its own or that of the style it is based on."""
    if not archive.find("word/styles.xml"):
        return {}
    own: dict[str, int] = {}
    based: dict[str, str] = {}
    for style in markup.xml(archive.read("word/styles.xml"), what="styles").iter(f"{W}style"):
        key, name = style.get(f"{W}styleId") or "", _value(style, "name").lower()
        based[key] = _value(style, "basedOn")
        outline = _value(style, "pPr", "outlineLvl")
        if match := re.fullmatch(r"(?:heading|标题)\s*([1-9])", name):
            own[key] = int(match.group(1))
        elif name == "title":
            own[key] = 1
        elif outline.isdigit() and int(outline) < 9:
            own[key] = int(outline) + 1
    return {key: level for key in based if (level := _inherited(key, own, based))}


def _inherited(key: str, own: dict[str, int], based: dict[str, str]) -> int:
    for _ in range(10):
        if key in own or key not in based:
            break
        key = based[key]
    return own.get(key, 0)


def _ordered_lists(archive: Archive) -> set[tuple[str, int]]:
    """Return (list, depth) of the lists that count."""
    if not archive.find("word/numbering.xml"):
        return set()
    root = markup.xml(archive.read("word/numbering.xml"), what="numbering")
    counting: dict[str, set[int]] = {}
    for abstract in root.iter(f"{W}abstractNum"):
        levels = {
            int(level.get(f"{W}ilvl") or 0)
            for level in abstract.iter(f"{W}lvl")
            if _value(level, "numFmt") not in {"bullet", "none", ""}
        }
        counting[abstract.get(f"{W}abstractNumId") or ""] = levels
    return {
        (number.get(f"{W}numId") or "", level)
        for number in root.iter(f"{W}num")
        for level in counting.get(_value(number, "abstractNumId"), set())
    }


def _notes(archive: Archive, kind: str) -> dict[str, Any]:
    name = f"word/{kind}s.xml"
    if not archive.find(name):
        return {}
    root = markup.xml(archive.read(name), what="notes")
    return {note.get(f"{W}id") or "": note for note in root.iter(f"{W}{kind}") if not note.get(f"{W}type")}


def _properties(archive: Archive) -> dict[str, str]:
    """Return the document's own title, author and the like."""
    if not archive.find("docProps/core.xml"):
        return {}
    root = markup.xml(archive.read("docProps/core.xml"), what="properties")
    return {markup.name_of(element): one_line(element.text) for element in root if (element.text or "").strip()}


def _only_title(marks: list[Heading]) -> str:
    return marks[0].title if marks and marks[0].start == 0 else ""
