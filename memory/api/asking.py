"""What the operations share: the caller's memory, how often it may be used, one page of a list, If-Match."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Header, Schema

from memory.callers import by_key, count_write
from memory.errors import Conflict, ValidationFailed
from memory.manager import MemoryManager
from memory.models import Mind
from mindory_web.lib.api import Pages, reader_of

M = TypeVar("M", bound=Model)

# An integer would be refused by the shape alone, but proxies and clients put quotes and W/ around it.
IfMatch = Annotated[str, Header(alias="If-Match", description="The `revision` you read. 409 when it changed since.")]


def manager_of(request: HttpRequest) -> MemoryManager:
    """Return the memory of who asks: by login or key, and by nothing that the request says."""
    key = getattr(request, "api_key_name", None)
    return MemoryManager(reader_of(request).pk, actor="reader" if key is None else by_key(key))


def writing(request: HttpRequest) -> MemoryManager:
    """Return the same for an operation that changes something; TooMany beyond MEMORY_WRITES_PER_MINUTE."""
    count_write(reader_of(request).pk)
    return manager_of(request)


def forget_unchanged(manager: MemoryManager, memory_id: int, revision: int | None) -> Any:
    """Forget a memory if it has this revision still (None: any); Conflict when somebody changed it."""
    with transaction.atomic():
        Mind.objects.select_for_update().filter(reader=manager.owner_id).first()  # writers wait here
        if revision not in {None, manager.get(memory_id).revision}:
            raise Conflict(_("This memory was changed meanwhile. Look at it again."))
        return manager.forget([memory_id])


def only_known(request: HttpRequest, schema: type[Schema]) -> None:
    """Refuse a query that names what the schema does not know: a filter with a slip would list everything."""
    unknown = sorted(set(request.GET) - set(schema.model_fields))
    if unknown:
        raise ValidationFailed(_("There is no filter “%(name)s”.") % {"name": unknown[0][:100]}, field=unknown[0][:100])


def one_page(rows: "QuerySet[M]", page: Pages.Input, shown: Callable[[M], Any]) -> dict[str, Any]:
    """Return one page of a list as the API answers with it, and the count of all."""
    cut = rows[page.offset : page.offset + page.limit]
    return {"items": [shown(row) for row in cut], "count": rows.count()}


def revision_in(if_match: str) -> int | None:
    """Read an If-Match header; None where there is none, or any will do."""
    told = if_match.strip().removeprefix("W/").strip('"')
    if told in {"", "*"}:
        return None
    if not (told.isascii() and told.isdigit() and len(told) < 19):
        raise ValidationFailed(_("If-Match must hold the revision of a memory."), field="If-Match")
    return int(told)
