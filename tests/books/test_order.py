"""Names in the order of the reader's language: pinyin on Chinese pages, and any character at all."""

import pytest
from django.utils.translation import override

from books import browsing
from books.browsing import Wish
from books.collections import Collections
from books.models import Book
from mindory_web.accounts.models import Reader
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

CODE_POINTS = ["apple", "Émile", "Zoo", "三国演义", "史记", "水浒传", "红楼梦", "西游记", "论语", "阿Q正传", "😀"]
PINYIN = ["apple", "Émile", "Zoo", "😀", "阿Q正传", "红楼梦", "论语", "三国演义", "史记", "水浒传", "西游记"]


@pytest.fixture
def shelf(alice: Reader) -> Reader:
    """Books, each by an author and on a collection of its own name."""
    for number, title in enumerate(reversed(CODE_POINTS)):
        book = Book.objects.create(
            owner=alice,
            digest=f"{number:064x}",
            file_name="a",
            file_size=1,
            title=title,
            authors=[title],
            state="ready",
        )
        Collections(alice).put(Collections(alice).make(title).pk, [book.pk])
    return alice


@pytest.mark.parametrize(("language", "wanted"), [("en", CODE_POINTS), ("zh-hans", PINYIN)])
def test_titles_and_authors_and_collections_stand_in_the_readers_order(
    shelf: Reader, language: str, wanted: list[str]
) -> None:
    with override(language):
        for sort in ("title", "author"):
            assert [book.title for book in browsing.found(shelf, Wish(sort=sort))] == wanted
            assert [book.title for book in browsing.found(shelf, Wish(sort=f"-{sort}"))] == wanted[::-1]
        # Accents are letters of their own where Python and Lower() sort; the Chinese order is the same.
        without = [name for name in wanted if name != "Émile"]
        assert [name for name, _count in browsing.facets(shelf).authors if name != "Émile"] == without
        assert [one.name for one in Collections(shelf).all() if one.name != "Émile"] == without


def test_the_page_of_a_chinese_reader_is_in_that_order(shelf: Reader) -> None:
    Reader.objects.update(language="zh-hans")
    shown = signed_in(shelf).get("/shelf/?sort=title").content.decode()
    assert shown.index("阿Q正传") < shown.index("红楼梦") < shown.index("三国演义") < shown.index("西游记")
    assert signed_in(shelf).get("/talks/books").status_code == 200
