"""A real embedding process with the real model, once for all tests of this package."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django import Settings

from mindory_web.engines import bundled, wire
from mindory_web.engines.embedding import LocalEmbeddingEngine

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Embedder:
    """A running process, and where it listens."""

    address: str
    process: subprocess.Popen[bytes]

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(10)


def embedder(data: Path, *, address: str = "", **environment: str) -> Embedder:
    """Start an embedding process and wait until it takes connections."""
    where = address or str(Path(tempfile.mkdtemp(prefix="mindory-embedder-")) / "embedder.sock")
    command = [sys.executable, "-m", "mindory_web.engines.embedder", "--address", where, "--data", str(data)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while True:
        try:
            wire.connect(wire.address(where), seconds=1).close()
        except OSError:
            assert process.poll() is None, "the embedding process ended"
            assert time.monotonic() < deadline, "the embedding process does not listen"
            time.sleep(0.02)
        else:
            return Embedder(where, process)


@pytest.fixture(scope="session")
def model_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which the bundled model is prepared."""
    data = tmp_path_factory.mktemp("model")
    bundled.prepare(data)
    return data


@pytest.fixture(scope="session")
def running(model_data: Path) -> Iterator[Embedder]:
    """One embedding process for every test that does not stop it."""
    made = embedder(model_data)
    yield made
    made.stop()


@pytest.fixture
def engine(running: Embedder, settings: Settings) -> LocalEmbeddingEngine:
    """A client of the running process."""
    settings.EMBEDDER_ADDRESS = running.address
    return LocalEmbeddingEngine()
