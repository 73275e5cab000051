"""Pictures and pages: only for their owner, with headers under which nothing in them runs, never whole in memory."""

import hashlib
import io
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.files.base import ContentFile
from django.db import connections
from django.test import AsyncClient, Client
from PIL import Image

from books import drawing, files, pictures
from books.errors import BadPicture
from books.formats.parsed import Picture as Parsed
from books.ingest.sweeping import sweep_folder
from books.models import Book, Page, Picture
from books.serving import BLOCK
from books.store import BookStore
from mindory_web.accounts.models import Reader
from tests import books_made
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def png(colour: str = "red", size: tuple[int, int] = (30, 40)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def parsed(data: bytes, number: int = 0) -> Parsed:
    return Parsed(number, hashlib.sha256(data).hexdigest(), "image/png", 30, 40, len(data))


def with_picture(book: Book, data: bytes, number: int = 0) -> Picture:
    """Give a book a picture as the ingest does."""
    with pictures.waiting() as room:
        room.keep(parsed(data, number), data)
        room.place()
    return Picture.objects.create(
        book=book,
        number=number,
        digest=parsed(data).digest,
        media_type="image/png",
        width=30,
        height=40,
        size=len(data),
    )


@pytest.fixture
def book(alice: Reader) -> Book:
    """A book of alice's with one picture, which is its cover."""
    book = books_made.shelved(alice)
    with_picture(book, png())
    book.cover, book.is_readable = 0, True
    book.save()
    return book


def kept() -> list[str]:
    return sorted(path.name for path in (Path(pictures.path_of("00")).parents[1]).rglob("*") if path.is_file())


@pytest.mark.parametrize("address", ["/books/{pk}/pictures/0", "/api/v1/books/{pk}/pictures/0", "/books/{pk}/cover"])
def test_a_picture_comes_with_headers_under_which_nothing_in_it_runs(alice: Reader, book: Book, address: str) -> None:
    answer = signed_in(alice).get(address.format(pk=book.pk))

    assert (answer.status_code, b"".join(answer)) == (200, png())
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Length"] == str(len(png()))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["ETag"] == f'"{parsed(png()).digest}"'


def test_who_has_the_bytes_is_not_sent_them_again(alice: Reader, book: Book) -> None:
    client = signed_in(alice)
    tag = client.get(f"/books/{book.pk}/pictures/0").headers["ETag"]

    for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(f"/books/{book.pk}/pictures/0", headers={"If-None-Match": sent})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert client.get(f"/books/{book.pk}/pictures/0", headers={"If-None-Match": '"x"'}).status_code == 200


def test_an_address_that_names_the_bytes_is_kept_for_ever_and_no_other(alice: Reader, book: Book) -> None:
    client, digest = signed_in(alice), parsed(png()).digest
    for_ever = "private, max-age=31536000, immutable"

    assert client.get(f"/books/{book.pk}/pictures/0?v={digest[:12]}").headers["Cache-Control"] == for_ever
    assert client.get(f"/books/{book.pk}/pictures/0?v=123456789012").headers["Cache-Control"] == "private, no-cache"
    told = client.get(f"/api/v1/books/{book.pk}").json()["cover"]
    assert client.get(told).headers["Cache-Control"] == for_ever
    assert client.get(told + "x").headers["Cache-Control"] == "private, no-cache"


def test_a_head_request_gets_the_headers_alone(alice: Reader, book: Book) -> None:
    answer = signed_in(alice).head(f"/books/{book.pk}/pictures/0")
    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", str(len(png())))


@pytest.mark.parametrize("address", ["/books/{pk}/pictures/0", "/books/{pk}/cover", "/books/{pk}/pages/0"])
def test_a_picture_is_its_owners_alone(bob: Reader, book: Book, address: str) -> None:
    assert signed_in(bob).get(address.format(pk=book.pk)).status_code == 404
    assert Client().get(address.format(pk=book.pk)).status_code == 302


@pytest.mark.parametrize("address", ["pictures/1", "pictures/99999999999999999999", "pages/0", "pages/9999999999"])
def test_a_picture_that_is_not_there_is_not_found(alice: Reader, book: Book, address: str) -> None:
    assert signed_in(alice).get(f"/books/{book.pk}/{address}").status_code == 404


def test_a_picture_whose_file_is_gone_is_not_found(alice: Reader, book: Book) -> None:
    pictures.path_of(pictures.name_of(parsed(png()).digest, "image/png")).unlink()
    assert signed_in(alice).get(f"/books/{book.pk}/pictures/0").status_code == 404


@pytest.mark.django_db(transaction=True)
async def test_over_asgi_a_picture_comes_block_by_block(alice: Reader, book: Book) -> None:
    data = png() + os.urandom(3 * BLOCK)
    await sync_to_async(with_picture)(book, data, 1)
    client = AsyncClient()
    await client.aforce_login(alice)

    answer: Any = await client.get(f"/books/{book.pk}/pictures/1")

    stream: AsyncIterator[bytes] = answer.streaming_content
    blocks = [block async for block in stream]
    assert (b"".join(blocks), len(blocks)) == (data, 4)
    await sync_to_async(connections.close_all)()


# --- A reader's own cover -----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_readers_own_cover_is_written_anew_and_shown_until_it_is_taken_away(alice: Reader, book: Book) -> None:
    client = signed_in(alice)
    sent = ContentFile(png("blue", (300, 400)), name="me.png")
    body = client.put(f"/api/v1/books/{book.pk}/cover", *form(sent.read()), headers={"X-CSRFToken": "x"})
    assert body.status_code == 200, body.content
    shown = client.get(body.json()["cover"])
    data = b"".join(shown)
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (300, 400)
    own = Book.objects.get().own_cover
    assert own.startswith(hashlib.sha256(data).hexdigest())
    assert own in kept()

    assert client.delete(f"/api/v1/books/{book.pk}/cover").status_code == 204
    assert b"".join(client.get(f"/books/{book.pk}/cover")) == png()
    assert own not in kept()


def form(data: bytes) -> tuple[bytes, str]:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="c.png"\r\nContent-Type: image/png\r\n\r\n'
    return head + data + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"


@pytest.mark.parametrize("data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a nothing", png()[:40]])
def test_what_is_no_picture_is_no_cover(alice: Reader, book: Book, data: bytes) -> None:
    answer = signed_in(alice).put(f"/api/v1/books/{book.pk}/cover", *form(data))

    assert answer.status_code == 422
    assert answer.json()["error"]["message"]
    assert Book.objects.get().own_cover == ""


@pytest.mark.parametrize(
    "body",
    [
        (b"", "application/json"),
        (b"x", "multipart/form-data; boundary="),
        (b"--b--", "multipart/form-data; boundary=b"),
    ],
)
def test_a_form_without_a_picture_is_refused(alice: Reader, book: Book, body: tuple[bytes, str]) -> None:
    assert signed_in(alice).put(f"/api/v1/books/{book.pk}/cover", *body).status_code in {400, 422}


def test_a_cover_over_the_limit_is_refused_and_leaves_nothing(alice: Reader, book: Book) -> None:
    with pytest.raises(BadPicture):
        BookStore(alice).set_cover(book.pk, ContentFile(png() + bytes(pictures.LARGEST_COVER)))
    assert not any(files.incoming().iterdir())


# --- Files --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_picture_of_two_books_stays_until_both_are_gone(alice: Reader, bob: Reader, book: Book) -> None:
    other = books_made.shelved(bob)
    with_picture(other, png())
    assert len(kept()) == 1

    BookStore(alice).delete(book.pk)
    assert len(kept()) == 1
    BookStore(bob).delete(other.pk)
    assert kept() == []


def test_what_a_crash_left_behind_is_swept_and_what_is_in_use_stays(book: Book) -> None:
    orphan = parsed(png("green"))
    path = pictures.path_of(pictures.name_of(orphan.digest, "image/png"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left")
    old, new = files.incoming() / "old", files.incoming() / "new"
    (files.incoming() / "pictures-old").mkdir()
    for each in (old, new):
        each.write_bytes(b"x")
    for each in (old, files.incoming() / "pictures-old"):
        os.utime(each, (time.time() - 90_000,) * 2)

    for part in range(256):
        sweep_folder(part)

    assert kept() == [pictures.name_of(parsed(png()).digest, "image/png")]
    assert list(files.incoming().iterdir()) == [new]


# --- Pages --------------------------------------------------------------------------------------


@pytest.fixture
def printed(alice: Reader) -> Book:
    """A PDF of two pages."""
    body = books_made.pdf([["Old Marten kept the light."], ["The wind turned."]])
    book = books_made.shelved(alice, body, name="tale.pdf")
    Page.objects.create(book=book, number=0, label="iv", section=0, start=0, width=5950, height=8420)
    Page.objects.create(book=book, number=1, section=0, start=27, width=5950, height=8420)
    return book


def test_a_page_is_drawn_once_in_one_of_a_few_widths(alice: Reader, printed: Book) -> None:
    client = signed_in(alice)

    first = client.get(f"/books/{printed.pk}/pages/0?width=500")

    assert (first.status_code, first.headers["Content-Type"]) == (200, "image/jpeg")
    with Image.open(io.BytesIO(b"".join(first))) as image:
        assert image.width in {800, 801}  # pdfium rounds up
    path = drawing.drawn(printed, 0, width=700).path
    path.write_bytes(b"drawn before")
    assert b"".join(client.get(f"/api/v1/books/{printed.pk}/pages/0/image?width=800")) == b"drawn before"
    assert client.get(f"/api/v1/books/{printed.pk}/pages/0/image?width=9999").status_code == 422
    tag = client.get(f"/books/{printed.pk}/pages/0?width=500").headers["ETag"]
    assert client.get(f"/books/{printed.pk}/pages/0?width=500", headers={"If-None-Match": tag}).status_code == 304


def test_drawn_pages_that_nobody_looked_at_go_first(printed: Book) -> None:
    folder = drawing.drawn(printed, 0, width=400).path.parent
    for number in range(3):
        (folder / f"{number}.jpg").write_bytes(bytes(1000))
        os.utime(folder / f"{number}.jpg", (number, number))
    size = sum(path.stat().st_size for path in folder.iterdir())

    assert drawing.sweep(most=size - 1500) == 2
    assert not (folder / "0.jpg").exists()
    assert (folder / "2.jpg").exists()
