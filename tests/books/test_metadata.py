"""What a file says of itself."""

import pytest

from books.formats.parsed import ParsedBook
from books.metadata import told_by


@pytest.mark.parametrize("nothing", ["Unknown", " untitled ", "UNKNOWN", "未知"])
def test_a_name_that_a_program_put_where_it_knew_none_is_none(nothing: str) -> None:
    told = told_by(ParsedBook("mobi", [], title=nothing, authors=[nothing, "Jane Austen"]))

    assert (told.get("title"), told["authors"]) == (None, ["Jane Austen"])
