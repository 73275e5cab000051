"""The shelf over the API: filters and orders, collections, and deleting with a way back."""

import json
from typing import Any

import pytest
from django.test import Client

from books.models import Book, Collection
from mindory_web.accounts.models import Reader
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def book(owner: Reader, title: str, **values: Any) -> Book:
    number = Book.every.count()
    return Book.objects.create(
        owner=owner, digest=f"{number:064x}", file_name="a.txt", file_size=1, title=title, state="ready", **values
    )


@pytest.fixture
def browser(alice: Reader) -> Client:
    return signed_in(alice)


def listed(browser: Client, **asked: Any) -> list[str]:
    return [item["title"] for item in browser.get("/api/v1/books", asked).json()["items"]]


def send(browser: Client, method: str, path: str, **body: Any) -> Any:
    return browser.generic(method, f"/api/v1/{path}", json.dumps(body), content_type="application/json")


def test_books_are_listed_as_the_page_lists_them(alice: Reader, browser: Client) -> None:
    book(alice, "The Sea", authors=["Ida Vogel"], language="en", words=9)
    book(alice, "Apples", authors=["Emil Strand"], language="de", words=5, series="Fruit", series_number=2)
    book(alice, "Pears", authors=["Emil Strand"], language="de", words=7, series="Fruit", series_number=1)

    assert listed(browser) == ["Pears", "Apples", "The Sea"]
    assert listed(browser, sort="title") == ["Apples", "Pears", "The Sea"]
    assert listed(browser, sort="-length", language="de") == ["Apples", "Pears"]
    assert listed(browser, series="Fruit") == ["Pears", "Apples"]
    assert listed(browser, q="vogle") == ["The Sea"]
    assert listed(browser, sort="title", limit=1, offset=1) == ["Pears"]
    assert browser.get("/api/v1/books?author=Emil+Strand&limit=1").json()["count"] == 2


@pytest.mark.parametrize(
    ("asked", "status"), [({"sort": "best"}, 422), ({"state": "odd"}, 422), ({"collection": 99}, 404)]
)
def test_what_is_not_understood_is_refused(browser: Client, asked: Any, status: int) -> None:
    assert browser.get("/api/v1/books", asked).status_code == status


def test_a_collection_is_made_named_filled_and_deleted(alice: Reader, browser: Client) -> None:
    one, other = book(alice, "One"), book(alice, "Other")

    made = send(browser, "POST", "collections", name="  By  the sea ")
    assert (made.status_code, made.json()["name"]) == (201, "By the sea")
    path = f"collections/{made.json()['id']}"
    assert send(browser, "POST", f"{path}/put", books=[one.pk, other.pk, one.pk]).json()["book_count"] == 2
    assert send(browser, "POST", f"{path}/take", books=[other.pk]).json()["book_count"] == 1
    assert send(browser, "PATCH", path, name="Sea").json() == {
        "id": made.json()["id"], "name": "Sea", "book_count": 1,
    }  # fmt: skip
    assert listed(browser, collection=made.json()["id"]) == ["One"]
    assert browser.get("/api/v1/collections").json()["items"][0]["book_count"] == 1
    assert browser.delete(f"/api/v1/{path}").status_code == 204
    assert Book.objects.count() == 2


def test_a_name_is_taken_once_however_it_is_capitalised(alice: Reader, bob: Reader, browser: Client) -> None:
    Collection.objects.create(owner=bob, name="Sea")
    assert send(browser, "POST", "collections", name="Sea").status_code == 201
    assert send(browser, "POST", "collections", name="SEA").status_code == 409
    other = send(browser, "POST", "collections", name="Land").json()["id"]
    assert send(browser, "PATCH", f"collections/{other}", name="sea").status_code == 409
    assert send(browser, "PATCH", f"collections/{other}", name="LAND").status_code == 200
    assert send(browser, "POST", "collections", name=" \t ").status_code == 422


def test_nothing_of_another_readers_comes_onto_a_collection(alice: Reader, bob: Reader, browser: Client) -> None:
    mine, his = Collection.objects.create(owner=alice, name="Mine"), book(bob, "His")
    own = book(alice, "Own")

    assert send(browser, "POST", f"collections/{mine.pk}/put", books=[own.pk, his.pk]).status_code == 404
    assert mine.books.count() == 0


def test_a_book_is_deleted_at_once_or_with_a_way_back(alice: Reader, browser: Client) -> None:
    one, other = book(alice, "One"), book(alice, "Other")

    assert browser.delete(f"/api/v1/books/{one.pk}?undo=1").status_code == 204
    assert browser.get(f"/api/v1/books/{one.pk}").status_code == 404
    assert send(browser, "POST", "shelf/restore", books=[one.pk]).status_code == 204
    assert browser.get(f"/api/v1/books/{one.pk}").status_code == 200

    assert send(browser, "POST", "shelf/remove", books=[one.pk, other.pk]).status_code == 204
    assert listed(browser) == []
    assert send(browser, "POST", "shelf/restore", books=[one.pk, other.pk]).status_code == 204
    assert browser.delete(f"/api/v1/books/{one.pk}").status_code == 204
    assert not Book.every.filter(pk=one.pk).exists()
    assert send(browser, "POST", "shelf/restore", books=[one.pk]).status_code == 404


@pytest.mark.parametrize("body", [{"books": []}, {"books": ["x"]}, {"books": list(range(1, 502))}, {}])
def test_a_list_of_books_has_one_at_least_and_five_hundred_at_most(browser: Client, body: dict[str, Any]) -> None:
    assert send(browser, "POST", "shelf/remove", **body).status_code == 422
