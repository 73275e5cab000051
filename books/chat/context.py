"""What a model is told: the prompt files with their holes filled."""

import re
import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from books.chat.asked import Asked, Turn
from books.retrieval.languages import language_of
from mindory_web.engines.types import ChatMessage
from mindory_web.lib.excerpts import Excerpt

PROMPTS: Final = Path(__file__).with_name("prompts")
HOLE: Final = re.compile(r"\{\{(\w+)\}\}")
MOST_TURNS: Final = 6
MOST_HISTORY: Final = 6_000  # characters of earlier turns
MOST_OF_A_TURN: Final = 2_000
SHORT_QUESTION: Final = 40  # characters; a shorter one is searched for together with the one before
NUMBERS: Final = re.compile(r" ?\[\d+\]")
WHOLE_LIBRARY: Final = {"en": "the books of their library", "zh": "自己书库里的书"}
BOOK: Final = {"en": "the book “{}”", "zh": "《{}》这本书"}
NOTES: Final = {"en": "Notes about the reader:", "zh": "关于读者的附注："}


def prompt_language(asked: Asked) -> str:
    """Return the language of the prompt: Chinese for a Chinese question, else English."""
    return "zh" if language_of(asked.question) == "zh" else "en"


def sought(asked: Asked) -> str:
    """Return what is searched for: a short question ("And then?") goes together with the one before."""
    if asked.history and len(asked.question) * (2 if language_of(asked.question) else 1) < SHORT_QUESTION:
        return f"{asked.question}\n{asked.history[-1].question}"
    return asked.question


def in_book_order(excerpts: Sequence[Excerpt]) -> list[Excerpt]:
    """Return the excerpts that stand in books in the order of the text, the best book first."""
    books: dict[int, int] = {}
    for excerpt in excerpts:
        if excerpt.place:
            books.setdefault(excerpt.place.book, len(books))
    placed = [(excerpt.place, excerpt) for excerpt in excerpts if excerpt.place]
    placed.sort(key=lambda pair: (books[pair[0].book], pair[0].section, pair[0].start))
    return [excerpt for _place, excerpt in placed]


def messages(asked: Asked, passages: Sequence[Excerpt], notes: Sequence[Excerpt] = ()) -> list[ChatMessage]:
    """Return the messages for a model. `passages` are numbered from 1 in the order given."""
    language = prompt_language(asked)
    fence = f"=== {secrets.token_hex(4)} ==="  # no book can hold it, so no book can end the quotation
    what = BOOK[language].format(_one_line(asked.book_title)) if asked.book else WHOLE_LIBRARY[language]
    noted = [NOTES[language], fence, *(note.text for note in notes), fence, ""] if notes else []
    question = fill(
        "question",
        language,
        {
            "fence": fence,
            "passages": "\n\n".join(
                f"#{number} {_heading(excerpt)}\n{fence}\n{excerpt.text}\n{fence}"
                for number, excerpt in enumerate(passages, 1)
            ),
            "notes": "\n".join(noted),
            "question": asked.question,
        },
    )
    return [
        {"role": "system", "content": fill("answer", language, {"what": what})},
        *_history(asked.history),
        {"role": "user", "content": question},
    ]


def fill(name: str, language: str, values: Mapping[str, str]) -> str:
    """Return a prompt with its holes filled; what is put in is not looked at again. A hole without a value raises."""
    return HOLE.sub(lambda hole: values[hole[1]], _prompt(name, language)).strip()


@cache
def _prompt(name: str, language: str) -> str:
    return (PROMPTS / language / f"{name}.md").read_text(encoding="utf-8")


def _history(turns: Sequence[Turn]) -> list[ChatMessage]:
    """Return the last turns that fit, oldest first, without the numbers of their citations."""
    told: list[ChatMessage] = []
    left = MOST_HISTORY
    for turn in reversed(turns[-MOST_TURNS:]):
        question, answer = turn.question[:MOST_OF_A_TURN], NUMBERS.sub("", turn.answer)[:MOST_OF_A_TURN]
        left -= len(question) + len(answer)
        if left < 0:
            break
        told = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}, *told]
    return told


def _heading(excerpt: Excerpt) -> str:
    return _one_line(" · ".join(filter(None, [excerpt.title, excerpt.heading])))


def _one_line(text: str) -> str:
    return " ".join(text.split())
