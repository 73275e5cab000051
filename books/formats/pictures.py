"""Pictures of a book, written anew: what is shown in a page was made by us, pixel by pixel.

Runs in the parser's child only. A picture that is damaged, too large or of a kind we do not read is left out.
What a picture says besides its pixels (place, camera, names, colour profile) is not kept.
"""

import io
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import chain, repeat
from typing import Final

from PIL import Image, ImageCms, ImageFile, ImageOps

from books.errors import BadPicture, BookError
from books.formats import drawings
from books.formats.limits import Limits
from books.formats.parsed import Original, Picture, Told

READ: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP")  # formats of Pillow that may look at bytes from strangers
MOST_PIXELS: Final = 25_000_000  # unpacked at once: 100 MB; more is a bomb or a poster
MOST_PIXELS_OF_PHOTO: Final = 120_000_000  # a JPEG can be unpacked at an eighth of its size
MOST_PIXELS_IN_PASSES: Final = 40_000_000  # a progressive one is unpacked whole first
LONGEST_EDGE: Final = 2_400  # pixels; larger ones are made smaller
COVER: Final = (1_200, 1_800)
IN_DRAWING: Final = (1_200, 1_200)
MOST_COLOURS: Final = 4_096  # of a drawing; a picture with more is a photo
_TURNED: Final = frozenset({5, 6, 7, 8})  # values of the EXIF orientation that swap width and height
_ORIENTATION: Final = 0x0112
_SAFETY: Final = 0.8  # of the time for pictures: the rest is for those that are already on their way

Image.MAX_IMAGE_PIXELS = MOST_PIXELS_OF_PHOTO
_UNREADABLE: Final = (
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    BookError,
    OSError,
    ValueError,
    SyntaxError,
    MemoryError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    ZeroDivisionError,
    AttributeError,
    RuntimeError,
)  # what Pillow's plugins are known to raise over damaged bytes


@dataclass(slots=True)
class Lost:
    """How many pictures are not shown: damaged or unknown ones, and ones for which no time or room was left.

    `wordless`: how many drawings are shown without their words.
    """

    unreadable: int = 0
    too_much: int = 0
    wordless: int = 0

    @property
    def count(self) -> int:
        """Return how many in all."""
        return self.unreadable + self.too_much


def rewritten(
    originals: Iterable[Original],
    *,
    limits: Limits | None = None,
    told: Told = lambda done, total: None,
    lost: Lost | None = None,
    begun: Callable[[int], None] = lambda number: None,
) -> Iterator[tuple[Picture, bytes]]:
    """Yield each picture that can be read, with its new bytes; count the others in `lost`.

    Drawings come last, whatever their numbers: they cost the most, and may end this process. `begun` is called before
    each picture, with its number.
    """
    limits, lost = limits or Limits(), Lost() if lost is None else lost
    over = time.monotonic() + limits.picture_seconds * _SAFETY
    wanted = list(originals)
    lost.too_much += len(wanted[limits.members :])
    del wanted[limits.members :]
    later: list[Original] = []
    room, done = limits.pictures, 0
    for original, is_last in chain(zip(wanted, repeat(False)), zip(later, repeat(True))):
        if time.monotonic() > over:
            lost.too_much += len(wanted) - done
            return
        told(done, len(wanted))
        begun(original.number)
        try:
            data = original.read()
            if drawings.is_drawing(data) and not is_last:
                later.append(original)
                continue
            done += 1
            picture, data = written(data, number=original.number, lost=lost)
        except _UNREADABLE:
            lost.unreadable += 1
            continue
        if len(data) > room:
            lost.too_much += 1
            continue
        room -= len(data)
        yield picture, data
    told(len(wanted), len(wanted))


def cover(data: bytes) -> tuple[Picture, bytes]:
    """Return a reader's own picture as a cover; BadPicture when it is none."""
    try:
        return written(data, number=0, box=COVER)
    except _UNREADABLE as error:
        raise BadPicture(
            "This picture cannot be read. Choose a JPEG, PNG, WebP or GIF with at most 25 million pixels."
        ) from error


def written(
    data: bytes, *, number: int, box: tuple[int, int] = (LONGEST_EDGE, LONGEST_EDGE), lost: Lost | None = None
) -> tuple[Picture, bytes]:
    """Return a picture with new bytes, made to fit into `box`; raises one of many errors when it cannot be read."""
    if lost is not None and drawings.is_drawing(data):
        drawn = drawings.drawn(data, rewritten=_inside)
        lost.wordless += drawn.is_wordless
        picture, new = written(drawn.data, number=number)
        return replace(picture, width=drawn.width, height=drawn.height), new
    try:
        shown = _shown(data, box)
    except OSError:  # cut off, or a wrong checksum: what is there of it is better than nothing
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            shown = _shown(data, box)
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = False
    media_type, new = _encoded(shown)
    return Picture(number, sha256(new).hexdigest(), media_type, shown.width, shown.height, len(new)), new


def _inside(data: bytes) -> bytes:
    """Return a picture inside a drawing with new bytes; none when it cannot be read."""
    try:
        return written(data, number=0, box=IN_DRAWING)[1]
    except _UNREADABLE:
        return b""


def _shown(data: bytes, box: tuple[int, int]) -> Image.Image:
    """Return the pixels as a browser would show them: upright, in sRGB, not larger than the box, and nothing else."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        image: Image.Image = Image.open(io.BytesIO(data), formats=READ)
    with image:
        turn = image.getexif().get(_ORIENTATION, 1) if image.format in {"JPEG", "WEBP", "PNG"} else 1
        if turn in _TURNED:
            box = box[1], box[0]
        _refuse_vast(image, box)
        profile = image.info.get("icc_profile")
        image.load()
        found = image if image.width <= box[0] and image.height <= box[1] else _smaller(image, box)
        found = _plain(_in_srgb(found, profile))
    if turn != 1:
        found.getexif()[_ORIENTATION] = turn
        found = ImageOps.exif_transpose(found)
    found.info = {"transparency": found.info["transparency"]} if "transparency" in found.info else {}
    return found


def _refuse_vast(image: Image.Image, box: tuple[int, int]) -> None:
    """Raise ValueError over more pixels than a picture has; a large photo is set to be unpacked smaller."""
    if image.format == "JPEG":
        most = MOST_PIXELS_IN_PASSES if image.info.get("progressive") else MOST_PIXELS_OF_PHOTO
        if image.width * image.height > most:
            raise ValueError("too many pixels")
        image.draft(None, box)
    if image.width * image.height > MOST_PIXELS or not image.width or not image.height:
        raise ValueError("too many pixels")


def _smaller(image: Image.Image, box: tuple[int, int]) -> Image.Image:
    """Return the image at a size that fits, which needs real colours instead of a palette."""
    if image.mode in {"P", "1", "PA"}:
        has_holes = "transparency" in image.info or image.mode == "PA"
        image = image.convert("L" if image.mode == "1" else "RGBA" if has_holes else "RGB")
    image.thumbnail(box, Image.Resampling.BICUBIC, reducing_gap=2.0)
    return image


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the image in the colours of the web, if its own are known and others."""
    if not profile or image.mode not in {"RGB", "CMYK", "L"} or b"sRGB" in profile[:1024]:
        return image
    try:
        to = ImageCms.createProfile("sRGB")
        done = ImageCms.profileToProfile(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), to, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return done or image


def _plain(image: Image.Image) -> Image.Image:
    """Return the image in one of the modes that are written: 1, L, P, RGB, RGBA."""
    if image.mode in {"1", "L", "P", "RGB", "RGBA"}:
        if image.mode in {"L", "RGB"} and "transparency" in image.info:
            return image.convert("RGBA")
        return image.copy() if image.readonly else image
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image.convert("RGBA" if image.mode in {"LA", "La", "PA", "RGBa"} else "RGB")


def _encoded(image: Image.Image) -> tuple[str, bytes]:
    """Return the media type and the bytes: a drawing as PNG, a photo as JPEG, a photo with holes as WebP."""
    out = io.BytesIO()
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    is_photo = (
        image.mode in {"RGB", "RGBA", "L"} and image.getcolors(256 if image.mode == "L" else MOST_COLOURS) is None
    )
    if image.mode == "L":
        is_photo = _is_shaded(image)
    if not is_photo:
        image.save(out, "PNG", compress_level=6)
        return "image/png", out.getvalue()
    if image.mode == "RGBA":
        image.save(out, "WEBP", quality=85, method=2)
        return "image/webp", out.getvalue()
    image.save(out, "JPEG", quality=85)
    return "image/jpeg", out.getvalue()


def _is_shaded(image: Image.Image) -> bool:
    """Say whether a grey picture is a photo: most of a drawing is its paper and its ink."""
    counts = sorted(image.histogram(), reverse=True)
    return sum(counts[:16]) < 0.6 * sum(counts)
