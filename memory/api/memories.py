"""Memories one by one: list, tell, look, change, forget, history."""

from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Header, Query, Router, Status

from memory.api import schemas
from memory.api.asking import IfMatch, forget_unchanged, manager_of, one_page, only_known, revision_in, writing
from memory.errors import ValidationFailed
from memory.shown import LayersShown, layers_as_dict
from memory.wire import (
    MemoryOut,
    ReceiptOut,
    as_dict,
    candidate_of,
    changes_of,
    event_as_dict,
    receipt_as_dict,
    wanted_of,
)
from mindory_web.lib.api import Id, Pages, failures
from mindory_web.lib.errors import MindoryError

router = Router(tags=["memory"])

NEW = frozenset({"new", "superseding", "history"})
Once = Annotated[str, Header(alias="Idempotency-Key", description="Sent again: the same memory.")]


@router.get("", response={200: schemas.MemoryPage, **failures(429)})
def list_memories(request: HttpRequest, wanted: Query[schemas.Listing]) -> dict[str, Any]:
    """List what is remembered, the latest first: what was told and learned, and the turns of sessions."""
    only_known(request, schemas.Listing)
    page = Pages.Input(limit=wanted.limit, offset=wanted.offset)
    rows = manager_of(request).list(wanted_of(wanted.filters())).select_related("session")
    return one_page(rows, page, as_dict)


@router.post("", response={200: schemas.Remembered, 201: schemas.Remembered, **failures(400, 409, 413, 429)})
def remember(request: HttpRequest, given: schemas.MemoryIn, once: Once = "") -> Status[dict[str, Any]]:
    """Remember something. It is found by the next search, whatever engines are away.

    201: it is new. 200: it was known, in these words or others. The same `Idempotency-Key` with another body is 409.
    """
    done = writing(request).remember(candidate_of(given.dict(exclude_unset=True)), once=once)
    return Status(201 if done.outcome in NEW else 200, {"outcome": done.outcome, "memory": as_dict(done.memory)})


@router.post("/batch", response={200: schemas.BatchOut, **failures(400, 413, 429)})
def batch_memories(request: HttpRequest, batch: schemas.BatchIn) -> dict[str, Any]:
    """Remember, change and forget up to 100 things together, one by one; each has its result or its error."""
    count = len(batch.create) + len(batch.update) + len(batch.forget)
    if not 1 <= count <= schemas.MOST_AT_ONCE:
        raise ValidationFailed(_("A batch holds 1 to %(n)s items.") % {"n": schemas.MOST_AT_ONCE}, field="batch")

    def create(each: schemas.MemoryIn) -> dict[str, Any]:
        done = writing(request).remember(candidate_of(each.dict(exclude_unset=True)))
        return {"outcome": done.outcome, "memory": as_dict(done.memory)}

    def update(each: schemas.UpdateIn) -> dict[str, Any]:
        changes = changes_of(each.dict(exclude_unset=True, exclude={"id", "revision"}))
        done = writing(request).update(each.id, changes, if_revision=each.revision)
        return {"memory": as_dict(done)}

    def forget(each: int) -> dict[str, Any]:
        return {"receipt": receipt_as_dict(writing(request).forget([each]))}

    return {
        "create": [_result(create, each) for each in batch.create],
        "update": [_result(update, each) for each in batch.update],
        "forget": [_result(forget, each) for each in batch.forget],
    }


@router.get("/{memory}", response={200: MemoryOut, **failures(404)})
def get_memory(request: HttpRequest, response: HttpResponse, memory: Id) -> MemoryOut:
    """Show one memory. Its `revision` is also the `ETag`."""
    return _tagged(response, as_dict(manager_of(request).get(memory)))


@router.patch("/{memory}", response={200: MemoryOut, **failures(400, 404, 409, 413, 429)})
def change_memory(
    request: HttpRequest, response: HttpResponse, memory: Id, change: schemas.MemoryChange, if_match: IfMatch = ""
) -> MemoryOut:
    """Change a memory. What it was stays in its history."""
    changes = changes_of(change.dict(exclude_unset=True))
    done = writing(request).update(memory, changes, if_revision=revision_in(if_match))
    return _tagged(response, as_dict(done))


@router.delete("/{memory}", response={200: ReceiptOut, **failures(404, 409, 429)})
def forget_memory(request: HttpRequest, memory: Id, if_match: IfMatch = "") -> ReceiptOut:
    """Forget a memory: its words are gone from everywhere at once. The receipt can undo it for five minutes."""
    return receipt_as_dict(forget_unchanged(writing(request), memory, revision_in(if_match)))


@router.get("/{memory}/history", response={200: schemas.HistoryOut, **failures(404)})
def get_memory_history(request: HttpRequest, memory: Id, page: Query[Pages.Input]) -> dict[str, Any]:
    """Show the changes to a memory, oldest first."""
    only_known(request, Pages.Input)
    return one_page(manager_of(request).get(memory).events.order_by("id"), page, event_as_dict)


@router.get("/{memory}/layers", response={200: LayersShown, **failures(404)})
def get_memory_layers(request: HttpRequest, memory: Id) -> LayersShown:
    """Show the shorter forms of a memory: as a model wrote them, or cut out of its text (named in `excerpts`)."""
    return layers_as_dict(manager_of(request).get(memory))


@router.post("/{memory}/restore", response={200: MemoryOut, **failures(400, 404, 409, 429)})
def restore_memory(
    request: HttpRequest, response: HttpResponse, memory: Id, given: schemas.RestoreIn | None = None
) -> MemoryOut:
    """Bring a memory back from the archive, or, with `event`, to the wording before that change."""
    done = writing(request).restore(memory, event_id=given.event if given else None)
    return _tagged(response, as_dict(done))


@router.post("/{memory}/archive", response={200: MemoryOut, **failures(404, 409, 429)})
def archive_memory(request: HttpRequest, response: HttpResponse, memory: Id) -> MemoryOut:
    """Put a memory away: only `include_archived` finds it, and `restore` brings it back."""
    return _tagged(response, as_dict(writing(request).archive(memory)))


@router.post("/{memory}/pin", response={200: MemoryOut, **failures(404, 429)})
def pin_memory(request: HttpRequest, response: HttpResponse, memory: Id) -> MemoryOut:
    """Keep a memory for good: it never fades."""
    return _tagged(response, as_dict(writing(request).pin(memory)))


@router.delete("/{memory}/pin", response={200: MemoryOut, **failures(404, 429)})
def unpin_memory(request: HttpRequest, response: HttpResponse, memory: Id) -> MemoryOut:
    """Let it fade like the others again."""
    return _tagged(response, as_dict(writing(request).pin(memory, is_pinned=False)))


def _result(verb: Callable[[Any], dict[str, Any]], item: Any) -> dict[str, Any]:
    """Do one item of several; a refusal is its own and stops none of the others."""
    try:
        return verb(item)
    except MindoryError as refusal:
        return {"error": {"code": refusal.code, "message": str(refusal)}}


def _tagged(response: HttpResponse, shown: MemoryOut) -> MemoryOut:
    response.headers["ETag"] = f'"{shown["revision"]}"'
    return shown
