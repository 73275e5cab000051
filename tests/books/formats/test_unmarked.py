"""A document that marks no chapters still has them, when its paragraphs say so."""

import io
from collections.abc import Callable

import pytest

from books.formats.registry import parse
from books.formats.sources import Source
from tests.made import fb2s, mobis, odts, rtfs

CHAPTERS = ("Chapter One", "Chapter Two", "Chapter Three")
WORDS = "The sea was calm that day, and nobody came. Chapter Two of the log says so. " * 60


def _odt(texts: list[str]) -> bytes:
    return odts.odt("".join(odts.p(text) for text in texts))


def _rtf(texts: list[str]) -> bytes:
    return rtfs.rtf("".join(rtfs.p(text) for text in texts))


def _fb2(texts: list[str]) -> bytes:
    return fb2s.fb2("<section>" + "".join(f"<p>{text}</p>" for text in texts) + "</section>").encode()


def _mobi(texts: list[str]) -> bytes:
    return mobis.mobi6("<html><body>" + "".join(f"<p>{text}</p>" for text in texts) + "</body></html>")


@pytest.mark.parametrize("make", [_odt, _rtf, _fb2, _mobi])
def test_paragraphs_that_read_like_headings_are_the_contents(make: Callable[[list[str]], bytes]) -> None:
    texts = [text for chapter in CHAPTERS for text in (chapter, WORDS)]
    book = parse(Source(io.BytesIO(make(texts))), lambda done, total: None)

    assert [(entry.title, entry.section, entry.start) for entry in book.contents] == [
        (chapter, number, 0) for number, chapter in enumerate(CHAPTERS)
    ]
    assert {section.blocks[0].kind for section in book.sections} == {"h"}


def test_a_document_of_plain_paragraphs_stays_one() -> None:
    book = parse(Source(io.BytesIO(_odt([WORDS, "One two.", WORDS]))), lambda done, total: None)

    assert book.contents == []
    assert [block.kind for block in book.sections[0].blocks] == ["p", "p", "p"]


def test_there_are_never_more_lines_of_contents_than_a_book_may_have() -> None:
    body = _rtf([]).removesuffix(b"}") + rb"{\s1 A\par}" * 21_000 + b"}"
    book = parse(Source(io.BytesIO(body)), lambda done, total: None)

    assert len(book.contents) == 20_000
