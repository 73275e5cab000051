"""Read the tokens of a rich text file: groups inherit how words are written, and some groups are no text at all."""

import struct
from binascii import unhexlify
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from books.formats.album import Album
from books.formats.links import is_safe
from books.formats.parsed import Told
from books.formats.rtf import charsets
from books.formats.rtf.paragraphs import Form, Paper, Run, Style
from books.formats.rtf.tokens import Token, tokens
from books.formats.writer import Writer

DEEPEST: Final = 1_000  # groups inside each other; deeper ones change nothing any more
_PROGRESS: Final = 100_000  # tokens
_MOST_WORDS: Final = 100_000  # bytes of a title, a field or a style's name
# Groups that are no text. What begins with \* and is not named here is none either.
SKIPPED: Final = frozenset(
    {"header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf", "colortbl", "filetbl",
     "listtable", "listoverridetable", "revtbl", "rsidtbl", "generator", "themedata", "datastore", "nonshppict",
     "annotation", "atnid", "atnauthor", "atntime", "atnref", "xe", "tc", "rxe", "txe", "objdata", "objclass",
     "private", "xmlnstbl", "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "template", "docvar",
     "nonesttables", "shprslt", "sp", "falt", "panose", "fontemb", "background", "bkmkend", "keywords", "company"}
)  # fmt: skip
CAPTURED: Final = frozenset({"title", "author", "subject", "doccomm", "fldinst", "bkmkstart", "listtext", "pntext"})
_SEEN_THROUGH: Final = frozenset({"shppict", "info", "shpinst", "shptxt", "fldrslt"})
OPENED: Final = _SEEN_THROUGH | {"pict", "footnote", "fonttbl", "stylesheet", "field"}
_CHARACTERS: Final = {
    "tab": " ", "emdash": "—", "endash": "–", "emspace": "\u2003", "enspace": "\u2002", "qmspace": "\u2005",
    "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "zwj": "\u200d",
    "zwnj": "\u200c", "ltrmark": "\u200e", "rtlmark": "\u200f", "line": "\n", "lbr": "\n", "nestcell": " ",
    "nestrow": "\n",
}  # fmt: skip
_SIGNS: Final = {"~": "\u00a0", "-": "\u00ad", "_": "\u2011", "{": "{", "}": "}", "\\": "\\"}
_SWITCHES: Final = {
    "b": "strong",
    "i": "em",
    "ul": "under",
    "strike": "strike",
    "striked": "strike",
    "scaps": "small-caps",
}
_PAGES: Final = {"ansi": 1252, "mac": 10000, "pc": 437, "pca": 850}


@dataclass(slots=True)
class _Field:
    """A field: where its result leads."""

    target: str = ""


@dataclass(slots=True)
class _Group:
    """What holds inside a group; the group inside it begins with a copy."""

    kind: str = "text"  # "text", "skip", or the name of the group whose words are captured
    marks: tuple[str, ...] = ()
    is_hidden: bool = False
    font: int = -1
    fallback: int = 1  # how many characters follow \\u for programs without Unicode
    field: _Field | None = None
    in_note: bool = False
    begins: bool = True  # nothing of it is read yet
    ends: Callable[[], None] | None = None


@dataclass(slots=True)
class Reading:
    """One walk over the tokens of a file."""

    writer: Writer = field(default_factory=Writer)
    album: Album = field(default_factory=Album)
    said: dict[str, str] = field(default_factory=dict)  # title, author ...
    language: int = 0
    _paper: Paper = field(init=False)
    _group: _Group = field(default_factory=_Group)
    _stack: list[_Group] = field(default_factory=list)
    _too_deep: int = 0
    _fonts: dict[int, str] = field(default_factory=dict)
    _usual_font: int = 0
    _codec: str = charsets.USUAL
    _bytes: bytearray = field(default_factory=bytearray)  # characters of the current font, not yet decoded
    _high: int = 0  # the first half of a character beyond the 65,536th
    _skip: int = 0  # characters that stand for the one before
    _form: Form = field(default_factory=Form)
    _runs: list[Run] = field(default_factory=list)
    _cells: list[list[Run]] = field(default_factory=list)
    _captured: list[str] = field(default_factory=list)
    _captured_size: int = 0
    _style: Style = field(default_factory=Style)
    _style_number: int = 0
    _notes: list[list[list[Run]]] = field(default_factory=list)
    _signs: int = 0  # references to notes that were written
    _outside: list[Run] = field(default_factory=list)  # runs of the paragraph in which a note stands
    _picture: list[bytes] = field(default_factory=list)
    _is_shown: bool = False  # the picture is of a kind we read
    _is_starred: bool = False

    def __post_init__(self) -> None:
        self._paper = Paper(self.writer)

    def over(self, data: bytes, told: Told) -> None:
        """Read a whole file and write it."""
        for number, token in enumerate(tokens(data), 1):
            self._take(token)
            if number % _PROGRESS == 0:
                told(0, 1)
        while self._stack:  # a file that was cut off
            self._close()
        self._flush()
        self._end_row()
        self._end_paragraph()
        for number, note in enumerate(self._notes, 1):
            self._paper.note(note, f"\0note{number}")
        self.writer.finish()

    def _take(self, token: Token) -> None:
        if token.kind == "{":
            self._open()
        elif token.kind == "}":
            self._close()
        elif token.kind == "text":
            self._text(token)
        elif token.units is not None:
            self._units(token.units)
        elif self._skip and (token.kind == "sign" or token.word in _CHARACTERS):
            self._skip -= 1
        elif token.kind == "sign":
            self._sign(token.word)
        elif self._group.kind != "skip":
            self._skip = 0
            self._word(token.word, token.number)
            self._is_starred = False
            self._group.begins = False

    # --- Groups -----------------------------------------------------------------------------------------

    def _open(self) -> None:
        self._flush()
        self._skip = 0
        if len(self._stack) >= DEEPEST:
            self._too_deep += 1
            return
        self._stack.append(self._group)
        self._group = copy(self._group)
        self._group.begins, self._group.ends = True, None
        self._is_starred = False

    def _close(self) -> None:
        self._flush()
        self._skip = 0
        if self._too_deep:
            self._too_deep -= 1
            return
        if self._group.ends:
            self._group.ends()
        if self._stack:
            self._group = self._stack.pop()

    def _begin(self, name: str) -> None:
        """Make the group that just began one of a kind."""
        group = self._group
        if name in _SEEN_THROUGH:
            return
        if name == "field":
            group.field = _Field()
        elif name == "footnote":
            if not group.in_note:
                self._begin_note()
        else:
            group.kind = name
            if name == "pict":
                self._picture, self._is_shown = [], False
                group.ends = self._end_picture
            elif name in {"fonttbl", "stylesheet"}:
                self._captured, self._captured_size = [], 0
            else:
                self._captured, self._captured_size = [], 0
                group.ends = partial(self._end_captured, name)

    def _end_captured(self, name: str) -> None:
        """Use the words of a group that is no text."""
        words = "".join(self._captured).strip()
        self._captured = []
        if name in {"listtext", "pntext"}:
            self._form.label = words or "•"
        elif name == "bkmkstart":
            self._add(Run(anchor=words))
        elif name == "fldinst":
            if self._group.field is not None:
                self._group.field.target = _target(words)
        elif words:
            self.said.setdefault(name, words)

    # --- Characters -------------------------------------------------------------------------------------

    def _text(self, token: Token) -> None:
        data = token.data
        kind = self._group.kind
        self._group.begins = False
        if kind == "skip":
            return
        if kind == "pict":
            self._picture.append(data.hex().encode() if token.is_raw else data)
            return
        if self._skip:
            taken = min(self._skip, len(data))
            self._skip -= taken
            data = data[taken:]
        if not token.is_raw:
            self._bytes += data

    def _flush(self) -> None:
        """Decode the bytes collected so far."""
        if self._bytes:
            font = self._group.font if self._group.font >= 0 else self._usual_font
            text = charsets.decoded(bytes(self._bytes), self._fonts.get(font, ""), self._codec)
            self._bytes.clear()
            self._characters(text)

    def _characters(self, text: str) -> None:
        kind = self._group.kind
        if kind in {"fonttbl", "stylesheet"}:
            self._table_words(kind, text)
        elif kind != "text":
            if self._captured_size < _MOST_WORDS:
                self._captured.append(text)
                self._captured_size += len(text)
        elif not self._group.is_hidden:
            self._add(Run(text, self._marks()))

    def _marks(self) -> tuple[tuple[str, str], ...]:
        link = self._group.field.target if self._group.field is not None else ""
        marks = tuple((kind, "") for kind in self._group.marks)
        return (("link", link), *marks) if link else marks

    def _add(self, run: Run) -> None:
        self._runs.append(run)

    def _units(self, units: list[tuple[int, bytes]]) -> None:
        """Write a run of UTF-16 units, and of what stands for them only what is more than this group says."""
        self._group.begins = False
        if self._group.kind in {"skip", "pict"}:
            return
        fallback = self._group.fallback
        if not self._skip and all(len(other) == fallback for _, other in units):
            self._flush()
            self._write_units([number for number, _ in units])
            return
        for number, other in units:
            self._flush()
            self._write_units([number])
            self._skip = fallback
            self._text(Token("text", data=other))

    def _write_units(self, units: list[int]) -> None:
        """Write UTF-16 units. The first half of a pair waits for the second, a half alone is no character."""
        if self._high:
            units = [self._high, *units]
        self._high = units.pop() if 0xD800 <= units[-1] < 0xDC00 else 0
        if units:
            packed = struct.pack(f"<{len(units)}H", *units)
            self._characters(packed.decode("utf-16-le", errors="ignore"))

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self._is_starred = True
        elif self._group.kind == "skip":
            return
        elif sign in "\r\n":
            self._word("par", None)
        elif sign in _SIGNS:
            self._flush()
            self._characters(_SIGNS[sign])

    # --- Control words ----------------------------------------------------------------------------------

    def _word(self, word: str, number: int | None) -> None:
        group = self._group
        if group.begins and (word in CAPTURED or word in OPENED):
            self._begin(word)
        elif group.begins and (self._is_starred or word in SKIPPED):
            self._flush()
            group.kind = "skip"
        elif word == "u":
            self._flush()
            self._write_units([(number or 0) & 0xFFFF])
            self._skip = group.fallback
        elif word in _CHARACTERS:
            self._flush()
            self._characters(_CHARACTERS[word])
        elif word in {"uc", "f", "deff", "ansicpg", "fcharset", "deflang"} or word in _PAGES:
            self._flush()
            self._encoding(word, number)
        elif group.kind == "stylesheet":
            self._style_word(word, number)
        elif group.kind == "pict":
            self._is_shown = self._is_shown or word in {"pngblip", "jpegblip"}
        elif group.kind == "text":
            self._flush()
            self._text_word(word, number)

    def _encoding(self, word: str, number: int | None) -> None:
        if word == "uc":
            self._group.fallback = min(max(number or 0, 0), 100)
        elif word == "f":
            self._group.font = number or 0
        elif word == "deff":
            self._usual_font = number or 0
        elif word == "fcharset":
            self._fonts[self._group.font] = charsets.of_charset(number)
        elif word == "deflang":
            self.language = number or 0
        else:
            self._codec = charsets.of_page(_PAGES.get(word, number))

    def _text_word(self, word: str, number: int | None) -> None:
        if word in {"par", "sect", "page"}:
            self._par()
        elif word == "cell":
            self._end_cell()
        elif word == "row":
            self._end_row()
        elif word == "chftn":
            self._note_sign()
        elif word in {"pard", "s", "outlinelevel", "qc", "qr", "ql", "qj", "intbl", "ilvl"}:
            self._form_word(word, number)
        else:
            self._mark_word(word, number)

    def _form_word(self, word: str, number: int | None) -> None:
        form = self._form
        if word == "pard":
            self._form = Form(label=form.label)
        elif word == "s":
            form.style = number or 0
        elif word == "outlinelevel":
            form.level = (number or 0) + 1 if (number or 0) < 9 else 0
        elif word == "intbl":
            form.in_table = True
        elif word == "ilvl":
            form.list_depth = min(max(number or 0, 0), 20) + 1
        else:
            form.align = {"qc": "center", "qr": "right"}.get(word, "")

    def _mark_word(self, word: str, number: int | None) -> None:
        group = self._group
        if word in _SWITCHES:
            self._switch(_SWITCHES[word], is_on=number != 0)
        elif word == "ulnone":
            self._switch("under", is_on=False)
        elif word in {"super", "sub", "up", "dn", "nosupersub"}:
            self._switch("sup", is_on=False)
            self._switch("sub", is_on=False)
            if word != "nosupersub" and number != 0:
                self._switch("sup" if word in {"super", "up"} else "sub", is_on=True)
        elif word in {"v", "deleted"}:
            group.is_hidden = number != 0
        elif word == "plain":
            group.marks, group.is_hidden, group.font = (), False, -1

    def _switch(self, mark: str, *, is_on: bool) -> None:
        others = tuple(kind for kind in self._group.marks if kind != mark)
        self._group.marks = (*others, mark) if is_on else others

    # --- Fonts and styles -------------------------------------------------------------------------------

    def _style_word(self, word: str, number: int | None) -> None:
        if word in {"s", "cs", "ds", "ts"}:
            self._style, self._style_number = Style(), (number or 0) if word == "s" else -1
        elif word == "outlinelevel":
            self._style.level = (number or 0) + 1 if 0 <= (number or 0) < 9 else 0
        elif word == "sbasedon":
            self._style.parent = number or 0

    def _table_words(self, kind: str, text: str) -> None:
        """Take the names of styles; those of fonts are not needed."""
        if kind == "fonttbl":
            return
        style = self._style
        style.name = (style.name + text)[:200].strip().rstrip(";").lower()
        last = style.name.partition(",")[0].rpartition(" ")[2]
        if style.name.startswith(("heading ", "标题 ", "überschrift ", "titre ")) and last in set("123456789"):
            style.level = style.level or int(last)
        elif style.name == "title":
            style.level = style.level or 1
        if ";" in text and self._style_number >= 0:
            self._paper.styles.setdefault(self._style_number, style)
            self._style, self._style_number = Style(), 0

    # --- Paragraphs, rows, notes, pictures --------------------------------------------------------------

    def _par(self) -> None:
        if self._group.in_note:
            self._notes[-1].append(self._runs)
            self._runs = []
        elif self._form.in_table:
            self._add(Run("\n"))
        else:
            self._end_row()
            self._end_paragraph()

    def _end_paragraph(self) -> None:
        self._paper.paragraph(self._runs, self._form)
        self._runs, self._form.label = [], ""

    def _end_cell(self) -> None:
        if not self._group.in_note:
            self._cells.append(self._runs)
            self._runs, self._form.label = [], ""

    def _end_row(self) -> None:
        if self._cells and not self._group.in_note:
            self._paper.row(self._cells)
            self._cells = []

    def _note_sign(self) -> None:
        if self._group.in_note:
            return
        self._signs += 1
        self._add(Run(str(self._signs), (("note", f"#\0note{self._signs}"),)))

    def _begin_note(self) -> None:
        if self._signs == len(self._notes):
            self._note_sign()
        self._notes.append([])
        self._group.in_note, self._group.marks = True, ()
        self._group.ends = self._end_note
        self._outside, self._runs = self._runs, []

    def _end_note(self) -> None:
        self._notes[-1].append(self._runs)
        self._runs = self._outside

    def _end_picture(self) -> None:
        data = b"".join(self._picture)
        self._picture = []
        if self._is_shown and data:
            number = self.album.number(f"picture {len(self.album.originals) + 1}", partial(_unhexed, data))
            if number is not None:
                self._add(Run(picture=number))


def _unhexed(data: bytes) -> bytes:
    data = b"".join(data.split())
    return unhexlify(data[: len(data) // 2 * 2])


def _target(words: str) -> str:
    """Return a mark's target for a field: HYPERLINK "address", or HYPERLINK \\l "place"."""
    name, _, rest = words.strip().partition(" ")
    if name.upper() != "HYPERLINK":
        return ""
    quoted = rest.split('"')
    if len(quoted) < 2 or not quoted[1].strip():
        return ""
    address = quoted[1].strip()
    if "\\l" in quoted[0]:
        return f"#{address}"
    return address if is_safe(address) else ""
