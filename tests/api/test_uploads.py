"""Files in pieces, as clients of the tus protocol send them."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from books import files
from books.models import Book, Upload
from mindory_web.api import takes_files
from tests.api.conftest import Program, code_of
from tests.books_made import TALE_EPUB

pytestmark = pytest.mark.django_db(transaction=True)

PIECE = "application/offset+octet-stream"
HALF = len(TALE_EPUB) // 2


class Sender:
    """What a client of the protocol sends, with a program's key."""

    def __init__(self, program: Program) -> None:
        self.client = program.client

    def send(self, method: str, address: str = "", body: bytes = b"", kind: str = PIECE, **said: Any) -> Any:
        """Send a request with the headers of the protocol; `Upload_Offset` becomes `Upload-Offset`."""
        headers = {"Tus-Resumable": "1.0.0", **{name.replace("_", "-"): value for name, value in said.items()}}
        target = f"/api/v1/uploads{address and '/'}{address}"
        return self.client.generic(method, target, body, content_type=kind, headers=headers)

    def begin(self, size: int = len(TALE_EPUB), name: str = "tale.epub") -> str:
        """Announce a file and return its id."""
        said: dict[str, Any] = {
            "Upload_Length": str(size),
            "Upload_Metadata": f"filename {b64encode(name.encode()).decode()}",
        }
        answer = self.send("POST", kind="", **said)
        assert answer.status_code == 201, answer.content
        return str(answer.headers["Location"]).rpartition("/")[2]

    def piece(self, upload: str, body: bytes, offset: int, **said: str) -> Any:
        """Send some bytes."""
        return self.send("PATCH", upload, body, Upload_Offset=str(offset), **said)


@pytest.fixture
def sender(program: Program) -> Sender:
    """Return alice's client."""
    return Sender(program)


def pieces() -> list[Path]:
    return sorted(files.piece("x").parent.glob("*"))


def test_a_file_in_two_pieces_is_one_book(sender: Sender) -> None:
    upload = sender.begin()

    first = sender.piece(upload, TALE_EPUB[:HALF], 0)
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, str(HALF))
    assert "GMT" in first.headers["Upload-Expires"]
    assert sender.send("HEAD", upload).headers["Upload-Offset"] == str(HALF)
    last = sender.piece(upload, TALE_EPUB[HALF:], HALF)

    book = Book.objects.get()
    assert (last.status_code, last.headers["Upload-Book"]) == (204, str(book.pk))
    assert files.path_of(book.digest).read_bytes() == TALE_EPUB
    assert (book.file_name, book.digest) == ("tale.epub", sha256(TALE_EPUB).hexdigest())
    assert pieces() == []


def test_the_answer_says_which_book_it_became_and_whether_it_is_new(sender: Sender) -> None:
    for is_new in (True, False):
        wanted = {"Prefer": "return=representation"}
        answer = sender.piece(sender.begin(), TALE_EPUB, 0, **wanted)
        assert (answer.status_code, answer.json()["book"]["is_new"]) == (200, is_new)
        assert answer.json()["book"]["title"] == "tale"
    assert Book.objects.count() == 1


def test_a_small_file_may_come_along_when_it_is_announced(sender: Sender) -> None:
    answer = sender.send("POST", body=TALE_EPUB, Upload_Length=str(len(TALE_EPUB)))

    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(TALE_EPUB)))
    assert answer.json()["book"]["id"] == Book.objects.get().pk


def test_a_client_that_lost_the_last_answer_learns_what_became_of_it(sender: Sender, program: Program) -> None:
    taken, refused = sender.begin(), sender.begin(58, "picture.epub")
    sender.piece(taken, TALE_EPUB, 0)
    answer = sender.piece(refused, b"\x89PNG\r\n\x1a\n" + bytes(50), 0)

    assert (answer.status_code, code_of(answer)) == (422, "unknown_format")
    assert sender.send("HEAD", taken).headers["Upload-Book"] == str(Book.objects.get().pk)
    assert sender.send("HEAD", refused).headers["Upload-Refused"] == "unknown_format"
    assert "picture" in program("GET", f"uploads/{refused}").json()["error"]["message"]
    assert pieces() == []


def test_a_piece_that_does_not_follow_is_a_conflict_that_names_the_place(sender: Sender) -> None:
    upload = sender.begin()
    sender.piece(upload, TALE_EPUB[:HALF], 0)

    for offset in (0, HALF - 1, HALF + 1):
        answer = sender.piece(upload, b"x", offset)
        assert (answer.status_code, code_of(answer)) == (409, "wrong_offset")
        assert answer.json()["error"]["offset"] == HALF


def test_more_bytes_than_were_announced_are_refused_and_nothing_of_them_is_kept(sender: Sender) -> None:
    upload = sender.begin(10)
    sender.piece(upload, b"12345", 0)

    assert sender.piece(upload, b"123456", 5).status_code == 413
    assert sender.send("HEAD", upload).headers["Upload-Offset"] == "5"
    assert [path.stat().st_size for path in pieces()] == [5]


def test_a_piece_that_changed_on_its_way_is_refused(sender: Sender) -> None:
    upload = sender.begin()
    right = f"sha256 {b64encode(sha256(TALE_EPUB).digest()).decode()}"

    assert sender.piece(upload, TALE_EPUB[::-1], 0, Upload_Checksum=right).status_code == 460
    assert sender.piece(upload, TALE_EPUB, 0, Upload_Checksum=right).status_code == 204


def test_an_upload_that_is_ended_is_gone_with_its_bytes(sender: Sender) -> None:
    upload = sender.begin()
    sender.piece(upload, TALE_EPUB[:HALF], 0)

    assert sender.send("DELETE", upload).status_code == 204
    assert sender.send("HEAD", upload).status_code == 404
    assert pieces() == []


def test_the_server_says_what_it_speaks(sender: Sender, settings: Settings) -> None:
    answer = sender.send("OPTIONS", kind="")

    assert answer.headers["Tus-Version"] == "1.0.0"
    assert "creation-with-upload" in answer.headers["Tus-Extension"]
    assert answer.headers["Tus-Max-Size"] == str(settings.UPLOAD_LIMIT)
    other = sender.send("POST", Upload_Length="5", Tus_Resumable="0.2.2")
    assert (other.status_code, other.headers["Tus-Version"]) == (412, "1.0.0")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, 400),
        ({"Upload_Length": "-5"}, 400),
        ({"Upload_Length": "5e3"}, 400),
        ({"Upload_Length": "٣"}, 400),
        ({"Upload_Length": "9" * 40}, 400),
        ({"Upload_Length": "0"}, 422),
        ({"Upload_Length": "9" * 18}, 413),
        ({"Upload_Defer_Length": "1", "Upload_Length": "5"}, 400),
        ({"Upload_Length": "5", "Upload_Metadata": "filename ***"}, 400),
        ({"Upload_Length": "5", "Upload_Metadata": "filename /w=="}, 400),
    ],
)
def test_headers_that_say_nothing_begin_nothing(sender: Sender, said: dict[str, Any], status: int) -> None:
    answer = sender.send("POST", kind="", **said)

    assert (answer.status_code, answer.headers["Tus-Resumable"]) == (status, "1.0.0")
    assert code_of(answer)
    assert Upload.objects.count() == 0


@pytest.mark.parametrize(
    ("said", "kind", "status"),
    [
        ({}, PIECE, 400),
        ({"Upload_Offset": "x"}, PIECE, 400),
        ({"Upload_Offset": "-1"}, PIECE, 400),
        ({"Upload_Offset": "0"}, "text/plain", 415),
        ({"Upload_Offset": "0", "Upload_Checksum": "crc32 AAAA"}, PIECE, 400),
        ({"Upload_Offset": "0", "Upload_Checksum": "sha1 ***"}, PIECE, 400),
    ],
)
def test_headers_that_say_nothing_add_nothing(sender: Sender, said: dict[str, Any], kind: str, status: int) -> None:
    upload = sender.begin()

    assert sender.send("PATCH", upload, b"12345", kind, **said).status_code == status
    assert sender.send("HEAD", upload).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\0b\n.txt", "书.txt", "x" * 4000 + ".epub"])
def test_a_hostile_name_is_only_a_name(sender: Sender, name: str) -> None:
    sender.piece(sender.begin(5, name), b"Words", 0)

    kept = Book.objects.get().file_name
    assert "/" not in kept
    assert "\0" not in kept
    assert len(kept) <= 255


def test_large_bodies_are_let_in_where_pieces_are_taken_and_nowhere_near() -> None:
    name = str(uuid4())

    assert takes_files("/api/v1/uploads")
    assert takes_files(f"/api/v1/uploads/{name}")
    assert not takes_files(f"/api/v1/uploads/{name}/x")
    assert not takes_files("/api/v1/uploads/7")


def test_somebody_elses_upload_is_not_there(sender: Sender, stranger: Program) -> None:
    upload, his = sender.begin(), Sender(stranger)

    assert [his.send(method, upload).status_code for method in ("HEAD", "GET", "DELETE")] == [404, 404, 404]
    assert his.piece(upload, b"mine", 0).status_code == 404
    assert [sender.send("GET", name).status_code for name in (str(uuid4()), "1", "%00", "x" * 300)] == [404] * 4
    assert sender.send("HEAD", upload).headers["Upload-Offset"] == "0"
