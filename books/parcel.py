"""Everything of a reader in one zip file, made while it is sent: one piece is in memory at a time."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from books import files, reach
from books.chat import exporting
from books.models import Annotation, Book, Collection, Conversation, ReadingPlace
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import NotFound

BLOCK: Final = 256 * 1024  # bytes
LONGEST_NAME: Final = 80  # characters of a title in a file's name
UNSAFE: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of the zip. `blocks` is called when its turn comes; books are packed already, so they are only stored."""

    name: str
    blocks: Callable[[], Iterable[bytes]]
    is_packed: bool = False


class _Out(io.RawIOBase):
    """Where the zip is written: what came since the last look."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, block: Any) -> int:
        self._blocks.append(bytes(block))
        return len(block)

    def taken(self) -> bytes:
        blocks, self._blocks = self._blocks, []
        return b"".join(blocks)


def zipped(pieces: Iterable[Piece], *, at: datetime) -> Iterator[bytes]:
    """Return a zip of these pieces, block by block."""
    out = _Out()
    with zipfile.ZipFile(out, "w") as archive:
        for piece in pieces:
            entry = zipfile.ZipInfo(piece.name, at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_STORED if piece.is_packed else zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as member:
                for block in piece.blocks():
                    member.write(block)
                    yield out.taken()
            yield out.taken()
    yield out.taken()


def parcel_of(reader: Reader) -> Iterator[bytes]:
    """Return everything of a reader: books as they were added, notes, conversations, places."""
    return zipped(_pieces(reader), at=timezone.localtime())


def _pieces(reader: Reader) -> Iterator[Piece]:
    yield Piece(
        "README.txt", lambda: [_("Everything that was yours in Mindory, each thing in a file.").encode() + b"\n"]
    )
    yield Piece("library.json", lambda: [_json(_library(reader))])
    for pk in list(Book.objects.filter(owner=reader).order_by("pk").values_list("pk", flat=True)):
        yield from _of_book(reader, pk)
    for pk in list(Conversation.objects.filter(reader=reader).order_by("pk").values_list("pk", flat=True)):
        yield from _of_talk(reader, pk)
    for source in settings.PARCEL_SOURCES:
        for name, blocks in import_string(source)(reader.pk):
            yield Piece(name, blocks)


def _of_book(reader: Reader, pk: int) -> Iterator[Piece]:
    book = Book.objects.filter(owner=reader, pk=pk).first()
    if book is None:  # deleted since
        return
    suffix = re.sub(r"[^a-z0-9]", "", book.file_name.rpartition(".")[2].lower())[:15] or "bin"
    name = _name(book.pk, book.title)
    if files.path_of(book.digest).exists():
        yield Piece(f"books/{name}.{suffix}", lambda: _blocks(book), is_packed=True)
    notes = list(Annotation.objects.filter(reader=reader, book=book))
    if notes:
        yield Piece(f"notes/{name}.json", lambda: [_json([_note(each) for each in notes])])
        yield Piece(f"notes/{name}.md", lambda: [_written(book, notes).encode()])


def _of_talk(reader: Reader, pk: int) -> Iterator[Piece]:
    try:
        values = exporting.as_values(reader, pk)
        words = exporting.as_markdown(reader, pk)
    except NotFound:  # deleted since
        return
    name = _name(pk, values["title"])
    yield Piece(f"conversations/{name}.json", lambda: [_json(values)])
    yield Piece(f"conversations/{name}.md", lambda: [words.encode()])


def _blocks(book: Book) -> Iterator[bytes]:
    try:
        with files.path_of(book.digest).open("rb") as file:
            while block := file.read(BLOCK):
                yield block
    except FileNotFoundError:  # deleted at this moment
        return


def _library(reader: Reader) -> dict[str, Any]:
    books = list(Book.objects.filter(owner=reader).order_by("pk"))
    reached = reach.reaches(reader, [book.pk for book in books])
    return {
        "format": FORMAT,
        "reader": {
            "username": reader.username,
            "name": reader.first_name,
            "email": reader.email,
            "language": reader.language,
            "joined_at": reader.date_joined.isoformat(),
            "reading": reader.reading,
            "default_scope": reader.default_scope,
            "is_limited": reader.is_limited,
        },
        "collections": [
            {"name": one.name, "books": list(one.books.filter(removed_at=None).values_list("pk", flat=True))}
            for one in Collection.objects.filter(owner=reader)
        ],
        "books": [_book(book, reader, reached.get(book.pk)) for book in books],
    }


def _book(book: Book, reader: Reader, reached: Any) -> dict[str, Any]:
    places = ReadingPlace.objects.filter(reader=reader, book=book).order_by("-updated_at")
    return {
        "id": book.pk,
        "file_name": book.file_name,
        "sha256": book.digest,
        "title": book.title,
        "authors": book.authors,
        "language": book.language,
        "series": book.series,
        "series_number": book.series_number,
        "description": book.description,
        "added_at": book.created_at.isoformat(),
        "read_up_to": list(reached) if reached else None,
        "places": [
            {
                "device": place.device_name,
                "section": place.section,
                "offset": place.offset,
                "at": place.updated_at.isoformat(),
            }
            for place in places
        ],
    }


def _note(one: Annotation) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "colour": one.colour,
        "section": one.section,
        "start": one.start,
        "end": one.end,
        "quote": one.quote,
        "text": one.text,
        "is_placed": one.is_placed,
        "created_at": one.created_at.isoformat(),
        "updated_at": one.updated_at.isoformat(),
    }


def _written(book: Book, notes: Iterable[Annotation]) -> str:
    parts = [f"# {exporting.plain(book.title)}"]
    for note in notes:
        quote = "\n".join(f"> {exporting.plain(line)}" for line in note.quote.splitlines() if line.strip())
        parts += [part for part in (quote, note.text.strip()) if part]
    return "\n\n".join(parts) + "\n"


def _name(pk: int, title: str) -> str:
    """Return a name that any file system takes and that is unique."""
    clean = " ".join(UNSAFE.sub(" ", title).split())[:LONGEST_NAME].strip(" .")
    return f"{pk:04d} {clean}".strip()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"
