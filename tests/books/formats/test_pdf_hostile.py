"""PDFs that are broken, or made to break their reader: everything that can be saved is, and nothing else happens."""

import contextlib
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from books.errors import BookError, DamagedBook, EmptyBook, ParserDied
from books.formats import sandbox
from books.formats.parsed import ParsedBook
from tests.made import pdfs
from tests.made.pdfs import Sheet, file_of, stream, wrapped

LIMITS = sandbox.Limits(seconds=60)
TEXT = "Old Marten kept the light on the rock, and nobody came to see him there in all the winter of that year. " * 6
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
PAGE = (
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {content} 0 R "
    "/Resources << /Font << /F 3 0 R >> >> >>"
)


Read = Callable[..., ParsedBook]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def run(body: bytes, limits: sandbox.Limits = LIMITS) -> ParsedBook:
        path = tmp_path / "book.pdf"
        path.write_bytes(body)
        return sandbox.parse(path, limits=limits)

    return run


def text_of(book: ParsedBook) -> str:
    return "\n\n".join(section.text for section in book.sections)


def page(number: int) -> Sheet:
    return Sheet().lines(72, 700, wrapped(f"Page {number} begins. {TEXT}", 60))


def words(text: str) -> bytes:
    return stream(f"BT /F 11 Tf 60 700 Td ({text}) Tj ET".encode())


# --- Broken -------------------------------------------------------------------------------------


def test_a_file_cut_off_in_the_middle_gives_the_pages_that_are_there(read: Read) -> None:
    body = pdfs.book([page(n) for n in range(20)])
    found = read(body[: len(body) * 3 // 5])

    assert "Page 0 begins" in text_of(found)
    assert "Page 5 begins" in text_of(found)


def test_a_wrong_table_of_objects_is_mended(read: Read) -> None:
    body = pdfs.book([page(n) for n in range(3)])
    start = body.rindex(b"xref\n0")

    assert "Page 2 begins" in text_of(
        read(body[:start] + b"xref\n0 1\n0000000000 65535 f \n" + body[start:].partition(b"trailer")[2])
    )
    assert "Page 2 begins" in text_of(read(body[:start]))


def test_a_file_cut_off_before_its_catalog_gives_the_pages_that_are_there(read: Read) -> None:
    body = pdfs.book([page(n) for n in range(5)])
    at = body.index(b"3 0 obj")
    start, rest = body[:at], body[at : len(body) * 4 // 5]

    assert "Page 1 begins" in text_of(read(b"%PDF-1.7\n" + rest))
    assert "Catalog" in start.decode("latin-1")


def test_objects_packed_into_streams_are_found_again(read: Read) -> None:
    inner = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>", FONT]
    inner.append(PAGE.format(content=5).encode())
    places = [sum(len(body) + 1 for body in inner[:n]) for n in range(4)]
    listed = b" ".join(b"%d %d" % (n + 1, place) for n, place in enumerate(places)) + b" "
    packed = stream(listed + b" ".join(inner), f"/Type /ObjStm /N 4 /First {len(listed)}", is_packed=True)
    body = b"%PDF-1.7\n6 0 obj\n" + packed + b"\nendobj\n5 0 obj\n" + words("The only page.") + b"\nendobj\n"

    assert text_of(read(body)) == "The only page."


def test_a_file_without_a_list_of_pages_is_damaged(read: Read) -> None:
    with pytest.raises((DamagedBook, EmptyBook)):
        read(file_of([b"<< /Type /Catalog >>", FONT]))


@pytest.mark.parametrize("body", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\xff" * 5000, b"%PDF-1.4 trailer << /Root 1 0 R >>"])
def test_what_is_no_pdf_inside_is_damaged(read: Read, body: bytes) -> None:
    with pytest.raises(DamagedBook):
        read(body)


def test_a_page_that_is_missing_is_told_and_the_others_are_kept(read: Read) -> None:
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 3 /Kids [4 0 R 99 0 R 6 0 R] >>", FONT]
    objects += [
        PAGE.format(content=5).encode(),
        words("The first page."),
        PAGE.format(content=7).encode(),
        words("The last page."),
    ]
    found = read(file_of(objects))

    assert "The first page." in text_of(found)
    assert "The last page." in text_of(found)
    assert any("damaged" in warning and "2" in warning for warning in found.warnings)


def test_a_broken_stream_costs_its_page_only(read: Read) -> None:
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 2 /Kids [4 0 R 6 0 R] >>", FONT]
    broken = b"<< /Filter /FlateDecode /Length 9 >>\nstream\nnot packed\nendstream"
    objects += [PAGE.format(content=5).encode(), broken, PAGE.format(content=7).encode(), words("The last page.")]

    assert text_of(read(file_of(objects))) == "The last page."


# --- Circles ------------------------------------------------------------------------------------


def test_pages_that_contain_themselves_end(read: Read) -> None:
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 3 /Kids [4 0 R 2 0 R 2 0 R] >>", FONT]
    objects += [PAGE.format(content=5).encode(), words("The only page.")]

    assert "The only page." in text_of(read(file_of(objects)))


def test_an_object_that_is_its_own_length_ends(read: Read) -> None:
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 2 /Kids [4 0 R 6 0 R] >>", FONT]
    own = b"<< /Length 5 0 R >>\nstream\nBT /F 11 Tf 60 700 Td (Circle.) Tj ET\nendstream"
    objects += [PAGE.format(content=5).encode(), own, PAGE.format(content=7).encode(), words("The last page.")]

    assert "The last page." in text_of(read(file_of(objects)))


def drawn_by_itself(*, times: int) -> bytes:
    """Return a PDF with a form that draws itself so many times."""
    head = "/Type /XObject /Subtype /Form /BBox [0 0 600 800] "
    head += "/Resources << /Font << /F 3 0 R >> /XObject << /X 6 0 R >> >>"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>", FONT]
    own = PAGE.format(content=5).replace("/Resources <<", "/Resources << /XObject << /X 6 0 R >>").encode()
    objects += [own, stream(b"/X Do"), stream(b"BT /F 11 Tf 60 700 Td (Inside.) Tj ET" + b" /X Do" * times, head)]
    return file_of(objects)


def test_a_form_that_draws_itself_ends(read: Read) -> None:
    assert "Inside." in text_of(read(drawn_by_itself(times=1)))


def test_a_form_that_draws_itself_many_times_over_ends_in_an_answer(read: Read) -> None:
    with contextlib.suppress(ParserDied, BookError):
        read(drawn_by_itself(times=3), sandbox.Limits(seconds=10, memory=512 * 1024 * 1024))


@pytest.mark.parametrize("chain", ["/Next 6 0 R", "/First 6 0 R /Last 6 0 R", "/Next 5 0 R"])
def test_an_outline_in_a_circle_ends(read: Read, chain: str) -> None:
    objects = [b"<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R >>", b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>", FONT]
    objects += [
        PAGE.format(content=7).encode(),
        f"<< /Title (One) /Parent 6 0 R {chain} /Dest [4 0 R /Fit] >>".encode(),
    ]
    objects += [b"<< /Type /Outlines /First 5 0 R /Last 5 0 R >>", words("The only page.")]
    found = read(file_of(objects))

    assert text_of(found) == "The only page."
    assert len(found.contents) <= 2


# --- Far too much -------------------------------------------------------------------------------


def test_an_outline_of_a_hundred_thousand_lines_is_cut(read: Read) -> None:
    count = 100_000
    objects = [b"<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R >>", b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>", FONT]
    objects += [PAGE.format(content=5).encode(), words("The only page.")]
    objects.append(f"<< /Type /Outlines /First 7 0 R /Last {6 + count} 0 R /Count {count} >>".encode())
    for n in range(7, 7 + count):
        following = f"/Next {n + 1} 0 R " if n < 6 + count else ""
        objects.append(f"<< /Title (Line {n}) /Parent 6 0 R {following}/Dest [4 0 R /Fit] >>".encode())
    began = time.monotonic()
    found = read(file_of(objects))

    assert 0 < len(found.contents) <= 10_000
    assert any("outline" in warning for warning in found.warnings)
    assert time.monotonic() - began < 30


def test_an_outline_nested_five_thousand_deep_is_cut(read: Read) -> None:
    count = 5_000
    objects = [b"<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R >>", b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>", FONT]
    objects += [PAGE.format(content=5).encode(), words("The only page.")]
    objects.append(b"<< /Type /Outlines /First 7 0 R /Last 7 0 R /Count 1 >>")
    for n in range(7, 7 + count):
        inner = f"/First {n + 1} 0 R /Last {n + 1} 0 R " if n < 6 + count else ""
        objects.append(f"<< /Title (Line {n}) /Parent {n - 1} 0 R {inner}/Dest [4 0 R /Fit] >>".encode())

    assert max(entry.depth for entry in read(file_of(objects)).contents) <= 12


@pytest.mark.parametrize("count", [10**6, 10**9, 2**31, -5])
def test_a_file_that_says_it_has_a_million_pages_gives_those_it_has(read: Read, count: int) -> None:
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Count {count} /Kids [4 0 R] >>".encode(), FONT]
    objects += [PAGE.format(content=5).encode(), words("The only page.")]
    began = time.monotonic()
    found = read(file_of(objects))

    assert text_of(found) == "The only page."
    assert found.details["pages"] == 1
    assert time.monotonic() - began < 30


def test_a_page_of_a_million_letters_is_read(read: Read) -> None:
    rows = b"".join(b"1 0 0 1 20 %d Tm (%s) Tj " % (790 - n % 780, b"abcd efgh " * 10) for n in range(10_000))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>", FONT]
    objects += [PAGE.format(content=5).encode(), stream(b"BT /F 1 Tf " + rows + b"ET", is_packed=True)]
    began = time.monotonic()
    found = read(file_of(objects))

    assert sum(len(section.text) for section in found.sections) > 500_000
    assert time.monotonic() - began < 40


def test_places_that_are_no_places_are_survived(read: Read) -> None:
    drawn = b"BT /F 11 Tf 1e38 0 0 1e38 1e38 -1e38 Tm (Far.) Tj 1 0 0 1 60 700 Tm (Near.) Tj "
    drawn += b"0 0 0 0 0 0 Tm (Nowhere.) Tj ET"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>", FONT]
    objects += [PAGE.format(content=5).encode(), stream(drawn)]

    assert "Near." in text_of(read(file_of(objects)))


@pytest.mark.parametrize("box", ["[0 0 0 0]", "[0 0 1e30 1e30]", "[600 700 0 0]", "[0 0]", "(none)"])
def test_a_page_without_a_sensible_size_is_read(read: Read, box: str) -> None:
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>", FONT]
    objects += [PAGE.format(content=5).replace("[0 0 612 792]", box).encode(), words("The only page.")]

    assert text_of(read(file_of(objects))) == "The only page."


def test_a_packed_page_of_a_gigabyte_ends_in_an_answer(read: Read) -> None:
    bomb = zlib.compress(b"(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj " * 20_000_000, 9)
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>", FONT]
    packed = b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(bomb), bomb)
    objects += [PAGE.format(content=5).encode(), packed]

    with pytest.raises((ParserDied, BookError)):
        read(file_of(objects), sandbox.Limits(seconds=15, memory=512 * 1024 * 1024))


# --- Size and speed -----------------------------------------------------------------------------


def test_time_grows_with_the_pages_and_not_faster(tmp_path: Path) -> None:
    spent: list[float] = []
    for count in (50, 200):
        path = tmp_path / f"{count}.pdf"
        path.write_bytes(pdfs.book([page(n) for n in range(count)]))
        sandbox.measure(path, limits=LIMITS, cost=lambda cost: spent.append(cost.cpu))

    assert spent[1] < 5 * spent[0]
