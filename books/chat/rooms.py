"""The rooms of conversations that one socket is in. Who may enter is asked before, and again every few seconds."""

from typing import Any, Final

from books import publishing

MOST_ROOMS: Final = 20  # of one page; it leaves the one it entered first


class Rooms:
    """Enters and leaves. A room stands for a group of the channel layer."""

    def __init__(self, layer: Any, channel: str) -> None:
        self._layer = layer
        self._channel = channel
        self._here: dict[int, None] = {}  # the one entered last is the last

    def here(self) -> set[int]:
        """Return the conversations whose rooms this page is in."""
        return set(self._here)

    async def enter(self, conversation: int) -> list[int]:
        """Enter a room; return those that should be left for it."""
        is_new = conversation not in self._here
        self._here.pop(conversation, None)
        self._here[conversation] = None
        if is_new:
            await self._layer.group_add(publishing.talk_room(conversation), self._channel)
        return list(self._here)[:-MOST_ROOMS]

    async def leave(self, conversation: int) -> None:
        """Leave a room, if the page is in it."""
        if conversation in self._here:
            del self._here[conversation]
            await self._layer.group_discard(publishing.talk_room(conversation), self._channel)

    async def leave_all(self) -> None:
        """Leave every room."""
        for conversation in list(self._here):
            await self.leave(conversation)
