"""The styles of an OpenDocument text, as far as words need them: bold, italic, raised, headings, numbered lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from books.formats import tree

_DEEPEST_PARENT: Final = 20
_QUOTES: Final = ("quotation", "quote")
_CODE: Final = ("preformatted", "codeblock", "code-block", "source_20_code")
_ALIGNMENTS: Final = {"center": "center", "right": "right", "end": "right"}


@dataclass(slots=True)
class _Style:
    """What one style says itself. None: it does not say."""

    parent: str = ""
    name: str = ""  # as its author sees it
    level: int | None = None
    align: str | None = None
    is_bold: bool | None = None
    is_italic: bool | None = None
    is_struck: bool | None = None
    is_under: bool | None = None
    is_small: bool | None = None
    raised: str | None = None


@dataclass(slots=True)
class _List:
    """Of each depth of a list: the number it begins with, or 0 when it has bullets."""

    first: dict[int, int] = field(default_factory=dict)


class Styles:
    """All styles of a document; a style takes from its parents what it does not say itself."""

    def __init__(self, roots: Sequence[Any]) -> None:
        self._styles: dict[str, _Style] = {}
        self._lists: dict[str, _List] = {}
        for root in roots:
            for element in root.iter("{*}style"):
                self._styles[tree.attribute(element, "name")] = _style(element)
            for element in root.iter("{*}list-style"):
                self._lists[tree.attribute(element, "name")] = _list(element)
        self._marks: dict[str, list[str]] = {}
        self.language = next((said for root in roots for said in _languages(root)), "")

    def _said(self, name: str, what: str) -> Any:
        """Return the first value that the style or one of its parents says."""
        for _ in range(_DEEPEST_PARENT):
            style = self._styles.get(name)
            if style is None:
                break
            value = getattr(style, what)
            if value is not None:
                return value
            name = style.parent
        return None

    def marks(self, name: str) -> list[str]:
        """Return the marks of words in this style."""
        if name not in self._marks:
            kinds = {"is_bold": "strong", "is_italic": "em", "is_struck": "strike", "is_under": "under"}
            found = [mark for what, mark in kinds.items() if self._said(name, what)]
            found += ["small-caps"] if self._said(name, "is_small") else []
            raised = self._said(name, "raised")
            self._marks[name] = [*found, raised] if raised else found
        return self._marks[name]

    def level(self, name: str) -> int:
        """Return the heading level of a paragraph style; 0 when it is none."""
        return int(self._said(name, "level") or 0)

    def align(self, name: str) -> str:
        """Return how a paragraph is aligned."""
        return str(self._said(name, "align") or "")

    def is_quote(self, name: str) -> bool:
        """Say whether a style is that of quotations, or made from it."""
        return self._is_named(name, _QUOTES)

    def is_code(self, name: str) -> bool:
        """Say whether the spaces of a paragraph in this style count."""
        return self._is_named(name, _CODE)

    def _is_named(self, name: str, words: Sequence[str]) -> bool:
        for _ in range(_DEEPEST_PARENT):
            style = self._styles.get(name)
            if any(word in name.lower() for word in words):
                return True
            if style is None:
                break
            name = style.parent
        return False

    def is_counting(self, name: str, depth: int) -> bool:
        """Say whether a list of this style has numbers at this depth."""
        return name in self._lists and self._lists[name].first.get(depth, 0) > 0

    def first(self, name: str, depth: int) -> int:
        """Return the number with which a list begins."""
        return self._lists[name].first.get(depth, 0) or 1 if name in self._lists else 1


def _languages(root: Any) -> Iterator[str]:
    """Yield the languages of the default styles."""
    for style in root.iter("{*}default-style"):
        for properties in style.iterchildren("{*}text-properties"):
            said = tree.attributes(properties)
            country = said.get("country", "none")
            if said.get("language", "none") != "none":
                yield said["language"] if country == "none" else f"{said['language']}-{country}"


def _style(element: Any) -> _Style:
    said: dict[str, str] = {}
    for properties in element.iterchildren("{*}text-properties", "{*}paragraph-properties"):
        said |= tree.attributes(properties)
    name = tree.attribute(element, "display-name") or tree.attribute(element, "name")
    level = tree.whole(tree.attribute(element, "default-outline-level"), 0)
    if not level and name.lower() in {"title", "titel", "titre"}:
        level = 1
    return _Style(
        parent=tree.attribute(element, "parent-style-name"),
        name=name,
        level=min(level, 6) or None,
        align=_ALIGNMENTS.get(said["text-align"], "") if "text-align" in said else None,
        is_bold=_is_bold(said["font-weight"]) if "font-weight" in said else None,
        is_italic=said["font-style"] in {"italic", "oblique"} if "font-style" in said else None,
        is_struck=said["text-line-through-style"] != "none" if "text-line-through-style" in said else None,
        is_under=said["text-underline-style"] != "none" if "text-underline-style" in said else None,
        is_small=said["font-variant"] == "small-caps" if "font-variant" in said else None,
        raised=_raised(said.get("text-position", "")),
    )


def _is_bold(weight: str) -> bool:
    return weight == "bold" or (weight.isdigit() and weight.isascii() and int(weight[:4]) >= 600)


def _raised(position: str) -> str | None:
    """Return "sup" or "sub" for "super 58%" or "-33% 58%"."""
    first = position.partition(" ")[0]
    if not first:
        return None
    if first.startswith("super") or (first.endswith("%") and not first.startswith("-") and first.strip("0%")):
        return "sup"
    return "sub" if first.startswith(("sub", "-")) else ""


def _list(element: Any) -> _List:
    found = _List()
    for level in element.iterchildren():
        depth = tree.whole(tree.attribute(level, "level"), 0)
        if tree.name_of(level) == "list-level-style-number" and tree.attribute(level, "num-format"):
            found.first[depth] = tree.whole(tree.attribute(level, "start-value"), 1)
    return found
