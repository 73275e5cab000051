"""Write characters with their marks, opening and closing only what changes from one run to the next."""

from typing import Final

from books.formats.writer import Writer

Marks = tuple[tuple[str, str], ...]  # (kind, target), from the outside to the inside
ORDER: Final = ("code", "strong", "em", "under", "strike", "small-caps", "sup", "sub")


class Pen:
    """A pen over a writer: Word cuts a line into many runs, and neighbours that look alike become one mark."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self._open: Marks = ()

    def write(self, text: str, marks: Marks) -> None:
        """Write characters."""
        self.wear(marks)
        self.writer.write(text)

    def wear(self, marks: Marks) -> None:
        """Make these the open marks."""
        if marks == self._open:
            return
        kept = 0
        while kept < min(len(marks), len(self._open)) and marks[kept] == self._open[kept]:
            kept += 1
        for _ in self._open[kept:]:
            self.writer.close_mark()
        for kind, target in marks[kept:]:
            self.writer.open_mark(kind, target)
        self._open = marks

    def lift(self) -> None:
        """Close every mark: what follows is another thing, even if it looks the same."""
        self.wear(())
