"""Every encoding is decided on the whole file; nothing is lost, and what is torn is counted."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from books.errors import BadEncoding
from books.formats import decoding
from books.formats.decoding import Decoded
from books.formats.decoding.names import codec_of
from tests.made import texts


def decoded(data: bytes, *, chosen: str = "", said: str = "") -> Decoded:
    found = decoding.decoded(data, chosen=chosen, said=said)
    assert found is not None
    return found


@pytest.mark.parametrize("times", [1, 10, 400])
@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (texts.CHINESE, "gb18030", "gb18030"),
        (texts.CHINESE, "gb2312", "gb18030"),
        (texts.TRADITIONAL, "gbk", "gb18030"),
        (texts.TRADITIONAL, "big5", "big5"),
        (texts.CHINESE, "utf-16-le", "utf-16-le"),
        (texts.CHINESE, "utf-16-be", "utf-16-be"),
        (texts.CHINESE, "utf-8-sig", "utf-8"),
        (texts.JAPANESE, "shift_jis", "shift_jis"),
        (texts.JAPANESE, "euc_jp", "euc-jp"),
        (texts.JAPANESE, "iso-2022-jp", "iso-2022-jp"),
        (texts.KOREAN, "euc_kr", "euc-kr"),
        (texts.RUSSIAN, "cp1251", "windows-1251"),
        (texts.RUSSIAN, "koi8_r", "koi8-r"),
        (texts.RUSSIAN, "cp866", "ibm866"),
        (texts.GREEK, "cp1253", "windows-1253"),
        (texts.HEBREW, "cp1255", "windows-1255"),
        (texts.ARABIC, "cp1256", "windows-1256"),
        (texts.THAI, "cp874", "windows-874"),
        (texts.FRENCH, "cp1252", "windows-1252"),
        (texts.POLISH, "cp1250", "windows-1250"),
        (texts.TURKISH, "cp1254", "windows-1254"),
        (texts.FRENCH, "utf-8", "utf-8"),
        (texts.FRENCH, "utf-16", "utf-16"),
        (texts.FRENCH, "utf-16-le", "utf-16-le"),
        (texts.FRENCH, "utf-32", "utf-32"),
    ],
)
def test_every_encoding_is_recognised(text: str, encoding: str, found: str, times: int) -> None:
    assert decoded((text * times).encode(encoding)) == Decoded(text * times, found)


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        ("红楼梦", "gbk", "gb18030"),
        ("紅樓夢", "big5", "big5"),
        ("联通", "gbk", "gb18030"),
        ("吾輩は猫である。", "cp932", "shift_jis"),
        ("안녕하세요. 반갑습니다.", "cp949", "euc-kr"),
        ("Привет, мир!", "cp1251", "windows-1251"),
        ("The café was closed that day and nobody came.\n", "cp1252", "windows-1252"),
        ("It’s a dog’s life — he said.\n" * 5, "cp1252", "windows-1252"),
        ("ÄRGER ÜBER ÖL\n", "cp1252", "windows-1252"),
        ("“Yes,” he said — “no.”\n" * 30, "gbk", "gb18030"),
        ("话说东海之边有一座石塔。", "hz", "hz"),
        ("", "utf-8", "utf-8"),
    ],
)
def test_a_few_characters_are_enough(text: str, encoding: str, found: str) -> None:
    assert decoded(text.encode(encoding)) == Decoded(text, found)


def test_a_rare_name_late_in_a_gbk_file_survives() -> None:
    text = texts.CHINESE * 4000 + "朱镕基与陶喆同游。"

    assert decoded(text.encode("gb18030")).text == text


@given(st.text(st.characters(min_codepoint=0xA0, exclude_categories=["Cs"]), max_size=40))
@settings(max_examples=60, deadline=None)
def test_every_character_of_gb18030_survives(rare: str) -> None:
    text = texts.CHINESE * 5 + rare + "\n" + texts.CHINESE * 5

    assert decoded(text.encode("gb18030")).text == text


def test_one_torn_byte_does_not_change_the_decision_and_is_counted() -> None:
    data = (texts.CHINESE * 50).encode("gb18030")
    found = decoded(data[:4000] + b"\xff" + data[4000:])

    assert (found.encoding, found.replaced > 0) == ("gb18030", True)
    assert found.details() == {"encoding": "GB18030", "had_lossy": True, "replaced": found.replaced}


def test_a_replacement_character_of_the_file_itself_is_not_ours() -> None:
    assert decoded("a \ufffd b é\n".encode() * 20).replaced == 0


def test_utf_8_with_torn_characters_is_utf_8() -> None:
    data = (texts.CHINESE * 20).encode()
    found = decoded(data[:100] + b"\xe8\xaf" + data[100:3001] + b"\xff\xff" + data[3001:])

    assert found.encoding == "utf-8"
    assert 2 <= found.replaced <= 8
    assert found.text.count("话说东海") == 20


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        ((texts.CHINESE, "gb18030"), (texts.CHINESE, "utf-8"), ["GB18030", "UTF-8"]),
        ((texts.CHINESE, "utf-8"), (texts.CHINESE, "gb18030"), ["UTF-8", "GB18030"]),
        ((texts.TRADITIONAL, "big5"), (texts.CHINESE, "gb18030"), ["Big5", "GB18030"]),
        ((texts.RUSSIAN, "cp1251"), (texts.RUSSIAN, "utf-8"), ["Windows-1251", "UTF-8"]),
        ((texts.FRENCH, "cp1252"), (texts.FRENCH, "utf-8"), ["Windows-1252", "UTF-8"]),
    ],
)
def test_a_file_that_changes_its_encoding_is_decoded_stretch_by_stretch(
    first: tuple[str, str], second: tuple[str, str], names: list[str]
) -> None:
    data = (first[0] * 60).encode(first[1])
    found = decoded(data + (second[0] * 40).encode(second[1]))
    stretches = found.details()["stretches"]

    assert found.text == first[0] * 60 + second[0] * 40
    assert isinstance(stretches, list)
    assert [name for name, _, _ in stretches] == names
    assert [stretches[0][1], stretches[0][2], stretches[1][1]] == [0, len(data), len(data)]


def test_the_edge_between_two_encodings_may_be_in_the_middle_of_a_line() -> None:
    data = (texts.CHINESE * 20 + "却说那").encode("gb18030") + ("老渔翁点了灯。\n" + texts.CHINESE * 20).encode()

    assert decoded(data).text == texts.CHINESE * 20 + "却说那老渔翁点了灯。\n" + texts.CHINESE * 20


def test_the_reader_chooses_the_encoding() -> None:
    data = (texts.CHINESE * 3).encode("gb18030")

    assert decoded(data, chosen="big5").encoding == "big5"
    assert decoded(data, chosen="GBK").text == texts.CHINESE * 3
    assert decoded(b"\xef\xbb\xbfplain", chosen="utf-8").text == "plain"
    assert decoded("日".encode("utf-16"), chosen="utf-16").text == "日"
    with pytest.raises(BadEncoding):
        decoding.decoded(data, chosen="rot13")
    with pytest.raises(BadEncoding):
        decoding.decoded(data, chosen="../etc/passwd")


def test_what_a_file_says_is_believed_unless_it_is_plainly_wrong() -> None:
    polish = (texts.POLISH * 3).encode("iso-8859-2")

    assert decoded(polish, said="ISO-8859-2").text == texts.POLISH * 3
    assert decoded((texts.CHINESE * 3).encode("gb18030"), said="iso-8859-1").text == texts.CHINESE * 3
    assert decoded((texts.CHINESE * 3).encode("gb18030"), said="utf-8").text == texts.CHINESE * 3
    assert decoded(texts.CHINESE.encode(), said="gb2312").text == texts.CHINESE


def test_bytes_that_are_no_text_are_none() -> None:
    assert decoding.decoded(bytes(range(256)) * 40) is None


@pytest.mark.parametrize("name", decoding.ENCODINGS)
def test_every_encoding_of_the_list_has_its_codec(name: str) -> None:
    assert "a".encode(codec_of(name)).decode(codec_of(name)) == "a"
    assert decoding.known(name.upper()) == name


def test_candidates_begin_with_the_detected_one() -> None:
    found = decoding.candidates((texts.CHINESE * 10).encode("gb18030"))

    assert found[0].encoding == "gb18030"
    names = [candidate.encoding for candidate in found]
    assert len(set(names)) == len(found)
    others = names.index("utf-8")
    assert {"big5", "shift_jis", "euc-kr"} <= set(names[1:others])
    for group in (found[1:others], found[others + 2 :]):
        assert all(before.score >= after.score for before, after in pairwise(group))


@pytest.mark.parametrize(
    "unit",
    [b"\xb5\xda", b"-", b"\n", b"a", b"\xe7\xac\xac", b"\xff", b"\x80 ", b"\xc3\xa9a", b"\xb5\xda\n", b"\xe7\xac\n"],
)
def test_megabytes_of_one_thing_take_linear_time(unit: bytes) -> None:
    began = time.process_time()
    decoding.decoded(unit * (6_000_000 // len(unit)))

    assert time.process_time() - began < 20
