"""Word documents: the archive's own XML, read by the same hardened parser as EPUB. No relationship leads outside."""

import re
from typing import Any, Final

from books.errors import DamagedBook, EmptyBook
from books.formats import language
from books.formats.division import Heading, divide, entries, headings, one_line
from books.formats.docx import guessed
from books.formats.docx.body import Body
from books.formats.docx.names import full, short
from books.formats.docx.package import Package, main_part
from books.formats.links import linked
from books.formats.parsed import ParsedBook, Told
from books.formats.sources import Source

# What programs write when nobody said who or what.
_NOBODY: Final = frozenset({"", "python-docx", "user", "administrator", "admin", "author", "microsoft office user",
                            "un-named", "微软用户", "微软中国", "用户", "windows 用户", "windows user"})  # fmt: skip
_NO_TITLE: Final = re.compile(
    r"(?:microsoft word - .*|word document|document\d*|untitled|无标题|文档\d*|.*\.docx?)", re.I
)
_NAMES: Final = re.compile(r"\s{0,9}[;；、]\s{0,9}")


class Docx:
    """The parser for .docx, .docm and .dotx."""

    name = "docx"
    label = "DOCX"

    def recognises(self, source: Source, /) -> bool:
        """A zip with a Word document in it."""
        return source.archive is not None and main_part(source.archive) is not None

    def parse(self, source: Source, told: Told, /) -> ParsedBook:
        """Read the body, then the notes."""
        archive = source.archive
        main = main_part(archive) if archive is not None else None
        assert archive is not None
        assert main is not None
        package = Package(archive, main)
        root = package.document.find(full("w:body"))
        if root is None:
            raise DamagedBook("This document is damaged: it has no body.")
        total = sum(1 for _ in root.iter(full("w:p")))
        body = Body(package, lambda done: told(min(done, total), total))
        signs = [sign.get(full("w:fldCharType")) for sign in root.iter(full("w:fldChar"))]
        body.runs.are_fields_whole = signs.count("begin") == signs.count("end")
        body.over(root)
        told(total, total)
        return _book(body, package, root)


def _book(body: Body, package: Package, root: Any) -> ParsedBook:
    meta = _properties(package.properties())
    marks = _without_title(headings(body.writer), body.titles) or guessed.find(body.writer)
    title = meta.pop("title", "") or _own_title(body, marks)
    pieces = divide(body.writer, marks, title=title if body.titles else "")
    if not pieces and package.is_damaged:
        raise DamagedBook("This document is damaged, and nothing of its text could be saved.")
    if not pieces:
        raise EmptyBook("There is no text in this document.")
    sections = linked(body.writer, pieces)
    authors = meta.pop("authors", [])
    said = meta.pop("language", "")
    return ParsedBook(
        format="docx",
        sections=sections,
        contents=entries(marks, pieces),
        title=title,
        authors=authors,
        language=language.settled(said, (section.text for section in sections)),
        details={**meta, **_direction(body, root)},
        warnings=package.warnings,
        originals=body.runs.album.originals,
        cover=_cover(body),
    )


def _without_title(marks: list[Heading], titles: list[int]) -> list[Heading]:
    """Return the headings without the document's own title, which is not one of its chapters."""
    own = set(titles) if len(titles) <= 2 else set()
    kept = [mark for mark in marks if mark.start not in own]
    least = min((mark.depth for mark in kept), default=0)
    return [Heading(mark.title, mark.start, mark.depth - least) for mark in kept]


def _own_title(body: Body, marks: list[Heading]) -> str:
    """Return the words in the style of a title, or a heading that begins the document."""
    blocks, text = body.writer.blocks, body.writer.text
    if body.titles:
        found = next(block for block in blocks if block.start == body.titles[0] and block.kind == "h")
        return one_line(text[found.start : found.end])
    return marks[0].title if marks and marks[0].start == 0 else ""


def _cover(body: Body) -> int | None:
    """Return a large picture that stands before any text."""
    for block in body.writer.blocks:
        if block.kind != "img":
            return None
        if int(block.target) in body.runs.large:
            return int(block.target)
    return None


def _direction(body: Body, root: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    if body.rtl * 2 > len([block for block in body.writer.blocks if block.end > block.start]):
        found["direction"] = "rtl"
    for way in root.iterfind(f"{full('w:sectPr')}/{full('w:textDirection')}"):
        if way.get(full("w:val")) in {"tbRl", "tbRlV"}:
            found["writing"] = "vertical"
    return found


def _properties(root: Any) -> dict[str, Any]:
    """Return the document's own title, authors and the like."""
    said = (
        {short(element).rpartition(":")[2]: one_line(element.text) for element in root if element.text}
        if root is not None
        else {}
    )
    authors = [name for name in _NAMES.split(said.get("creator", "")) if name.lower() not in _NOBODY]
    subjects = [word for key in ("subject", "keywords", "category") for word in _NAMES.split(said.get(key, "")) if word]
    title = said.get("title", "")
    found: dict[str, Any] = {
        "title": "" if _NO_TITLE.fullmatch(title) else title,
        "authors": authors,
        "language": said.get("language", ""),
        "description": said.get("description", ""),
        "date": said.get("created", "")[:10],
        "subjects": list(dict.fromkeys(subjects)),
    }
    return {key: value for key, value in found.items() if value}
