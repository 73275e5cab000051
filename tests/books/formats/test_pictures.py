"""Pictures are written anew: what a page shows was made by us, pixel by pixel."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from books.errors import BadPicture, TooDemanding
from books.formats import pictures, sandbox
from books.formats.limits import Limits
from books.formats.parsed import Original, Picture

ORIENTATION, MAKER, PLACE = 0x0112, 0x010F, 0x8825


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photo(width: int = 240, height: int = 160, mode: str = "RGB") -> Image.Image:
    noise = Image.effect_noise((width, height), 50)
    slope = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", [noise, slope, slope.rotate(180)]).convert(mode)


def drawing(width: int = 240, height: int = 160) -> Image.Image:
    image = Image.new("RGB", (width, height), "white")
    image.paste((200, 30, 30), (20, 20, width // 2, height // 2))
    return image


def shown(data: bytes) -> tuple[Picture, Image.Image]:
    picture, new = pictures.written(data, number=0)
    image = Image.open(io.BytesIO(new))
    image.load()
    assert (image.width, image.height, len(new)) == (picture.width, picture.height, picture.size)
    return picture, image


def png_of(width: int, height: int, body: bytes = b"") -> bytes:
    """Return a grey PNG that says it has this size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (encoded(photo(), "JPEG"), "image/jpeg"),
        (encoded(photo(), "JPEG", progressive=True), "image/jpeg"),
        (encoded(photo(mode="CMYK"), "JPEG"), "image/jpeg"),
        (encoded(photo(mode="L"), "JPEG"), "image/jpeg"),
        (encoded(photo(), "PNG"), "image/jpeg"),
        (encoded(photo(), "WEBP"), "image/jpeg"),
        (encoded(photo(), "BMP"), "image/jpeg"),
        (encoded(drawing(), "PNG"), "image/png"),
        (encoded(drawing(), "WEBP", lossless=True), "image/png"),
        (encoded(drawing().convert("1"), "PNG"), "image/png"),
        (encoded(drawing().quantize(4), "GIF"), "image/png"),
    ],
)
def test_a_photo_becomes_a_jpeg_and_a_drawing_a_png(data: bytes, media_type: str) -> None:
    picture, image = shown(data)

    assert (picture.media_type, image.size) == (media_type, (240, 160))


def test_the_same_picture_gives_the_same_bytes() -> None:
    data = encoded(photo(), "PNG")

    assert pictures.written(data, number=3) == pictures.written(data, number=3)


def test_what_a_picture_says_besides_its_pixels_is_not_kept() -> None:
    exif = Image.Exif()
    exif[MAKER] = "Secret Camera"
    exif.get_ifd(PLACE)[1] = "N"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind, image in (("JPEG", photo()), ("PNG", drawing())):
        data = encoded(image, kind, exif=exif, icc_profile=profile, comment=b"Secret words")
        _, new = pictures.written(data, number=0)
        kept = Image.open(io.BytesIO(new))

        assert b"Secret" not in new
        assert not kept.getexif()
        assert "icc_profile" not in kept.info


def test_a_picture_on_its_side_stands_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    _, image = shown(encoded(drawing(240, 160), "JPEG", exif=exif))

    assert image.size == (160, 240)
    assert image.convert("RGB").getpixel((120, 60))[0] > 150  # type: ignore[index]
    assert image.convert("RGB").getpixel((120, 60))[1] < 80  # type: ignore[index]


def test_a_palette_and_its_holes_stay() -> None:
    image = drawing().quantize(8)
    _, kept = shown(encoded(image, "PNG", transparency=0))

    assert kept.mode == "P"
    assert kept.convert("RGBA").getchannel("A").getextrema() == (0, 255)


def test_a_photo_with_holes_keeps_them() -> None:
    image = photo(mode="RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    picture, kept = shown(encoded(image, "PNG"))

    assert picture.media_type == "image/webp"
    assert kept.getchannel("A").getextrema() == (0, 255)


def test_sixteen_bits_of_grey_become_eight() -> None:
    image = Image.linear_gradient("L").convert("I").point(lambda value: value * 257).convert("I;16")
    _, kept = shown(encoded(image, "PNG"))

    assert kept.mode == "L"
    assert kept.getpixel((10, 128)) == pytest.approx(128, abs=4)


def test_of_a_film_the_first_picture_is_kept() -> None:
    first, second = drawing(), Image.new("RGB", (240, 160), "blue")
    for kind in ("GIF", "WEBP"):
        _, kept = shown(encoded(first, kind, save_all=True, append_images=[second]))
        assert getattr(kept, "n_frames", 1) == 1
        assert kept.convert("RGB").getpixel((200, 150))[0] > 200  # type: ignore[index]


def test_a_large_picture_is_made_smaller() -> None:
    picture, _ = shown(encoded(photo(3000, 1500), "JPEG"))

    assert (picture.width, picture.height) == (2400, 1200)


def test_a_picture_that_is_cut_off_shows_what_is_left_of_it() -> None:
    for kind in ("JPEG", "PNG"):
        data = encoded(photo(), kind)
        _, image = shown(data[: len(data) * 2 // 3])
        assert image.size == (240, 160)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="svg"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="only a signature"),
        pytest.param(png_of(50_000, 50_000, zlib.compress(bytes(10_000_000))), id="bomb of zeros"),
        pytest.param(png_of(0, 10), id="no width"),
        pytest.param(png_of(2**31 - 1, 2**31 - 1), id="vast"),
        pytest.param(encoded(drawing(), "TIFF"), id="a kind we do not read"),
        pytest.param(encoded(drawing(), "PPM"), id="another kind we do not read"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n", id="a program"),
    ],
)
def test_what_is_no_picture_is_counted_and_left_out(data: bytes) -> None:
    lost = pictures.Lost()
    good = encoded(drawing(), "PNG")
    originals = [Original(0, lambda: data), Original(1, lambda: good)]
    found = list(pictures.rewritten(originals, lost=lost))

    assert [picture.number for picture, _ in found] == [1]
    assert (lost.unreadable, lost.too_much) == (1, 0)


def test_a_picture_that_cannot_be_fetched_is_left_out() -> None:
    def refuse() -> bytes:
        raise TooDemanding("This book is refused: it unpacks to far more than a book holds.")

    lost = pictures.Lost()
    assert list(pictures.rewritten([Original(0, refuse)], lost=lost)) == []
    assert lost.unreadable == 1


def test_pictures_for_which_there_is_no_room_or_time_are_left_out() -> None:
    data = encoded(photo(), "JPEG")
    originals = [Original(number, lambda: data) for number in range(4)]
    size = pictures.written(data, number=0)[0].size
    for limits in (Limits(pictures=2 * size + 1), Limits(members=2)):
        lost = pictures.Lost()
        assert len(list(pictures.rewritten(originals, limits=limits, lost=lost))) == 2
        assert lost.too_much == 2
    assert list(pictures.rewritten(originals, limits=Limits(picture_seconds=0), lost=lost)) == []


def sent(file: Path, data: bytes) -> list[tuple[Picture, bytes]]:
    found: list[tuple[Picture, bytes]] = []
    file.write_bytes(data)
    sandbox.ask("picture", file, limits=Limits(), keep=lambda picture, data: found.append((picture, data)))
    return found


def test_a_readers_own_picture_is_made_to_fit_a_cover(tmp_path: Path) -> None:
    [(picture, data)] = sent(tmp_path / "cover", encoded(photo(2000, 4000), "BMP"))

    assert (picture.width, picture.height, picture.media_type) == (900, 1800, "image/jpeg")
    assert data.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("data", [b"words", png_of(50_000, 50_000), b"<svg/>"])
def test_a_cover_that_is_no_picture_is_refused_with_a_sentence(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BadPicture) as refused:
        sent(tmp_path / "cover", data)
    assert "Choose a JPEG" in str(refused.value)
