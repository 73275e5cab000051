"""Measure the whole path: `python -m bench.first_light FILE` (War and Peace as EPUB, for instance).

Starts a Mindory of its own in a scratch directory, as `make run` does, with a model that answers at once, and uses it
as programs with keys do: through its API and its sockets.
"""

import asyncio
import http.client
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import websockets

from bench.machine import machine, table
from tests.e2e.stack import ROOT, Stack
from tests.fake_endpoint import FakeEndpoint

QUESTIONS: Final = 50
STREAMS: Final = 50
READERS: Final = 6  # one reader may have ten questions open, and ask sixty in a minute
BOUNDARY: Final = "no-book-holds-this-7d3c74d1"
FLAGS: Final = ("is_readable", "is_askable", "is_embedded")


@dataclass
class Door:
    """The API as one reader, on one connection."""

    port: int
    key: str

    def __post_init__(self) -> None:
        self.link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        self._used = 0.0

    def get(self, path: str) -> Any:
        """Return the answer to a GET, from JSON."""
        return json.loads(self.text(path))

    def text(self, path: str) -> str:
        """Return the answer to a GET."""
        if time.monotonic() - self._used > 3:  # the server closes a connection that is silent for five seconds
            self.link.close()
        self.link.request("GET", f"/api/v1/{path}", headers={"Authorization": f"Bearer {self.key}"})
        answer = self.link.getresponse()
        body, self._used = answer.read().decode(), time.monotonic()
        assert answer.status == 200, body[:500]
        return body

    def upload(self, path: Path) -> tuple[int, float]:
        """Upload a book; return its id and the moment when its last byte was sent."""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'
        body = head.encode() + path.read_bytes() + f"\r\n--{BOUNDARY}--\r\n".encode()
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        self.link.close()
        self.link.request("POST", "/api/v1/books", body=body, headers=headers)
        sent = time.monotonic()
        answer = self.link.getresponse()
        told = json.loads(answer.read())
        assert answer.status in {200, 201}, told
        return int(told["id"]), sent


def keys(stack: Stack) -> list[str]:
    """Make the readers, and a key for each."""
    making = "from mindory_web.accounts.models import Reader as R;" + "".join(
        f"R.objects.create_user('reader{n}', 'reader{n}@example.org', None);" for n in range(READERS)
    )
    _manage(stack, "shell", "-c", making)
    return [_manage(stack, "api_key", "bench", "--reader", f"reader{n}").split()[-1] for n in range(READERS)]


def _manage(stack: Stack, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**stack.environment, "MINDORY_LOG_LEVEL": "ERROR"},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def until_embedded(door: Door, book: int, since: float) -> dict[str, float]:
    """Return after how many seconds the book was readable, askable and embedded."""
    took: dict[str, float] = {}
    while len(took) < len(FLAGS):
        told = door.get(f"books/{book}")
        assert told["state"] not in {"failed", "cancelled"}, told
        now = time.monotonic() - since
        took |= {flag: now for flag in FLAGS if told[flag] and flag not in took}
        time.sleep(0.1)
    return took


def some_text(door: Door, book: int) -> str:
    """Return the text of some sections of the book."""
    told = door.get(f"books/{book}/sections")
    sections = told["items"] if isinstance(told, dict) else told
    text = ""
    for section in random.Random(7).sample(sections, min(len(sections), 20)):
        text += door.text(f"books/{book}/sections/{section['number']}/text") + "\n"
    return text


def questions(text: str) -> list[str]:
    """Return questions made of the book's own sentences: half of the words of each, in their order."""
    luck = random.Random(7)
    sentences = [found.strip() for found in re.findall(r"[^.!?。！？\n]{60,200}[.!?。！？]", text)]
    chosen = luck.sample(sentences, QUESTIONS)
    return [" ".join(word for word in sentence.split() if luck.random() < 0.5) or sentence for sentence in chosen]


def searched(door: Door, book: int, asked: Sequence[str]) -> list[float]:
    """Return the milliseconds of each search, through the API."""
    times = []
    for text in asked:
        start = time.perf_counter()
        assert door.get(f"search?q={quote(text)}&book={book}&k=8")
        times.append((time.perf_counter() - start) * 1000)
    return times


async def ask(line: Any, book: int, text: str) -> tuple[float, float]:
    """Ask on an open socket; return the milliseconds to the first frame of the answer and to its first words."""
    nonce = f"{random.random()}"
    start = time.perf_counter()
    await line.send(json.dumps({"type": "ask", "nonce": nonce, "text": text, "book": book}))
    reply, first, words = None, 0.0, 0.0
    async for message in line:
        frame, now = json.loads(message), (time.perf_counter() - start) * 1000
        assert frame["type"] != "refused", frame
        if frame["type"] == "reply.new" and frame["nonce"] == nonce:
            reply = frame["reply"]
        if reply is None or frame.get("reply") != reply or frame["type"] == "reply.new":
            continue
        first = first or now
        if frame["type"] == "reply.words":
            words = words or now
        if frame["type"] in {"reply.end", "reply.whole"} and frame["state"] not in {"queued", "looking", "writing"}:
            assert frame["state"] == "done", frame
            return first, words or now
    raise AssertionError("the socket was closed")


def opened(stack: Stack, key: str) -> Any:
    """Return a socket to open, as the reader with this key."""
    address = f"ws://127.0.0.1:{stack.port}/ws/"
    return websockets.connect(address, additional_headers={"Authorization": f"Bearer {key}"}, max_queue=None)


async def one_by_one(stack: Stack, key: str, book: int, asked: Sequence[str]) -> list[float]:
    """Ask one question after the other; return the milliseconds to the first words of each answer."""
    async with opened(stack, key) as line:
        await ask(line, book, asked[0])
        return [(await ask(line, book, text))[1] for text in asked[1:]]


async def at_once(stack: Stack, shelves: Sequence[tuple[str, int]], asked: Sequence[str]) -> list[tuple[float, float]]:
    """Ask on many sockets at the same moment; return what `ask` returns for each."""

    async def one(number: int, lines: list[Any]) -> tuple[float, float]:
        return await ask(lines[number], shelves[number % len(shelves)][1], asked[number % len(asked)])

    lines = [await opened(stack, shelves[number % len(shelves)][0]) for number in range(STREAMS)]
    try:
        return await asyncio.gather(*[one(number, lines) for number in range(STREAMS)])
    finally:
        await asyncio.gather(*[line.close() for line in lines])


def at(share: float, times: Sequence[float]) -> str:
    """Return a percentile, in milliseconds."""
    ordered = sorted(times)
    return f"{ordered[min(len(ordered) - 1, int(len(ordered) * share))]:.0f} ms"


def measure(stack: Stack, path: Path) -> list[list[str]]:
    """Return the rows of the table."""
    doors = [Door(stack.port, key) for key in keys(stack)]
    book, sent = doors[0].upload(path)
    took = until_embedded(doors[0], book, sent)
    text = some_text(doors[0], book)
    asked = questions(text)
    short = stack.directory / "part.txt"
    short.write_text(text, encoding="utf-8")
    searches = searched(doors[0], book, asked)
    words = asyncio.run(one_by_one(stack, doors[0].key, book, asked[:31]))
    shelves = [(doors[0].key, book)]
    for door in doors[1:]:  # the others talk with a short book: it is there at once
        part, since = door.upload(short)
        until_embedded(door, part, since)
        shelves.append((door.key, part))
    many = asyncio.run(at_once(stack, shelves, asked))
    return [
        *[[f"last byte to {flag.removeprefix('is_')}", f"{took[flag]:.1f} s"] for flag in FLAGS],
        ["search in the book, p50", at(0.5, searches)],
        ["search in the book, p95", at(0.95, searches)],
        ["question to first words, p50", at(0.5, words)],
        ["question to first words, p95", at(0.95, words)],
        [f"{STREAMS} questions at once: first frame, p99", at(0.99, [first for first, _words in many])],
        [f"{STREAMS} questions at once: first words, p99", at(0.99, [words for _first, words in many])],
    ]


def main(file: str) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="mindory-bench-") as scratch, FakeEndpoint() as endpoint:
        endpoint.say(*["word "] * 50)
        model = {"MINDORY_LLM_BASE_URL": endpoint.base_url, "MINDORY_LLM_MODEL": "fake", "MINDORY_LLM_API_KEY": "x"}
        with Stack(Path(scratch), model) as stack:
            rows = measure(stack, Path(file))
    print(table(["what", "took"], rows))
    print(machine("django", "channels", "uvicorn", "redis", "onnxruntime"))


if __name__ == "__main__":
    main(*sys.argv[1:])
