"""How a reader likes the pages of books: size, faces, theme. Every browser keeps its own, and begins with these."""

import re
from collections.abc import Mapping
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Invalid

NAMES: Final = frozenset(
    {
        "mode", "size", "lead", "measure", "margins", "latin", "cjk", "para", "justify", "hyphens", "upright", "theme",
        "keys", "turning", "spread",
    }
)  # fmt: skip
_VALUE: Final = re.compile(r"[a-z0-9-]{0,16}")


def like(reader: Reader, changes: Mapping[str, str]) -> dict[str, str]:
    """Keep some of a reader's likings, and return all; "" is as the design has it."""
    for name, value in changes.items():
        if name not in NAMES or not _VALUE.fullmatch(value):
            raise Invalid(_("There is no such reading setting."))
    with transaction.atomic():
        kept = Reader.objects.select_for_update(no_key=True).get(pk=reader.pk)
        likings = {**kept.reading, **changes}
        kept.reading = {name: value for name, value in likings.items() if value}
        kept.save(update_fields=["reading"])
    reader.reading = kept.reading
    return dict(kept.reading)


def forget(reader: Reader) -> None:
    """Forget how a reader likes the pages, so that books look as they are set."""
    Reader.objects.filter(pk=reader.pk).update(reading={})
    reader.reading = {}
