"""Everything of a reader in one zip, and nothing of anybody else."""

import io
import json
import zipfile
from typing import Any

import pytest

from books import parcel
from books.models import Annotation, Book, Citation, Collection, Conversation, ReadingPlace, Reply, Section
from books.store import BookStore
from mindory_web.accounts.models import Reader
from tests.books_made import TALE_EPUB, shelved
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def opened(blocks: Any) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(b"".join(blocks))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def tale(alice: Reader) -> Book:
    """Give alice a book with a note, a place, a collection and a conversation."""
    book = shelved(alice, TALE_EPUB, name="tale.epub")
    Book.objects.filter(pk=book.pk).update(title='A/B: "What?"')
    Section.objects.create(book=book, number=0, text="Call me Ishmael.")
    Annotation.objects.create(reader=alice, book=book, section=0, start=0, end=4, quote="Call", text="*why* so?")
    ReadingPlace.objects.create(reader=alice, book=book, section=0, offset=3)
    Collection.objects.create(owner=alice, name="Sea").books.add(book)
    talk = Conversation.objects.create(reader=alice, title="Names", scope="book", book=book)
    reply = Reply.objects.create(conversation=talk, question="Who?", text="Ishmael [1].", state="done")
    Conversation.objects.filter(pk=talk.pk).update(tip=reply)
    Citation.objects.create(reply=reply, number=1, book=book, section=0, start=0, end=4, quote="Call")
    book.refresh_from_db()
    return book


def test_a_parcel_holds_everything_in_files_that_any_program_opens(alice: Reader, tale: Book) -> None:
    found = opened(signed_in(alice).post("/settings/export/"))

    name = f"{tale.pk:04d} A B What"
    assert found[f"books/{name}.epub"] == TALE_EPUB
    assert b"*why* so?" in found[f"notes/{name}.md"]
    assert json.loads(found[f"notes/{name}.json"])[0]["quote"] == "Call"
    talk = next(text for name, text in found.items() if name.startswith("conversations/") and name.endswith(".md"))
    assert "Call" in talk.decode()
    library = json.loads(found["library.json"])
    assert library["books"][0]["places"][0]["offset"] == 3
    assert library["collections"] == [{"name": "Sea", "books": [tale.pk]}]
    assert library["reader"]["username"] == "alice"


def test_a_parcel_holds_nothing_of_another_reader(alice: Reader, bob: Reader, tale: Book) -> None:
    found = opened(signed_in(bob).post("/settings/export/"))

    assert set(found) == {"README.txt", "library.json"}
    assert b"Ishmael" not in b"".join(found.values())


def test_what_was_removed_stays_out_and_a_missing_file_is_passed_over(alice: Reader, tale: Book) -> None:
    other = shelved(alice, b"Another tale.", name="other.txt")
    BookStore(alice).path(tale).unlink()
    BookStore(alice).remove(other.pk)

    found = opened(parcel.parcel_of(alice))

    assert not [name for name in found if name.startswith("books/")]
    assert any(name.startswith("notes/") for name in found)


def test_a_large_book_is_never_whole_in_memory(alice: Reader) -> None:
    shelved(alice, b"words and words " * 200_000, name="long.txt")

    blocks = list(parcel.parcel_of(alice))

    assert max(map(len, blocks)) <= 2 * parcel.BLOCK
    assert len(opened(blocks)) == 3


def test_a_parcel_is_not_made_again_and_again(alice: Reader) -> None:
    client = signed_in(alice)

    answers = [client.post("/settings/export/").status_code for _time in range(12)]
    assert answers[0] == 200
    assert answers[-1] == 429
