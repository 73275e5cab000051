"""Places, reach, words and likings over HTTP."""

import pytest

from mindory_web.accounts.models import Reader
from tests.api.conftest import Program, code_of, make_book

pytestmark = pytest.mark.django_db


def test_a_place_is_kept_by_device_and_answers_with_the_reach(program: Program, alice: Reader) -> None:
    book = make_book(alice)
    body = {"section": 0, "offset": 16, "device": "abc-1", "device_name": "Firefox on Android"}

    kept = program("PUT", f"books/{book.pk}/place", body | {"since": {"section": 0, "offset": 0}})

    assert kept.status_code == 200
    assert kept.json()["reach"] == {"section": 0, "offset": 16, "label": kept.json()["reach"]["label"]}
    assert program("GET", f"books/{book.pk}/place").json()["device_name"] == "Firefox on Android"
    [place] = program("GET", f"books/{book.pk}/places").json()
    assert (place["section"], place["offset"], place["device"]) == (0, 16, "abc-1")


def test_the_reach_is_asked_for_and_set(program: Program, alice: Reader) -> None:
    book = make_book(alice)
    assert program("GET", f"books/{book.pk}/reach").json()["offset"] == 0
    assert program("PUT", f"books/{book.pk}/reach", {"section": 1, "offset": 3}).json()["section"] == 1
    assert program("PUT", f"books/{book.pk}/reach", {"section": 1, "offset": 30_000}).status_code == 422
    assert program("PUT", f"books/{book.pk}/reach", {"section": 7, "offset": 0}).status_code == 422


def test_words_are_found_with_those_around_them(program: Program, alice: Reader) -> None:
    book = make_book(alice)
    found = program("GET", f"books/{book.pk}/words?q=ISHMAEL").json()
    assert found["count"] == 1
    assert (found["items"][0]["before"], found["items"][0]["words"]) == ("Call me ", "Ishmael")
    assert program("GET", f"books/{book.pk}/words?q=").status_code == 422


def test_likings_are_changed_one_by_one(program: Program, alice: Reader) -> None:
    assert program("PATCH", "me/reading", {"mode": "pages", "size": "21"}).json() == {"mode": "pages", "size": "21"}
    assert program("PATCH", "me/reading", {"size": ""}).json() == {"mode": "pages"}
    refused = program("PATCH", "me/reading", {"colour": "red"})
    assert (refused.status_code, code_of(refused)) == (422, "invalid")
