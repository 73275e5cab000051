"""FictionBook 2: one XML file with the text, the notes and the pictures of a book."""

import re
from binascii import a2b_base64
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from html.entities import html5
from operator import itemgetter
from typing import Any, Final

from lxml import etree

from books.errors import DamagedBook, EmptyBook
from books.formats import decoding, language, tree, unmarked
from books.formats.album import Album
from books.formats.division import divide, entries, one_line
from books.formats.links import is_safe, linked
from books.formats.parsed import ParsedBook, Told
from books.formats.sources import Source
from books.formats.writer import Writer

_ROOT: Final = re.compile(rb"<(?:[A-Za-z0-9]{1,20}:)?FictionBook[\s>]")
_DECLARED: Final = re.compile(rb"""^[^<]{0,8}<\?xml[^>]{0,200}encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9_.:-]{2,40})["']""")
_ENTITY: Final = re.compile(r"&(#[0-9]{1,7};|#x[0-9A-Fa-f]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)?")
_XML_OWN: Final = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
NOTES: Final = frozenset({"notes", "comments", "footnotes", "notes.xml"})
_MARKS: Final = {
    "strong": "strong", "emphasis": "em", "strikethrough": "strike", "sub": "sub", "sup": "sup", "code": "code",
}  # fmt: skip
_QUOTES: Final = frozenset({"cite", "epigraph", "annotation"})
_SHORT_TITLE: Final = 20  # characters of a note's title, "12" or "Note 12": it stands before the note's first words


class Fb2:
    """The parser for .fb2. A zipped one is unpacked by the registry."""

    name = "fb2"
    label = "FB2"

    def recognises(self, source: Source, /) -> bool:
        """Markup whose first element is a FictionBook."""
        start = source.start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
        return start.startswith(b"<") and _ROOT.search(start) is not None

    def parse(self, source: Source, told: Told, /) -> ParsedBook:
        """Read the bodies in their order, notes last."""
        root, warnings = _tree(source.whole())
        etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction, etree.Entity)
        bodies = sorted(((_are_notes(one), one) for one in root if tree.name_of(one) == "body"), key=itemgetter(0))
        reading = _Reading(root, [body for are_notes, body in bodies if are_notes])
        meta = _Meta(root)
        cover = reading.cover(meta)
        for number, (are_notes, body) in enumerate(bodies):
            reading.over(body, are_notes=are_notes)
            told(number + 1, len(bodies))
        reading.writer.finish()
        marks = unmarked.marked(reading.writer)
        pieces = divide(reading.writer, marks)
        if not pieces:
            raise EmptyBook("There is no text in this book.")
        sections = linked(reading.writer, pieces)
        return ParsedBook(
            format=self.name,
            sections=sections,
            contents=entries(marks, pieces),
            title=meta.line("book-title"),
            authors=meta.people("author"),
            language=language.settled(meta.line("lang"), (section.text for section in sections)),
            details=meta.details(),
            warnings=warnings,
            originals=reading.album.originals,
            cover=cover,
        )


def _tree(data: bytes) -> tuple[Any, list[str]]:
    """Return the document, and a warning when it had to be mended."""
    try:
        return tree.xml(data, what="FictionBook"), []
    except DamagedBook:
        if b"<!ENTITY" in data:
            raise
    text = _ENTITY.sub(_mended, _characters(data))
    begin = text.find("<FictionBook")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, encoding="utf-8"
    )
    try:
        root = tree.decodable(etree.fromstring(text[max(begin, 0) :].encode("utf-8", errors="replace"), parser), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise DamagedBook("This book is damaged: its markup cannot be read.")
    return root, ["This book is damaged in places. What could be read is here; some words may be missing."]


def _characters(data: bytes) -> str:
    """Decode a file whose markup is broken: as it says if that is true, else as any text file."""
    declared = _DECLARED.match(data[:400])
    try:
        return data.decode(declared.group(1).decode("ascii")) if declared else data.decode("utf-8")
    except (UnicodeDecodeError, LookupError):
        found = decoding.decoded(data)
        return found.text if found else data.decode("utf-8", errors="replace")


def _mended(found: "re.Match[str]") -> str:
    """Keep what XML knows after an ampersand, resolve what HTML knows, and write out any other."""
    name = found.group(1) or ""
    if name.startswith("#") or name in _XML_OWN:
        return found.group()
    return html5[name] if name in html5 and html5[name] not in "<>&" else f"&amp;{name}"


class _Reading:
    """The bodies being read, element by element: what begins pushes what is to be done at its end."""

    def __init__(self, root: Any, notes: list[Any]) -> None:
        self.writer = Writer()
        self.album = Album()
        self._binaries: dict[str, Any] = {}
        for element in root:
            if tree.name_of(element) == "binary":
                self._binaries.setdefault(element.get("id") or "", element)
        self._notes = frozenset(_note_names(notes))
        self._ends: list[Callable[[], None] | None] = []
        self._depth = self._quotes = self._rows = 0
        self._are_notes = self._in_title = False
        self._note = 0  # paragraphs of the open note are numbered 1, 0, 0 ...; -1 outside notes
        self._is_titled = False  # the open note has its number, which stands before its first words

    def cover(self, meta: "_Meta") -> int | None:
        """Return the number of the cover."""
        for image in meta.cover():
            return self._picture_number(image)
        return None

    def over(self, body: Any, *, are_notes: bool) -> None:
        """Write one body."""
        self._are_notes, self._depth, self._note = are_notes, 0, -1
        for event, element in etree.iterwalk(body, events=("start", "end")):
            if event == "start":
                self._ends.append(self._enter(element, tree.name_of(element)))
                self._text(element.text)
            else:
                if end := self._ends.pop():
                    end()
                if element is not body:
                    self._text(element.tail)
        self.writer.close()

    def _text(self, text: str | None) -> None:
        if text:
            self.writer.write(text)

    def _enter(self, element: Any, name: str) -> Callable[[], None] | None:
        """Write what an element begins with; return what is to be done at its end."""
        if name in _MARKS:
            self.writer.open_mark(_MARKS[name])
            return self.writer.close_mark
        if name == "a":
            return self._link(element)
        if name == "image":
            self._image(element)
            return None
        if name == "section":
            return self._section(element)
        if element.get("id"):
            if name not in {"style", "v"}:
                self.writer.close()
            self.writer.anchor(element.get("id"))
        if name in {"table", "tr", "td", "th"}:
            return self._table(element, name)
        return self._block(element, name)

    def _block(self, element: Any, name: str) -> Callable[[], None] | None:
        if name == "title":
            return self._title(element)
        if name == "p" or name == "date":
            return self._paragraph()
        if name in _QUOTES:
            self.writer.close()
            self._quotes += 1
            return self._end_quote
        if name == "subtitle":
            self._start(align="center")
            self.writer.open_mark("strong")
            return self._end_strong
        if name == "text-author":
            self._start(align="right")
            return self.writer.close
        if name in {"stanza", "poem"}:
            self.writer.start("verse") if name == "stanza" else self.writer.close()
            return self.writer.close
        if name == "v":
            return self._line()
        if name == "empty-line":
            self._empty_line(element)
        return None

    def _section(self, element: Any) -> Callable[[], None]:
        self.writer.close()
        self._depth += 1
        before = self._note
        is_note = self._are_notes and element.get("id") and next(element.iterchildren("{*}section"), None) is None
        if is_note:
            self._note, self._is_titled = 1, False
        if element.get("id"):
            self.writer.anchor(element.get("id"))
        return partial(self._end_section, before)

    def _end_section(self, note: int) -> None:
        self.writer.close()
        self._depth -= 1
        self._note = note

    def _title(self, element: Any) -> Callable[[], None]:
        above = tree.name_of(element.getparent())
        if self._note == 1:
            self._start()
            self._is_titled = len(tree.first_words(element)) <= _SHORT_TITLE
        elif above in {"section", "body"} and not self._quotes:
            self.writer.start("h", level=min(max(self._depth, 1), 6))
        else:
            self._start(align="center")
        self._in_title = True
        return self._end_title

    def _end_title(self) -> None:
        self._in_title = False
        if self._is_titled and self._note >= 0 and self.writer.has_words:
            self.writer.write(" ")
        else:
            self.writer.close()

    def _paragraph(self) -> Callable[[], None] | None:
        if self._in_title:
            if self.writer.has_words:
                self.writer.line_break()
            return None
        if self._is_titled and self._note >= 0 and self.writer.has_words:
            self._is_titled = False  # the number of the note is there, and these are its first words
        else:
            self._start()
        return self.writer.close

    def _start(self, *, align: str = "") -> None:
        """Start a paragraph of what is open: a note, a quotation, or the text."""
        self._is_titled = False
        if self._note >= 0:
            self.writer.start("note", number=self._note, align=align)
            self._note = 0
        elif self._quotes:
            self.writer.start("quote", level=self._quotes, align=align)
        else:
            self.writer.start("p", align=align)

    def _end_quote(self) -> None:
        self.writer.close()
        self._quotes -= 1

    def _end_strong(self) -> None:
        self.writer.close_mark()
        self.writer.close()

    def _line(self) -> Callable[[], None] | None:
        if self.writer.kind != "verse":
            self.writer.start("verse")
        elif self.writer.has_words:
            self.writer.line_break()
        return None

    def _empty_line(self, element: Any) -> None:
        """A blank line between two paragraphs is a change of scene; beside anything else it is layout."""
        around = (element.getprevious(), element.getnext())
        if all(one is not None and tree.name_of(one) == "p" for one in around) and self._note < 0:
            self.writer.rule()
        elif self.writer.kind != "verse":
            self.writer.close()

    def _table(self, element: Any, name: str) -> Callable[[], None] | None:
        if name == "table":
            self.writer.close()
            self._rows = 0
            return self.writer.close
        if name == "tr":
            self._rows += 1
            self.writer.start("row", number=1 if self._rows == 1 else 0)
            return self.writer.close
        if element.getprevious() is not None:
            self.writer.tab()
        spans = [tree.whole(element.get(side), 1) for side in ("colspan", "rowspan")]
        is_spanning = spans != [1, 1] and max(spans) < 1000 and min(spans) > 0
        target = ("h" if name == "th" else "") + (f"{spans[0]}x{spans[1]}" if is_spanning else "")
        if not target:
            return None
        self.writer.open_mark("cell", target)
        return self.writer.close_mark

    def _link(self, element: Any) -> Callable[[], None] | None:
        target = tree.attribute(element, "href").strip()
        name = target.removeprefix("#")
        if not target.startswith("#"):
            if not is_safe(target):
                return None
            self.writer.open_mark("link", target)
        else:
            is_note = tree.attribute(element, "type") == "note" or name in self._notes
            self.writer.open_mark("note" if is_note else "link", f"#{name}")
        return self.writer.close_mark

    def _image(self, element: Any) -> None:
        number = self._picture_number(element)
        if number is None:
            return
        label = element.get("alt") or element.get("title") or ""
        if tree.name_of(element.getparent()) in {"section", "body", "cite", "epigraph"}:
            self.writer.start("p")
            self._anchor(element)
            self.writer.picture(number, label)
            self.writer.close()
        else:
            self._anchor(element)
            self.writer.picture(number, label)

    def _anchor(self, element: Any) -> None:
        if element.get("id"):
            self.writer.anchor(element.get("id"))

    def _picture_number(self, image: Any) -> int | None:
        name = tree.attribute(image, "href").removeprefix("#")
        binary = self._binaries.get(name)
        return None if binary is None else self.album.number(name, partial(_decoded, binary))


def _are_notes(body: Any) -> bool:
    return (body.get("name") or "").strip().lower() in NOTES


def _decoded(binary: Any) -> bytes:
    return a2b_base64((binary.text or "").encode("ascii", errors="ignore"))


def _note_names(bodies: list[Any]) -> Iterator[str]:
    for body in bodies:
        for section in body.iter("{*}section"):
            if section.get("id"):
                yield section.get("id")


class _Meta:
    """The description of a book. What the translation does not say, its original does."""

    def __init__(self, root: Any) -> None:
        described = next((element for element in root if tree.name_of(element) == "description"), None)
        parts: Mapping[str, Any] = {tree.name_of(part): part for part in described} if described is not None else {}
        self._titles = [parts[name] for name in ("title-info", "src-title-info") if name in parts]
        self._published = [parts[name] for name in ("publish-info",) if name in parts]

    def _found(self, name: str, parts: list[Any] | None = None) -> Iterator[Any]:
        for part in self._titles if parts is None else parts:
            yield from (element for element in part if tree.name_of(element) == name)

    def line(self, name: str) -> str:
        """Return the first value of that name."""
        return next((line for element in self._found(name) if (line := _line(element))), "")

    def people(self, role: str) -> list[str]:
        """Return the names of authors or translators, each once."""
        return list(dict.fromkeys(name for element in self._found(role) if (name := _person(element))))[:50]

    def cover(self) -> Iterator[Any]:
        """Yield the pictures of the cover page."""
        for page in self._found("coverpage"):
            yield from (image for image in page if tree.name_of(image) == "image")

    def details(self) -> dict[str, Any]:
        """Return what else is worth showing."""
        series = next(
            (one for one in [*self._found("sequence"), *self._of_publisher("sequence")] if one.get("name")), None
        )
        year = next((line for one in self._of_publisher("year") if (line := _line(one))), "")
        date = next((one.get("value") or _line(one) for one in self._found("date")), "")
        paragraphs = [_line(p) for one in self._found("annotation") for p in one]
        found = {
            "publisher": next((line for one in self._of_publisher("publisher") if (line := _line(one))), ""),
            "date": one_line(year or date),
            "description": "\n".join(line for line in paragraphs if line)[:5000],
            "series": one_line(series.get("name")) if series is not None else "",
            "series_number": one_line(series.get("number") or "") if series is not None else "",
            "identifiers": [line for one in self._of_publisher("isbn") if (line := _line(one))][:10],
            "subjects": [line.replace("_", " ") for one in self._found("genre") if (line := _line(one))][:30],
            "translators": self.people("translator"),
        }
        return {name: value for name, value in found.items() if value}

    def _of_publisher(self, name: str) -> Iterator[Any]:
        return self._found(name, self._published)


def _line(element: Any) -> str:
    return one_line("".join(element.itertext()))


def _person(element: Any) -> str:
    parts = {tree.name_of(part): _line(part) for part in element}
    name = " ".join(parts[part] for part in ("first-name", "middle-name", "last-name") if parts.get(part))
    return name or parts.get("nickname", "") or ("" if len(element) else _line(element))
