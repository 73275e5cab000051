"""An upload that is no book is refused at once: nothing is kept, and the reader is told what it is."""

from io import BytesIO
from typing import Any

import pytest
from pytest_django import Settings

from books.models import Book
from tests.api.conftest import Program, code_of


def upload(program: Program, contents: bytes, *, name: str, **more: Any) -> Any:
    file = BytesIO(contents)
    file.name = name
    return program.client.post("/api/v1/books", {"file": file}, **more)


@pytest.mark.parametrize(
    ("contents", "code", "said"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "unknown_format", "picture"),
        (b"Rar!\x1a\x07\x01\0" + bytes(50), "unknown_format", "Unpack it"),
        (bytes(range(32)) * 40, "unknown_format", "It reads EPUB, DOCX, ODT, FB2, PDF, MOBI, AZW3, RTF"),
        (b"\xeaDRMION\xee" + bytes(50), "locked_book", "DRM"),
    ],
)
def test_what_its_first_bytes_show_to_be_no_book_is_refused(
    program: Program, settings: Settings, contents: bytes, code: str, said: str
) -> None:
    response = upload(program, contents, name="tale.epub")

    assert (response.status_code, code_of(response)) == (422, code)
    assert said in response.json()["error"]["message"]
    assert Book.objects.count() == 0
    assert not list((settings.MEDIA_ROOT / "incoming").iterdir())
