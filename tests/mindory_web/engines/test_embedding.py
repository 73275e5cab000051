"""One embedding process answers many; what goes wrong between them is a sentence."""

import contextlib
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from pytest_django import Settings

from mindory_web.engines import embedding, wire
from mindory_web.engines.embedder import Worker
from mindory_web.engines.embedding import LocalEmbeddingEngine, embedding_engine
from mindory_web.engines.errors import EngineError
from mindory_web.engines.health import engines_health
from tests.mindory_web.engines.conftest import ROOT, Embedder, embedder


@contextlib.contextmanager
def connected(address: str, *, key: str = "") -> Iterator[socket.socket]:
    """A bare connection that said hello."""
    with wire.connect(wire.address(address), seconds=5) as link:
        nonce = wire.receive(link)[0]["nonce"]
        wire.send(link, {"do": "hello", "proof": wire.proof(key, nonce)})
        wire.receive(link)
        yield link


def test_texts_become_unit_vectors_in_their_order(engine: LocalEmbeddingEngine) -> None:
    texts = ["a long sentence about whales and the men who hunt them", "whales", "bread"]

    found = engine.embed(texts)

    assert found.shape == (3, 384)
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert found[1] @ engine.embed(["whales"], is_urgent=True)[0] > 0.98


def test_more_texts_than_one_message_takes(engine: LocalEmbeddingEngine) -> None:
    found = engine.embed([f"number {n}" for n in range(embedding.AT_ONCE + 3)])

    assert found.shape == (embedding.AT_ONCE + 3, 384)
    assert engine.embed([]).shape == (0, 384)


def test_strange_texts_are_texts(engine: LocalEmbeddingEngine) -> None:
    assert engine.embed(["", "\x00", "\ud800", "书" * 100_000, "🐋" * 5]).shape == (5, 384)


def test_the_model_has_a_vote_on_english_only(engine: LocalEmbeddingEngine) -> None:
    assert [engine.has_vote(language) for language in ("en", "en-GB", "EN", "")] == [True] * 4
    assert not any(engine.has_vote(language) for language in ("zh", "zh-Hans", "ja", "ko", "ru", "ar", "fr"))


def test_the_engine_is_made_once(engine: LocalEmbeddingEngine) -> None:
    assert isinstance(embedding_engine(), LocalEmbeddingEngine)
    assert embedding_engine() is embedding_engine()


def test_many_threads_share_one_engine(engine: LocalEmbeddingEngine) -> None:
    expected = engine.embed(["whale 7"])[0]
    found: list[float] = []

    def ask() -> None:
        found.append(float(engine.embed([f"whale {n}" for n in range(20)])[7] @ expected))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(found) == 8
    assert min(found) > 0.97


def test_a_question_goes_before_the_rest_of_a_bulk(model_data: Path) -> None:
    worker = Worker(model_data, threads=1, idle_seconds=600, precision="auto", on_idle=lambda: None)
    order: list[str] = []

    def embed_much() -> None:
        worker.embed(["word " * 200] * 60, is_urgent=False)
        order.append("bulk")

    bulk = threading.Thread(target=embed_much)
    bulk.start()
    worker.start()

    worker.embed(["Why?"], is_urgent=True)
    order.append("question")
    bulk.join(60)

    assert order == ["question", "bulk"]


def test_the_health_check_loads_nothing(model_data: Path, settings: Settings) -> None:
    fresh = embedder(model_data)
    settings.EMBEDDER_ADDRESS = fresh.address
    try:
        before = engines_health()["embedding"]
        embedding_engine().embed(["now"], is_urgent=True)
        after = engines_health()["embedding"]
    finally:
        assert fresh.stop() == 0

    assert before["state"] == after["state"] == "ok"
    assert before["model"].startswith("all-MiniLM-L6-v2@")
    assert (before["sentence"], after["sentence"]) == (
        "The model is loaded at the next request.",
        "The model is in memory.",
    )
    assert not Path(fresh.address).exists()


def test_without_a_process_there_is_a_sentence_and_the_recorded_name(
    model_data: Path, settings: Settings, tmp_path: Path
) -> None:
    settings.EMBEDDER_ADDRESS, settings.DATA = str(tmp_path / "nobody.sock"), model_data
    engine = LocalEmbeddingEngine()

    assert engine.model.startswith("all-MiniLM-L6-v2@")
    with pytest.raises(EngineError, match="does not answer"):
        engine.embed(["Why?"], is_urgent=True)
    assert engines_health()["embedding"]["state"] == "down"


def test_a_process_that_was_killed_and_started_again_is_found(model_data: Path, settings: Settings) -> None:
    first = embedder(model_data)
    settings.EMBEDDER_ADDRESS = first.address
    engine = LocalEmbeddingEngine()
    before = engine.embed(["whale"])
    first.process.kill()
    first.process.wait(10)
    found: list[object] = []
    waiting = threading.Thread(target=lambda: found.append(engine.embed(["whale"])))
    waiting.start()

    second = embedder(model_data, address=first.address)
    waiting.join(30)
    second.stop()

    assert np.allclose(np.asarray(found[0]), before, atol=1e-4)


def test_an_idle_process_gives_its_memory_back_and_still_answers(model_data: Path, settings: Settings) -> None:
    fresh = embedder(model_data, MINDORY_EMBEDDER_IDLE_SECONDS="1")
    settings.EMBEDDER_ADDRESS = fresh.address
    engine = LocalEmbeddingEngine()
    process = psutil.Process(fresh.process.pid)
    try:
        engine.embed(["whale"])
        loaded = process.memory_info().rss
        deadline = time.monotonic() + 20
        while engine.status()["is_loaded"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert process.memory_info().rss < loaded / 2
        assert engine.embed(["whale"]).shape == (1, 384)
    finally:
        assert fresh.stop() == 0


def test_the_socket_is_for_this_user_alone(running: Embedder) -> None:
    assert stat.S_IMODE(Path(running.address).stat().st_mode) == 0o600


def test_a_second_process_at_the_same_socket_is_refused(running: Embedder, model_data: Path) -> None:
    command = [sys.executable, "-m", "mindory_web.engines.embedder", "--address", running.address]
    done = subprocess.run([*command, "--data", str(model_data)], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "already listens" in done.stderr


def test_over_tcp_the_key_decides(model_data: Path, settings: Settings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    fresh = embedder(model_data, address=f"127.0.0.1:{port}", MINDORY_EMBEDDER_KEY="whale")
    settings.EMBEDDER_ADDRESS = fresh.address
    try:
        settings.EMBEDDER_KEY = "bread"
        with pytest.raises(EngineError, match="MINDORY_EMBEDDER_KEY differs"):
            LocalEmbeddingEngine().embed(["Why?"])
        settings.EMBEDDER_KEY = "whale"
        assert LocalEmbeddingEngine().embed(["Why?"]).shape == (1, 384)
    finally:
        fresh.stop()


@pytest.mark.parametrize(
    "request_",
    [
        {"do": "embed"},
        {"do": "embed", "texts": []},
        {"do": "embed", "texts": "a"},
        {"do": "embed", "texts": [1]},
        {"do": "embed", "texts": ["a" * (wire.CHARACTERS_AT_MOST + 1)]},
        {"do": "embed", "texts": ["a"] * (wire.TEXTS_AT_MOST + 1)},
        {"do": ["status"]},
        {},
    ],
)
def test_a_request_that_makes_no_sense_is_refused(running: Embedder, request_: dict[str, object]) -> None:
    with connected(running.address) as link:
        wire.send(link, request_)
        answer, _body = wire.receive(link)

    assert answer["error"].startswith("Not understood: ")


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        wire.LENGTHS.pack(2**32 - 1, 0),
        wire.LENGTHS.pack(10, 2**32 - 1),
        wire.LENGTHS.pack(4, 0) + b"null",
        wire.LENGTHS.pack(3, 0) + b"\xff\xfe{",
        wire.LENGTHS.pack(100_000, 0) + b"[" * 100_000,
    ],
)
def test_noise_ends_its_own_connection_only(running: Embedder, engine: LocalEmbeddingEngine, sent: bytes) -> None:
    with connected(running.address) as link:
        link.sendall(sent)
        with contextlib.suppress(ConnectionResetError):  # the answer is lost when noise lay unread behind it
            assert "error" in wire.receive(link)[0]
            assert link.recv(1) == b""

    assert engine.status()["dimension"] == 384


def test_someone_who_does_not_say_hello_gets_nothing(running: Embedder) -> None:
    with wire.connect(running.address, seconds=5) as link:
        wire.receive(link)
        wire.send(link, {"do": "embed", "texts": ["a"]})
        assert "MINDORY_EMBEDDER_KEY differs" in wire.receive(link)[0]["error"]


def test_something_else_at_the_address_is_told(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        settings.EMBEDDER_ADDRESS = f"127.0.0.1:{other.getsockname()[1]}"

        def answer() -> None:
            link, _ = other.accept()
            with link:
                link.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(EngineError, match="is not an embedding process"):
            LocalEmbeddingEngine().embed(["Why?"])


@pytest.mark.parametrize("written", ["embedder:http", "[::1]:x"])
def test_an_address_that_is_none(written: str) -> None:
    with pytest.raises(ValueError, match="neither the path of a socket nor host:port"):
        wire.address(written)


def test_addresses() -> None:
    assert wire.address("/run/embedder.sock") == "/run/embedder.sock"
    assert wire.address("embedder:7000") == ("embedder", 7000)
    assert wire.address("[::1]:7000") == ("::1", 7000)
