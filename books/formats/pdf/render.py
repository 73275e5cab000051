"""A picture of a page: for the reader's eyes, for a cover, for text recognition."""

import contextlib
import io
import math
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, BinaryIO, Final

from PIL import Image

from books.errors import BookError, DamagedBook
from books.formats import frames
from books.formats.parsed import Picture, Told
from books.formats.pdf.document import opened
from books.formats.sources import Source

NARROWEST: Final = 100  # pixels
WIDEST: Final = 4_000
DEEPEST: Final = 10_000  # of which only a part is drawn
MOST_PIXELS: Final = 16_000_000
COVER_HEIGHT: Final = 800
_QUALITY: Final = 82


def page_image(document: Any, number: int, *, width: int, clip: Sequence[int] = ()) -> Image.Image:
    """Return page `number` (from 0) of an open document as an RGB picture, `width` pixels wide.

    `width` is brought within 100..4000, and made less where the page would have more than 16 megapixels. With a
    `clip` (left, top, width, height) only that part of the page is drawn, which may be 10,000 pixels wide then.
    Raises DamagedBook for a page that is not there or cannot be drawn.
    """
    import pypdfium2

    try:
        page = document[number]
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise DamagedBook("This PDF has no such page, or it is damaged.") from error
    try:
        wide, high = page.get_size()
        scale = min(max(width, NARROWEST), DEEPEST) / wide if clip else _scale(wide, high, width)
        crop = _crop(wide, high, scale, clip) if clip else (0, 0, 0, 0)
        bitmap = page.render(scale=scale, crop=crop, may_draw_forms=False, rev_byteorder=True)
        picture: Image.Image = bitmap.to_pil().convert("RGB")  # a copy: the bitmap's memory is pdfium's
        bitmap.close()
    except (pypdfium2.PdfiumError, ValueError, OSError, RuntimeError) as error:
        raise DamagedBook("This page cannot be drawn.") from error
    finally:
        page.close()
    return picture


def _scale(wide: float, high: float, width: int) -> float:
    """Return pixels per point."""
    if not (wide > 0 and high > 0):
        raise ValueError("a page without a size")
    scale = min(max(width, NARROWEST), WIDEST) / wide
    most: float = (MOST_PIXELS / (wide * high)) ** 0.5
    return min(scale, most * 0.999)  # pdfium rounds each edge up


def _crop(wide: float, high: float, scale: float, clip: Sequence[int]) -> tuple[float, float, float, float]:
    """Return what is cut off at the left, below, at the right and above, in points, for a part given in pixels."""
    left, top, across, down = clip
    if min(clip) < 0 or not 0 < across * down <= MOST_PIXELS:
        raise ValueError("a part that is none")
    right = max(math.ceil(wide * scale) - left - across, 0)
    below = max(math.ceil(high * scale) - top - down, 0)
    # pypdfium2 multiplies by the scale again and rounds up: half a pixel less hits the very one.
    edges = [max(edge - 0.5, 0) / scale for edge in (left, below, right, top)]
    return edges[0], edges[1], edges[2], edges[3]


def cover(source: Source) -> bytes:
    """Return the first page as JPEG, about 800 pixels high."""
    with opened(source) as document:
        if not len(document):
            raise DamagedBook("This PDF has no such page, or it is damaged.")
        wide, high = document.get_page_size(0)
        return _jpeg(page_image(document, 0, width=int(COVER_HEIGHT * wide / max(high, 1))))


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def page(source: Source, told: Told, out: BinaryIO) -> None:
    """Answer the child's task "page": a picture of one page, or one of each of some, as JPEG, then the end.

    sandbox.ask("page", path, limits=..., options=Options(page=0, width=1200, password=""), keep=keep)

    `options.page` counts from 0; `keep(picture, data)` is called once, with picture.number == options.page.
    The width is brought within 100..4000 pixels and the whole under 16 megapixels, so look at picture.width.
    With `options.pages` it is called for each of them that can be drawn; with `options.clip` for that part.
    Raises DamagedBook when there is no such page or it cannot be drawn, NeedsPassword and LockedBook as `parse`.
    """
    if b"%PDF-" not in source.start[:1024]:
        raise BookError("Only the pages of a PDF can be drawn.")
    with opened(source) as document:
        for number, shown in _images(document, source):
            data = _jpeg(shown)
            picture = Picture(number, sha256(data).hexdigest(), "image/jpeg", shown.width, shown.height, len(data))
            frames.send_picture(out, picture, data)
    told(1, 1)
    frames.send(out, frames.END, None)


def _images(document: Any, source: Source) -> Iterator[tuple[int, Image.Image]]:
    options = source.options
    if not options.pages:
        if not 0 <= options.page < len(document):
            raise DamagedBook("This PDF has no such page, or it is damaged.")
        yield options.page, page_image(document, options.page, width=options.width, clip=options.clip)
    for number in options.pages:
        if 0 <= number < len(document):
            with contextlib.suppress(DamagedBook):  # the others can be seen
                yield number, page_image(document, number, width=options.width)
