"""Books through the API: upload, list, change, delete, read, place."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from books.models import Book, Job
from mindory_web.accounts.models import Reader
from tests.api.conftest import TEXTS, Program, code_of, make_book
from tests.conftest import signed_in


def upload(program: Program, contents: bytes = b"Call me Ishmael.", name: str = "moby.txt", **more: Any) -> Any:
    """Send a file as a form does."""
    file = BytesIO(contents)
    file.name = name
    return program.client.post("/api/v1/books", {"file": file}, **more)


def test_an_uploaded_file_becomes_a_book_with_a_job_that_carries_the_request_id(program: Program) -> None:
    response = upload(program)

    assert response.status_code == 201
    assert response.json()["is_new"] is True
    assert response.json()["state"] == "queued"
    assert response.json()["progress"] == {"step": "", "done": 0, "total": 0}
    assert Job.objects.get().request_id == response.headers["X-Request-ID"]


def test_the_same_bytes_twice_are_one_book(program: Program) -> None:
    first, second = upload(program), upload(program, name="other name.txt")

    assert second.status_code == 200
    assert second.json()["is_new"] is False
    assert second.json()["id"] == first.json()["id"]


def test_an_empty_file_is_refused(program: Program) -> None:
    assert (upload(program, b"").status_code, Book.objects.count()) == (422, 0)


def test_a_form_without_a_file_is_refused_with_the_field(program: Program) -> None:
    response = program.client.post("/api/v1/books", {})

    assert response.status_code == 422
    assert code_of(response) == "invalid"
    assert response.json()["error"]["fields"][0]["field"].endswith("file")


def test_a_file_over_the_limit_is_refused_while_it_comes(program: Program, settings: Settings) -> None:
    settings.UPLOAD_LIMIT = 300_000
    response = upload(program, b"x" * 300_001)

    assert response.status_code == 413
    assert "limit" in response.json()["error"]["message"]
    assert Book.objects.count() == 0


def test_too_many_uploads_are_refused_with_the_time_to_wait(program: Program, settings: Settings) -> None:
    settings.UPLOADS_PER_HOUR = 1
    refused = [upload(program, bytes([65 + number])) for number in range(3)][-1]

    assert refused.status_code == 429
    assert code_of(refused) == "too_many"
    assert 0 < int(refused.headers["Retry-After"]) <= 3600


def test_too_many_searches_are_refused(program: Program, settings: Settings) -> None:
    settings.SEARCHES_PER_MINUTE = 2

    assert [program("GET", "search?q=whale").status_code for _time in range(4)][-1] == 429


def test_the_list_is_cut_and_counted_and_costs_the_same_for_any_number(
    program: Program, alice: Reader, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(7):
        made = make_book(alice, f"Book {number}", state="queued")
        Job.objects.create(book=made, state="running", step="reading", done=number, total=7)
    program("GET", "me")  # the first use of a key is noted
    with django_assert_num_queries(4):  # key, books, count, jobs
        found = program("GET", "books?limit=5&offset=1").json()

    assert found["count"] == 7
    assert [each["title"] for each in found["items"]] == [f"Book {number}" for number in (5, 4, 3, 2, 1)]
    assert found["items"][0]["progress"] == {"step": "reading", "done": 5, "total": 7}


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "offset=-1", "offset=99999999999999999999"])
def test_a_list_is_never_unbounded(program: Program, query: str) -> None:
    assert program("GET", f"books?{query}").status_code == 422


def test_a_book_is_shown_changed_and_deleted(program: Program, book: Book) -> None:
    assert program("GET", f"books/{book.pk}").json()["title"] == "Moby-Dick"
    changed = program("PATCH", f"books/{book.pk}", {"authors": ["Herman Melville"]}).json()

    assert (changed["title"], changed["authors"]) == ("Moby-Dick", ["Herman Melville"])
    assert program("DELETE", f"books/{book.pk}").status_code == 204
    assert code_of(program("GET", f"books/{book.pk}")) == "not_found"


def test_what_cannot_be_done_now_is_a_conflict(program: Program, book: Book) -> None:
    assert (
        program("POST", f"books/{book.pk}/retry").status_code,
        program("POST", f"books/{book.pk}/cancel").status_code,
    ) == (
        409,
        409,
    )
    assert program("POST", f"books/{book.pk}/reingest").json()["state"] == "queued"
    assert program("POST", f"books/{book.pk}/cancel").json()["state"] == "cancelled"
    assert program("POST", f"books/{book.pk}/retry").json()["state"] == "queued"


def test_sections_come_as_list_html_and_canonical_text(program: Program, book: Book) -> None:
    lines = program("GET", f"books/{book.pk}/sections").json()
    shown = program("GET", f"books/{book.pk}/sections/1").json()
    text = program("GET", f"books/{book.pk}/sections/1/text")

    assert lines["count"] == 2
    assert lines["items"][1] == {
        "number": 1,
        "title": "Part 1",
        "start_in_book": len(TEXTS[0]),
        "length": len(TEXTS[1]),
    }
    assert 'data-start="0"' in shown["html"]
    assert text.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert text.content.decode() == TEXTS[1]
    assert code_of(program("GET", f"books/{book.pk}/sections/2/text")) == "not_found"


def test_the_place_is_kept(program: Program, book: Book) -> None:
    assert program("GET", f"books/{book.pk}/place").json()["offset"] == 0
    assert program("PUT", f"books/{book.pk}/place", {"section": 1, "offset": 9}).json()["section"] == 1
    assert program("GET", f"books/{book.pk}/place").json()["offset"] == 9
    assert program("PUT", f"books/{book.pk}/place", {"section": 1, "offset": 10_000}).status_code == 422


OF_ONE_BOOK = [
    ("GET", "", None),
    ("PATCH", "", {"title": "Mine"}),
    ("DELETE", "", None),
    ("POST", "/retry", None),
    ("POST", "/cancel", None),
    ("POST", "/reingest", None),
    ("GET", "/sections", None),
    ("GET", "/sections/0", None),
    ("GET", "/sections/0/text", None),
    ("GET", "/place", None),
    ("PUT", "/place", {"section": 0, "offset": 0}),
]


@pytest.mark.parametrize(("method", "path", "body"), OF_ONE_BOOK)
def test_somebody_elses_book_is_not_there(stranger: Program, book: Book, method: str, path: str, body: Any) -> None:
    response = stranger(method, f"books/{book.pk}{path}", body)

    assert (response.status_code, code_of(response)) == (404, "not_found")
    assert Book.objects.filter(pk=book.pk, title="Moby-Dick").exists()


def test_a_search_finds_nothing_of_others(stranger: Program, book: Book) -> None:
    assert stranger("GET", "search?q=Ishmael").json() == {"items": []}
    assert stranger("GET", f"search?q=Ishmael&book={book.pk}").status_code == 404


@pytest.mark.parametrize(
    "query", ["", "q=", "q=%20", "q=a%00b", "q=x&k=0", "q=x&k=51", "q=x&book=0", f"q={'x' * 20_001}"]
)
def test_a_search_that_makes_no_sense_is_refused(program: Program, query: str) -> None:
    assert (program("GET", f"search?{query}").status_code) == 422


def test_a_browser_uses_its_session_and_the_csrf_token(alice: Reader, book: Book) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    refused = browser.post(f"/api/v1/books/{book.pk}/reingest")
    token = browser.get("/api/docs").cookies["csrftoken"].value
    done = browser.post(f"/api/v1/books/{book.pk}/reingest", headers={"X-CSRFToken": token})

    assert (refused.status_code, code_of(refused)) == (403, "not_allowed")
    assert done.status_code == 200


def test_me(alice: Reader, settings: Settings) -> None:
    assert signed_in(alice).get("/api/v1/me").json() == {
        "id": alice.pk,
        "username": "alice",
        "email": "alice@example.org",
        "language": "",
        "is_admin": False,
        "upload_limit": settings.UPLOAD_LIMIT,
    }
