"""The drawings of an EPUB: files of their own, and those that stand in its pages."""

import base64
import io
from pathlib import Path

from PIL import Image

from books.formats import sandbox
from books.formats.limits import Limits
from books.formats.parsed import Block, ParsedBook
from tests.made.drawings import RED, chart, svg
from tests.made.epubs import DOT, Made, page

SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
SEA = f'<svg {SVG} viewBox="0 0 100 100"><title>The sea</title>{RED}<text y="50">water</text></svg>'


def parsed(folder: Path, body: str, **files: str | bytes) -> tuple[ParsedBook, dict[int, bytes]]:
    """Return a book with one page, and its pictures; `files` are named with _ for a full stop."""
    path = folder / "book.epub"
    named = {name.replace("_", "."): data for name, data in files.items()}
    path.write_bytes(Made({"a.xhtml": page(f"<p>Before.</p>{body}<p>After.</p>")}, named).archive())
    kept: dict[int, bytes] = {}
    book = sandbox.parse(path, limits=Limits(), keep=lambda picture, data: kept.update({picture.number: data}))
    return book, kept


def images(book: ParsedBook) -> list[Block]:
    """Return the blocks that are pictures."""
    return [block for section in book.sections for block in section.blocks if block.kind == "img"]


def colour(data: bytes) -> object:
    """Return the colour in the middle of a picture."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    return image.getpixel((image.width // 2, image.height // 2))


def test_a_figure_that_is_a_drawing_is_shown(tmp_path: Path) -> None:
    book, kept = parsed(tmp_path, '<img src="c.svg" alt="a chart"/>', c_svg=svg(chart(), 'viewBox="0 0 600 400"'))

    (block,) = images(book)
    assert (block.label, block.target) == ("a chart", "0")
    assert (book.pictures[0].width, book.pictures[0].height) == (600, 400)
    assert Image.open(io.BytesIO(kept[0])).size == (900, 600)
    assert [warning for warning in book.warnings if "fonts" not in warning] == []


def test_a_diagram_in_a_page_is_shown_with_its_title_and_its_words_are_no_text(tmp_path: Path) -> None:
    book, kept = parsed(tmp_path, f"<figure>{SEA}</figure>{SEA}")

    assert [(block.label, block.target) for block in images(book)] == [("The sea", "0"), ("The sea", "0")]
    assert book.sections[0].text == "Before.\n\nAfter."
    assert list(kept) == [0]
    assert colour(kept[0]) == (255, 0, 0)


def test_a_diagram_without_a_title_is_named_by_its_words(tmp_path: Path) -> None:
    book, _ = parsed(tmp_path, SEA.replace("<title>The sea</title>", ""))

    assert images(book)[0].label == "water"


def test_words_alone_are_text_and_parts_for_others_are_nothing(tmp_path: Path) -> None:
    book, _ = parsed(
        tmp_path,
        f'<p>Once <svg {SVG}><text>upon</text></svg> a time</p><svg {SVG} style="display: none">{RED}</svg>'
        f'<svg {SVG}><symbol id="s">{RED}</symbol></svg><svg {SVG}><use xlink:href="#s"/></svg>',
    )

    assert book.sections[0].text == "Before.\n\nOnce upon a time\n\nAfter."
    assert book.pictures == []


def test_a_picture_in_a_frame_is_that_picture(tmp_path: Path) -> None:
    framed = f'<svg {SVG}><rect width="9" height="9"/><image xlink:href="one.png"/></svg>'
    book, _ = parsed(tmp_path, f'{framed}<img src="cover.svg"/>', one_png=DOT, cover_svg=framed)

    assert [block.target for block in images(book)] == ["0", "0"]
    assert (book.pictures[0].width, book.pictures[0].height) == (1, 1)


def test_a_drawing_shows_the_pictures_of_the_book_that_it_names(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), (0, 128, 0)).save(out, "PNG")
    image = '<image width="100" height="100" xlink:href="green.png"/>'
    names = f'<svg {SVG} viewBox="0 0 100 100"><circle r="9"/>{image}</svg>'
    book, kept = parsed(tmp_path, f'{names}<img src="d.svg"/>', green_png=out.getvalue(), d_svg=names)

    assert [colour(data) for data in kept.values()] == [(0, 128, 0), (0, 128, 0)]
    assert len(book.pictures) == 2


def test_a_drawing_that_only_holds_a_picture_is_that_picture(tmp_path: Path) -> None:
    holds = f'<svg {SVG}><image xlink:href="data:image/png;base64,{base64.b64encode(DOT).decode()}"/></svg>'
    book, _ = parsed(tmp_path, '<img src="d.svg"/>', d_svg=holds)

    assert [(picture.width, picture.height) for picture in book.pictures] == [(1, 1)]


def test_a_drawing_that_cannot_be_drawn_costs_only_itself(tmp_path: Path) -> None:
    bad = svg("<g>" * 300 + RED + "</g>" * 300)
    book, kept = parsed(tmp_path, '<img src="b.svg" alt="bad"/><img src="g.svg"/>', b_svg=bad, g_svg=svg(RED))

    assert list(kept) == [1]
    assert book.warnings == ["Some pictures of this book could not be read; they are left out."]
    assert [block.label for block in images(book)] == ["bad", ""]


def test_a_book_with_drawings_is_the_same_every_time(tmp_path: Path) -> None:
    body = f'{SEA}<img src="c.svg"/>'

    assert parsed(tmp_path, body, c_svg=svg(chart())) == parsed(tmp_path, body, c_svg=svg(chart()))
