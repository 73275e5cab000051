"""Every refusal of the API has one shape, and every operation declares the ones it makes."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from books.models import Book
from mindory_web.accounts import keys
from mindory_web.accounts.models import Reader
from mindory_web.api import api
from tests.api.conftest import Program, code_of
from tests.security.matrix import API


def schema() -> dict[str, Any]:
    """Return the OpenAPI document as it is served."""
    return dict(json.loads(Client().get("/api/v1/openapi.json").content))


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Return (method, path, operation) for everything the API can do."""
    return [(method, path, found) for path, methods in schema()["paths"].items() for method, found in methods.items()]


@pytest.mark.django_db
def test_the_schema_is_served_to_everybody_and_names_every_operation() -> None:
    found = operations()

    assert len(found) == len(API)
    assert all(path.startswith("/api/v1/") for _method, path, _operation in found)
    assert len({operation["operationId"] for *_where, operation in found}) == len(found)
    assert set(schema()["components"]["securitySchemes"]) == {"KeyAuth", "BrowserAuth"}


@pytest.mark.django_db
def test_every_operation_declares_its_refusals_and_says_what_it_does() -> None:
    for method, path, operation in operations():
        declared = set(operation["responses"])
        assert {"401", "403", "422", "500"} <= {str(status) for status in declared}, (method, path)
        assert operation["description"], (method, path)
        if "{" in path:
            assert "404" in {str(status) for status in declared}, (method, path)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "nonsense", "mdy_" + "a" * 51, "mdy_ä" + "a" * 50])
def test_without_a_key_that_opens_something_nothing_opens(key: str) -> None:
    for method, path, _operation in operations():
        address = re.sub(r"\{\w+\}", "1", path).removeprefix("/api/v1/")
        response = Program(key)(method.upper(), address, {} if method in {"post", "put", "patch"} else None)
        assert response.status_code == 401, (method, path)
        if method != "head":  # which has no body
            assert code_of(response) == "not_signed_in", (method, path)


def test_a_key_of_a_closed_account_opens_nothing(alice: Reader, program: Program) -> None:
    alice.is_active = False
    alice.save()

    assert program("GET", "me").status_code == 401


def test_a_bad_key_is_refused_also_in_a_signed_in_browser(alice: Reader) -> None:
    browser = Client(headers={"Authorization": "Bearer mdy_nothing"})
    browser.force_login(alice)

    assert browser.get("/api/v1/me").status_code == 401


def test_a_revoked_key_opens_nothing(alice: Reader) -> None:
    key, secret = keys.make(alice, "old")
    keys.revoke(alice, key.pk)

    assert Program(secret)("GET", "me").status_code == 401


def test_an_address_that_is_none_and_a_method_that_is_none(program: Program) -> None:
    nowhere, wrong = program("GET", "nowhere"), program("DELETE", "me")

    assert (nowhere.status_code, code_of(nowhere)) == (404, "not_found")
    assert (wrong.status_code, code_of(wrong)) == (405, "method_not_allowed")
    assert wrong.headers["Allow"] == "GET"
    answers = program("PUT", "conversations/1/messages", {})
    assert (answers.status_code, code_of(answers)) == (405, "method_not_allowed")


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30, -1, "x", "1.5"])
def test_a_number_of_any_size_is_answered(program: Program, book: Book, number: object) -> None:
    assert program("GET", f"books/{number}").status_code in {404, 422}
    assert program("GET", f"books/{book.pk}/sections/{number}").status_code in {404, 422}
    assert program("GET", f"replies/{number}").status_code in {404, 422}


def test_a_body_that_is_not_json_is_a_bad_request(program: Program, book: Book) -> None:
    response = program.client.patch(f"/api/v1/books/{book.pk}", data="{", content_type="application/json")

    assert (response.status_code, code_of(response)) == (400, "bad_request")


def test_a_field_of_the_wrong_kind_is_named(program: Program, book: Book) -> None:
    response = program("PATCH", f"books/{book.pk}", {"title": ["no"]})

    assert response.status_code == 422
    assert "title" in response.json()["error"]["fields"][0]["field"]


def test_a_fault_of_ours_is_answered_with_the_id_it_is_recorded_under(
    program: Program, book: Book, settings: Settings
) -> None:
    book.sections.update(blocks=[["broken"]])  # what no code of ours writes
    response = program("GET", f"books/{book.pk}/sections/0")

    assert (response.status_code, code_of(response)) == (500, "internal")
    assert response.json()["error"]["request_id"] == response.headers["X-Request-ID"]


def test_a_refusal_has_the_language_of_the_reader(program: Program) -> None:
    assert code_of(program("GET", "books/1", headers={"Accept-Language": "zh-hans"})) == "not_found"


def test_the_handbook_has_no_inline_script_and_no_foreign_address() -> None:
    page = Client().get("/api/docs").content.decode()

    assert page.count("<script") == page.count("<script ")
    assert "https://" not in page
    assert "http://" not in page


def test_the_api_object_has_no_pages_of_its_own() -> None:
    assert api.docs_url is None


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=", b"an empty one"),
        ("multipart/form-data; boundary=\xff", b"one that no browser sends"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\n*&^%%$\r\n--x--",
        ),
    ],
)
def test_a_form_that_is_none_is_a_bad_request(program: Program, form: str, body: bytes) -> None:
    response = program.client.generic("POST", "/api/v1/books", data=body, content_type=form)

    assert (response.status_code, code_of(response)) == (400, "bad_request")
