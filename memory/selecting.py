"""Which rows of an index a search may find: the same rows that `listing.wanted_rows` would list."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from memory import listing
from memory.attributes import attribute_of, subject_of
from memory.hot import TYPES, seconds
from memory.index import Index
from memory.models import Session
from memory.postings import FOREVER
from memory.types import Wanted

Mask = NDArray[np.bool_]
MOST_KEPT: Final = 16


def mask_of(index: Index, owner_id: int, wanted: Wanted) -> Mask:
    """Return which rows a caller wants. What is forgotten or has expired is never among them."""
    now = timezone.now()
    kept: dict[Wanted, tuple[Mask, float, int]] = index.kept.setdefault("masks", {})
    today = timezone.localdate(now).toordinal()
    if wanted in kept:
        mask, until, day = kept[wanted]
        if seconds(now) < until and day == today:
            return mask
    listing.check(wanted)
    mask, until = _made(index, owner_id, wanted, now, today)
    if until and (wanted in kept or len(kept) < MOST_KEPT):  # a view of the past is never used again
        kept[wanted] = mask, until, today
    return mask


def _made(index: Index, owner_id: int, wanted: Wanted, now: datetime, today: int) -> tuple[Mask, float]:
    """Return the rows, and until when they are the right ones."""
    columns = index.columns
    mask = index.alive & (columns["expires"] > today)
    if not wanted.include_archived:
        mask &= ~columns["is_archived"]
    mask &= _fitting(index, wanted, owner_id)
    if wanted.as_of is not None or wanted.known_at is not None:
        # What was known when is told by the rows' history, so the database is asked; that is rare.
        times = replace(
            Wanted(include_archived=True, include_past=wanted.include_past),
            as_of=wanted.as_of,
            known_at=wanted.known_at,
        )
        ids = np.fromiter(listing.wanted_rows(owner_id, times).order_by().values_list("pk", flat=True), np.int64)
        return mask & np.isin(columns["id"], ids), 0.0
    if wanted.include_past:
        return mask, FOREVER
    ends = columns["valid_to"]
    mask &= ends > seconds(now)
    return mask, float(ends[mask].min(initial=FOREVER))


def _fitting(index: Index, wanted: Wanted, owner_id: int) -> Mask:
    """Return the rows that fit everything but states and times of validity."""
    columns = index.columns
    fitting = np.ones(index.count, np.bool_)
    if wanted.types:
        fitting &= np.isin(columns["type"], [TYPES[kind] for kind in wanted.types])
    if wanted.is_turn is not None:
        fitting &= (columns["number"] >= 0) == wanted.is_turn
    for name, thing in _named(owner_id, wanted).items():
        fitting &= columns[f"{name}_code"] == index.codes[name].numbers.get(thing, -1)
    if wanted.agent is not None:
        told_first = columns["agent_code"] == index.codes["agent"].numbers.get(wanted.agent, -1)
        told_again = np.fromiter(listing.told_again_by(owner_id, wanted.agent), np.int64)
        fitting &= told_first | np.isin(columns["id"], told_again)
    if wanted.book is not None:
        fitting &= columns["book"] == wanted.book
    if wanted.is_pinned is not None:
        fitting &= columns["is_pinned"] == wanted.is_pinned
    if wanted.since is not None:
        fitting &= columns["observed"] >= seconds(wanted.since)
    if wanted.until is not None:
        fitting &= columns["observed"] < seconds(wanted.until)
    return fitting


def _named(owner_id: int, wanted: Wanted) -> dict[str, Any]:
    named: dict[str, Any] = {}
    if wanted.subject is not None:
        named["subject"] = subject_of(wanted.subject)
    if wanted.attribute is not None:
        named["attribute"] = attribute_of(wanted.attribute)
    if wanted.session is not None:
        found = Session.objects.filter(owner_id=owner_id, key=wanted.session).values_list("pk", flat=True).first()
        named["session"] = None if found is None else found
    return named
