"""What a model is told: the prompt files with their holes filled."""

import re
import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from django.utils.translation import get_language_info

from books.chat.asked import About, Asked, Begun, Turn
from mindory_web.engines.types import ChatMessage
from mindory_web.lib.excerpts import Excerpt
from mindory_web.lib.folding import TIGHT
from mindory_web.lib.languages import language_of

PROMPTS: Final = Path(__file__).with_name("prompts")
HOLE: Final = re.compile(r"\{\{(\w+)\}\}")
MOST_HISTORY: Final = 6_000  # characters of earlier turns
MOST_OF_A_TURN: Final = 2_000
SHORT_QUESTION: Final = 40  # characters; a shorter one is searched for together with the one before
NUMBERS: Final = re.compile(r" ?\[\d+\]")
NUMBER: Final = re.compile(r"\[(\d{1,3})\]")
LONGEST_WORD: Final = 40
WHOLE_LIBRARY: Final = {"en": "the books of their library", "zh": "自己书库里的书"}
BOOK: Final = {"en": "the book “{}”", "zh": "《{}》这本书"}
BOOKS: Final = {"en": "the books {}", "zh": "{}这几本书"}
MANY: Final = {"en": "{} books of their library", "zh": "自己书库里的 {} 本书"}
TITLE: Final = {"en": "“{}”", "zh": "《{}》"}
NAMED: Final = 5  # books that are named; more are counted
SOUGHT: Final = 600  # characters of the words asked about that are searched for
NOTES: Final = {"en": "Notes about the reader:", "zh": "关于读者的附注："}


def prompt_language(asked: Asked) -> str:
    """Return the language of the prompt: Chinese for a Chinese question, else English."""
    return "zh" if language_of(asked.question) == "zh" else "en"


def sought(asked: Asked) -> str:
    """Return what is searched for: a short question ("And then?") goes together with the one before.

    Words that are to be explained are searched for themselves; other questions about words go together with them.
    """
    if asked.about:
        words = asked.about.quote[:SOUGHT]
        return words if asked.about.kind == "explain" else f"{asked.question}\n{words}"
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
            "about": _about(asked.about, language, fence),
            "question": asked.question,
        },
    )
    return [
        {"role": "system", "content": fill("answer", language, {"what": _what(asked, language)})},
        *_history(asked.history),
        {"role": "user", "content": question},
        *_begun(asked.begun, passages, language),
    ]


def translation(asked: Asked, about: About) -> list[ChatMessage]:
    """Return the messages that have words of a book translated into the language of the page."""
    language = prompt_language(asked)
    fence = f"=== {secrets.token_hex(4)} ==="
    into = get_language_info(asked.language or "en")["name"]
    told = fill("translate", language, {"language": into, "fence": fence})
    words = f"{fence}\n{about.quote}\n{fence}\n\n{asked.question}"
    return [{"role": "system", "content": told}, {"role": "user", "content": words}]


def kept_words(begun: Begun) -> str:
    """Return the text of an answer that was cut short, up to the end of its last whole word."""
    text = begun.text.rstrip()
    if text != begun.text or not text or TIGHT.search(text[-1]) or not text[-1].isalnum():
        return begun.text
    start = max(text.rfind(" "), text.rfind("\n")) + 1
    return text[:start] if 0 < len(text) - start < LONGEST_WORD else begun.text


def _what(asked: Asked, language: str) -> str:
    titles = [_one_line(title) for title in asked.titles]
    if not titles:
        return WHOLE_LIBRARY[language]
    if len(titles) > NAMED:
        return MANY[language].format(len(titles))
    if len(titles) == 1:
        return BOOK[language].format(titles[0])
    between = "" if language == "zh" else ", "
    return BOOKS[language].format(between.join(TITLE[language].format(title) for title in titles))


def _about(about: About | None, language: str, fence: str) -> str:
    if about is None:
        return ""
    told = fill("about", language, {"fence": fence, "quote": about.quote})
    return told + ("\n" + fill("explain", language, {}) if about.kind == "explain" else "") + "\n"


def _begun(begun: Begun | None, passages: Sequence[Excerpt], language: str) -> list[ChatMessage]:
    """Return the beginning of an answer as the model wrote it, and that it should go on."""
    if begun is None:
        return []
    quotes = {cited.number: cited for cited in begun.quotes}

    def mark(found: re.Match[str]) -> str:
        """Return a quote as the model writes it, where its passage is there."""
        cited = quotes.get(int(found[1]))
        for number, excerpt in enumerate(passages, 1):
            if cited and cited.quote.text in excerpt.text:
                return f"[[{number}|{cited.quote.text}]]"
        return ""

    written = NUMBER.sub(mark, kept_words(begun))
    return [{"role": "assistant", "content": written}, {"role": "user", "content": fill("go_on", language, {})}]


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
    for turn in reversed(turns):
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
