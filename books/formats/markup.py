"""Walk an HTML or XHTML tree and write its text. Nothing of the markup itself is kept but kinds of blocks and marks."""

import re
from dataclasses import replace
from typing import Any, Final

from books.formats import mathml, notes, tables
from books.formats.context import Context, List, Note, Open, Ruby, Table
from books.formats.context import Surroundings as Surroundings
from books.formats.context import joined as joined
from books.formats.drawings import standing
from books.formats.marks import HEADINGS, MARKS, marks_of
from books.formats.parsed import LONGEST_TARGET
from books.formats.style import PLAIN, Look, Styles
from books.formats.tree import attribute as attribute
from books.formats.tree import attributes as attributes
from books.formats.tree import first_words, whole
from books.formats.tree import forgiving_xml as forgiving_xml
from books.formats.tree import name_of as name_of
from books.formats.tree import page as page
from books.formats.tree import xml as xml
from books.formats.writer import EDGE, Writer


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


SKIPPED: Final = _names(
    "script style head template iframe embed canvas audio video rp select textarea title meta link map"
)
PARAGRAPHS: Final = _names(
    "p div section article aside header footer nav main figure figcaption address hgroup center body form "
    "fieldset details summary caption table tbody thead tfoot tr td th ul ol dl menu dir legend html "
    "li blockquote dt dd pre"
)
LISTS: Final = frozenset({"ul", "ol", "menu", "dir"})
_MARKED: Final = frozenset({*MARKS, "a", "ruby", "rb", "td", "th"})  # elements that may open a mark without any style
_NEVER_HIDDEN: Final = frozenset({"html", "body"})
DEEPEST: Final = 200  # nested elements; what is deeper is written, but changes nothing any more
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class Walk:
    """One walk over one tree, writing into `writer`.

    Pictures and links are asked for in `surroundings`, and left out without them. `base` is the page's own address,
    `styles` says how its elements look, `language` is the book's.
    """

    def __init__(
        self,
        writer: Writer,
        surroundings: Surroundings | None = None,
        base: str = "",
        *,
        styles: Styles | None = None,
        language: str = "",
    ) -> None:
        self.writer = writer
        self.is_vertical = False  # something is set from top to bottom
        self.breaks: list[tuple[str, str]] = []  # of each printed page that begins here: its label, its anchor
        self._surroundings, self._base, self._styles = surroundings, base, styles
        self._outside = Context(language=language)
        self._trail: list[Open] = []

    @property
    def _around(self) -> Context:
        return self._trail[-1].context if self._trail else self._outside

    def over(self, root: Any) -> None:
        """Write everything below `root`."""
        element: Any = root
        while element is not None:
            if self._enter(element):
                self._text(element.text)
            elif self._trail:
                self._text(element.tail)
            element = self._following()
        self.writer.close()

    def _following(self) -> Any:
        """Return the next element in the order of the page, closing those that end before it."""
        while self._trail:
            following = next(self._trail[-1].children, None)
            if following is not None:
                return following
            done = self._trail.pop()
            self._leave(done)
            if self._trail:
                self._text(done.element.tail)
        return None

    def _text(self, text: str | None) -> None:
        if not text:
            return
        top = self._trail[-1]
        if top.context.table is not None or top.name == "ruby":
            if not text.strip(" \t\r\n\f"):
                if top.name == "ruby" or top.name in {"table", "thead", "tbody", "tfoot", "tr"}:
                    return
            elif top.context.table is not None:
                self._begin_words(top.context.table)
        self.writer.write(text)

    def _begin_words(self, table: Table) -> None:
        """Write the line feed that parts two paragraphs of one cell."""
        if table.owes_break and table.has_words:
            self.writer.line_break()
        table.owes_break, table.has_words = False, True

    def _enter(self, element: Any) -> bool:
        """Begin an element; False when nothing inside it is walked."""
        name = name_of(element)
        if not name or name in SKIPPED or (name in {"case", "default"} and notes.is_other_case(element, name)):
            return False
        if len(self._trail) > DEEPEST:
            self._trail.append(Open(element, iter(element), "", self._trail[-1].context))
            return True
        context = self._around
        said = attributes(element) if element.attrib else {}
        alone = _ALONE.get(name)
        if alone is not None:
            return alone(self, element, said, context)
        look = PLAIN if self._styles is None else self._styles.look(name, said)
        if (said or look.hidden) and self._is_left_out(element, name, said, look):
            return False
        opened = Open(element, iter(element), name, context)
        self._trail.append(opened)
        if said:
            self._describe(opened, said)
        if look is not PLAIN:
            self._dress(opened, look)
        if name in HEADINGS or name in PARAGRAPHS:
            self._enter_block(opened, said)
        if said:
            self._anchor(name, said)
        if said or look is not PLAIN or name in _MARKED:
            self._open_marks(opened, said, look)
        return True

    def _is_left_out(self, element: Any, name: str, said: dict[str, str], look: Look) -> bool:
        """Say whether an element is not shown: hidden, an arrow back from a note, the number of a printed page."""
        context = self._around
        kinds = notes.kinds(said, name)
        is_out = name == "a" and notes.is_way_back(element, kinds, is_in_note=context.note is not None)
        if (look.hidden or "hidden" in said) and name not in _NEVER_HIDDEN and context.note is None:
            is_out = not kinds & notes.SHOWN  # notes are hidden for those who show them when they are asked for
        if kinds & notes.LISTS_OF_PLACES and name == "nav":
            return True
        if kinds & notes.BREAKS:
            label = notes.page_label(element, said)
            is_out = label is not None
            if label:
                self.breaks.append((label, f"\0{len(self.breaks)}"))
                self.writer.anchor(self.breaks[-1][1])
        if is_out:
            self._anchor(name, said)
        return is_out

    def _anchor(self, name: str, said: dict[str, str]) -> None:
        for named in (said.get("id"), said.get("name") if name == "a" else None):
            if named:
                self.writer.anchor(named)

    def _describe(self, opened: Open, said: dict[str, str]) -> None:
        """Take from the attributes what holds for everything inside."""
        context, kinds = opened.context, notes.kinds(said, opened.name)
        is_note = bool(kinds & notes.NOTES) and opened.name in PARAGRAPHS
        if is_note or (opened.name == "li" and context.has_notes and context.note is None):
            opened.context = context = replace(context, note=Note())
        if kinds & notes.LISTS:
            opened.context = context = replace(context, has_notes=True)
        if any("verse" in kind or "poem" in kind for kind in kinds):
            opened.context = context = replace(context, is_verse=True)
        align = said.get("align", "").lower()
        if align:
            opened.context = context = replace(context, align=align if align in {"center", "right"} else "")
        language = said.get("lang", "")
        if language and language != context.language:
            opened.context = replace(context, language=language)

    def _dress(self, opened: Open, look: Look) -> None:
        """Take from the style sheets what holds for everything inside."""
        context = opened.context
        if look.align is not None and look.align != context.align:
            opened.context = context = replace(context, align=look.align)
        if look.pre is not None and look.pre != context.is_pre and opened.name in PARAGRAPHS:
            opened.context = replace(context, is_pre=look.pre)
        if look.vertical:
            self.is_vertical = True

    def _enter_block(self, opened: Open, said: dict[str, str]) -> None:
        name, context = opened.name, opened.context
        if name in LISTS:
            following = whole(said.get("start"), 1) if name == "ol" else -1
            context = replace(context, lists=context.lists + 1, listed=List(following))
        elif name == "blockquote":
            context = replace(context, quotes=context.quotes + 1)
        elif name == "table" and context.table is None and tables.is_of_facts(opened.element):
            context = replace(context, table=Table())
        elif name == "pre":
            context = replace(context, is_pre=True)
        elif name in {"figcaption", "caption"}:
            context = replace(context, is_caption=True)
        elif name == "center":
            context = replace(context, align="center")
        elif name == "li" and context.has_notes and context.note is None:
            context = replace(context, note=Note())
        opened.context = context
        if context.table is not None and name != "table" and name != "caption":
            self._enter_row(name, said, context.table)
        else:
            self._start(name, said, context)

    def _enter_row(self, name: str, said: dict[str, str], table: Table) -> None:
        """Begin a row, a cell, or a line in one."""
        if name == "tr":
            self.writer.start("row", number=int(table.is_first))
            table.in_row, table.has_cells = True, False
        elif name in {"td", "th"} and table.in_row:
            if table.has_cells:
                self.writer.tab()
            table.has_cells, table.has_words, table.owes_break = True, False, False
        elif table.in_row:
            table.owes_break = True

    def _start(self, name: str, said: dict[str, str], context: Context) -> None:
        """Start the block that an element opens, in the light of what it stands in."""
        writer, align = self.writer, context.align
        if context.note is not None and not context.is_pre:
            number = self._item_number(said, context) if name == "li" else -1
            self._start_note(context.note, number)
        elif name in HEADINGS:
            writer.start("h", level=HEADINGS[name], align=align)
        elif name == "li":
            number = self._item_number(said, context)
            kind = "oli" if number >= 0 else "li"
            writer.start(kind, level=max(context.lists, 1), number=max(number, 0), align=align)
        elif name in LISTS or name in {"dl", "table"} or not self._is_first_in_item():
            self._restart(context)
            if name == "dt":
                writer.start("term", align=align)

    def _item_number(self, said: dict[str, str], context: Context) -> int:
        if context.listed is None or context.listed.following < 0:
            return -1
        number = whole(said.get("value"), context.listed.following)
        context.listed.following = number + 1
        return number

    def _start_note(self, note: Note, number: int) -> None:
        if number >= 0 and not note.label:
            note.label = str(number)
        writer = self.writer
        if note.since >= 0 and writer.kind == "note" and not writer.has_words:
            return  # the first paragraph of a note is the note
        writer.close()
        if note.is_first and note.since >= 0:
            note.is_first = not any(block.kind == "note" for block in writer.blocks[note.since :])
        note.since = len(writer.blocks)
        writer.start("note", number=int(note.is_first), label=note.label if note.is_first else "")

    def _is_first_in_item(self) -> bool:
        """Say whether this is the first paragraph of an item: it is the item."""
        parent = self._trail[-2].name if len(self._trail) > 1 else ""
        return parent == "li" and self.writer.kind in {"li", "oli"} and not self.writer.has_words

    def _restart(self, context: Context) -> None:
        """Start the block for text that stands directly in an element."""
        if context.is_pre:
            self.writer.start("pre")
        elif context.note is not None:
            self._start_note(context.note, -1)
        elif context.is_caption:
            self.writer.start("caption", align=context.align)
        elif context.is_verse:
            self.writer.start("verse", align=context.align)
        elif context.quotes:
            self.writer.start("quote", level=context.quotes, align=context.align)
        else:
            self.writer.start("p", align=context.align)

    def _open_marks(self, opened: Open, said: dict[str, str], look: Look) -> None:
        """Open the marks of an element, inside the block it may have begun."""
        name, context = opened.name, opened.context
        found: list[tuple[str, str]] = []
        if name in {"td", "th"} and context.table is not None and context.table.in_row:
            target = tables.cell_target(name, said)
            found += [("cell", target)] if target else []
        found += [(kind, "") for kind in marks_of(name, look)]
        if name == "sup" or look.raised == "sup":
            opened.context = context = replace(context, is_raised=True)
        if said and context.language and self._is_foreign(opened):
            found.append(("lang", context.language))
        if name == "a" and said:
            found += self._link(opened.element, said, context)
        elif name == "ruby" and context.ruby is None:
            opened.context = replace(context, ruby=Ruby(self.writer))
        elif name == "rb" and context.ruby is not None:
            context.ruby.end_base()
        for kind, target in found:
            self.writer.open_mark(kind, target)
        opened.marks = len(found)

    def _is_foreign(self, opened: Open) -> bool:
        """Say whether an element is in another language than what is around it."""
        if opened.name in {"html", "body"} or len(self._trail) < 2:
            return False
        around = self._trail[-2].context.language.partition("-")[0].lower()
        language = opened.context.language
        is_other = bool(around) and language.partition("-")[0].lower() != around
        return is_other and _LANGUAGE.fullmatch(language) is not None

    def _link(self, link: Any, said: dict[str, str], context: Context) -> list[tuple[str, str]]:
        href = said.get("href", "")
        if self._surroundings is None or not href or len(href) > LONGEST_TARGET:
            return []
        target = self._surroundings.link(joined(self._base, href))
        if not target:
            return []
        is_note = target.startswith("#") and notes.is_reference(
            link, notes.kinds(said, "a"), is_raised=context.is_raised
        )
        return [("note" if is_note and context.note is None else "link", target)]

    def _leave(self, done: Open) -> None:
        name, context, writer = done.name, done.context, self.writer
        for _ in range(done.marks):
            writer.close_mark()
        if name == "rb" and context.ruby is not None:
            context.ruby.end_base()
        elif name == "ruby" and context.ruby is not None:
            if self._around.ruby is None:
                context.ruby.end_base()
                context.ruby.end()
        elif name in HEADINGS or name in PARAGRAPHS:
            self._leave_block(name, context)

    def _leave_block(self, name: str, context: Context) -> None:
        """Close the block; text that follows directly belongs to what is around it."""
        table = context.table
        if table is not None and table.in_row:
            if name == "tr":
                before = len(self.writer.blocks)
                self.writer.close()
                written = self.writer.blocks[before:]
                table.is_first = table.is_first and not any(block.kind == "row" for block in written)
                table.in_row = False
            else:
                table.owes_break = True
            return
        self.writer.close()
        around = self._around
        if around.is_pre or around.quotes or around.is_caption or around.is_verse or around.note is not None:
            self._restart(around)

    # Elements whose inside is not walked. Each returns whether it is, after all.

    def _break(self, element: Any, said: dict[str, str], context: Context) -> bool:
        if context.table is not None and context.table.in_row:
            context.table.owes_break = True
        else:
            self.writer.line_break()
        return False

    def _rule(self, element: Any, said: dict[str, str], context: Context) -> bool:
        if context.table is None:
            self.writer.rule()
            self._anchor("hr", said)
            self._restart(context)
        return False

    def _picture(self, element: Any, said: dict[str, str], context: Context) -> bool:
        self._anchor("img", said)
        self._show(said.get("src") or said.get("href") or "", said.get("alt") or said.get("title") or "")
        return False

    def _show(self, address: str, label: str) -> bool:
        """Put the picture at an address here; False when there is none."""
        number = self._surroundings.picture(joined(self._base, address)) if address and self._surroundings else None
        if number is not None:
            self.writer.picture(number, label)
        return number is not None

    def _object(self, element: Any, said: dict[str, str], context: Context) -> bool:
        """Show a picture, or else what stands there for those who cannot see it."""
        if self._show(said.get("data", ""), first_words(element)):
            return False
        self._trail.append(Open(element, iter(element), "object", context))
        return True

    def _drawing(self, element: Any, said: dict[str, str], context: Context) -> bool:
        """Show a drawing, or the pictures in it when it is but their frame; words alone are text."""
        self._anchor("svg", said)
        found = standing.look(element)
        label = said.get("aria-label") or found.label
        if found.is_drawn and self._surroundings is not None and not standing.is_hidden(said):
            number = self._surroundings.drawing(standing.written_out(element), self._base)
            if number is not None:
                self.writer.picture(number, label)
                return False
        is_shown = [self._show(address, found.title) for address in found.pictures]
        if not any(is_shown) and found.words:
            self._trail.append(Open(element, iter(()), "svg", context))
            self._text(found.words)
            self._trail.pop()
        return False

    def _formula(self, element: Any, said: dict[str, str], context: Context) -> bool:
        text, target = mathml.formula(element)
        self._anchor("math", said)
        if text and context.table is not None:
            self._begin_words(context.table)
        if target:
            self.writer.open_mark("math", target)
        self.writer.write(text)
        if target:
            self.writer.close_mark()
        return False

    def _reading(self, element: Any, said: dict[str, str], context: Context) -> bool:
        if context.ruby is not None:
            context.ruby.reading("".join(element.itertext()))
        return False


_ALONE: Final = {
    "br": Walk._break, "hr": Walk._rule, "img": Walk._picture, "image": Walk._picture, "svg": Walk._drawing,
    "object": Walk._object, "math": Walk._formula, "rt": Walk._reading, "rtc": Walk._reading,
}  # fmt: skip


def visible(element: Any) -> str:
    """Return the text of a small element, as one line."""
    written = Writer()
    Walk(written).over(element)
    written.finish()
    return " ".join(written.text.split()).strip(EDGE)
