"""From what a model writes to what is shown: words, and numbered quotes that were found in the book."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from books.chat.markers import Dropped, Mark, MarkReader, OwnNumbers
from books.chat.markers import Piece as Written
from books.chat.quotes import Quote, Source
from mindory_web.lib.excerpts import Excerpt


@dataclass(frozen=True, slots=True)
class Cited:
    """Quote `number` belongs here. `is_new` is false when the same words were quoted before."""

    number: int
    quote: Quote
    excerpt: Excerpt
    raw: str
    is_new: bool


Piece = str | Cited


class CitationFilter:
    """Checks every quote of a streamed answer against the passages it was given (numbered from 1)."""

    def __init__(self, passages: Sequence[Excerpt]) -> None:
        self.left_out = 0
        self._sources = [Source(excerpt) for excerpt in passages]
        self._reader = MarkReader()
        self._words = OwnNumbers()
        self._numbers: dict[object, int] = {}

    def feed(self, piece: str) -> list[Piece]:
        """Take the next piece of the model's text and return what may be shown."""
        return self._shown(self._reader.feed(piece))

    def close(self) -> list[Piece]:
        """Take the end of the text."""
        return [*self._shown(self._reader.close()), *filter(None, [self._words.close()])]

    def cite(self, number: int, words: str) -> Cited | None:
        """Return the citation of `words` in passage `number`, or None when they are not there."""
        if not 1 <= number <= len(self._sources):
            return None
        source = self._sources[number - 1]
        quote = source.find(words)
        if quote is None:
            return None
        is_new = quote.place not in self._numbers
        shown = self._numbers.setdefault(quote.place, len(self._numbers) + 1)
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
                self.left_out += 1
                self._words.drop()
        return out
