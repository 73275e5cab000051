"""Open a PDF with pdfium, whatever state it is in."""

import contextlib
from collections.abc import Iterator
from typing import Any, Final

from books.errors import DamagedBook, NeedsPassword
from books.formats.pdf import salvage
from books.formats.sources import Source

_PASSWORD_ERROR: Final = 4  # FPDF_ERR_PASSWORD


@contextlib.contextmanager
def opened(source: Source) -> Iterator[Any]:
    """Open the document for a `with`; one that pdfium refuses is written anew first. Raises LockedBook, DamagedBook."""
    import pypdfium2  # 60 ms that other formats need not wait for

    source.file.seek(0)
    document = _tried(source.file, source.options.password)
    if document is None or not len(document):
        mended = salvage.mended(source.file, source.size)
        document = _tried(mended, "") if mended else None
    if document is None:
        raise DamagedBook("This PDF is damaged and cannot be opened.")
    try:
        yield document
    finally:
        with contextlib.suppress(pypdfium2.PdfiumError):
            document.close()


def _tried(file: Any, password: str) -> Any:
    """Return the document, or None when pdfium cannot open it."""
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(file, password=password or None, autoclose=False)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD_ERROR or "password" in str(error).lower():
            if password:
                raise NeedsPassword("That is not the password of this PDF. Try another one.") from error
            raise NeedsPassword("This PDF asks for a password. Give it, and the book is read.") from error
        return None
