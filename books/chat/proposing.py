"""Questions to begin with that a model thought of: in the background, from a stretch of the book around the place.

They are kept by what the stretch says, so readers of one text share them, and a book that is read anew keeps those of
the pages that stayed. Until they are there, and without a model, `suggestions` does with headings and names.
"""

import asyncio
import hashlib
import json
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Final

import structlog
from django.core.cache import cache
from django.db.models.functions import Length, Substr
from django.utils.translation import get_language, get_language_info

from books import queue
from books.chat import aside
from books.chat.context import fill
from books.models import Book, Section
from mindory_web.accounts.models import Reader
from mindory_web.engines.errors import EngineError
from mindory_web.engines.llm import llm_client
from mindory_web.engines.types import ChatMessage
from mindory_web.lib.errors import TooMany
from mindory_web.lib.limits import spend

log = structlog.get_logger(__name__)

MOST: Final = 4
LONGEST: Final = 120  # characters of a question
SHORTEST: Final = 6
READ: Final = 6_000  # characters of the book that the model is shown
STEP: Final = 2_000  # characters one reads on until other questions are thought of
HEADINGS: Final = 30
MOST_TOKENS: Final = 800  # some models think first
KEPT_SECONDS: Final = 30 * 24 * 3600
FAILED_SECONDS: Final = 3600
WAITED_SECONDS: Final = 600  # until a message that was lost is sent again
AN_HOUR: Final = 30  # stretches of one reader
MADE_BY: Final = "1"  # another number, and all are thought of anew


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters [start, end) of a section; questions are to be in `language`. Nothing after it is told, if limited."""

    book: int
    section: int
    start: int
    end: int
    language: str
    is_limited: bool


@dataclass(frozen=True, slots=True)
class Read:
    """What the model is shown of a stretch."""

    title: str
    headings: str
    text: str
    language: str

    def key(self, model: str) -> str:
        """Return under which name its questions are kept."""
        whole = json.dumps([MADE_BY, model, *asdict(self).values()])
        return f"questions:{hashlib.sha256(whole.encode()).hexdigest()}"


def ready(reader: Reader, stretch: Stretch | None) -> list[str]:
    """Return the questions about a stretch when they are there; else have them thought of, and return none."""
    client = llm_client()
    if client is None or stretch is None or (read := _read(stretch)) is None:
        return []
    key = read.key(client.model)
    known: list[str] | None = cache.get(key)
    if known is None and cache.add(f"{key}:asked", 1, WAITED_SECONDS):
        with suppress(TooMany):
            spend(f"questions:{reader.pk}", limit=AN_HOUR, seconds=3600)
            queue.think_of_questions(**asdict(stretch))
    return known or []


def think(stretch: Stretch) -> list[str]:
    """Let the model think of questions about a stretch, and keep them. One that failed is not tried for an hour."""
    client, read = llm_client(), _read(stretch)
    if client is None or read is None:
        return []
    key = read.key(client.model)
    if (known := cache.get(key)) is not None:  # a message may come twice
        return list(known)
    try:
        said = asyncio.run(aside.answer(client, messages(read), max_tokens=MOST_TOKENS))
    except (EngineError, TimeoutError) as error:
        log.info("no_questions", book=stretch.book, error=getattr(error, "code", "too_slow"))
        cache.set(key, [], FAILED_SECONDS)
        return []
    found = questions(said)
    cache.set(key, found, KEPT_SECONDS if found else FAILED_SECONDS)
    return found


def around(book: Book, at: tuple[int, int], *, is_limited: bool) -> Stretch | None:
    """Return the stretch to ask about for a reader at this place; under the limit it ends there or a little before."""
    section, offset = at
    here = offset // STEP * STEP  # the same for a while, as one reads on
    language = get_language() or "en"
    if not is_limited:
        return Stretch(book.pk, section, max(0, here - READ // 2), here + READ // 2, language, is_limited)
    if here:
        return Stretch(book.pk, section, max(0, here - READ), here, language, is_limited)
    if not section:
        return None  # nothing is read yet
    before = Section.objects.filter(book=book, number=section - 1)
    length = before.values_list(Length("text"), flat=True).first() or 0
    return Stretch(book.pk, section - 1, max(0, length - READ), length, language, is_limited)


def messages(read: Read) -> list[ChatMessage]:
    """Return what the model is told."""
    language = "zh" if read.language.startswith("zh") else "en"
    fence = f"=== {secrets.token_hex(4)} ==="
    shown = {"title": read.title, "headings": read.headings, "text": read.text, "fence": fence}
    into = get_language_info(read.language)["name"]
    return [
        {"role": "system", "content": fill("questions", language, {"fence": fence, "language": into})},
        {"role": "user", "content": fill("questions_of", language, shown)},
    ]


def questions(said: str) -> list[str]:
    """Return the questions in an answer: plain lines that end with a question mark, no one twice."""
    found = dict.fromkeys(aside.lines(said, longest=LONGEST))
    return [line for line in found if line.endswith(("?", "？", "؟")) and len(line) >= SHORTEST][:MOST]


def _read(stretch: Stretch) -> Read | None:
    book = Book.objects.filter(pk=stretch.book).only("title", "contents").first()
    if book is None:
        return None
    rows: Any = Section.objects.filter(book=book, number=stretch.section)
    cut = Substr("text", stretch.start + 1, max(0, stretch.end - stretch.start))
    text = rows.values_list(cut, flat=True).first()
    return Read(_line(book.title), _headings(book, stretch), text, stretch.language) if text else None


def _headings(book: Book, stretch: Stretch) -> str:
    """Return the last headings up to the end of the stretch; without a limit those around it."""
    listed = sorted(book.contents, key=lambda entry: (entry["section"], entry["start"]))
    before = [entry for entry in listed if (entry["section"], entry["start"]) < (stretch.section, stretch.end)]
    shown = before[-HEADINGS:] if stretch.is_limited else listed[max(0, len(before) - HEADINGS // 2) :][:HEADINGS]
    return "\n".join(_line(str(entry["title"])) for entry in shown)


def _line(text: str) -> str:
    return " ".join(text.split())[:200]
