"""The operations of `/api/v1/memory/`: thin doors to the verbs of `MemoryManager` and to the search."""

from ninja import Router

from memory.api.exchange import router as exchange
from memory.api.memories import router as memories
from memory.api.searching import router as searching
from memory.api.sessions import router as sessions
from memory.api.state import router as state

router = Router()  # its parts say where they stand in the handbook: once
for part in (searching, exchange, state, sessions, memories):  # `/{memory}` last: it fits every single word
    router.add_router("", part)
