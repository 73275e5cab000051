"""What stands between a question and the first words of its answer: each query is paid for by all who ask at once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from books.chat import rows, talk
from mindory_web.accounts.models import Reader
from tests.books.retrieval.shelf import shelved
from tests.books.talking import TALE

pytestmark = pytest.mark.usefixtures("by_words")


def test_a_first_question_is_written_down_in_seven_queries_and_claimed_in_two(alice: Reader) -> None:
    book = shelved(alice, [TALE], title="The Parrot")
    with CaptureQueriesContext(connection) as asking:
        asked = talk.ask(alice, "Who kept a parrot?", book=book.pk, nonce="one")
    with CaptureQueriesContext(connection) as claiming:
        assert rows.claim(asked.pk, owner="this worker")
    assert queries(asking) == ["SELECT", "SELECT", "SELECT", "SELECT", "INSERT", "INSERT", "UPDATE"]
    assert queries(claiming) == ["UPDATE", "SELECT"]


def queries(captured: CaptureQueriesContext) -> list[str]:
    verbs = [query["sql"].split()[0] for query in captured.captured_queries]
    return [verb for verb in verbs if verb in {"SELECT", "INSERT", "UPDATE", "DELETE"}]
