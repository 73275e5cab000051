"""What a model is asked beside the conversation: short things, in the background, that a reader can do without."""

import asyncio
import re
import unicodedata
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any, Final, cast

from mindory_web.engines.llm import LLMClient
from mindory_web.engines.types import ChatMessage

LONGEST: Final = 2_000  # characters that are read of an answer; the rest of it is not waited for
SECONDS: Final = 60.0

_THOUGHTS: Final = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_MARKS: Final = re.compile(r"^[\s>#*•·\-–—_`]*(?:\(?\d{1,2}[.):、）]\s*)?|[*_`]+")
_QUOTED: Final = re.compile(r"^[\"'“”‘’«»「『]+|[\"'“”‘’«»」』]+$")
_PAIRS: Final = {"“": "”", "「": "」", "『": "』", "«": "»", "《": "》", "‘": "’", "(": ")", "（": "）"}
_UNSAFE: Final = re.compile(r"[<>{}\[\]|\\]|https?:|www\.", re.IGNORECASE)


async def answer(client: LLMClient, told: Sequence[ChatMessage], *, max_tokens: int) -> str:
    """Return what the model says, bounded in length and time. Raises EngineError or TimeoutError."""
    said = ""
    async with asyncio.timeout(SECONDS):
        stream = cast(Any, client.stream(told, max_tokens=max_tokens))
        async with aclosing(stream) as pieces:
            async for piece in pieces:
                said += piece
                if len(said) > LONGEST:
                    break
    return said[:LONGEST]


def lines(said: str, *, longest: int) -> list[str]:
    """Return the lines of an answer that are plain words: no markup, no address, nothing unseen, none too long.

    What a model says may be what a book told it to say, so a line that is more than words is left out.
    """
    found = [plain(line) for line in _THOUGHTS.sub("", said).splitlines()]
    return [line for line in found if line and len(line) <= longest and not _UNSAFE.search(line)]


def plain(line: str) -> str:
    """Return a line without marks of Markdown, quotes around it, and characters that are not seen or turn the text."""
    seen = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in line)
    bare = " ".join(_MARKS.sub("", seen).split())
    opening, closing = bare[:1], bare[-1:]
    if len(bare) > 2 and (_PAIRS.get(opening) == closing or (opening == closing and opening in "\"'")):
        bare = bare[1:-1].strip()
    return bare
