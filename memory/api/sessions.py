"""Sessions: timelines of what was said, from which memories are learned."""

import asyncio
import time
from typing import Annotated, Any, Final

from django.http import HttpRequest
from ninja import Body, Path, Query, Router, Status
from pydantic import Field

from memory.api import schemas
from memory.api.asking import manager_of, one_page, only_known, writing
from memory.models import Session
from memory.shown import LayersShown, session_layers_as_dict
from memory.types import LONGEST_NAME
from memory.wire import (
    ReceiptOut,
    SessionOut,
    as_dict,
    is_going_on,
    learning_of,
    receipt_as_dict,
    session_as_dict,
    turn_of,
)
from mindory_web.lib.api import Pages, Text, failures
from mindory_web.lib.threads import in_thread

router = Router(tags=["memory sessions"])

LONGEST_WAIT: Final = 30.0
LOOK_EVERY: Final = 0.25  # seconds between two looks at a job
KeyPath = Annotated[Text, Path(), Field(min_length=1, max_length=LONGEST_NAME)]


@router.get("/sessions", response={200: schemas.SessionPage, **failures()})
def list_sessions(request: HttpRequest, page: Query[Pages.Input]) -> dict[str, Any]:
    """List the sessions, the latest first."""
    only_known(request, Pages.Input)
    return one_page(manager_of(request).sessions(), page, session_as_dict)


@router.post("/sessions", response={200: SessionOut, 201: SessionOut, **failures(400, 429)})
def begin_session(request: HttpRequest, given: schemas.SessionIn) -> Status[SessionOut]:
    """Begin a session. 200: it was there, and what was given anew is changed."""
    manager = writing(request)
    is_new = not manager.sessions().filter(key=given.key).exists()
    return Status(201 if is_new else 200, session_as_dict(manager.open_session(**given.dict(exclude_unset=True))))


@router.get("/sessions/{key}", response={200: SessionOut, **failures(404)})
def get_session(request: HttpRequest, key: KeyPath) -> SessionOut:
    """Show a session."""
    return session_as_dict(manager_of(request).session(key))


@router.patch("/sessions/{key}", response={200: SessionOut, **failures(400, 404, 429)})
def change_session(request: HttpRequest, key: KeyPath, change: schemas.SessionChange) -> SessionOut:
    """Change what a session is called, what it is about, or whether anything is learned from it."""
    manager = writing(request)
    manager.session(key)
    return session_as_dict(manager.open_session(key, **change.dict(exclude_unset=True)))


@router.delete("/sessions/{key}", response={200: ReceiptOut, **failures(404, 429)})
def forget_session(
    request: HttpRequest, key: KeyPath, *, with_learned: bool = True, is_over: bool = False
) -> ReceiptOut:
    """Forget a session with its turns, and what was learned from it alone (unless pinned or edited by hand).

    `is_over` leaves an empty session of the same key from which nothing is learned, in the same moment.
    """
    return receipt_as_dict(writing(request).forget_session(key, with_learned=with_learned, is_over=is_over))


@router.post("/sessions/{key}/messages", response={201: schemas.MemoriesSaid, **failures(400, 404, 413, 429)})
def add_messages(request: HttpRequest, key: KeyPath, said: Body[schemas.Said]) -> Status[dict[str, Any]]:
    """Add one message, or up to 100 as `{"messages": [...]}`. A session that is not there, or closed, is opened."""
    messages = said.messages if isinstance(said, schemas.MessagesIn) else [said]
    turns = [turn_of(each.dict(exclude_unset=True)) for each in messages]
    return Status(201, {"items": [as_dict(turn) for turn in writing(request).add_turns(key, turns)]})


@router.post("/sessions/{key}/close", response={200: schemas.SessionClosed, **failures(404, 429)})
async def close_session(
    request: HttpRequest,
    key: KeyPath,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="Seconds.")] = 0.0,
) -> dict[str, Any]:
    """Close a session and have memories learned from it; with `wait`, answer when that is done, or time is up."""
    session = await in_thread(_close)(request, key)
    deadline = time.monotonic() + wait
    job = await in_thread(learning_of)(session)
    while is_going_on(job) and time.monotonic() < deadline:
        await asyncio.sleep(LOOK_EVERY)
        job = await in_thread(learning_of)(session)
    return {"session": await in_thread(get_session)(request, key), "job": job}


@router.get("/sessions/{key}/timeline", response={200: schemas.MemoryPage, **failures(404)})
def get_timeline(request: HttpRequest, key: KeyPath, page: Query[Pages.Input]) -> dict[str, Any]:
    """Show what was said in a session, in its order."""
    only_known(request, Pages.Input)
    return one_page(manager_of(request).timeline(key).select_related("session"), page, as_dict)


@router.get("/sessions/{key}/layers", response={200: LayersShown, **failures(404)})
def get_session_layers(request: HttpRequest, key: KeyPath) -> LayersShown:
    """Show the shorter forms of a session: as a model wrote them, or cut out of its turns (named in `excerpts`)."""
    return session_layers_as_dict(manager_of(request), key)


def _close(request: HttpRequest, key: str) -> Session:
    return writing(request).close_session(key)
