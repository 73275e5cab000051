"""PDFs written by hand: words at exact places, in fonts that every reader of PDFs has.

page = Sheet().line(72, 700, "Old Marten kept the light.").line(72, 680, "He was alone.", size=9)
book([page, page], title="The Light", outline=[("One", 0, 700, 0)])  -> bytes
"""

import io
from typing import Any


def locked(body: bytes, *, user: str = "", owner: str = "owner", algorithm: str = "AES-256") -> bytes:
    """Return the same PDF with passwords: `user` to open it, `owner` to change it."""
    from pypdf import PdfReader, PdfWriter

    writer: Any = PdfWriter(clone_from=PdfReader(io.BytesIO(body)))
    writer.encrypt(user_password=user, owner_password=owner, algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
