"""A real HTTP server that speaks the OpenAI protocol and says, and fails, as it is told.

with FakeEndpoint() as endpoint:
    endpoint.say("The ", "whale ", "is white.", pace=0.01)
    settings.LLM_BASE_URL, settings.LLM_MODEL = endpoint.base_url, "fake"

`endpoint.answers(Answer(status=429), Answer(("yes",)))` gives one answer a request, the last for ever; instead of an
answer it takes a function that makes one from the request.
`endpoint.requests` holds what was asked; `endpoint.left` counts clients that went away in mid-answer.
What Mindory asks a model beside the conversation (a name for it, questions to begin with) is answered by `aside` and
kept in `asides`: it comes when it comes, and no answer of a script is spent on it. By default it is refused.
`python -m tests.fake_endpoint PORT [SECONDS-BETWEEN-WORDS]` runs it alone, for benchmarks.
"""

import asyncio
import json
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

ASIDES = ("You name a conversation", "You think of questions", "你来给一段读者与书的对话起名", "请设想一位好奇的读者")
LONGEST_HOLD = 120.0  # seconds
type_of = {True: "text/event-stream", False: "application/json"}


@dataclass(frozen=True)
class Answer:
    """One scripted answer. `pace` is the pause before each piece, `wait` before the headers, in seconds.

    `ending`: "done" as it should; "cut" closes the connection in mid-stream; "hang" says nothing more and stays;
    "open" is done but keeps the connection; "endless" says the pieces again and again.
    `thoughts` are streamed first, as models that reason do. `raw` is sent instead of the events.
    `held`: the last piece is not said before this is set.
    """

    pieces: Sequence[str] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pace: float = 0.0
    wait: float = 0.0
    ending: Literal["done", "cut", "hang", "open", "endless"] = "done"
    thoughts: Sequence[str] = ()
    raw: bytes | None = None
    finish: str = "stop"
    error: str = "told to fail"
    held: threading.Event | None = None


@dataclass(frozen=True)
class Request:
    """What a client asked. Header names are in small letters."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


Told = Answer | Callable[[Request], Answer]


class FakeEndpoint:
    """The server, in a thread with an event loop of its own. Any number of clients at once."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.requests: list[Request] = []
        self.asides: list[Request] = []
        self.aside = Answer(status=400)
        self.left = 0
        self._news = threading.Condition()
        self._answers: list[Told] = [Answer(("Hello.",))]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def base_url(self) -> str:
        """What MINDORY_LLM_BASE_URL is set to."""
        return f"http://127.0.0.1:{self.port}/v1"

    def say(self, *pieces: str, pace: float = 0.0) -> None:
        """Answer every request with these pieces from now on."""
        self.answers(Answer(pieces, pace=pace))

    def answers(self, *answers: Told) -> None:
        """Give one of these answers a request, in order, and the last one for ever."""
        self._answers = list(answers)

    async def seen(self, *, requests: int = 0, left: int = 0) -> None:
        """Return when that many requests came in and clients went away; fail after ten seconds."""

        def wait() -> bool:
            with self._news:
                return self._news.wait_for(lambda: len(self.requests) >= requests and self.left >= left, timeout=10)

        assert await asyncio.to_thread(wait), f"{len(self.requests)} requests came, {self.left} clients went away"

    def __enter__(self) -> Self:
        self._thread.start()
        started = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=2**22, backlog=1024), self._loop
        )
        self._server = started.result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        mine = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _read(reader):
                with self._news:
                    (self.asides if _is_aside(request) else self.requests).append(request)
                    self._news.notify_all()
                if not await self._reply(request, reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # a client that goes away is counted where an answer is written
        finally:
            writer.close()

    async def _reply(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; say whether the connection may be used again."""
        told: Told = self.aside
        if not _is_aside(request):
            told = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        answer = told if isinstance(told, Answer) else told(request)
        await asyncio.sleep(answer.wait)
        if answer.status >= 400:
            body = {"error": {"message": answer.error, "type": "told"}}
            return await _whole(writer, body, status=answer.status, headers=answer.headers)
        match request.path:
            case "/v1/models":
                return await _whole(writer, {"object": "list", "data": [{"id": "fake", "object": "model"}]})
            case "/v1/embeddings":
                return await _whole(writer, embeddings(request.body["input"]))
            case "/v1/chat/completions" if not request.body.get("stream"):
                text = "".join(answer.pieces)
                message = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
                return await _whole(writer, {"id": "1", "object": "chat.completion", "choices": [message]})
            case "/v1/chat/completions":
                return await self._stream(answer, reader, writer)
            case _:
                return await _whole(writer, {"error": {"message": "no such path"}}, status=404)

    async def _stream(self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Send events; notice at once when the client closes its side."""
        gone = asyncio.ensure_future(reader.read(1))
        sent = asyncio.ensure_future(self._events(answer, writer))
        await asyncio.wait([gone, sent], return_when=asyncio.FIRST_COMPLETED)
        has_left = not sent.done()
        sent.cancel()
        gone.cancel()
        result = (await asyncio.gather(sent, gone, return_exceptions=True))[0]
        if has_left or isinstance(result, ConnectionError):
            with self._news:
                self.left += 1
                self._news.notify_all()
        return False  # the read above may have taken a byte: this connection is not used again

    async def _events(self, answer: Answer, writer: asyncio.StreamWriter) -> None:
        writer.write(_head(200, {"content-type": type_of[True], "transfer-encoding": "chunked", "connection": "close"}))
        if answer.raw is not None:
            await _chunk(writer, answer.raw)
        else:
            await self._say(answer, writer)
        if answer.ending == "hang":
            await asyncio.Event().wait()
        if answer.ending == "cut":
            writer.transport.abort()
            return
        if answer.raw is None:
            await _event(writer, {}, finish=answer.finish)
            await _chunk(writer, b"data: [DONE]\n\n")
        if answer.ending == "open":
            await asyncio.Event().wait()
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    async def _say(self, answer: Answer, writer: asyncio.StreamWriter) -> None:
        for thought in answer.thoughts:
            await _event(writer, {"reasoning_content": thought, "content": None})
        while True:
            for left, piece in zip(range(len(answer.pieces) - 1, -1, -1), answer.pieces, strict=True):
                await asyncio.sleep(answer.pace)
                if answer.held and not left:
                    await asyncio.to_thread(answer.held.wait, LONGEST_HOLD)
                await _event(writer, {"role": "assistant", "content": piece})
            if answer.ending != "endless":
                return


def embeddings(texts: Sequence[str] | str) -> dict[str, Any]:
    """Return (words, characters, 1) of each text as its vector."""
    given = [texts] if isinstance(texts, str) else texts
    data = [
        {"object": "embedding", "index": at, "embedding": [len(text.split()), len(text), 1.0]}
        for at, text in enumerate(given)
    ]
    return {"object": "list", "model": "fake", "data": data, "usage": {"prompt_tokens": 1, "total_tokens": 1}}


def _is_aside(request: Request) -> bool:
    """Say whether a request is one of books/chat/prompts/*/{title,questions}.md."""
    told = [each.get("content") for each in request.body.get("messages", []) if each.get("role") == "system"]
    return any(str(text).startswith(ASIDES) for text in told)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(first.split(" ")[1], headers, json.loads(body) if body else {})


async def _whole(
    writer: asyncio.StreamWriter, body: dict[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> bool:
    written = json.dumps(body).encode()
    length = {"content-type": type_of[False], "content-length": str(len(written))}
    writer.write(_head(status, {**length, **(headers or {})}) + written)
    await writer.drain()
    return True


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Told\r\n{lines}\r\n".encode()


async def _event(writer: asyncio.StreamWriter, delta: dict[str, Any], *, finish: str | None = None) -> None:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    event = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "fake", "choices": [choice]}
    await _chunk(writer, b"data: " + json.dumps(event).encode() + b"\n\n")


async def _chunk(writer: asyncio.StreamWriter, some: bytes) -> None:
    writer.write(f"{len(some):x}\r\n".encode() + some + b"\r\n")
    await writer.drain()


if __name__ == "__main__":
    with FakeEndpoint(int(sys.argv[1])) as alone:
        alone.say(*["word "] * 200, pace=float(sys.argv[2]) if len(sys.argv) > 2 else 0.0)
        print(alone.base_url, flush=True)
        threading.Event().wait()
