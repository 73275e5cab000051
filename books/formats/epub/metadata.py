"""What a package document says about the book: titles, people, series, identifiers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from books.formats import markup
from books.formats.division import one_line
from books.formats.writer import Writer

LONGEST: Final = 10_000  # characters of a description
MOST: Final = 100  # identifiers, subjects
TRANSLATORS: Final = frozenset({"trl", "translator"})
AUTHORS: Final = frozenset({"", "aut", "author", "cre", "creator"})
_TAG: Final = re.compile(r"<[A-Za-z/!][^<>]*>")
_NAMESPACE: Final = re.compile(r"^urn:|^(?:urn:)?isbn:\s*", re.IGNORECASE)
_ISBN: Final = re.compile(r"(?:97[89])?[0-9]{9}[0-9X]")


@dataclass(frozen=True, slots=True)
class Value:
    """One element of the metadata."""

    name: str
    text: str
    said: Mapping[str, str]  # its attributes


class Metadata:
    """The Dublin Core of a package document, and what refines it."""

    def __init__(self, root: Any) -> None:
        parts = [element for element in root.iter() if markup.name_of(element) in {"metadata", "dc-metadata"}]
        self._all: list[Value] = []
        for element in (found for part in parts[:1] or [root] for found in part.iter("*")):
            said = markup.attributes(element)
            text = "".join(element.itertext()) if not len(element) else ""
            if text.strip() or said.get("content"):
                self._all.append(Value(markup.name_of(element), text, said))
        self._refined: dict[str, list[Value]] = {}
        for value in self._all:
            if value.name == "meta" and value.said.get("refines", "").startswith("#"):
                self._refined.setdefault(value.said["refines"][1:], []).append(value)

    def _named(self, name: str) -> Iterator[Value]:
        return (value for value in self._all if value.name == name and value.text.strip())

    def _refinements(self, value: Value, name: str) -> list[str]:
        """Return what refines a value: each <meta refines=>, or else the attribute of EPUB 2."""
        refined = self._refined.get(value.said.get("id", ""), ())[:MOST]
        found = [one_line(meta.text) for meta in refined if meta.said.get("property") == name]
        return found or [value.said.get(name, "").strip()]

    def _refinement(self, value: Value, name: str) -> str:
        return self._refinements(value, name)[0]

    def _meta(self, name: str) -> str:
        """Return an EPUB 2 <meta name= content=>, or an EPUB 3 <meta property=>."""
        for value in self._all:
            if value.name == "meta" and name in {value.said.get("name"), value.said.get("property")}:
                return one_line(value.said.get("content") or value.text)
        return ""

    def title(self) -> str:
        """Return the main title."""
        titles = list(self._named("title"))
        main = next((title for title in titles if self._refinement(title, "title-type") == "main"), None)
        return one_line((main or titles[0]).text) if titles else ""

    def language(self) -> str:
        """Return the first language that is named."""
        return next((one_line(value.text) for value in self._named("language")), "")

    def authors(self) -> list[str]:
        """Return who wrote the book, in order and each once; who else made it when nobody wrote it."""
        people = [(self._roles(value), one_line(value.text)) for value in self._named("creator")]
        wrote = [name for roles, name in people if roles & AUTHORS]
        return list(dict.fromkeys(wrote or [name for roles, name in people if not roles & TRANSLATORS]))

    def _roles(self, value: Value) -> set[str]:
        return {role.lower().rpartition(":")[2] for role in self._refinements(value, "role")}

    def details(self) -> dict[str, Any]:
        """Return what else is worth showing."""
        people = [value for name in ("creator", "contributor") for value in self._named(name)]
        subtitles = (v for v in self._named("title") if self._refinement(v, "title-type") == "subtitle")
        series, number = self._series()
        found: dict[str, Any] = {
            "subtitle": next((one_line(value.text) for value in subtitles), ""),
            "translators": _once(one_line(value.text) for value in people if self._roles(value) & TRANSLATORS),
            "publisher": self._first("publisher"),
            "date": self._date(),
            "description": next((_plain(value.text) for value in self._named("description")), ""),
            "rights": self._first("rights"),
            "series": series,
            "series_number": number if series else "",
            "identifiers": _once(self._identifier(value) for value in self._named("identifier")),
            "subjects": _once(one_line(value.text) for value in self._named("subject")),
        }
        return {name: value for name, value in found.items() if value}

    def _first(self, name: str) -> str:
        return next((one_line(value.text) for value in self._named(name)), "")

    def _date(self) -> str:
        dates = list(self._named("date"))
        published = [date for date in dates if date.said.get("event", "") in {"publication", "original-publication"}]
        return one_line((published or dates)[0].text).partition("T")[0][:40] if dates else ""

    def _series(self) -> tuple[str, str]:
        """Return the series and the book's number in it."""
        for value in self._all:
            is_set = value.name == "meta" and value.said.get("property") == "belongs-to-collection"
            if is_set and self._refinement(value, "collection-type") in {"", "series"}:
                return one_line(value.text), _number(self._refinement(value, "group-position"))
        return self._meta("calibre:series"), _number(self._meta("calibre:series_index"))

    def _identifier(self, value: Value) -> str:
        bare = _NAMESPACE.sub("", one_line(value.text), count=1)
        digits = bare.removeprefix("isbn:").replace("-", "").replace(" ", "").upper()
        return digits if _ISBN.fullmatch(digits) else bare


def _once(values: Iterator[str]) -> list[str]:
    return [value for value in dict.fromkeys(values) if value][:MOST]


def _number(text: str) -> str:
    """Return "3" for "3.0", and no number for what is none."""
    text = text.strip()[:10]
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return ""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(text: str) -> str:
    """Return a description without the HTML that may be in it."""
    text = text[: 4 * LONGEST]
    if _TAG.search(text):
        root = markup.page(f"<div>{text}</div>".encode("utf-8", errors="replace"), encoding="utf-8")
        if root is not None:
            written = Writer()
            markup.Walk(written).over(root)
            written.finish()
            return written.text[:LONGEST].strip()
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text))[:LONGEST].strip()
