"""Drawings that are small files and endless work are refused before anything is drawn, or drawn in seconds."""

import contextlib
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from books.errors import DamagedBook
from books.formats import drawings, pictures, rescue, sandbox
from books.formats.limits import Limits
from books.formats.parsed import Picture
from tests.books.formats.test_pictures import encoded, photo
from tests.made.drawings import RED, chart, inside, svg
from tests.made.epubs import Made, page

BIG = '<rect width="100" height="100"'
LAUGHS = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
ZIGZAG = "L100 100 L0 10 L100 20 "
MARKER = f'<marker id="m">{RED * 100}</marker>'
SMALL = '<path d="M0 0L9 9L9 0"/>'
FADED = f'{BIG} opacity="0.5"/>'

HOSTILE = {
    "uses of uses": inside(40),
    "uses of uses, wide": inside(14),
    "a use of itself": f'<g id="a"><use xlink:href="#a"/>{RED}</g>',
    "a circle of uses": f'<g id="a"><use xlink:href="#b"/></g><g id="b"><use xlink:href="#a"/>{RED}</g>',
    "what holds its user": f'<use xlink:href="#b"/><g id="a"><g id="b"><use xlink:href="#a"/>{RED}</g></g>',
    "a chain of uses": "".join(f'<g id="a{n}"><use xlink:href="#a{n + 1}"/></g>' for n in range(20_000)),
    "groups in groups": "<g>" * 2_000 + RED + "</g>" * 2_000,
    "groups without end": "<g>" * 100_000,
    "drawings in drawings": '<svg viewBox="0 0 .001 .001">' * 50 + RED + "</svg>" * 50,
    "sheets in sheets": '<g opacity=".5">' * 50 + RED + "</g>" * 50,
    "sheets beside sheets": f'<g opacity=".5">{RED}</g>' * 20_000,
    "faded shapes": FADED * 20_000,
    "plain shapes": f"{BIG}/>" * 40_000,
    "very many elements": "<g/>" * 200_000,
    "a long path": f'<path d="M0 0 {ZIGZAG * 200_000}"/>',
    "long lines": f'<path fill="none" stroke="red" d="M0 0 {ZIGZAG * 10_000}"/>',
    "many long lines": f'<path fill="none" stroke="red" d="M0 0 {ZIGZAG * 3_000}"/>' * 6,
    "curves": f'<path stroke="red" d="M0 0 {"C100 100 0 10 100 20 " * 5_000}"/>',
    "arcs": f'<path d="M0 0 {"A 100 90 0 1 1 50 50 " * 20_000}"/>',
    "moves": f'<path d="{"M0 0" * 500_000}"/>',
    "a number without end": f'<path d="M{"9" * 1_000_000} 0 L{"." * 1_000_000}"/>{RED}',
    "numbers beyond all": '<path d="M0 0 L1e400 -1e400 L1e30 NaN" stroke="red" stroke-width="1e300"/>',
    "a far corner": '<path d="M0 0 L999999 -999999 C1 2 3 4 -999999 5" stroke="red" stroke-width="99999"/>',
    "a far corner made further": f'<g transform="scale(999)">{SMALL}<path d="M-9999 9999 9999 -1"/></g>',
    "fine dashes": '<path d="M0 0 L1e12 1e12" stroke="red" stroke-dasharray="0.1"/>',
    "the finest dashes": '<circle r="40" stroke="red" stroke-dasharray="0.0000001"/>',
    "a vast pattern": f'<pattern id="p" width="1e9" height="1e9" patternUnits="userSpaceOnUse">{RED}</pattern>'
    f'{BIG} fill="url(#p)"/>',
    "a pattern made larger": f'<pattern id="p" width="1" height="1">{RED}</pattern>'
    f'<g transform="scale(9000)">{BIG} fill="url(#p)"/></g>',
    "patterns in patterns": "".join(
        f'<pattern id="p{n}" width=".1" height=".1">{BIG} fill="url(#p{n + 1})"/></pattern>' for n in range(30)
    )
    + f'{BIG} fill="url(#p0)"/>',
    "masks of masks": "".join(f'<mask id="m{n}" mask="url(#m{n + 1})">{RED}</mask>' for n in range(50))
    + f'{BIG} mask="url(#m0)"/>',
    "cuts of cuts": "".join(f'<clipPath id="m{n}" clip-path="url(#m{n + 1})">{RED}</clipPath>' for n in range(50))
    + f'{BIG} clip-path="url(#m0)"/>',
    "arrows on every point": f'{MARKER}<path marker-mid="url(#m)" d="M0 0 {ZIGZAG * 999}"/>',
    "arrows for all": f'{MARKER}<g marker="url(#m)">{SMALL * 9_000}</g>',
    "a gradient of gradients": "".join(f'<linearGradient id="g{n}" xlink:href="#g{n + 1}"/>' for n in range(30_000)),
    "blown up": f'<g transform="scale(1e4)"><g transform="scale(1e4)">{FADED}</g></g>',
    "blown up a little": f'<g transform="matrix(99 0 0 99 0 0)" mask="url(#m)">{FADED}</g><mask id="m">{RED}</mask>',
    "braces without end": f"<style>{'{' * 400_000}</style>{RED}",
    "comments without end": f"<style>{'/*' * 200_000}</style>{RED}",
    "selectors without end": f"<style>{'a,' * 200_000}{{fill:red}}</style>{RED}",
    "a look without end": f'<rect width="9" height="9" style="{"fill:red;" * 100_000}"/>',
    "words without end": f"<text>{'word ' * 200_000}</text>",
    "words by letters": f"<text>{'<tspan>w</tspan>' * 19_000}</text>",
    "filters": f'<filter id="f"><feGaussianBlur stdDeviation="1e9"/></filter>{BIG} filter="url(#f)"/>' * 100,
    "attributes": f"<rect {' '.join(f'a{n}={n!r}' for n in map(str, range(30_000)))}/>{RED}",
    "pictures": '<image width="9" height="9" xlink:href="data:image/png;base64,AAAA"/>' * 20_000,
}


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in HOSTILE.items()])
def test_a_hostile_drawing_takes_seconds_at_most(body: str) -> None:
    began = time.process_time()
    with contextlib.suppress(ValueError, DamagedBook):
        picture, _ = pictures.written(svg(body), number=0, lost=pictures.Lost())
        assert (picture.width, picture.height) == (100, 100)

    assert time.process_time() - began < 8


def test_entities_are_refused_as_ever() -> None:
    with pytest.raises(DamagedBook):
        drawings.drawn(LAUGHS.encode() + svg("<text>&b;</text>"), rewritten=bytes)


def test_a_book_of_hostile_drawings_keeps_its_words_and_its_good_pictures(tmp_path: Path) -> None:
    bodies = [*HOSTILE.values(), chart()]
    shown = "".join(f'<p>words {number}</p><img src="d{number}.svg"/>' for number in range(len(bodies)))
    files: dict[str, str | bytes] = {f"d{number}.svg": svg(body) for number, body in enumerate(bodies)}
    path = tmp_path / "book"
    path.write_bytes(Made({"a.xhtml": page(shown)}, files).archive())
    book = sandbox.parse(path, limits=Limits(ratio=100_000))

    assert f"words {len(bodies) - 1}" in book.sections[0].text
    assert book.sections[0].blocks[-1].target in {str(picture.number) for picture in book.pictures}
    assert "Some pictures of this book could not be read; they are left out." in book.warnings


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """A book of twelve pictures, each of which takes a while."""
    noise = encoded(photo(1_200, 1_200), "PNG")
    shown = "".join(f'<p>words {number}</p><img src="p{number}.png"/>' for number in range(12))
    path = tmp_path / "book"
    path.write_bytes(Made({"a.xhtml": page(shown)}, {f"p{number}.png": noise for number in range(12)}).archive())
    return path


def end_reader() -> None:
    """End the child that reads a book, as native code that breaks down does; other children are servers."""
    (child,) = [one for one in psutil.Process().children() if "books.formats.child" in " ".join(one.cmdline())]
    os.kill(child.pid, signal.SIGSEGV)


@pytest.mark.faults
def test_a_picture_that_ends_its_reader_is_left_out_and_the_book_is_read_again(album: Path) -> None:
    kept: list[int] = []

    def end_it_once(picture: Picture, data: bytes) -> None:
        kept.append(picture.number)
        if len(kept) == 1:
            end_reader()

    book = rescue.parse(album, limits=Limits(), keep=end_it_once)

    assert "words 11" in book.sections[0].text
    assert len(book.pictures) == 11
    assert book.details["pictures_lost"] == 1
    assert book.warnings == ["Some pictures of this book could not be read; they are left out."]


@pytest.mark.faults
def test_a_book_whose_pictures_always_end_its_reader_is_kept_with_those_that_came(album: Path) -> None:
    def end_it(picture: Picture, data: bytes) -> None:
        end_reader()

    book = rescue.parse(album, limits=Limits(), keep=end_it)

    assert "words 11" in book.sections[0].text
    assert 0 < len(book.pictures) < 12
    assert book.warnings == ["Some pictures of this book could not be read; they are left out."]
