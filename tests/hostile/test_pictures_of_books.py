"""A book whose pictures are broken, or too many."""

from pathlib import Path

from books.formats import sandbox
from books.formats.limits import Limits
from tests.books.formats.test_pictures import drawing, encoded, photo
from tests.books_made import CHAPTERS, PAGE, epub_members, zipped


def illustrated(*bodies: bytes) -> bytes:
    """Return an EPUB whose first page shows these pictures."""
    members = epub_members("x", CHAPTERS)
    shows = "".join(f'<p>words</p><img src="p{number}.png" alt="picture {number}"/>' for number in range(len(bodies)))
    items = "".join(f'<item id="p{n}" href="p{n}.png" media-type="image/png"/>' for n in range(len(bodies)))
    package = members["OEBPS/book.opf"]
    assert isinstance(package, str)
    members["OEBPS/book.opf"] = package.replace("</manifest>", f"{items}</manifest>")
    members["OEBPS/c0.xhtml"] = PAGE.format(title="x", body=shows)
    return zipped({**members, **{f"OEBPS/p{number}.png": body for number, body in enumerate(bodies)}})


def test_a_book_says_once_that_pictures_are_lost(tmp_path: Path) -> None:
    kept: dict[int, bytes] = {}
    file = tmp_path / "book"
    file.write_bytes(illustrated(b"no picture", encoded(drawing(), "PNG"), b"neither"))
    book = sandbox.parse(file, limits=Limits(), keep=lambda picture, data: kept.update({picture.number: data}))

    assert [warning for warning in book.warnings if "pictures" in warning] == [
        "Some pictures of this book could not be read; they are left out."
    ]
    assert book.details["pictures_lost"] == 2
    assert [picture.number for picture in book.pictures] == [1]
    assert list(kept) == [1]


def test_pictures_may_hold_more_than_text_may(tmp_path: Path) -> None:
    file = tmp_path / "book"
    file.write_bytes(illustrated(encoded(photo(400, 400), "BMP")))
    book = sandbox.parse(file, limits=Limits(unpacked=100_000, member=100_000))

    assert len(book.pictures) == 1
