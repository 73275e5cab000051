"""The inside of a paragraph: runs, links, fields, pictures, readings, formulas, references to notes."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from books.formats.album import Album
from books.formats.docx import symbols
from books.formats.docx.fields import Field, bookmark, instruction
from books.formats.docx.footnotes import Notes
from books.formats.docx.formulas import formula
from books.formats.docx.names import child, chosen, full, inside, is_on, number, short
from books.formats.docx.package import Package
from books.formats.docx.pen import ORDER, Marks, Pen
from books.formats.docx.styles import Styles, dressing
from books.formats.links import is_safe
from books.formats.writer import Writer

_SKIPPED: Final = frozenset({"", "w:del", "w:moveFrom", "w:pPr", "w:rPr", "w:sdtPr", "w:sdtEndPr", "w:smartTagPr",
                             "w:customXmlPr", "w:proofErr", "w:bookmarkEnd", "w:fldData"})  # fmt: skip
_RPR, _RSTYLE = full("w:rPr"), full("w:rStyle")
_VAL, _ID, _RID = full("w:val"), full("w:id"), full("r:id")
_EMBED, _NAME, _ANCHOR = full("r:embed"), full("w:name"), full("w:anchor")
_UNSHOWABLE: Final = (".emf", ".wmf", ".emz", ".wmz")
_LARGE: Final = 2_500_000  # English Metric Units, 914,400 to the inch: a picture this high may be a cover
_PRIVATE: Final = re.compile("[\uf000-\uf0ff]")  # where fonts of signs have them
_MOST_FIELDS: Final = 50
_OWN_BOOKMARKS: Final = ("_GoBack",)


class Runs:
    """Writes paragraphs' insides. Knows which fields are open: they may begin in one paragraph and end in another."""

    def __init__(self, writer: Writer, package: Package, styles: Styles, notes: Notes) -> None:
        self.writer, self.pen, self.album = writer, Pen(writer), Album()
        self.boxes: list[Any] = []  # text boxes, to be written after the paragraph that holds them
        self.large: set[int] = set()
        self.part = package.main  # whose ids count
        self.are_fields_whole = True
        self._package, self._styles, self._notes = package, styles, notes
        self._fields: list[Field] = []
        self._links: list[str] = []
        self._silent = 0  # open fields whose text is not the book's

    @property
    def is_silent(self) -> bool:
        """Say whether what stands here is an instruction, or a list of contents that Word made."""
        return self._silent > 0

    def end_contents(self) -> None:
        """End a list of contents whose end was lost: a heading never stands in one."""
        for field in self._fields:
            if field.is_left_out:
                field.is_left_out = False
                self._silent -= 1

    # --- What stands in a paragraph -------------------------------------------------------------

    def write(self, paragraph: Any) -> None:
        """Write what stands in a paragraph, in insertions too, in deletions not."""
        stack: list[tuple[Iterator[Any], Callable[[], Any] | None]] = [(iter(paragraph), None)]
        while stack:
            element = next(stack[-1][0], None)
            if element is None:
                _, leave = stack.pop()
                if leave is not None:
                    leave()
                continue
            name = short(element)
            if name == "w:r":
                self._run(element)
            elif name not in _SKIPPED:
                entered = self._enter(element, name)
                if entered is not None:
                    stack.append(entered)

    def _enter(self, element: Any, name: str) -> tuple[Iterator[Any], Callable[[], Any] | None] | None:
        if name == "w:bookmarkStart":
            self.anchor(element)
        elif name == "w:hyperlink":
            self._links.append(self._address(element))
            return iter(element), self._links.pop
        elif name == "w:fldSimple":
            self._begin_field()
            self._fields[-1].add(element.get(full("w:instr")) or "")
            self._separate_field()
            return iter(element), self._end_field
        elif name in {"m:oMath", "m:oMathPara"}:
            self._formula(element)
        elif name == "mc:AlternateContent":
            return chosen(element), None
        elif name == "w:sdt" and is_placeholder(element):
            return None
        else:
            return iter(element), None
        return None

    def anchor(self, element: Any) -> None:
        """Remember where a bookmark is."""
        name = element.get(_NAME)
        if name and name not in _OWN_BOOKMARKS:
            self.writer.anchor(bookmark(name))

    def _address(self, element: Any) -> str:
        """Return where a w:hyperlink leads, as a mark says it; empty when it leads nowhere we go."""
        anchor, relation = element.get(_ANCHOR), element.get(_RID)
        if relation:
            found = self._package.relations(self.part).get(relation)
            if found is None or not found.is_outside:
                return ""
            target = f"{found.target}#{anchor}" if anchor and "#" not in found.target else found.target
            return target if is_safe(target) else ""
        return f"#{bookmark(anchor)}" if anchor else ""

    def _formula(self, element: Any) -> None:
        if self._silent:
            return
        text, target = formula(element)
        if text:
            marks = self._around(())
            self.pen.write(text, (*marks, ("math", target)) if target else marks)
            self.pen.lift()

    # --- What stands in a run -------------------------------------------------------------------

    def _run(self, run: Any, *around: tuple[str, str]) -> None:
        own = self._marks_of(run.find(_RPR))
        marks = None if own is None else (*around, *own)
        for element in run:
            self._piece(element, run, marks)

    def _piece(self, element: Any, run: Any, marks: Marks | None) -> None:
        """Write one piece of a run. `marks` is None for hidden words; fields count there too."""
        name = short(element)
        if name == "w:fldChar":
            self._field_sign(element.get(full("w:fldCharType")) or "")
        elif name == "w:instrText":
            if self._fields:
                self._fields[-1].add(element.text or "")
        elif self._silent or marks is None:
            return
        elif name == "w:t":
            text = element.text or ""
            if not text.isascii() and _PRIVATE.search(text):
                text = symbols.signs(text, _font(run))
            self.pen.write(text, self._around(marks))
        elif name in _CHARACTERS:
            self.pen.write(_CHARACTERS[name], self._around(marks))
        elif name in _PIECES:
            _PIECES[name](self, element, run, marks)

    def _break(self, element: Any, run: Any, marks: Marks) -> None:
        self.pen.wear(self._around(marks))
        self.writer.line_break()

    def _sign(self, element: Any, run: Any, marks: Marks) -> None:
        try:
            code = int(element.get(full("w:char")) or "", 16)
        except ValueError:
            return
        self.pen.write(symbols.sign(code, element.get(full("w:font")) or ""), self._around(marks))

    def _alternative(self, element: Any, run: Any, marks: Marks) -> None:
        for one in chosen(element):  # nested 256 deep at most: deeper XML is not parsed
            self._piece(one, run, marks)

    def _reading(self, element: Any, run: Any, marks: Marks) -> None:
        """Write the base of a phonetic guide, with its reading as a mark."""
        above, base = element.find(full("w:rt")), element.find(full("w:rubyBase"))
        reading = "" if above is None else "".join(text.text or "" for text in above.iter(full("w:t"))).strip()
        self.pen.lift()
        for inner in () if base is None else inside(base, "w:r"):
            self._run(inner, *([("ruby", reading)] if reading else []))
        self.pen.lift()

    def _reference(self, element: Any, run: Any, marks: Marks) -> None:
        """Write the number of a note, or the sign that the author chose for it."""
        note = self._notes.refer(short(element).removeprefix("w:").removesuffix("Reference"), element.get(_ID) or "")
        self.pen.lift()
        self.writer.anchor(note.back)
        around = (("note", f"#{note.anchor}"), *(mark for mark in marks if mark[0] != "note"))
        if is_true(element.get(full("w:customMarkFollows"))):
            for following in element.itersiblings():
                if short(following).endswith("Reference"):
                    break
                if short(following) == "w:t":
                    self.pen.write(following.text or "", around)
                    following.text = ""
                elif short(following) == "w:sym":
                    self._sign(following, run, around)
        else:
            self.pen.write(note.label, around if any(kind == "sup" for kind, _ in around) else (*around, ("sup", "")))
        self.pen.lift()

    def _own_number(self, element: Any, run: Any, marks: Marks) -> None:
        """Write the number of the note that we are in; it leads back to where the note is referred to."""
        note = self._notes.current
        if note is not None:
            self.pen.lift()
            self.pen.write(note.label, (("link", f"#{note.back}"), *marks))
            self.pen.lift()

    # --- Pictures -------------------------------------------------------------------------------

    def _drawn(self, element: Any, run: Any, marks: Marks) -> None:
        """Show the pictures of a drawing, and put its text boxes aside."""
        self.pen.wear(self._around(marks))
        label, is_large = "", False
        stack = [iter(element)]
        while stack:
            one = next(stack[-1], None)
            name = "" if one is None else short(one)
            if one is None:
                stack.pop()
            elif name == "w:txbxContent":
                self.boxes.append(one)
            elif name == "mc:AlternateContent":
                stack.append(chosen(one))
            elif name == "a:blip":
                self._picture(one.get(_EMBED), label, is_large=is_large)
            elif name == "v:imagedata":
                self._picture(one.get(_RID), one.get(full("o:title")) or label, is_large=is_large)
            else:
                if name == "wp:docPr":
                    label = one.get("descr") or one.get("title") or ""
                elif name == "wp:extent":
                    is_large = number(one.get("cy"), 0) >= _LARGE
                elif name == "v:shape":
                    label = one.get("alt") or label
                stack.append(iter(one))

    def _picture(self, relation: str | None, label: str, *, is_large: bool) -> None:
        found = self._package.relations(self.part).get(relation or "")
        if found is None or found.is_outside:
            return
        if found.target.lower().endswith(_UNSHOWABLE):
            self._package.warn("Some pictures of this document are of a kind that no browser shows (EMF, WMF).")
            return
        archive = self._package.archive
        name = archive.find(found.target)
        shown = self.album.number(name, partial(archive.read, name)) if name else None
        if shown is not None:
            self.writer.picture(shown, label)
            if is_large:
                self.large.add(shown)

    # --- Fields ---------------------------------------------------------------------------------

    def _field_sign(self, sign: str) -> None:
        if sign == "begin":
            self._begin_field()
        elif sign == "separate" and self._fields and self._fields[-1].is_code:
            self._separate_field()
        elif sign == "end" and self._fields:
            self._end_field()

    def _begin_field(self) -> None:
        if len(self._fields) >= _MOST_FIELDS:  # inside each other: their ends were lost
            self._forget(0)
        self._fields.append(Field())
        self._silent += 1

    def _forget(self, at: int) -> Field:
        field = self._fields.pop(at)
        self._silent -= field.is_code or field.is_left_out
        return field

    def _separate_field(self) -> None:
        field = self._fields[-1]
        said = instruction("".join(field.pieces))
        field.is_code, field.is_left_out = False, said.is_contents and self.are_fields_whole
        self._silent -= not field.is_left_out
        field.link = said.link if said.link.startswith("#") or is_safe(said.link) else ""

    def _end_field(self) -> None:
        field = self._forget(-1)
        said = instruction("".join(field.pieces)) if field.is_code else None
        if said is not None and said.sign is not None and not self._silent:  # it has no result
            self.pen.write(symbols.sign(*said.sign), self._around(()))

    # --- Marks ----------------------------------------------------------------------------------

    def _around(self, marks: Marks) -> Marks:
        """Return the marks of a run with the link around it."""
        links = [link for link in (*(field.link for field in self._fields), *self._links) if link]
        if not links or any(kind in {"link", "note"} for kind, _ in marks):
            return marks
        return (("link", links[-1]), *marks)

    def _marks_of(self, properties: Any) -> Marks | None:
        """Return the marks of a run; None when its words are hidden."""
        if properties is None or not len(properties):
            return ()
        said = dict(self._styles.of(_style_of(properties)).marks) | dressing(properties)
        if said.get("hidden"):
            return None
        return tuple((kind, "") for kind in ORDER if said.get(kind))


def _style_of(properties: Any) -> str:
    style = properties.find(_RSTYLE)
    return "" if style is None else str(style.get(_VAL) or "")


def is_true(text: str | None) -> bool:
    """Say whether an attribute is a yes."""
    return text in {"1", "true", "on"}


def is_placeholder(control: Any) -> bool:
    """Say whether a content control only shows what to write there."""
    return is_on(control, "w:sdtPr", "w:showingPlcHdr")


def _font(run: Any) -> str:
    fonts = child(run, "w:rPr", "w:rFonts")
    return "" if fonts is None else str(fonts.get(full("w:ascii")) or fonts.get(full("w:hAnsi")) or "")


_CHARACTERS: Final = {"w:tab": " ", "w:ptab": " ", "w:noBreakHyphen": "\u2011", "w:softHyphen": "\u00ad"}
_PIECES: Final[dict[str, Callable[[Runs, Any, Any, Marks], None]]] = {
    "w:br": Runs._break,
    "w:cr": Runs._break,
    "w:sym": Runs._sign,
    "w:ruby": Runs._reading,
    "w:drawing": Runs._drawn,
    "w:pict": Runs._drawn,
    "w:object": Runs._drawn,
    "w:footnoteReference": Runs._reference,
    "w:endnoteReference": Runs._reference,
    "w:footnoteRef": Runs._own_number,
    "w:endnoteRef": Runs._own_number,
    "mc:AlternateContent": Runs._alternative,
}
