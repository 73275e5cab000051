"""Markdown: turned into a page, with raw HTML as text, which is then read like any other."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, Final

from books.errors import DamagedBook
from books.formats import decoding, web
from books.formats.decoding import looks_like_text
from books.formats.division import one_line
from books.formats.parsed import ParsedBook, Told
from books.formats.plain import warnings
from books.formats.sources import Source
from books.formats.writer import cleaned

SUFFIXES: Final = frozenset({".md", ".markdown", ".mdown", ".mkd"})
_LINE: Final = re.compile(r"(?m)^(?:#{1,6} +\S|```|~~~|\[[^\]\n]+\]: |(?:[-*+] |\d{1,3}\. )\S)")
_HEADING: Final = re.compile(r"(?m)^#{1,6} +\S")
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_NOTE: Final = re.compile(r" {0,3}\[\^([^\]\s]{1,60})\]:[ \t]*")
_LONGEST_FRONT: Final = 200  # lines
_KEY: Final = re.compile(r"([A-Za-z_][\w -]{0,40}?)\s*:(?:\s+(.*)|)$")
_DEEPEST: Final = 100  # quotation marks or brackets in a row that mean something
_DEEP: Final = re.compile(rf"(?:[>\[\]!(*_~`]\s?){{{_DEEPEST},}}")


@dataclass(slots=True)
class Parts:
    """A file taken apart: what stands in its front matter, its text, and its footnotes by their names."""

    front: Mapping[str, list[str]]
    lines: list[str]
    notes: dict[str, list[str]] = field(default_factory=dict)


class Markdown:
    """The parser for Markdown."""

    name = "markdown"
    label = "Markdown"

    def recognises(self, source: Source, /) -> bool:
        """Text with at least two headings or many other marks; the suffix decides only when there are none."""
        if not looks_like_text(source.start):
            return False
        if source.suffix in SUFFIXES:
            return True
        text = source.start.decode("utf-8", errors="ignore")
        found = len(_HEADING.findall(text))
        return found >= 2 or (found == 1 and text.lstrip().startswith("#") and len(_LINE.findall(text)) > 2)

    def parse(self, source: Source, told: Told, /) -> ParsedBook:
        """Turn Markdown into a page, and read that."""
        characters = decoding.decoded(source.whole(), chosen=source.options.encoding)
        if characters is None:
            raise DamagedBook("This file is damaged: it begins like text and is none.")
        parts = taken_apart(characters.text)
        said = {name: values[0] for name, values in parts.front.items() if values}
        root = web.page_of(f"<html><body>{_html(parts)}</body></html>")
        book = web.divided(root, told, named=said.get("language") or said.get("lang", ""))
        return replace(
            book,
            format=self.name,
            title=one_line(said.get("title", "")) or book.title,
            authors=[
                name for values in _all(parts.front, "author", "authors", "creator") for name in web.authors_of(values)
            ],
            details=characters.details() | _details(parts.front, said),
            warnings=[*warnings(characters), *book.warnings],
        )


def _all(front: Mapping[str, list[str]], *names: str) -> list[str]:
    return [value for name in names for value in front.get(name, [])]


def _details(front: Mapping[str, list[str]], said: Mapping[str, str]) -> dict[str, object]:
    """Return what front matter says beyond title, authors and language."""
    found: dict[str, object] = {}
    for name in ("description", "date", "publisher", "rights", "series"):
        if name in said:
            found[name] = one_line(said[name])
    if number := said.get("series_number") or said.get("volume") or said.get("series_index"):
        found["series_number"] = one_line(number)
    if subjects := [one_line(value) for value in _all(front, "tags", "subjects", "keywords", "categories")][:30]:
        found["subjects"] = subjects
    return found


def taken_apart(text: str) -> Parts:
    """Divide a file into front matter, text and footnotes."""
    lines = cleaned(text).split("\n")
    front, first = _front(lines)
    parts = Parts(front, [])
    for line, note in _with_notes(lines[first:]):
        if note:
            parts.notes.setdefault(note, []).append(line)
        else:
            parts.lines.append(_DEEP.sub(lambda deep: deep.group()[:_DEEPEST], line))
    return parts


def _front(lines: Sequence[str]) -> tuple[dict[str, list[str]], int]:
    """Return the front matter between two lines of dashes, and the number of the line after it."""
    if not lines or lines[0].rstrip() != "---":
        return {}, 0
    end = next((at for at, line in enumerate(lines[1:_LONGEST_FRONT], 1) if line.rstrip() in {"---", "..."}), 0)
    first = next((line for line in lines[1:end] if line.strip()), "")
    if not end or not _KEY.match(first):
        return {}, 0
    found: dict[str, list[str]] = {}
    name = ""
    for line in lines[1:end]:
        if line[:1] in {" ", "\t", "-"} and name:
            _go_on(found[name], line.strip())
        elif match := _KEY.match(line):
            name = match.group(1).strip().lower().replace("-", "_").replace(" ", "_")
            found[name] = _values(match.group(2) or "")
    return {name: [value for value in values if value] for name, values in found.items()}, end + 1


def _values(said: str) -> list[str]:
    """Return the value of a line: one, or several in brackets; | and > announce lines that follow."""
    said = said.strip()
    if said in {"|", ">", "|-", ">-"}:
        return [""]
    if said.startswith("[") and said.endswith("]"):
        return [_bare(value) for value in said[1:-1].split(",")]
    return [_bare(said)] if said else []


def _go_on(values: list[str], line: str) -> None:
    """Add an indented line to a value: another value after a dash, else more of the last one."""
    if line.startswith("- "):
        values.append(_bare(line[2:]))
    elif values:
        values[-1] = f"{values[-1]} {line}".strip()


def _bare(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value.partition(" #")[0].rstrip()


def _with_notes(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each line with the name of the footnote that it belongs to, if any. Code is left alone."""
    fence = note = ""
    was_blank = False
    for line in lines:
        mark = _FENCE.match(line)
        if mark and (not fence or mark.group(1).startswith(fence)):
            fence = "" if fence else mark.group(1)
        begins = None if fence or mark else _NOTE.match(line)
        is_inside = line[:1] in {" ", "\t"} or not line.strip() or not was_blank
        if begins:
            note = begins.group(1)
            line = line[begins.end() :]
        elif note and not is_inside:
            note = ""
        yield (line if begins or not note else line.removeprefix("    ").removeprefix("\t")), note
        was_blank = not line.strip()


def _html(parts: Parts) -> str:
    """Return the page: the text, then its footnotes in the order in which they are referred to."""
    from markdown_it import MarkdownIt  # 75 ms that other formats need not wait for

    renderer = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    order: dict[str, int] = {}
    _refer(renderer, parts.notes, order)
    body = renderer.render("\n".join(parts.lines))
    notes: list[str] = []
    while len(notes) < len(parts.notes):  # a note may refer to another one
        waiting = list(order)[len(notes) :] or [name for name in parts.notes if name not in order]
        for name in waiting:
            order.setdefault(name, len(order))
            notes.append(_note(name, renderer.render("\n".join(parts.notes[name]))))
    return str(body) + "".join(notes)


def _note(name: str, body: str) -> str:
    where = escape(f"note-{name}", quote=True)
    if name.isascii() and name.isdigit() and len(name) < 7:
        return f'<ol role="doc-endnotes"><li value="{name}" id="{where}">{body}</li></ol>'
    return f'<aside role="doc-footnote" id="{where}">{body}</aside>'


def _refer(renderer: Any, notes: Mapping[str, object], order: dict[str, int]) -> None:
    """Teach the renderer that [^name] refers to a note, where there is one of that name."""

    def reference(state: Any, silent: bool) -> bool:
        if not state.src.startswith("[^", state.pos):
            return False
        end = state.src.find("]", state.pos, min(state.pos + 64, state.posMax))
        name = state.src[state.pos + 2 : end] if end > 0 else ""
        if name not in notes:
            return False
        if not silent:
            order.setdefault(name, len(order))
            state.push("note_reference", "", 0).content = name
        state.pos = end + 1
        return True

    def shown(this: Any, tokens: Sequence[Any], at: int, options: object, env: object) -> str:
        name = tokens[at].content
        where = escape(f"#note-{name}", quote=True)
        return f'<sup><a role="doc-noteref" href="{where}">{escape(name)}</a></sup>'

    renderer.inline.ruler.before("link", "note_reference", reference)
    renderer.add_render_rule("note_reference", shown)
