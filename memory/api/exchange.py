"""Whole memories: taken along, brought in, forgotten, and forgotten by mistake."""

import json
from tempfile import SpooledTemporaryFile
from typing import Any, Final

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from memory.api import schemas
from memory.api.asking import manager_of, writing
from memory.errors import ValidationFailed
from memory.lines import Lines
from memory.wire import ReceiptOut, as_dict, receipt_as_dict, wanted_of
from mindory_web.lib.api import failures, reader_of
from mindory_web.lib.limits import spend
from mindory_web.lib.streams import blocks_for

router = Router(tags=["memory"])

JSON_LINES: Final = "application/jsonl; charset=utf-8"
BLOCK: Final = 256 * 1024  # bytes at once
EXPORT: Final[dict[str, Any]] = {"responses": {200: {"content": {"application/jsonl": {"schema": {"type": "string"}}}}}}
IMPORT: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {"application/jsonl": {"schema": {"type": "string"}}}}
}
EXPORTS_PER_HOUR: Final = 120
IMPORTS_PER_HOUR: Final = 60
MOST_TOLD: Final = 100  # refused lines that the answer spells out


@router.get("/export", response={200: str, **failures(429)}, openapi_extra=EXPORT)
def export_memories(request: HttpRequest) -> StreamingHttpResponse:
    """Take everything along as JSON lines: sessions, memories, turns, history. Importing it gives the same again."""
    spend(f"memory-export:{reader_of(request).pk}", limit=EXPORTS_PER_HOUR, seconds=3600)
    file = SpooledTemporaryFile(max_size=BLOCK)  # noqa: SIM115  (closed by the response; gone when it is closed)
    for line in manager_of(request).export():
        file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    file.seek(0)
    # Written first and sent then: what fails is answered as a failure, and no export is cut short.
    blocks = blocks_for(request, iter(lambda: file.read(BLOCK), b""))
    response = StreamingHttpResponse(blocks, content_type=JSON_LINES)
    response._resource_closers.append(file.close)  # type: ignore[attr-defined]
    response.headers["Content-Disposition"] = 'attachment; filename="memory.jsonl"'
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/import", response={200: schemas.ImportedOut, **failures(400, 413, 429)}, openapi_extra=IMPORT)
def import_memories(request: HttpRequest) -> dict[str, Any]:
    """Bring JSON lines in, as an export wrote them. What is there already is not doubled; lines that cannot be
    read are left out and counted."""
    spend(f"memory-import:{reader_of(request).pk}", limit=IMPORTS_PER_HOUR, seconds=3600)
    lines = Lines(iter(lambda: request.read(BLOCK), b""))
    imported = writing(request).import_lines(lines)
    refused = lines.explained(imported.refused)
    return {
        "added": imported.added,
        "repeated": imported.repeated,
        "refused": [{"line": line, "message": sentence} for line, sentence in refused[:MOST_TOLD]],
        "refused_count": len(refused),
    }


@router.post("/forget", response={200: ReceiptOut, **failures(400, 429)})
def forget_memories(request: HttpRequest, given: schemas.ForgetIn) -> ReceiptOut:
    """Forget everything that fits the filters, or `everything`. The receipt can undo it for five minutes."""
    filters = given.dict(exclude_unset=True, exclude={"everything", "reason"})
    narrowing = {name for name, value in filters.items() if value is not None and not name.startswith("include_")}
    if bool(narrowing) == given.everything:
        raise ValidationFailed(_("Say what is to be forgotten: filters, or everything."), field="everything")
    return receipt_as_dict(writing(request).forget_all(wanted_of(filters), reason=given.reason))


@router.post("/forget/undo", response={200: schemas.MemoriesSaid, **failures(400, 404, 409, 413, 429)})
def undo_forget(request: HttpRequest, given: schemas.UndoIn) -> dict[str, Any]:
    """Bring back what a receipt of the last five minutes forgot, under the same ids."""
    return {"items": [as_dict(memory) for memory in writing(request).undo_forget(given.token)]}
