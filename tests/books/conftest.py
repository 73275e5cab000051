"""Fixtures of the tests of books and conversations."""

from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from django.conf import LazySettings
from django.db import connections

from books.chat import wire
from books.models import Book
from mindory_web.accounts.models import Reader
from tests.books.retrieval.shelf import shelved
from tests.books.talking import TALE


@pytest.fixture
def by_words(settings: LazySettings) -> None:
    """Nothing here needs the bundled model or an endpoint: books are searched by their words."""
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    settings.LLM_CLIENT = "mindory_web.engines.llm.OpenAIClient"
    settings.LLM_BASE_URL = ""


@pytest.fixture
async def closed_lines() -> AsyncIterator[None]:
    """Close what the test's loop opened, so that the test database can be emptied."""
    yield
    await wire.disconnect()
    await sync_to_async(connections.close_all)()


@pytest.fixture
def tale(transactional_db: None, by_words: None, closed_lines: None, alice: Reader) -> Book:
    """A short book of alice's, indexed."""
    return shelved(alice, [TALE], title="The Parrot")
