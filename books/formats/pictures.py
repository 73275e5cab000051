"""Pictures of a book, written anew: what is shown in a page was made by us, pixel by pixel.

Runs in the parser's child only. A picture that is damaged, too large or of a kind we do not read is left out.
"""

import io
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

from PIL import Image, UnidentifiedImageError

from books.errors import BookError
from books.formats.parsed import Original, Picture

READ: Final = ("PNG", "JPEG", "WEBP", "GIF")  # formats of Pillow that may look at bytes from strangers
MOST_PIXELS: Final = 40_000_000  # of one picture; more is a bomb or a poster
LONGEST_EDGE: Final = 2_400  # pixels; larger ones are made smaller

Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def rewritten(originals: Iterable[Original]) -> Iterator[tuple[Picture, bytes]]:
    """Yield each picture that can be read, with its new bytes."""
    for original in originals:
        try:
            found = _rewritten(original)
        except (UnidentifiedImageError, Image.DecompressionBombError, BookError, OSError, ValueError, SyntaxError):
            continue
        yield found


def _rewritten(original: Original) -> tuple[Picture, bytes]:
    with Image.open(io.BytesIO(original.read()), formats=READ) as image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        image.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
        is_photo = image.format == "JPEG"
        shown = image.convert("RGB" if is_photo else "RGBA")
    out = io.BytesIO()
    if is_photo:
        shown.save(out, "JPEG", quality=85)
    else:
        shown.save(out, "PNG", optimize=False)
    data = out.getvalue()
    kind = "image/jpeg" if is_photo else "image/png"
    picture = Picture(original.number, sha256(data).hexdigest(), kind, shown.width, shown.height, len(data))
    return picture, data
