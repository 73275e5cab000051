"""The one embedding process of a host: it alone holds the model in memory.

    python -m mindory_web.engines.embedder --address PATH-OR-HOST:PORT --data DIR --threads N

Small (no Django) until the first request; then it loads the model, and after MINDORY_EMBEDDER_IDLE_SECONDS without
work it starts over, which gives every byte back. Questions go before bulk work: they wait for one small batch at most.
"""

from __future__ import annotations

import argparse
import contextlib
import hmac
import logging
import os
import secrets
import signal
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mindory_web.engines import bundled, wire
from mindory_web.engines.errors import EngineError
from mindory_web.env import Env

if TYPE_CHECKING:  # loaded at the first request: together 60 MB
    import numpy as np
    from numpy.typing import NDArray

    from mindory_web.engines.encoder import Encoder

CONNECTIONS_AT_MOST: Final = 128
HELLO_SECONDS: Final = 10.0
MESSAGE_SECONDS: Final = 60.0

log = logging.getLogger("mindory.embedder")


@dataclass(eq=False, slots=True)
class Work:
    """Texts somebody waits for. `rest` holds the batches (positions in `texts`) that are not embedded yet."""

    texts: list[str]
    is_done: threading.Event = field(default_factory=threading.Event)
    tokens: list[list[int]] = field(default_factory=list)
    rest: Iterator[list[int]] | None = None
    vectors: NDArray[np.float32] | None = None
    error: EngineError | None = None


class Worker(threading.Thread):
    """Embeds what waits, one small batch after the other, urgent work first. The only user of the model."""

    def __init__(
        self, data: Path, *, threads: int, idle_seconds: float, precision: str, on_idle: Callable[[], None]
    ) -> None:
        super().__init__(daemon=True, name="embedding")
        self.data, self.threads, self.precision = data, threads, precision
        self.idle_seconds, self.on_idle = idle_seconds, on_idle
        self._urgent: deque[Work] = deque()
        self._bulk: deque[Work] = deque()
        self._has_work = threading.Condition()
        self._encoder: Encoder | None = None
        self._model: bundled.Prepared | None = None

    @property
    def is_loaded(self) -> bool:
        """Say whether the model is in memory now."""
        return self._encoder is not None

    @property
    def waiting(self) -> int:
        """Return how many requests are not answered yet."""
        return len(self._urgent) + len(self._bulk)

    def model(self) -> bundled.Prepared:
        """Return which model this is, and prepare it if nobody did."""
        if self._model is None:
            self._model = bundled.prepare(self.data, precision=self.precision)
        return self._model

    def embed(self, texts: list[str], *, is_urgent: bool) -> NDArray[np.float32]:
        """Return the vectors when they are made. Called by any thread."""
        work = Work(texts)
        with self._has_work:
            (self._urgent if is_urgent else self._bulk).append(work)
            self._has_work.notify()
        work.is_done.wait()
        if work.error is not None:
            raise work.error
        assert work.vectors is not None
        return work.vectors

    def run(self) -> None:
        """Embed until the process ends."""
        while True:
            lane = self._next()
            if lane is None:
                self.on_idle()
                continue
            work = lane[0]
            try:
                is_done = self._one_batch(work)
            except EngineError as error:
                work.error, is_done = error, True
            except Exception as error:
                # Whatever the model does, the one who waits gets an answer and the next request its turn.
                log.exception("a batch failed")
                work.error, is_done = EngineError(f"The embedding model failed: {error}"), True
            if is_done:
                with self._has_work:
                    lane.popleft()
                work.is_done.set()

    def _next(self) -> deque[Work] | None:
        """Return the lane whose first work is to go on with, or None when the loaded model was idle long enough."""
        with self._has_work:
            seconds = self.idle_seconds if self.is_loaded else None
            self._has_work.wait_for(lambda: bool(self._urgent or self._bulk), timeout=seconds)
            return self._urgent or self._bulk or None

    def _one_batch(self, work: Work) -> bool:
        """Embed the next batch of `work`; say whether it was the last."""
        encoder = self._encoder or self._load()
        if work.rest is None:
            import numpy as np

            from mindory_web.engines.encoder import batches

            work.tokens = encoder.tokens(work.texts)
            work.vectors = np.empty((len(work.texts), encoder.dimension), np.float32)
            work.rest = batches(work.tokens)
        if batch := next(work.rest, None):
            assert work.vectors is not None
            work.vectors[batch] = encoder.run([work.tokens[at] for at in batch])
        return batch is None

    def _load(self) -> Encoder:
        from mindory_web.engines.encoder import Encoder, cores

        model = self.model()
        self._encoder = Encoder(model.graph, model.tokenizer, threads=self.threads or cores())
        log.info("loaded %s", model.name)
        return self._encoder


class Server:
    """Takes connections; each has a thread that reads a message, waits for its answer and sends it."""

    def __init__(self, listening: socket.socket, worker: Worker, *, key: str) -> None:
        self.listening, self.worker, self.key = listening, worker, key
        self._open = threading.Semaphore(CONNECTIONS_AT_MOST)

    def serve(self) -> None:
        """Take connections until the listening socket is closed."""
        while True:
            try:
                link, _ = self.listening.accept()
            except OSError:
                if self.listening.fileno() < 0:
                    return
                log.exception("a connection could not be taken")
                threading.Event().wait(0.2)  # out of file descriptors: some will be closed
                continue
            threading.Thread(target=self._speak, args=(link,), daemon=True).start()

    def _speak(self, link: socket.socket) -> None:
        with link, contextlib.suppress(OSError, wire.Gone):
            if not self._open.acquire(blocking=False):
                wire.send(link, {"error": "The embedding process has too many connections.", "is_retryable": True})
                return
            try:
                self._greet(link)
                while True:
                    link.settimeout(None)
                    link.recv(1, socket.MSG_PEEK)  # a pooled connection may be quiet for hours; a message may not
                    link.settimeout(MESSAGE_SECONDS)
                    self._answer(link, wire.receive(link)[0])
            except wire.BadMessage as error:
                wire.send(link, {"error": f"Not understood: {error}.", "is_retryable": False})
            finally:
                self._open.release()

    def _greet(self, link: socket.socket) -> None:
        nonce = secrets.token_hex(16)
        link.settimeout(HELLO_SECONDS)
        wire.send(link, {"mindory": "embedder", "nonce": nonce})
        hello, _ = wire.receive(link, header_at_most=1024)
        if not hmac.compare_digest(str(hello.get("proof")).encode(), wire.proof(self.key, nonce).encode()):
            raise wire.BadMessage("MINDORY_EMBEDDER_KEY differs between the embedding process and this client")
        wire.send(link, {})

    def _answer(self, link: socket.socket, request: dict[str, Any]) -> None:
        try:
            match request.get("do"):
                case "status":
                    wire.send(link, self._status())
                case "describe":
                    wire.send(link, {"model": self.worker.model().name, "dimension": bundled.DIMENSION})
                case "embed":
                    self._embed(link, request)
                case other:
                    raise wire.BadMessage(f"there is no {str(other)[:40]!r} to do")
        except EngineError as error:
            wire.send(link, {"error": error.sentence, "is_retryable": error.is_retryable})

    def _status(self) -> dict[str, Any]:
        model = bundled.prepared(self.worker.data, precision=self.worker.precision)
        return {
            "model": model.name if model else "",
            "dimension": bundled.DIMENSION,
            "is_loaded": self.worker.is_loaded,
            "waiting": self.worker.waiting,
        }

    def _embed(self, link: socket.socket, request: dict[str, Any]) -> None:
        texts = request.get("texts")
        if not isinstance(texts, list) or not 0 < len(texts) <= wire.TEXTS_AT_MOST:
            raise wire.BadMessage(f"texts must be a list of 1 to {wire.TEXTS_AT_MOST}")
        if not all(isinstance(text, str) and len(text) <= wire.CHARACTERS_AT_MOST for text in texts):
            raise wire.BadMessage(f"a text must be a string of at most {wire.CHARACTERS_AT_MOST} characters")
        vectors = self.worker.embed(texts, is_urgent=request.get("is_urgent") is True)
        rows, dimension = vectors.shape
        header = {"model": self.worker.model().name, "rows": rows, "dimension": dimension}
        wire.send(link, header, vectors.astype("<f4", copy=False).tobytes())


def listen(written: str) -> socket.socket:
    """Return a listening socket at the address. A unix socket is for this user alone, and replaces a dead one."""
    where = wire.address(written)
    if isinstance(where, tuple):
        return socket.create_server(where, backlog=64, family=socket.AF_INET6 if ":" in where[0] else socket.AF_INET)
    with contextlib.suppress(OSError), wire.connect(where, seconds=2):
        raise SystemExit(f"An embedding process already listens at {where}.")
    path = Path(where)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        listening.bind(str(fresh))
    finally:
        os.umask(before)
    listening.listen(64)
    fresh.replace(path)  # at no moment is there a socket that nobody listens to, or that others may open
    return listening


def start_over(listening: socket.socket, arguments: list[str]) -> None:
    """Become a fresh process that goes on listening on the same socket. Clients of old connections connect again."""
    listening.set_inheritable(True)
    command = [sys.executable, "-m", "mindory_web.engines.embedder", *arguments]
    os.environ[_INHERITED] = str(listening.fileno())
    os.execv(sys.executable, command)  # noqa: S606 (itself)


_INHERITED: Final = "MINDORY_EMBEDDER_INHERITED_SOCKET"


def main(arguments: list[str]) -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="mindory_web.engines.embedder", description=__doc__.splitlines()[0])
    parser.add_argument("--address", required=True, help="path of a unix socket, or host:port")
    parser.add_argument("--data", required=True, type=Path, help="MINDORY_DATA; the prepared model is kept there")
    parser.add_argument("--threads", type=int, default=0, help="0: as many as there are cores")
    given, env = parser.parse_args(arguments), Env()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # a batch is small; its threads would compete with the model's
    inherited = os.environ.pop(_INHERITED, "")
    listening = socket.socket(fileno=int(inherited)) if inherited else listen(given.address)
    worker = Worker(
        given.data.resolve(),
        threads=given.threads,
        idle_seconds=env.whole("MINDORY_EMBEDDER_IDLE_SECONDS", 600, at_least=1),
        precision=env.choice("MINDORY_EMBEDDING_PRECISION", bundled.PRECISIONS, "auto"),
        on_idle=lambda: start_over(listening, arguments),
    )
    worker.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _leave(given.address))
    log.info("listening at %s", given.address)
    Server(listening, worker, key=env.text("MINDORY_EMBEDDER_KEY")).serve()


def _leave(written: str) -> None:
    """End at once: requests are repeated by those who asked, and ONNX Runtime's threads do not like to be joined."""
    where = wire.address(written)
    if isinstance(where, str):
        Path(where).unlink(missing_ok=True)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
