"""Write a PDF anew that pdfium cannot open: pypdf forgives other faults.

pypdf is slow and can be led in circles, so it has a deadline; by then it has found what it will find.
"""

import io
import time
from typing import Any, BinaryIO, Final

SECONDS: Final = 20.0
LARGEST: Final = 64 * 1024 * 1024  # bytes


class _Hurried(io.BytesIO):
    """A file that cannot be read any more when the time is over."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self._deadline = time.monotonic() + SECONDS

    def read(self, size: int | None = -1, /) -> bytes:
        """Read on, or say that it has taken too long."""
        if time.monotonic() > self._deadline:
            raise TimeoutError
        return super().read(size)


def mended(file: BinaryIO, size: int, password: str) -> io.BytesIO | None:
    """Return the same document in good order, or None when nothing of it can be saved."""
    if size > LARGEST:
        return None
    from pypdf import PdfReader, PdfWriter  # 300 ms, for damaged files only
    from pypdf.errors import PyPdfError

    file.seek(0)
    try:
        reader: Any = PdfReader(_Hurried(file.read()), strict=False, password=password or None)
        writer = PdfWriter()
        for page in reader.pages:
            writer.add_page(page)
        out = io.BytesIO()
        writer.write(out)
    # pypdf runs over its own assumptions on a broken file; whatever it raises, nothing was saved
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError):
        return None
    out.seek(0)
    return out
