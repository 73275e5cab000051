"""What ada's Mindory remembers on pictures and under axe-core: things of every kind, some with a past."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from playwright.sync_api import BrowserContext

from tests.e2e.readers import token
from tests.e2e.stack import Stack

SAID: Final = "we do this one for the Thursday club, every other week"


def remember(context: BrowserContext, stack: Stack, book: int) -> None:
    """Bring in a memory that has grown over some months."""
    lines = _lines(book)
    answer = context.request.post(
        f"{stack.url}/api/v1/memory/import",
        data="\n".join(json.dumps(line) for line in lines).encode(),
        headers={**token(context, stack), "Content-Type": "application/jsonl"},
    )
    assert answer.ok, answer.text()
    assert answer.json()["refused_count"] == 0, answer.text()
    for before, after in (("Explain words you ask about.", "Explain sailing terms, skip the biology."),):
        _change(context, stack, before, after)


def _change(context: BrowserContext, stack: Stack, before: str, after: str) -> None:
    found = context.request.get(f"{stack.url}/api/v1/memory?type=procedural").json()["items"]
    number = next(item["id"] for item in found if item["text"] == before)
    for text in ("Explain every technical term.", after):
        answer = context.request.patch(
            f"{stack.url}/api/v1/memory/{number}", data={"text": text}, headers=token(context, stack)
        )
        assert answer.ok, answer.text()


def _lines(book: int) -> list[dict[str, Any]]:
    talk = {"line": "session", "key": "conversation:1", "title": "Who kept the light?", "books": [book]}
    place: dict[str, Any] = {
        "type": "semantic", "source_kind": "book", "source_label": "The Lamp at Saltmere, The Long Night", "book": book,
        "section": 1, "start": 0, "end": 40, "quote": "nine sails coming home",
    }  # fmt: skip
    told = {"type": "personal", "source_kind": "message", "session": "conversation:1"}
    likes = {"type": "procedural", "source_kind": "message", "session": "conversation:1"}
    things: list[tuple[int, str, dict[str, Any]]] = [
        (200, "The reader studied marine biology.", {**told, "quote": "I count plankton for a living"}),
        (150, "The reader reads modern Chinese easily and classical Chinese slowly.", {**told, "quote": ""}),
        (120, "The short answer first, then the quotes.", {**likes, "is_pinned": True}),
        (90, "Explain words you ask about.", {**likes, "quote": "what is a copepod"}),
        (60, "Answer in the language of the question, keep quotes in the language of the book.", likes),
        (45, "The reader is reading The Lamp at Saltmere for the Thursday club.", {**told, "quote": SAID}),
        (40, "You began “The Lamp at Saltmere”.", {
            "type": "episodic", "book": book, "source_kind": "event", "source_label": "The Lamp at Saltmere",
        }),
        (20, "Marta Venn keeps the lamp alone and asks for nothing.", place),
        (9, "The reader wants to compare Marta Venn with Dorothea in Middlemarch.", {**told, "type": "factual"}),
        (2, "The reader prefers hardbacks.", {"type": "personal", "agent": "reading list"}),
    ]  # fmt: skip
    now = datetime.now(UTC)
    return [talk, *(_line(text, now - timedelta(days=days), more) for days, text, more in things)]


def _line(text: str, then: datetime, more: dict[str, Any]) -> dict[str, Any]:
    at = then.isoformat()
    times = {"recorded_at": at, "observed_at": at, "changed_at": at}
    return {"line": "memory", "text": text, "language": "en", **times, **more}
