"""The search."""

import json

from django.http import HttpRequest, HttpResponse
from ninja import Router

from memory.api import schemas
from memory.callers import count_search
from memory.search import search
from memory.shown import FoundOut, found_as_dict
from memory.wire import moment_of, wanted_of
from mindory_web.lib.api import failures, reader_of

router = Router(tags=["memory"])


@router.post("/search", response={200: FoundOut, **failures(400, 429)})
def search_memories(request: HttpRequest, asked: schemas.SearchIn) -> HttpResponse:
    """Search what is remembered, by words, meaning, names and times. No model is asked.

    A score is in 0..1 and comparable between searches; with `explain` each result carries the parts it is made of.
    """
    owner = reader_of(request).pk
    count_search(owner)
    wanted = wanted_of(asked.filters.dict(exclude_unset=True) if asked.filters else {})
    found = search(
        owner,
        asked.query,
        wanted=wanted,
        limit=asked.limit,
        min_score=asked.min_score,
        reference=moment_of(asked.reference_date, "reference_date"),
        explain=asked.explain,
    )
    shown = found_as_dict(owner, found, levels=frozenset(asked.layers), explain=asked.explain)
    # Sent as it is: looking it over against its own shape would take longer than the search.
    return HttpResponse(json.dumps(shown, ensure_ascii=False), content_type="application/json; charset=utf-8")
