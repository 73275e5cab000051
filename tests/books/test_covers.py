"""A cover follows from the book's id and fits its title."""

import pytest

from books.covers import CLOTHS, cover_of, picture_of, size_of
from books.models import Book


def test_a_book_always_wears_the_same_cover() -> None:
    assert cover_of(7, title="Middlemarch") == cover_of(7, title="Middlemarch")


def test_a_shelf_is_varied() -> None:
    covers = [cover_of(number, title="Walden").classes for number in range(200)]
    assert len({classes.rsplit(" ", 1)[0] for classes in covers}) >= 8
    assert len({classes.rsplit(" ", 1)[-1] for classes in covers}) == CLOTHS


@pytest.mark.parametrize(
    ("title", "size"),
    [
        ("Walden", ""),
        ("Moby-Dick", ""),
        ("Frankenstein", "mid"),
        ("Les Misérables", "mid"),
        ("The Souls of Black Folk", "mid"),
        ("The First Six Books of the Elements of Euclid", "long"),
        ("An Inquiry into the Nature and Causes of the Wealth of Nations", "xlong"),
        ("红楼梦", ""),
        ("三国志通俗演义全传", "mid"),
    ],
)
def test_the_size_follows_the_title(title: str, size: str) -> None:
    assert size_of(title) == size


def test_a_short_chinese_title_stands_on_a_slip() -> None:
    assert cover_of(3, title="红楼梦").classes.startswith("slip c")
    assert cover_of(3, title="红楼梦").has_plate


def test_a_long_chinese_title_does_not_run_off_a_slip() -> None:
    for number in range(50):
        assert "slip" not in cover_of(number, title="脂砚斋重评石头记甲戌本全").classes
        assert "initial" not in cover_of(number, title="脂砚斋重评石头记甲戌本全").classes


def test_a_subtitle_stays_off_the_cover() -> None:
    assert cover_of(1, title="Frankenstein; or, The Modern Prometheus").title == "Frankenstein"
    assert cover_of(1, title="红楼梦（程乙本）").title == "红楼梦"
    assert cover_of(1, title=": a title").title == ": a title"


def test_a_picture_takes_the_place_of_the_drawn_cover_and_another_picture_has_another_address() -> None:
    book = Book(pk=4, digest="a" * 64, parser_version=2)
    assert picture_of(book) == ""
    book.cover = 0
    of_the_file = picture_of(book)
    book.own_cover = f"{'b' * 64}.png"
    assert of_the_file.startswith("/books/4/cover?v=")
    assert picture_of(book) == "/books/4/cover?v=bbbbbbbbbbbb"
