"""A question, as a reply worker gets it: frozen values, so that nothing is read from the database meanwhile."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the conversation and its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to answer. `language` is that of the page; `book_title` is empty for the whole library."""

    reply_id: int
    reader_id: int
    question: str
    language: str = ""
    book: int | None = None
    book_title: str = ""
    history: tuple[Turn, ...] = ()
    request_id: str = ""
