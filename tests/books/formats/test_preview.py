"""A text file is shown in every encoding it may be in."""

from pathlib import Path
from typing import Any

import pytest

from books.errors import BadEncoding
from books.formats import decoding, sandbox
from books.formats.limits import Limits
from books.formats.parsed import Options
from tests.books_made import TALE_EPUB
from tests.made import texts


def previews(tmp_path: Path, body: bytes, *, suffix: str = ".txt") -> list[dict[str, Any]]:
    path = tmp_path / "book"
    path.write_bytes(body)
    found: list[dict[str, Any]] = []
    sandbox.ask("encodings", path, limits=Limits(seconds=30), suffix=suffix, result=found.append)
    return found


def test_the_detected_encoding_comes_first_and_others_follow(tmp_path: Path) -> None:
    found = previews(tmp_path, ("Chapter 1\n\n" + texts.CHINESE * 30).encode("gb18030"))

    assert [result["is_detected"] for result in found] == [True] + [False] * (len(found) - 1)
    assert (found[0]["encoding"], found[0]["replaced"]) == ("gb18030", 0)
    assert found[0]["preview"].startswith("话说东海之边")
    assert len(found) == 12
    assert all(result["label"] == decoding.ENCODINGS[result["encoding"]] for result in found)
    assert all(0 < len(result["preview"]) <= 300 for result in found)
    assert "big5" in {result["encoding"] for result in found}
    assert {"encoding", "label", "is_detected", "preview", "replaced", "score"} == set(found[0])


def test_the_place_that_is_shown_tells_the_encodings_apart(tmp_path: Path) -> None:
    body = "Plain words.\n" * 200 + texts.FRENCH * 5

    assert "bougie éteinte" in previews(tmp_path, body.encode("cp1252"))[0]["preview"]


def test_what_stands_around_the_book_is_not_what_is_shown(tmp_path: Path) -> None:
    advertisement = "本书来自某某下载站，更多好书请访问我们的网站。\n" * 20
    found = previews(tmp_path, (advertisement + texts.CHINESE * 300 + advertisement).encode("gb18030"))

    assert not any("下载站" in result["preview"] for result in found)
    assert len({result["preview"] for result in found[:4]}) == 4


def test_a_page_is_shown_without_its_tags(tmp_path: Path) -> None:
    body = f"<!doctype html><meta charset=big5><p class=x>{texts.TRADITIONAL}</p>"
    found = previews(tmp_path, body.encode("big5"), suffix=".html")

    assert found[0]["encoding"] == "big5"
    assert "<" not in found[0]["preview"]


@pytest.mark.parametrize("body", [TALE_EPUB, bytes(range(256)) * 30, b"%PDF-1.7 nothing"])
def test_what_is_no_text_file_has_no_encodings(tmp_path: Path, body: bytes) -> None:
    assert previews(tmp_path, body) == []


def test_plain_ascii_is_utf_8(tmp_path: Path) -> None:
    assert previews(tmp_path, b"Plain words, and nothing else.\n" * 9)[0]["encoding"] == "utf-8"


def test_the_reader_chooses_the_encoding_and_only_one_that_we_have(tmp_path: Path) -> None:
    path = tmp_path / "book"
    path.write_bytes((texts.CHINESE * 9).encode("gb18030"))
    chosen = sandbox.parse(path, limits=Limits(seconds=30), suffix=".txt", options=Options(encoding="big5"))

    assert chosen.details["encoding"] == "Big5"
    with pytest.raises(BadEncoding):
        sandbox.parse(path, limits=Limits(seconds=30), suffix=".txt", options=Options(encoding="rot13"))


def test_text_in_utf_16_without_a_single_zero_is_text(tmp_path: Path) -> None:
    found = previews(tmp_path, texts.CHINESE.replace("\n", "").encode("utf-16-le"))

    assert found[0]["encoding"] == "utf-16-le"
