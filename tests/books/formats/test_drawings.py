"""Drawings become pixels; what could do more than draw is left out of them."""

import base64
import io

import pytest
from PIL import Image

from books.errors import DamagedBook
from books.formats import drawings, pictures
from books.formats.drawings import fonts
from books.formats.parsed import Original
from tests.made.drawings import HUNDRED, RED, chart, svg
from tests.made.epubs import DOT


def drawn(data: bytes) -> Image.Image:
    """Return the pixels of a drawing."""
    found = drawings.drawn(data, rewritten=lambda inside: pictures.written(inside, number=0)[1])
    return Image.open(io.BytesIO(found.data)).convert("RGBA")


def colour(data: bytes, x: int = 50, y: int = 50) -> tuple[int, ...]:
    """Return the colour of a place in a drawing of 100 by 100."""
    image = drawn(data)
    found = image.getpixel((x * image.width // 100, y * image.height // 100))
    assert isinstance(found, tuple)
    return found


def test_a_drawing_is_drawn_finer_than_it_is_shown() -> None:
    found = drawings.drawn(svg(RED), rewritten=bytes)

    assert (found.width, found.height) == (100, 100)
    assert drawn(svg(RED)).size == (150, 150)
    assert colour(svg(RED)) == (255, 0, 0, 255)


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('viewBox="0 0 30 60"', (30, 60)),
        ('viewBox="0 0 30 60" width="10"', (10, 20)),
        ('width="1in" height="50%" viewBox="0 0 2 1"', (96, 48)),
        ('width="100%" height="100%" viewBox="0 0 9000 3000"', (900, 300)),
        ('viewBox="0 0 1e9 1e9"', (900, 900)),
        ("", (300, 150)),
    ],
)
def test_a_drawing_is_shown_as_large_as_it_says_and_never_vast(attributes: str, size: tuple[int, int]) -> None:
    found = drawings.drawn(svg(RED, attributes), rewritten=bytes)

    assert (found.width, found.height) == size


@pytest.mark.parametrize("attributes", ['width="100000" height="1"', 'viewBox="0 0 1 1e9"'])
def test_a_drawing_that_is_but_a_line_is_refused(attributes: str) -> None:
    with pytest.raises(ValueError, match="without a size"):
        drawings.drawn(svg(RED, attributes), rewritten=bytes)


def test_looks_come_from_attributes_a_style_sheet_and_styles_in_this_order() -> None:
    shape = '<rect width="100" height="100" fill="red" {}/>'
    sheet = "<style>/* x */ .b, #c { fill: blue !important } rect{stroke:none} @import url(x); </style>"

    assert colour(svg(sheet + shape.format(""))) == (255, 0, 0, 255)
    assert colour(svg(sheet + shape.format('class="a b"'))) == (0, 0, 255, 255)
    assert colour(svg(sheet + shape.format('id="c" style="fill: lime; x: url(y)"'))) == (0, 255, 0, 255)


def test_shapes_may_be_used_again_cut_out_faded_and_filled_with_colours_that_change() -> None:
    gradient = '<linearGradient id="g"><stop stop-color="red"/><stop offset="1" stop-color="red"/></linearGradient>'
    clip = '<clipPath id="k"><rect width="40" height="100"/></clipPath>'
    body = f'<defs>{gradient}{clip}<rect id="r" width="100" height="100" fill="url(#g)"/></defs>'

    assert colour(svg(f'{body}<use xlink:href="#r" clip-path="url(#k)"/>'), 20) == (255, 0, 0, 255)
    assert colour(svg(f'{body}<use xlink:href="#r" clip-path="url(#k)"/>'), 80) == (0, 0, 0, 0)
    assert colour(svg('<rect width="100" height="100" fill="red" opacity="0.5"/>'))[3] in {127, 128}


def test_names_in_small_letters_as_a_parser_of_html_writes_them_are_understood() -> None:
    body = '<lineargradient id="g"><stop stop-color="red"/></lineargradient><rect width="1" height="1" fill="url(#g)"/>'

    assert colour(svg(body, 'width="100" height="100" viewbox="0 0 1 1"')) == (255, 0, 0, 255)


@pytest.mark.parametrize(
    "more",
    [
        '<script>alert(1)</script><style>@import "http://a/b.css";</style>',
        '<foreignObject width="9" height="9"><body xmlns="http://www.w3.org/1999/xhtml">x</body></foreignObject>',
        '<image width="9" height="9" xlink:href="http://example.com/a.png"/>',
        '<image width="9" height="9" xlink:href="file:///etc/passwd"/>',
        '<image width="9" height="9" xlink:href="data:image/svg+xml;base64,PHN2Zz4="/>',
        '<use xlink:href="http://example.com/a.svg#b"/><use xlink:href="#nobody"/>',
        '<animate attributeName="x" to="9"/><set attributeName="x" to="9"/>',
        '<filter id="f"><feImage xlink:href="http://example.com/a.png"/></filter>',
        '<x:thing xmlns:x="urn:x"><path d="M0 0L9 9"/></x:thing><metadata>m</metadata>',
    ],
)
def test_what_does_more_than_draw_is_left_out(more: str) -> None:
    with_it = svg(f'<rect width="100" height="100" fill="#ff0000" filter="url(#f)" onclick="x()"/>{more}')

    assert drawn(with_it).tobytes() == drawn(svg(RED)).tobytes()


def test_a_picture_inside_is_written_anew() -> None:
    inside = base64.b64encode(DOT).decode()
    image = f'<image width="100" height="100" xlink:href="data:image/png;base64,{inside}"/>'
    assert colour(svg(image)) == (255, 255, 255, 255)

    seen: list[bytes] = []

    def rewritten(data: bytes) -> bytes:
        seen.append(data)
        return data

    drawings.drawn(svg(image), rewritten=rewritten)
    assert seen == [DOT]


def test_a_damaged_picture_inside_loses_only_itself() -> None:
    image = '<image width="100" height="100" xlink:href="data:image/png;base64,AAAA"/>'
    _, data = pictures.written(svg(RED + image), number=0, lost=pictures.Lost())

    assert Image.open(io.BytesIO(data)).convert("RGB").getpixel((9, 9)) == (255, 0, 0)


def test_of_two_ways_to_say_the_same_the_first_that_can_be_drawn_is() -> None:
    assert colour(svg(f"<switch><foreignObject/><g>{RED}</g><rect width='100' height='100'/></switch>"))[0] == 255


def test_words_are_drawn_if_the_server_has_fonts_and_missed_if_not() -> None:
    words = svg('<text x="5" y="60" font-size="50">Hello</text>')
    found = drawings.drawn(words, rewritten=bytes)

    assert found.is_wordless == (not fonts.for_words("Hello").is_enough)
    assert (drawn(words).getbbox() is None) == found.is_wordless
    assert not drawings.drawn(svg(RED), rewritten=bytes).is_wordless


def test_chinese_words_need_a_font_of_their_own() -> None:
    has_it = any("CJK" in name or "wqy" in name or "Droid" in name for name in fonts.for_words("漢").files)

    assert fonts.for_words("漢字").is_enough == has_it
    assert len(fonts.for_words("漢字").files) >= len(fonts.for_words("words").files)
    assert fonts.for_words(" ").is_enough


def test_the_same_drawing_is_the_same_picture() -> None:
    one, two = (pictures.written(svg(chart(), 'viewBox="0 0 600 400"'), number=1, lost=pictures.Lost()) for _ in "ab")

    assert one == two
    assert one[0].media_type == "image/png"
    assert (one[0].width, one[0].height) == (600, 400)


def test_drawings_are_made_after_all_other_pictures() -> None:
    begun: list[int] = []
    files = [svg(RED), DOT, b"<?xml version='1.0'?>\n<!-- x -->" + svg(RED), b"nothing", svg("")]
    originals = [Original(number, lambda data=data: data) for number, data in enumerate(files)]  # type: ignore[misc]
    lost = pictures.Lost()
    made = [picture.number for picture, _ in pictures.rewritten(originals, lost=lost, begun=begun.append)]

    assert made == [1, 0, 2]
    assert begun == [0, 1, 2, 3, 4, 0, 2, 4]
    assert (lost.unreadable, lost.too_much) == (2, 0)


@pytest.mark.parametrize("data", [b"<svg", b"<html><svg/></html>", b"words", b"", b"\x89PNG <svg>"])
def test_what_does_not_begin_like_a_drawing_is_none(data: bytes) -> None:
    assert not drawings.is_drawing(data)


@pytest.mark.parametrize(
    "data", [b"<svg>", b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', svg("<p/>"), svg("<defs>" + RED + "</defs>")]
)
def test_a_drawing_that_cannot_be_read_is_refused(data: bytes) -> None:
    with pytest.raises((ValueError, DamagedBook)):
        drawings.drawn(data, rewritten=bytes)


def test_a_drawing_in_a_drawing_keeps_its_place() -> None:
    inner = (
        '<svg x="50" y="0" width="50" height="50" viewBox="0 0 10 10"><rect width="10" height="10" fill="red"/></svg>'
    )

    assert colour(svg(inner, HUNDRED), 75, 25) == (255, 0, 0, 255)
    assert colour(svg(inner, HUNDRED), 25, 25) == (0, 0, 0, 0)
