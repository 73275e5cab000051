"""From what a model writes to what is shown: words, and numbered quotes that were found in the book."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from books.chat.markers import Dropped, Mark, MarkReader, OwnNumbers
from books.chat.markers import Piece as Written
from books.chat.quotes import Quote, Source
from mindory_web.lib.excerpts import Excerpt, Place


@dataclass(frozen=True, slots=True)
class Cited:
    """Quote `number` belongs here. `is_new` is false when the same words were quoted before."""

    number: int
    quote: Quote
    excerpt: Excerpt
    raw: str
    is_new: bool


Piece = str | Cited

MOST_TRIED: Final = 200  # quotes whose checking is written down
LONGEST_RAW: Final = 2_000  # characters of each


class CitationFilter:
    """Checks every quote of a streamed answer against the passages it was given (numbered from 1).

    `tried` tells of every quote, also of those left out: {number, passage, raw, how, kept, place}; the number is the
    one shown, `how` is "broken" where no quote could be read at all and "missing" where it is not in the passage.
    `known` are quotes that the answer shows already.
    """

    def __init__(self, passages: Sequence[Excerpt], known: Sequence[Cited] = ()) -> None:
        self.left_out = 0
        self.tried: list[dict[str, Any]] = []
        self._sources = [Source(excerpt) for excerpt in passages]
        self._reader = MarkReader()
        self._words = OwnNumbers()
        self._numbers: dict[object, int] = {cited.quote.place: cited.number for cited in known}

    def feed(self, piece: str) -> list[Piece]:
        """Take the next piece of the model's text and return what may be shown."""
        return self._shown(self._reader.feed(piece))

    def close(self) -> list[Piece]:
        """Take the end of the text."""
        return [*self._shown(self._reader.close()), *filter(None, [self._words.close()])]

    def cite(self, number: int, words: str) -> Cited | None:
        """Return the citation of `words` in passage `number`, or None when they are not there."""
        source = self._sources[number - 1] if 1 <= number <= len(self._sources) else None
        quote = source.find(words) if source else None
        if source is None or quote is None:
            self._note(None, number, words, "missing")
            return None
        is_new = quote.place not in self._numbers
        shown = self._numbers.setdefault(quote.place, max(self._numbers.values(), default=0) + 1)
        self._note(shown, number, words, quote.how, quote.place)
        return Cited(shown, quote, source.excerpt, words, is_new)

    def _shown(self, written: Iterable[Written]) -> list[Piece]:
        out: list[Piece] = []
        for piece in written:
            if isinstance(piece, str):
                out += filter(None, [self._words.feed(piece)])
            elif isinstance(piece, Mark) and (cited := self.cite(piece.number, piece.words)):
                out += filter(None, [self._words.flush()])
                out.append(cited)
            else:
                assert isinstance(piece, Mark | Dropped)
                if isinstance(piece, Dropped):
                    self._note(None, None, "", "broken")
                self.left_out += 1
                self._words.drop()
        return out

    def _note(self, shown: int | None, passage: int | None, raw: str, how: str, place: Place | None = None) -> None:
        if len(self.tried) < MOST_TRIED:
            there = asdict(place) if place else None
            tried = {"number": shown, "passage": passage, "raw": raw[:LONGEST_RAW], "how": how}
            self.tried.append({**tried, "kept": place is not None, "place": there})
