"""Mindory's own handbook: an EPUB of the pages in docs/handbook, the same bytes for the same pages."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.files.base import ContentFile
from ebooklib import epub
from markdown_it import MarkdownIt

from books.store import BookStore, Shelved
from mindory_web.accounts.models import Reader

WRITTEN: Final = datetime(2026, 11, 22, tzinfo=UTC)  # what the file says; its bytes must not change with the clock
ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
LINK: Final = re.compile(r'href="([0-9a-z-]+)\.md"')
STYLE: Final = (
    "body { line-height: 1.5 } table { border-collapse: collapse } "
    "td, th { padding: .3em .8em .3em 0; text-align: start; vertical-align: top }"
)


@dataclass(frozen=True, slots=True)
class Edition:
    """The handbook in one language: its folder, its BCP 47 code, and what stands on its cover."""

    folder: str
    code: str
    title: str
    file_name: str
    contents: str


ENGLISH: Final = Edition("en", "en", "The Mindory Handbook", "mindory-handbook.epub", "Contents")
EDITIONS: Final = {
    "en": ENGLISH,
    "zh-hans": Edition("zh-hans", "zh-Hans", "Mindory 使用手册", "mindory-handbook-zh.epub", "目录"),
}


def shelve(reader: Reader, *, language: str, request_id: str = "") -> Shelved:
    """Put the handbook on a reader's shelf, in English unless there is one in their language."""
    edition = EDITIONS.get(language.lower(), ENGLISH)
    file = ContentFile(built(edition), name=edition.file_name)
    return BookStore(reader).shelve(file, name=edition.file_name, request_id=request_id)


def built(edition: Edition) -> bytes:
    """Return the EPUB of an edition."""
    book = epub.EpubBook()
    book.set_identifier(f"urn:mindory:handbook:{edition.folder}")
    book.set_title(edition.title)
    book.set_language(edition.code)
    book.add_author("Mindory")
    book.add_metadata("DC", "date", WRITTEN.date().isoformat())
    style = epub.EpubItem(uid="style", file_name="style.css", media_type="text/css", content=STYLE.encode())
    book.add_item(style)
    chapters = list(_chapters(edition, style))
    for chapter in chapters:
        book.add_item(chapter)
    book.toc = chapters
    book.add_item(epub.EpubNcx())
    book.add_item(epub.EpubNav(title=edition.contents))
    book.spine = chapters
    out = io.BytesIO()
    epub.write_epub(out, book, {"mtime": WRITTEN, "raise_exceptions": True})
    return _without_times(out)


def _chapters(edition: Edition, style: epub.EpubItem) -> Iterator[epub.EpubHtml]:
    markdown = MarkdownIt("commonmark", {"xhtmlOut": True}).enable("table")
    for path in sorted(_pages(edition).glob("*.md")):
        text = path.read_text(encoding="utf-8")
        chapter = epub.EpubHtml(
            uid=path.stem,
            file_name=f"{path.stem}.xhtml",
            title=text.partition("\n")[0].lstrip("# "),
            lang=edition.code,
        )
        chapter.content = LINK.sub(r'href="\1.xhtml"', markdown.render(text))
        chapter.add_item(style)
        yield chapter


def _pages(edition: Edition) -> Path:
    return Path(settings.BASE_DIR) / "docs" / "handbook" / edition.folder


def _without_times(archive: io.BytesIO) -> bytes:
    """Write the archive anew with one time for all: ebooklib takes that of the clock. The mimetype comes first."""
    out = io.BytesIO()
    with zipfile.ZipFile(archive) as made, zipfile.ZipFile(out, "w") as pinned:
        for name in sorted(made.namelist(), key=lambda name: (name != "mimetype", name)):
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            member = zipfile.ZipInfo(name, ZIP_TIME)
            member.external_attr = 0o600 << 16
            pinned.writestr(member, made.read(name), compress_type=kind)
    return out.getvalue()
