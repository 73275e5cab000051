"""The little of a book's style sheets that is kept: slant, weight, small capitals, alignment, and what is hidden.

Read in one pass, without following anything. Selectors are an element's name, classes and id; others say nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

LARGEST: Final = 1_000_000  # characters of one sheet
MOST_RULES: Final = 20_000
_MOST_CANDIDATES: Final = 200  # rules that may concern one element through one of its names
_MOST_CLASSES: Final = 20  # of one element
_MOST_CACHED: Final = 20_000
# Strings end at a line's end, also unfinished ones, so that nothing is looked at twice.
_TOKEN: Final = re.compile(r"""[{};]|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?""")
_COMPOUND: Final = re.compile(r"([A-Za-z][A-Za-z0-9_-]*|\*)?((?:[.#][A-Za-z0-9_\u0080-\uffff-]+)*)")
_IMPORT: Final = re.compile(r"""@import\s+(?:url\(\s*)?["']?([^"')\s;]{1,500})""", re.IGNORECASE)
_NOT_SHOWN: Final = re.compile(r"\b(print|speech|not|amzn-mobi|amzn-kf8|monochrome|prefers-color-scheme)\b")
_MOST_IMPORTS: Final = 20
_VERTICAL: Final = ("vertical", "tb")


@dataclass(frozen=True, slots=True)
class Look:
    """How an element looks by the sheets; None where they say nothing."""

    italic: bool | None = None
    bold: bool | None = None
    small_caps: bool | None = None
    align: str | None = None
    under: bool | None = None
    strike: bool | None = None
    raised: str | None = None  # "sup", "sub", ""
    pre: bool | None = None
    hidden: bool | None = None
    vertical: bool | None = None
    runs_left: bool | None = None


PLAIN: Final = Look()
# A property of a compound: its value, whether it is important, the weight of the selector, and where it stood.
_Weighed = tuple[bool, int, int, Any]


@dataclass(slots=True)
class _Rule:
    """What all rules of one selector say together."""

    tag: str
    classes: frozenset[str]
    ids: frozenset[str]
    said: dict[str, _Weighed]

    def concerns(self, tag: str, classes: Iterable[str], key: str) -> bool:
        """Say whether an element is meant."""
        return self.tag in {"", tag} and self.ids <= {key} and self.classes.issubset(classes)


class Sheet:
    """The rules of one file or <style>, in their order: (selector, declarations)."""

    def __init__(self, text: str) -> None:
        self.imports: list[str] = []
        self.rules: list[tuple[str, str]] = []
        for prelude, body in _rules(_without_comments(text[:LARGEST])):
            if body is not None:
                if len(self.rules) < MOST_RULES:
                    self.rules.append((prelude, body))
            elif (found := _IMPORT.match(prelude)) and len(self.imports) < _MOST_IMPORTS:
                self.imports.append(found.group(1))


def _without_comments(text: str) -> str:
    pieces = []
    at = 0
    while (start := text.find("/*", at)) >= 0:
        pieces.append(text[at:start])
        end = text.find("*/", start + 2)
        at = len(text) if end < 0 else end + 2
    return " ".join([*pieces, text[at:]])


def _rules(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield (prelude, body) of each rule, also of those in @media for screens; body is None for @import."""
    at = depth = 0
    body = -1  # where the open body begins
    prelude = ""
    skipped = 0  # the depth at which a body is left out, or 0
    for token in _TOKEN.finditer(text):
        sign = token.group()
        if sign == "{":
            depth += 1
            if body < 0 and not skipped:
                prelude = text[at : token.start()].strip()
                if not prelude.startswith("@"):
                    body = token.end()
                elif not prelude.lower().startswith("@media") or _NOT_SHOWN.search(prelude.lower()):
                    skipped = depth
            at = token.end()
        elif sign == "}":
            if body >= 0 and not skipped:
                yield prelude, text[body : token.start()]
            skipped = 0 if skipped == depth else skipped
            body, at, depth = -1, token.end(), max(depth - 1, 0)
        elif sign == ";" and body < 0:
            if not skipped:
                yield text[at : token.start()].strip(), None
            at = token.end()


class Styles:
    """Some sheets together, asked element by element."""

    def __init__(self, sheets: Iterable[Sheet]) -> None:
        self._of: dict[str, dict[tuple[str, frozenset[str], frozenset[str]], _Rule]] = {}
        self._ids: set[str] = set()
        self._looks: dict[tuple[str, str, str, str], Look] = {}
        order = 0
        for sheet in sheets:
            for selectors, body in sheet.rules:
                said = dict(_declared(body))
                order += 1
                for selector in selectors.split(",", 50)[:50] if said else ():
                    self._add(selector.strip(), said, order)

    def _add(self, selector: str, said: Mapping[str, tuple[bool, Any]], order: int) -> None:
        parts = selector.split()
        while len(parts) > 1 and parts[0].lower() in {"html", "body"}:
            parts = parts[1:]
        match = _COMPOUND.fullmatch(parts[0]) if len(parts) == 1 else None
        if match is None:
            return
        tag = "" if match.group(1) in {None, "*"} else match.group(1).lower()
        names = re.findall(r"([.#])([^.#]+)", match.group(2))
        classes = frozenset(name for sign, name in names if sign == ".")
        ids = frozenset(name for sign, name in names if sign == "#")
        self._ids |= ids
        key = f"#{min(ids)}" if ids else f".{min(classes)}" if classes else tag
        rules = self._of.setdefault(key, {})
        if (tag, classes, ids) not in rules and len(rules) >= _MOST_CANDIDATES:
            return
        rule = rules.setdefault((tag, classes, ids), _Rule(tag, classes, ids, {}))
        weight = 10_000 * len(ids) + 100 * len(classes) + bool(tag)
        for name, (is_important, value) in said.items():
            weighed = (is_important, weight, order, value)
            if name not in rule.said or rule.said[name][:3] <= weighed[:3]:
                rule.said[name] = weighed

    def look(self, tag: str, said: Mapping[str, str]) -> Look:
        """Return how an element with these attributes looks."""
        names, key, own = said.get("class", ""), said.get("id", ""), said.get("style", "")
        asked = (tag, names, key if key in self._ids else "", own)
        found = self._looks.get(asked)
        if found is None:
            found = self._found(*asked)
            if len(self._looks) < _MOST_CACHED:
                self._looks[asked] = found
        return found

    def _found(self, tag: str, names: str, key: str, own: str) -> Look:
        classes = names.split(None, _MOST_CLASSES)[:_MOST_CLASSES]
        keys = dict.fromkeys(["", tag, *(f".{name}" for name in classes), f"#{key}"])
        best: dict[str, _Weighed] = {}
        for rule in (rule for name in keys for rule in self._of.get(name, {}).values()):
            if rule.concerns(tag, classes, key):
                for name, weighed in rule.said.items():
                    if name not in best or best[name][:3] <= weighed[:3]:
                        best[name] = weighed
        values = {name: weighed[3] for name, weighed in best.items()}
        values |= {name: value for name, (_, value) in _declared(own) if name not in best or not best[name][0]}
        return Look(**values) if values else PLAIN


def _declared(body: str) -> Iterator[tuple[str, tuple[bool, Any]]]:
    """Yield (field of Look, (is important, value)) of declarations; the later of two counts."""
    for declaration in body[:10_000].split(";") if body else ():
        name, colon, value = declaration.partition(":")
        read = _PROPERTIES.get(name.strip().lower()) if colon else None
        if read is not None:
            value = value.strip().lower()
            is_important = value.endswith("!important")
            for field, found in read(value.removesuffix("!important").strip()):
                yield field, (is_important, found)


_Found = Iterable[tuple[str, Any]]


def _slant(value: str) -> _Found:
    known = {"italic": True, "oblique": True, "normal": False}
    return [("italic", known[value])] if value in known else []


def _weight(value: str) -> _Found:
    if value.isdigit():
        return [("bold", len(value) < 5 and int(value) >= 600)]
    known = {"bold": True, "bolder": True, "normal": False, "lighter": False}
    return [("bold", known[value])] if value in known else []


def _variant(value: str) -> _Found:
    return [("small_caps", "small-caps" in value)]


def _font(value: str) -> _Found:
    words = value.split()[:5]
    yield "italic", "italic" in words or "oblique" in words
    yield "bold", any(word in {"bold", "bolder", "600", "700", "800", "900"} for word in words)
    yield "small_caps", "small-caps" in words


def _alignment(value: str) -> _Found:
    return [("align", value if value in {"center", "right"} else "right" if value == "end" else "")]


def _decoration(value: str) -> _Found:
    return [("under", "underline" in value), ("strike", "line-through" in value)]


def _height(value: str) -> _Found:
    return [("raised", {"super": "sup", "sub": "sub"}.get(value, ""))]


_PROPERTIES: Final[Mapping[str, Callable[[str], _Found]]] = {
    "font": _font,
    "font-style": _slant,
    "font-weight": _weight,
    "font-variant": _variant,
    "font-variant-caps": _variant,
    "text-align": _alignment,
    "text-decoration": _decoration,
    "text-decoration-line": _decoration,
    "vertical-align": _height,
    "white-space": lambda value: [("pre", value in {"pre", "pre-wrap", "break-spaces"})],
    "display": lambda value: [("hidden", value == "none")],
    "writing-mode": lambda value: [("vertical", value.startswith(_VERTICAL))],
    "-epub-writing-mode": lambda value: [("vertical", value.startswith(_VERTICAL))],
    "-webkit-writing-mode": lambda value: [("vertical", value.startswith(_VERTICAL))],
    "direction": lambda value: [("runs_left", value == "rtl")],
}


def decoded(data: bytes) -> str:
    """Return a style sheet's characters."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="replace")
