"""What a document's styles say of its paragraphs and runs, each with what it takes over from the style below it."""

import re
from dataclasses import dataclass
from typing import Any, Final

from books.formats.docx.names import full, is_on, number, short, value

# Word calls its own styles by their English names in every language; others translate them.
_HEADING: Final = re.compile(
    r"(?:heading|标题|標題|見出し|제목|überschrift|titre|titolo|título|titulo|kop|rubrik|nagłówek|заголовок)\s?([1-9])"
)
# The same as an id, where the styles themselves are lost: Word drops what is not ASCII.
_HEADING_ID: Final = re.compile(r"(?:heading|berschrift|titre|ttulo|titolo|kop|rubrik)([1-9])", re.IGNORECASE)
_TITLES: Final = frozenset({"title", "titel", "titre", "título", "titolo"})
_CONTENTS: Final = re.compile(r"(?:toc|目录|目錄|verzeichnis|tm)\s?[1-9]|toc heading")
_CODE: Final = frozenset({"html preformatted", "source code", "sourcecode", "code", "code block", "preformatted text"})
_CODE_RUNS: Final = frozenset({"html code", "verbatim char", "code char", "source text", "html typewriter"})
_QUOTES: Final = ("quote", "quotation", "zitat", "citation", "引用", "block text")
_CAPTIONS: Final = frozenset({"caption", "beschriftung", "légende", "题注"})
_LONGEST_CHAIN: Final = 20

SWITCHES: Final = {
    "w:b": "strong", "w:i": "em", "w:strike": "strike", "w:dstrike": "strike", "w:smallCaps": "small-caps",
    "w:vanish": "hidden",
}  # fmt: skip
_RAISED: Final = {"superscript": "sup", "subscript": "sub"}


def dressing(properties: Any) -> dict[str, bool]:
    """Return what a w:rPr says of each mark: it is on, or it is off."""
    said: dict[str, bool] = {}
    for element in properties:
        name = short(element)
        if name in SWITCHES:
            said[SWITCHES[name]] = said.get(SWITCHES[name], False) or is_on(element)
        elif name == "w:u":
            said["under"] = value(element) not in {"", "none"}
        elif name == "w:vertAlign":
            said.update(
                {"sup": False, "sub": False} | ({_RAISED[at]: True} if (at := value(element)) in _RAISED else {})
            )
    return said


@dataclass(frozen=True, slots=True)
class Style:
    """What is said of a paragraph or a run. `level`: of a heading, 1-9; 0 for none. None: nothing is said."""

    kind: str = ""  # title, contents, quote, caption, pre
    level: int | None = None
    list_id: str | None = None
    list_level: int | None = None
    align: str | None = None
    is_rtl: bool | None = None
    marks: tuple[tuple[str, bool], ...] = ()


def paragraph_says(properties: Any) -> Style:
    """Return what a w:pPr says, without its style."""
    if properties is None:
        return NOTHING
    level = list_id = list_level = align = is_rtl = None
    for element in properties:
        name = short(element)
        if name == "w:outlineLvl":
            outline = number(value(element), 9)
            level = outline + 1 if 0 <= outline < 9 else 0
        elif name == "w:numPr":
            list_id = value(element, "w:numId") or None
            at = value(element, "w:ilvl")
            list_level = min(max(number(at, 0), 0), 8) if at else None
        elif name == "w:jc":
            align = value(element)
        elif name == "w:bidi":
            is_rtl = is_on(element)
    return Style("", level, list_id, list_level, align, is_rtl)


NOTHING: Final = Style()


class Styles:
    """The styles of a document by their ids."""

    def __init__(self, root: Any) -> None:
        self._own: dict[str, Style] = {}
        self._based: dict[str, str] = {}
        self._settled: dict[str, Style] = {}
        self.default = ""
        for element in root if root is not None else ():
            if short(element) == "w:style":
                self._add(element)

    def _add(self, element: Any) -> None:
        attributes = {key.rpartition("}")[2]: text for key, text in element.items()}
        key, name = attributes.get("styleId", ""), " ".join(value(element, "w:name").lower().split())
        self._based[key] = value(element, "w:basedOn")
        said = paragraph_says(element.find(_PPR))
        properties = element.find(_RPR)
        marks = {} if properties is None else dressing(properties)
        if name in _CODE_RUNS:
            marks["code"] = True
        kind, level = _meaning(name)
        level = said.level if level is None else level
        self._own[key] = Style(
            kind, level, said.list_id, said.list_level, said.align, said.is_rtl, tuple(sorted(marks.items()))
        )
        if attributes.get("type") == "paragraph" and attributes.get("default") in {"1", "true"}:
            self.default = key

    def of(self, key: str) -> Style:
        """Return a style with everything it takes over."""
        if key not in self._settled:
            self._settled[key] = self._merged(key)
        return self._settled[key]

    def _merged(self, key: str) -> Style:
        if key not in self._own:
            found = _HEADING_ID.fullmatch(key)
            return Style(level=int(found.group(1))) if found else NOTHING
        chain: list[Style] = []
        while key in self._own and len(chain) < _LONGEST_CHAIN:
            chain.append(self._own[key])
            key = self._based[key]
        merged = chain.pop()
        while chain:
            merged = merge(merged, chain.pop())
        return merged


def merge(below: Style, above: Style) -> Style:
    """Return what two say together; what is above counts where both say something."""
    return Style(
        above.kind or below.kind,
        below.level if above.level is None else above.level,
        below.list_id if above.list_id is None else above.list_id,
        below.list_level if above.list_level is None else above.list_level,
        below.align if above.align is None else above.align,
        below.is_rtl if above.is_rtl is None else above.is_rtl,
        tuple(sorted((dict(below.marks) | dict(above.marks)).items())),
    )


def _meaning(name: str) -> tuple[str, int | None]:
    """Return the kind of a style of this name, and its level as a heading."""
    if found := _HEADING.fullmatch(name):
        return "", int(found.group(1))
    if name in _TITLES:
        return "title", None
    if _CONTENTS.fullmatch(name):
        return "contents", 0
    if name in _CODE:
        return "pre", None
    if name in _CAPTIONS:
        return "caption", None
    return ("quote", None) if any(word in name for word in _QUOTES) else ("", None)


_PPR: Final = full("w:pPr")
_RPR: Final = full("w:rPr")
