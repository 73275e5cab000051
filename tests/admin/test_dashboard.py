"""The first page: one sentence that sums up the state, and an engine test that shows what came back."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from books.models import Book, Job
from mindory_web import dashboard
from mindory_web.accounts.models import Reader
from mindory_web.lib import alive
from tests.conftest import signed_in


@pytest.fixture(autouse=True)
def nobody_alive(own_redis: None, settings: Settings) -> None:
    """Begin with no process alive, and an embedding engine that needs none."""
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    for process in alive.who_is_alive():
        alive.say_goodbye(process.kind, process.name)  # type: ignore[arg-type]


def page(admin: Reader) -> str:
    """Return the dashboard."""
    return signed_in(admin).get("/admin/").content.decode()


def test_missing_workers_are_told_before_anything_else(admin: Reader) -> None:
    alive.say_alive("ingest", "one")
    found = page(admin)
    alive.say_goodbye("ingest", "one")

    assert "No reply worker is running, so questions wait." in found
    assert "No ingest worker is running" not in found
    assert "Everything is running" not in found


def test_without_redis_the_page_still_comes(admin: Reader, settings: Settings) -> None:
    browser = signed_in(admin)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert "Redis does not answer" in browser.get("/admin/").content.decode()


def test_what_waits_too_long_is_told(admin: Reader, alice: Reader) -> None:
    book = Book.objects.create(owner=alice, digest="a", file_name="a", file_size=1, title="A")
    Job.objects.create(book=book, created_at=timezone.now() - timedelta(minutes=11))

    assert "Something has waited for more than ten minutes: Books." in page(admin)


def test_a_running_book_is_shown_with_its_worker_and_real_counts(admin: Reader, alice: Reader) -> None:
    book = Book.objects.create(
        owner=alice, digest="a", file_name="a", file_size=1, title="Moby-Dick", state="embedding"
    )
    alive.say_alive("ingest", "host:1")
    Job.objects.create(book=book, state="running", step="embedding", done=310, total=1200, lease_owner="host:1:xyz")
    found = page(admin)
    alive.say_goodbye("ingest", "host:1")

    assert "Embedding, 310 of 1,200" in found
    assert '<progress max="1200" value="310">' in found


def test_the_chart_has_whole_numbers_and_all_bars_inside(alice: Reader) -> None:
    now = timezone.now()
    for number in range(7):
        book = Book.objects.create(owner=alice, digest=str(number), file_name="a", file_size=1, title="A")
        Job.objects.create(book=book, state="done" if number % 2 else "failed", finished_at=now)
    chart = dashboard._chart(now)

    assert (chart["done"], chart["failed"]) == (3, 4)
    assert [line["text"] for line in chart["lines"]] == [0, 2, 4, 6, 8]
    assert all(float(bar["failed"]["y"]) >= dashboard.CHART["top"] - 1 for bar in chart["bars"] if bar["failed"])


def test_the_embedding_engine_is_tested(admin: Reader, settings: Settings) -> None:
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    found = signed_in(admin).post("/admin/engines/", {"engine": "embedding"}).content.decode()

    assert "One sentence became a vector of 8 numbers and length 1.000." in found


def test_an_engine_that_does_not_answer_is_told_and_not_a_fault(admin: Reader, settings: Settings) -> None:
    settings.EMBEDDING_ENGINE = "tests.fakes.SilentEmbedder"
    settings.EMBEDDER_ADDRESS = str(Path("/nonexistent/socket"))
    response = signed_in(admin).post("/admin/engines/", {"engine": "embedding"})

    assert response.status_code == 200
    assert "The embedding process does not answer." in response.content.decode()


def test_without_a_language_model_the_test_says_that_this_is_fine(admin: Reader, settings: Settings) -> None:
    settings.LLM_BASE_URL = ""

    assert "Answers are quotes only" in signed_in(admin).post("/admin/engines/", {"engine": "model"}).content.decode()
