"""An answer as HTML while it is being written: every batch of words draws the last chunk, and nothing before it."""

from typing import Final

from books.chat.cutting import Cutter
from books.chat.rendering import blocks, drawn
from books.events import Blocks

EASY: Final = 1_200  # characters of a chunk that is drawn with every batch; a longer one
GROWN: Final = 16  # when it has grown by a sixteenth


class Drawing:
    """What a page shows of one answer. `draw` and `finish` return what is to be changed there."""

    def __init__(self) -> None:
        self._cutter = Cutter()
        self._shown: list[str] = []
        self._settled = 0  # blocks that no more words can change
        self._length = 0  # of the last chunk, when it was drawn
        self._text: list[str] = []

    def draw(self, words: str) -> Blocks | None:
        """Take the next words."""
        self._text.append(words)
        done = self._cutter.feed(words)
        tail = self._cutter.tail
        if not done and len(tail.text) > EASY and len(tail.text) - self._length < len(tail.text) / GROWN:
            return None
        settled = [block for chunk in done for block in drawn(chunk)]
        self._length = len(tail.text)
        fresh = [*settled, *drawn(tail, is_open=True)]
        change = self._changed(self._shown[: self._settled] + fresh, at_least=self._settled)
        self._settled += len(settled)
        return change

    def finish(self) -> Blocks | None:
        """Draw the whole answer as it is stored."""
        return self._changed(blocks("".join(self._text)), at_least=0)

    def _changed(self, wanted: list[str], *, at_least: int) -> Blocks | None:
        """Return the blocks from the first one that changed on; None when all are the same."""
        same = at_least
        while same < min(len(wanted), len(self._shown)) and wanted[same] == self._shown[same]:
            same += 1
        if same == len(wanted) == len(self._shown):
            return None
        self._shown = wanted
        return {"from": same, "blocks": wanted[same:]}
