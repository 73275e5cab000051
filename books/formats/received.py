"""What a parser's child has said so far, checked frame by frame."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from books import errors
from books.errors import BookError, DamagedBook, EmptyBook, ParserDied, TooDemanding
from books.formats import checked, frames
from books.formats.limits import Limits
from books.formats.parsed import ParsedBook, ParsedSection, Picture, Told

Keep = Callable[[Picture, bytes], None]  # called with each picture as it comes

_CODES: Final = {
    error.code: error
    for error in (
        errors.UnknownFormat,
        DamagedBook,
        errors.LockedBook,
        errors.NeedsPassword,
        errors.ScannedBook,
        errors.BadEncoding,
        EmptyBook,
        TooDemanding,
        errors.BadPicture,
        BookError,
    )
}
_LONGEST_SENTENCE: Final = 500
_MISTAKES: Final = (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError)
_Then = Callable[[], None]


class Unforeseen(DamagedBook):
    """A parser met something it did not expect: for the reader a damaged book, for us a mistake to mend."""


class Received:
    """One child's answer. What is not of the right form ends in ParserDied, what is too much in TooDemanding."""

    def __init__(
        self,
        limits: Limits,
        *,
        told: Told = lambda done, total: None,
        keep: Keep = lambda picture, data: None,
        result: Callable[[Any], None] = lambda result: None,
    ) -> None:
        self._incoming = frames.Incoming(limits)
        self._limits = limits
        self._told, self._keep, self._result = told, keep, result
        self._head: dict[str, Any] | None = None
        self._late: list[str] = []
        self._lost = 0
        self.picture: int | None = None  # the one that was begun last; then the text is whole
        self._sections: list[ParsedSection] = []
        self._blocks = 0
        self._pages: list[Any] = []
        self._pictures: dict[int, Picture] = {}
        self.stages: dict[str, float] = {}
        self.is_whole = False

    @property
    def has_text(self) -> bool:
        """Say whether a book's text has begun to come: its pictures have time of their own."""
        return self._head is not None

    def take(self, data: bytes) -> None:
        """Take bytes as they come out of the pipe."""
        frames_left = self._incoming.feed(data)
        while not self.is_whole:
            try:
                kind, body = next(frames_left)
                then = _TAKERS[kind](self, body)
            except StopIteration:
                return
            except OverflowError as error:
                raise TooDemanding("This book holds more text than Mindory keeps of one book.") from error
            except _MISTAKES as error:
                raise ParserDied("The parser's answer could not be read.") from error
            if then is not None:  # outside: the mistakes of others are not the child's
                then()

    def break_off(self) -> ParsedBook:
        """Return the book as far as it came, when its child ended over a picture."""
        self._lost += 1
        self._late = [*self._late, "Some pictures of this book could not be read; they are left out."]
        return self.book()

    def book(self) -> ParsedBook:
        """Return the book, once everything has come."""
        assert self._head is not None
        if not self._sections and not self._head["scans"]:
            raise EmptyBook("There is no text in this book.")
        try:
            book = checked.book(self._head, self._sections, self._pages, list(self._pictures.values()))
        except _MISTAKES as error:
            raise ParserDied("The parser's answer could not be read.") from error
        details = {**book.details, "pictures_lost": self._lost} if self._lost else book.details
        return replace(book, details=details, warnings=[*book.warnings, *self._late])

    def _take_progress(self, body: Any) -> _Then:
        done, total = body
        done, total = checked.number(done), checked.number(total)
        return lambda: self._told(min(done, total), total)

    def _take_head(self, body: Any) -> None:
        if self._head is not None:
            raise ValueError("two heads")
        self._head = checked.head(body)

    def _take_section(self, body: Any) -> None:
        found = checked.section(body)
        self._blocks += sum(1 + len(block.marks) for block in found.blocks)
        if len(self._sections) >= checked.MOST_SECTIONS or self._blocks > checked.MOST_BLOCKS:
            raise OverflowError
        self._sections.append(found)

    def _take_page(self, body: Any) -> None:
        if len(self._pages) >= self._limits.pages:
            raise OverflowError
        self._pages.append(body)

    def _take_picture(self, body: Any) -> _Then:
        head, data = body
        found = checked.picture(head, data)
        if found.number in self._pictures or len(self._pictures) >= self._limits.members:
            raise ValueError("a picture that is there already, or very many")
        self._pictures[found.number] = found
        return lambda: self._keep(found, data)

    def _take_begun(self, body: Any) -> None:
        if self._head is None:
            raise ValueError("a picture before the text")
        self.picture = checked.number(body)

    def _take_late(self, body: Any) -> None:
        self._late = checked.warnings(body["warnings"])
        self._lost = checked.number(body["pictures_lost"])

    def _take_result(self, body: Any) -> _Then:
        found = checked.plain(body, most=frames.MOST_PARTS)
        return lambda: self._result(found)

    def _take_stages(self, body: Any) -> None:
        self.stages = {checked.string(name, most=20): float(value) for name, value in body.items()}

    def _take_error(self, body: Any) -> None:
        sentence = checked.string(body["message"], most=_LONGEST_SENTENCE)
        if body["is_expected"] is False:
            raise Unforeseen(sentence)
        raise _CODES.get(body["code"], BookError)(sentence)

    def _take_end(self, body: Any) -> None:
        self.is_whole = True


_TAKERS: Final[dict[bytes, Callable[[Received, Any], "_Then | None"]]] = {
    frames.PROGRESS: Received._take_progress,
    frames.HEAD: Received._take_head,
    frames.SECTION: Received._take_section,
    frames.PAGE: Received._take_page,
    frames.PICTURE: Received._take_picture,
    frames.BEGUN: Received._take_begun,
    frames.LATE: Received._take_late,
    frames.RESULT: Received._take_result,
    frames.STAGES: Received._take_stages,
    frames.ERROR: Received._take_error,
    frames.END: Received._take_end,
}
