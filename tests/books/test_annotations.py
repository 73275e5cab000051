"""Marks in a book, through the verbs and through the API: on real words, a reader's own, within limits."""

from copy import copy
from typing import Any

import pytest

from books.annotations import MOST, Annotations
from books.coordinates import Span
from books.models import Annotation, Book
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Conflict, Invalid, NotFound
from tests.api.conftest import TEXTS, Program, book, code_of, make_book, program, stranger

__all__ = ["book", "program", "stranger"]  # fixtures
pytestmark = pytest.mark.django_db


def mark(program: Program, book: Book, **more: Any) -> Any:
    body = {"section": 0, "start": 5, "end": 15, **more}
    return program("POST", f"books/{book.pk}/annotations", body)


def test_the_words_of_a_mark_and_those_around_it_are_taken_from_the_book(program: Program, book: Book) -> None:
    made = mark(program, book, section=1, start=14, end=15, kind="note", colour="pink", text="A *whale*.")

    assert made.status_code == 201
    told = made.json()
    assert (told["quote"], told["before"], told["after"]) == (TEXTS[1][14:15], TEXTS[1][:14], TEXTS[1][15:79])
    assert (told["kind"], told["colour"], told["text"], told["is_placed"]) == ("note", "pink", "A *whale*.", True)
    assert told["html"] == "<p>A <em>whale</em>.</p>\n"
    assert program("GET", f"books/{book.pk}/annotations/{told['id']}").json() == told


def test_marks_are_listed_in_the_order_of_the_text_and_by_kind(program: Program, book: Book) -> None:
    for section, start, kind in ((1, 0, "note"), (0, 8, "highlight"), (0, 2, "bookmark")):
        mark(program, book, section=section, start=start, end=start + 3, kind=kind)

    listed = program("GET", f"books/{book.pk}/annotations").json()
    assert [(item["section"], item["start"]) for item in listed["items"]] == [(0, 2), (0, 8), (1, 0)]
    assert listed["count"] == 3
    notes = program("GET", f"books/{book.pk}/annotations?kind=note&limit=1").json()
    assert (notes["count"], notes["items"][0]["kind"]) == (1, "note")


def test_a_mark_gets_another_colour_or_text_and_goes(program: Program, book: Book) -> None:
    pk = mark(program, book).json()["id"]

    changed = program("PATCH", f"books/{book.pk}/annotations/{pk}", {"text": "Later."}).json()
    assert (changed["text"], changed["colour"]) == ("Later.", "yellow")
    assert changed["updated_at"] > changed["created_at"]
    assert program("PATCH", f"books/{book.pk}/annotations/{pk}", {"colour": "blue"}).json()["text"] == "Later."

    assert program("DELETE", f"books/{book.pk}/annotations/{pk}").status_code == 204
    assert program("GET", f"books/{book.pk}/annotations/{pk}").status_code == 404


def test_of_two_devices_the_one_that_writes_over_other_words_is_told(program: Program, book: Book) -> None:
    made = mark(program, book, text="Mine.").json()
    address = f"books/{book.pk}/annotations/{made['id']}"
    seen = {"If-Match": f'"{made["version"]}"'}

    theirs = program("PATCH", address, {"text": "Theirs."}, headers=seen).json()
    refused = program("PATCH", address, {"text": "Mine too."}, headers=seen)
    assert (refused.status_code, code_of(refused)) == (409, "conflict")
    assert refused.json()["error"]["version"] == theirs["version"] != made["version"]
    assert program("GET", address).json()["text"] == "Theirs."

    assert program("PATCH", address, {"text": "Theirs."}, headers=seen).status_code == 200  # sent twice
    assert program("PATCH", address, {"colour": "blue"}, headers=seen).status_code == 200  # no words are lost
    current = {"If-Match": f'W/"{theirs["version"]}"'}
    assert program("PATCH", address, {"text": "Both."}, headers=current).json()["colour"] == "blue"
    assert program("PATCH", address, {"text": "Any."}, headers={"If-Match": "*"}).status_code == 200
    assert program("PATCH", address, {"text": "As before."}).status_code == 200


def test_the_fourth_ink_is_lilac_and_may_be_called_by_its_old_name(program: Program, book: Book) -> None:
    assert mark(program, book, colour="green").json()["colour"] == "lilac"
    assert program("GET", f"books/{book.pk}/annotations?colour=green").json()["count"] == 1
    assert mark(program, book, colour="red").status_code == 422


def test_a_highlight_with_a_text_is_a_note_and_without_it_none(program: Program, book: Book) -> None:
    path = f"books/{book.pk}/annotations/{mark(program, book).json()['id']}"

    assert program("PATCH", path, {"text": "Why?"}).json()["kind"] == "note"
    assert program("PATCH", path, {"colour": "pink"}).json()["kind"] == "note"
    assert program("PATCH", path, {"text": ""}).json()["kind"] == "highlight"
    assert mark(program, book, start=20, end=24, text="At once.").json()["kind"] == "note"


def test_words_marked_again_get_the_new_colour_and_no_second_mark(program: Program, book: Book) -> None:
    first = mark(program, book, text="Mine.").json()

    again = mark(program, book, colour="blue").json()
    assert (again["id"], again["colour"], again["text"]) == (first["id"], "blue", "Mine.")
    assert mark(program, book, text="Another.").json()["id"] != first["id"]
    assert mark(program, book, kind="bookmark").json()["kind"] == "bookmark"
    assert mark(program, book, kind="bookmark").status_code == 201
    assert Annotation.objects.count() == 3


def test_marks_are_found_by_colour_and_by_their_words_or_note(program: Program, book: Book) -> None:
    mark(program, book, start=8, end=15, colour="pink")
    mark(program, book, start=17, end=21, text="All the *whales* of my life.")
    path = f"books/{book.pk}/annotations"

    assert [item["quote"] for item in program("GET", f"{path}?colour=pink").json()["items"]] == ["Ishmael"]
    assert [item["quote"] for item in program("GET", f"{path}?q=ishmael").json()["items"]] == ["Ishmael"]
    assert [item["quote"] for item in program("GET", f"{path}?q=WHALES").json()["items"]] == ["Some"]
    assert program("GET", f"{path}?q=%25").json()["count"] == 0


def test_a_page_can_see_cheaply_whether_something_changed(program: Program, book: Book) -> None:
    path = f"books/{book.pk}/annotations/state"
    assert program("GET", path).json() == {"count": 0, "changed_at": None}

    made = mark(program, book).json()
    before = program("GET", path).json()
    assert before["count"] == 1
    program("PATCH", f"books/{book.pk}/annotations/{made['id']}", {"colour": "pink"})
    assert program("GET", path).json()["changed_at"] > before["changed_at"]


@pytest.mark.parametrize(
    "body",
    [
        {"section": 9},
        {"start": 15, "end": 5},
        {"end": 10_000},
        {"start": 5, "end": 5},
        {"kind": "scribble"},
        {"colour": "#f00"},
        {"text": "x" * 20_001},
        {"start": -1},
        {"text": "nul \0"},
    ],
)
def test_what_cannot_be_a_mark_is_refused(program: Program, book: Book, body: dict[str, Any]) -> None:
    answer = mark(program, book, **body)

    assert (answer.status_code, code_of(answer)) == (422, "invalid")
    assert not Annotation.objects.exists()


def test_a_bookmark_may_stand_between_two_characters(program: Program, book: Book) -> None:
    made = mark(program, book, start=8, end=8, kind="bookmark")
    assert (made.status_code, made.json()["quote"]) == (201, "")


def test_another_readers_marks_are_not_there(program: Program, stranger: Program, book: Book) -> None:
    pk = mark(program, book).json()["id"]
    path = f"books/{book.pk}/annotations"

    for method, address in (
        ("GET", path),
        ("GET", f"{path}/{pk}"),
        ("DELETE", f"{path}/{pk}"),
        ("GET", f"{path}/unplaced"),
    ):
        assert stranger(method, address).status_code == 404
    assert stranger("POST", path, {"section": 0, "start": 0, "end": 3}).status_code == 404
    assert stranger("PATCH", f"{path}/{pk}", {"text": "x"}).status_code == 404


def test_a_mark_of_another_book_is_not_there(alice: Reader, program: Program, book: Book) -> None:
    other = make_book(alice, "Other")
    pk = mark(program, book).json()["id"]

    assert program("GET", f"books/{other.pk}/annotations/{pk}").status_code == 404
    with pytest.raises(NotFound):
        Annotations(alice, other).delete(pk)


def test_a_book_holds_so_many_marks_and_no_more(alice: Reader, book: Book) -> None:
    marks = Annotations(alice, book)
    mark = marks.add(Span(0, 0, 2), kind="highlight")
    others = [copy(mark) for _ in range(MOST - 2)]
    for other in others:
        other.pk = None
    Annotation.objects.bulk_create(others)
    marks.add(Span(0, 3, 5), kind="highlight")

    with pytest.raises(Conflict):
        marks.add(Span(0, 6, 8), kind="highlight")
    with pytest.raises(Invalid):
        marks.change(marks.all()[0].pk, text="x" * 20_001)


def test_a_book_says_how_many_marks_lost_their_place(program: Program, book: Book) -> None:
    mark(program, book)
    mark(program, book, start=0)
    Annotation.objects.filter(start=0).update(is_placed=False)

    assert program("GET", f"books/{book.pk}/annotations/unplaced").json() == {"count": 1}
    whole = program("GET", f"books/{book.pk}").json()
    assert (whole["annotation_count"], whole["unplaced_count"]) == (2, 1)
