"""/health and /health/ready."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from mindory_web.lib import alive

WORKERS: tuple[alive.Kind, ...] = ("ingest", "reply", "reaper")


@pytest.fixture
def embedder(settings: Settings) -> None:
    """An embedding engine that answers."""
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"


@pytest.fixture
def workers(own_redis: None) -> Iterator[None]:
    """Every kind of worker has just said that it lives."""
    for kind in WORKERS:
        alive.say_alive(kind, "w")
    yield
    for kind in WORKERS:
        alive.say_goodbye(kind, "w")


@pytest.mark.django_db
def test_health_asks_nobody(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        response = Client().get("/health")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_it_is_ready_when_every_part_answers(embedder: None, workers: None) -> None:
    response = Client().get("/health/ready")

    assert response.json() == {
        "status": "ok",
        "parts": {"database": "ok", "migrations": "ok", "redis": "ok", "workers": "ok", "embedder": "ok"},
    }
    assert response.status_code == 200
    assert response.headers["Cache-Control"].startswith("max-age=0")


@pytest.mark.django_db
def test_a_missing_worker_is_named(embedder: None, workers: None) -> None:
    alive.say_goodbye("reply", "w")
    response = Client().get("/health/ready")

    assert response.status_code == 503
    assert response.json()["parts"]["workers"] == "missing: reply"


@pytest.mark.django_db
def test_without_redis_it_is_not_ready_and_says_so(embedder: None, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = Client().get("/health/ready")

    assert response.status_code == 503
    assert response.json()["parts"] == {
        "database": "ok",
        "migrations": "ok",
        "redis": "down",
        "workers": "unknown",
        "embedder": "ok",
    }


@pytest.mark.django_db
def test_a_missing_embedder_is_told(workers: None, settings: Settings, tmp_path: Path) -> None:
    settings.EMBEDDER_ADDRESS = str(tmp_path / "nobody.sock")

    assert Client().get("/health/ready").json()["parts"]["embedder"] == "down"


def test_only_reading_methods_are_taken() -> None:
    assert Client().post("/health").status_code == 405
