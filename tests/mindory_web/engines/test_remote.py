"""Embeddings of an OpenAI-compatible endpoint."""

from collections.abc import Iterator

import numpy as np
import pytest
from pytest_django import Settings

from mindory_web.engines.errors import EngineError
from mindory_web.engines.health import engines_health
from mindory_web.engines.remote import AT_ONCE, RemoteEmbeddingEngine
from tests.fake_endpoint import Answer, FakeEndpoint


@pytest.fixture
def endpoint(settings: Settings) -> Iterator[FakeEndpoint]:
    with FakeEndpoint() as made:
        settings.EMBEDDING_BASE_URL, settings.EMBEDDING_MODEL = made.base_url, "many-languages"
        settings.EMBEDDING_ENGINE = "mindory_web.engines.remote.RemoteEmbeddingEngine"
        yield made


def test_vectors_are_scaled_to_length_one(endpoint: FakeEndpoint) -> None:
    engine = RemoteEmbeddingEngine()

    found = engine.embed(["a whale"], is_urgent=True)

    assert engine.model == "many-languages"
    assert engine.dimension == 3  # asked of the model
    assert np.allclose(found, np.array([[2, 7, 1]]) / 54**0.5)


def test_many_texts_go_in_several_requests(endpoint: FakeEndpoint) -> None:
    found = RemoteEmbeddingEngine().embed(["word " * n for n in range(1, AT_ONCE + 3)])

    assert found.shape == (AT_ONCE + 2, 3)
    assert [len(request.body["input"]) for request in endpoint.requests] == [1, AT_ONCE, 2]


def test_it_votes_on_every_language_unless_told_otherwise(endpoint: FakeEndpoint, settings: Settings) -> None:
    assert RemoteEmbeddingEngine().has_vote("zh-Hans")
    settings.EMBEDDING_LANGUAGES = ["en", "de"]
    assert [RemoteEmbeddingEngine().has_vote(language) for language in ("de-AT", "", "zh")] == [True, True, False]


def test_a_refused_key_names_its_setting(endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(status=401))

    with pytest.raises(EngineError, match="MINDORY_EMBEDDING_API_KEY"):
        RemoteEmbeddingEngine().embed(["Why?"], is_urgent=True)


def test_its_health_costs_no_request(endpoint: FakeEndpoint) -> None:
    assert engines_health()["embedding"]["model"] == "many-languages"
    assert engines_health()["language_model"]["state"] == "off"
    assert endpoint.requests == []
