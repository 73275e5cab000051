"""Scanned books: PDFs whose pages are pictures of words, drawn by us."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

WIDE, HIGH = 1_000, 1_400  # pixels of a page
_SIZE = 28


def page(*columns: Sequence[str]) -> Image.Image:
    """Return a picture of a page: its lines, in one column or several beside each other."""
    picture = Image.new("L", (WIDE, HIGH), 255)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=_SIZE)
    for number, lines in enumerate(columns):
        left = 80 + number * (WIDE - 120) // len(columns)
        for row, line in enumerate(lines):
            draw.text((left, 120 + row * _SIZE * 1.6), line, fill=0, font=font)
    return picture


def scan(*pages: Image.Image) -> bytes:
    """Return a PDF whose pages are these pictures and nothing else."""
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=120)
    return out.getvalue()


def joined(*bodies: bytes) -> bytes:
    """Return a PDF with the pages of several."""
    from pypdf import PdfWriter

    writer = PdfWriter()
    for body in bodies:
        writer.append(io.BytesIO(body))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
