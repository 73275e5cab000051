"""A question, as a reply worker gets it: frozen values, so that nothing is read from the database meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from books.chat.citations import Cited
from mindory_web.lib.excerpts import Excerpt


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the conversation and its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class About:
    """The words of a book that a question is about. `kind` is what is wanted: ask, explain or translate.

    `around` is what stands around them, as far as the reader may know it.
    """

    kind: str
    quote: str
    around: Excerpt | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """What reply `reply_id` held when it was cut short; `[1]` in the text stands where quote 1 belongs."""

    reply_id: int
    text: str
    quotes: tuple[Cited, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to answer. `language` is that of the page.

    `books` are those that are asked, None for the whole library, `titles` the names of a few of them; those in
    `not_ready` (titles) should be asked too and cannot be yet. With the reading limit on (`is_limited`), `until` says
    where it is in each of the books: (section, code points).
    """

    reply_id: int
    reader_id: int
    question: str
    language: str = ""
    conversation_id: int = 0
    books: tuple[int, ...] | None = None
    titles: tuple[str, ...] = ()
    not_ready: tuple[str, ...] = ()
    is_limited: bool = False
    until: Mapping[int, tuple[int, int]] = field(default_factory=lambda: MappingProxyType({}))
    about: About | None = None
    begun: Begun | None = None
    history: tuple[Turn, ...] = ()
    request_id: str = ""
