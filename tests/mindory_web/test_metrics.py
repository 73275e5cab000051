"""/metrics: who may see it, and that it adds up over processes."""

import pytest
from django.test import Client
from pytest_django import Settings

from books.models import Book
from mindory_web.accounts.models import Reader
from mindory_web.lib import alive, counts
from tests.conftest import signed_in

OUTSIDE = "203.0.113.7"


def numbers(text: str) -> dict[str, float]:
    """Return the lines of the exposition as a mapping."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


@pytest.mark.django_db
def test_this_machine_sees_it() -> None:
    response = Client().get("/metrics", headers={"host": "localhost"})

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain")


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_a_request_that_came_through_a_proxy_on_this_machine_does_not_count_as_local(header: str) -> None:
    assert Client().get("/metrics", headers={"host": "localhost", header: "127.0.0.1"}).status_code == 403


@pytest.mark.django_db
def test_nobody_becomes_local_by_saying_so() -> None:
    sent = {"X-Forwarded-For": "127.0.0.1", "host": "localhost"}

    assert Client(REMOTE_ADDR=OUTSIDE).get("/metrics", headers=sent).status_code == 403
    assert Client(REMOTE_ADDR=OUTSIDE).get("/metrics", headers={"host": "localhost"}).status_code == 403


@pytest.mark.django_db
def test_the_token_opens_it_from_anywhere(settings: Settings) -> None:
    settings.METRICS_TOKEN = "let me in"
    outside = Client(REMOTE_ADDR=OUTSIDE)

    assert outside.get("/metrics", headers={"authorization": "Bearer let me in"}).status_code == 200
    assert outside.get("/metrics", headers={"authorization": "Bearer let me"}).status_code == 403
    assert outside.get("/metrics", headers={"authorization": "Bearer"}).status_code == 403


@pytest.mark.django_db
def test_an_empty_token_opens_nothing() -> None:
    assert Client(REMOTE_ADDR=OUTSIDE).get("/metrics", headers={"authorization": "Bearer "}).status_code == 403


def test_an_admin_sees_it_and_a_reader_does_not(admin: Reader, alice: Reader) -> None:
    assert signed_in(admin).get("/metrics", REMOTE_ADDR=OUTSIDE).status_code == 200
    assert signed_in(alice).get("/metrics", REMOTE_ADDR=OUTSIDE).status_code == 403


def test_rows_are_counted_when_asked(alice: Reader) -> None:
    Book.objects.create(owner=alice, digest="a", file_name="a", file_size=7, title="A", state="ready")
    Book.objects.create(owner=alice, digest="b", file_name="b", file_size=5, title="B", state="failed")
    found = numbers(Client().get("/metrics", headers={"host": "localhost"}).content.decode())

    assert found['mindory_books{state="ready"}'] == 1
    assert found['mindory_books{state="failed"}'] == 1
    assert found['mindory_books{state="queued"}'] == 0
    assert found["mindory_stored_bytes"] == 12
    assert found["mindory_readers"] == 1


@pytest.mark.django_db
def test_what_processes_count_is_added_up(own_redis: None) -> None:
    before = counts.totals().get(("http_requests", (("method", "GET"), ("status", "418"))), 0.0)
    counts.count("http_requests", 2, method="GET", status="418")
    counts.flush()
    counts.count("http_requests", method="GET", status="418")
    found = numbers(Client().get("/metrics", headers={"host": "localhost"}).content.decode())

    assert found['mindory_http_requests_total{method="GET",status="418"}'] == before + 3


@pytest.mark.django_db
def test_open_sockets_are_those_of_all_living_processes(own_redis: None) -> None:
    counts.hold("sockets", 3)
    alive.say_alive("web", "one")
    alive.say_alive("web", "two")
    counts.hold("sockets", -3)
    found = numbers(Client().get("/metrics", headers={"host": "localhost"}).content.decode())
    alive.say_goodbye("web", "one")
    alive.say_goodbye("web", "two")

    assert found['mindory_open{what="sockets"}'] == 6


@pytest.mark.django_db
def test_without_redis_the_rows_are_still_told(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = Client().get("/metrics", headers={"host": "localhost"})

    assert response.status_code == 200
    assert b"mindory_books" in response.content


@pytest.mark.django_db
def test_every_answer_has_an_id_and_is_counted() -> None:
    first, second = Client().get("/health"), Client().get("/nothing-here")

    assert len(first.headers["X-Request-ID"]) == 36
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
