"""What a text is found by."""

import pytest

from mindory_web.lib.terms import LONGEST_TERM, terms


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("whales", "the WHALE"),
        ("Natasha", "Natásha’s"),
        ("Andrew's horse", "Andrew’s horses"),
        ("ＡＢＣ　１２３", "abc 123"),
        ("ﬁnal", "final"),
        ("resumé", "re\u00adsumé"),
        ("dream", "dreaming"),
    ],
)
def test_a_word_is_found_however_it_is_written(asked: str, written: str) -> None:
    assert set(terms(asked)) <= set(terms(written))


def test_chinese_becomes_pairs_and_a_lone_character_stays_one() -> None:
    assert terms("紅樓夢，夢。") == ["紅樓", "樓夢", "夢"]


def test_mixed_scripts_are_taken_apart() -> None:
    assert sorted(terms("iPhone手机2024年")) == sorted(["iphon", "2024", "手机", "年"])


def test_korean_thai_and_kana_are_pairs_too() -> None:
    assert terms("한국어 ドラマ") == ["한국", "국어", "ドラ", "ラマ"]
    assert len(terms("สวัสดี")) == 5


def test_the_language_chooses_the_stemmer() -> None:
    assert terms("Häuser", language="de") == terms("Hauser", language="de-AT")
    assert set(terms("aventure", language="fr")) <= set(terms("l’aventure", language="fr"))
    assert terms("читали", language="ru") == terms("читала", language="ru")


def test_vowel_signs_do_not_end_a_word() -> None:
    assert len(terms("हिन्दी", language="hi")) == 1


def test_no_term_is_longer_than_its_column_and_none_needs_escaping() -> None:
    found = terms("x" * 5000 + " tab\there back\\slash {brace} \x00 'quote' " + "漢" * 3)
    assert max(map(len, found)) == LONGEST_TERM
    assert not set("".join(found)) & set("\t\\{}\x00\n")


def test_nothing_gives_nothing() -> None:
    assert terms("") == terms(" … — ’ ") == []
