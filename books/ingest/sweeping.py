"""Remove what nobody needs any more: unfinished uploads, files and pictures that no row names, pages drawn long ago."""

import itertools
import time
from typing import Final

from books import drawing, files, pictures, store, uploads

EVERY_SECONDS: Final = 30.0
UNFINISHED_SECONDS: Final = 24 * 3600.0  # nobody uploads a file, and no parser works on one, for so long
FOLDERS: Final = 256  # of pictures: one at a time, so all of them in about two hours

_rounds = itertools.count()
_next = 0.0


def sweep() -> int:
    """Look at a part of the disk, when the last look was some time ago. Returns how many files went."""
    global _next
    if time.monotonic() < _next:
        return 0
    _next = time.monotonic() + EVERY_SECONDS
    return uploads.sweep() + sweep_folder(next(_rounds))


def sweep_folder(part: int) -> int:
    """Look at unfinished uploads, at drawn pages, and at one of the folders of pictures and of books."""
    named = pictures.sweep(part % FOLDERS) + store.sweep(part)
    return files.sweep(older_than=UNFINISHED_SECONDS) + drawing.sweep() + named
