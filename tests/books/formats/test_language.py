"""The language of a book: what it says is checked against its text."""

import pytest

from books.formats import language
from tests.made import texts

ENGLISH = "It is a truth universally acknowledged, that a man in possession of a good fortune is in want. " * 3
LATIN = {
    "fr": "Le vieux gardien habitait dans la tour et il ne parlait pas avec les gens du village qui est sur la mer.",
    "de": "Der alte Wärter wohnte mit dem Hund in der Stadt und das Licht war nicht zu sehen, als er auf die See sah.",
    "es": "El viejo guardián vivía en la torre y no hablaba con los vecinos, pero su perro era para él como un hijo.",
    "it": "Il vecchio guardiano della torre non parlava con la gente del paese, ma nel suo cuore era come un bambino.",
    "pt": "O velho guarda não falava com os vizinhos da vila, mas ele foi para a torre com um livro e uma lanterna.",
    "nl": "De oude wachter van het licht was niet in het dorp, maar hij zat op een bank aan de zee en las een boek.",
    "sv": "Den gamle vakten var inte i byn, och han hade det bra när han satt på bänken med sin bok och såg havet.",
    "da": "Den gamle mand var ikke i byen, men efter mange år havde han det godt, og så blev han der af sig selv.",
    "no": "Den gamle mannen var ikke i byen, men etter mange år hadde han det godt, og så ble han der av seg selv.",
    "fi": "Vanha vartija ei ollut kylässä, mutta hän oli siellä kun meri oli niin tyyni, ja se oli kuin uni hänen.",
    "pl": "Stary latarnik nie był na wyspie, ale jak już się zaczęło, to jest tak, że za rok do domu od razu wrócił.",
    "cs": "Starý hlídač se na ostrově nebál, ale když to bylo tak tiché, že by se jen vítr za ním díval, šel domů.",
    "hu": "Az öreg őr nem volt a faluban, és ez is csak egy nap volt, hogy már meg kell várni, ki jön még el.",
    "ro": "Bătrânul paznic nu era în sat, dar când a venit seara și a fost să plece cu barca, el a stat pe mal.",
    "tr": "Yaşlı bekçi köyde bir ev için çok para verdi ve bu da onun gibi daha sonra gelen her kişi kadar güzel oldu.",
    "vi": "Người gác đèn già không có ở trong làng, và ông cũng không được gặp những người đã đến với cái của họ.",
    "id": "Penjaga tua itu tidak ada di desa dan dia juga akan pergi dari sini dengan orang yang sudah ada malam ini.",
}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (texts.CHINESE, "zh-Hans"),
        (texts.TRADITIONAL, "zh-Hant"),
        ("道可道非常道名可名非常名" * 3, "zh"),
        (texts.JAPANESE, "ja"),
        (texts.KOREAN, "ko"),
        (texts.RUSSIAN, "ru"),
        ("Вона жила біля моря і щовечора запалювала лампу, її світло було видно далеко.", "uk"),
        ("Старият пазач живееше край морето и всяка вечер палеше голямата лампа, защото бъдещето е тъмно.", "bg"),
        ("Стари чувар живео је крај мора и свако вече палио лампу, њено светло се далеко видело.", "sr"),
        (texts.GREEK, "el"),
        (texts.HEBREW, "he"),
        (texts.ARABIC, "ar"),
        (texts.THAI, "th"),
        ("बूढ़ा पहरेदार समुद्र के पास रहता था और हर शाम दीपक जलाता था।", "hi"),
        (ENGLISH, "en"),
        ("xyzzy plugh " * 30, ""),
        ("1 2 3", ""),
    ],
)
def test_the_language_of_a_text_is_told_by_its_script(text: str, code: str) -> None:
    assert language.of(text) == code


@pytest.mark.parametrize(("code", "text"), LATIN.items())
def test_latin_languages_are_told_by_their_words(code: str, text: str) -> None:
    assert language.of(text) == code


@pytest.mark.parametrize(
    ("named", "text", "found"),
    [
        ("", texts.CHINESE, "zh-Hans"),
        ("zh", texts.CHINESE, "zh-Hans"),
        ("zh", texts.TRADITIONAL, "zh-Hant"),
        ("zh_cn", texts.CHINESE, "zh-CN"),
        ("ZH-TW", texts.TRADITIONAL, "zh-TW"),
        ("zh-hant-hk", texts.TRADITIONAL, "zh-Hant-HK"),
        ("zh-TW", texts.CHINESE, "zh-Hans"),
        ("zh-CN", texts.TRADITIONAL, "zh-Hant"),
        ("chi", texts.CHINESE, "zh-Hans"),
        ("lzh", texts.TRADITIONAL, "lzh"),
        ("ja", texts.CHINESE, "ja"),
        ("en", texts.CHINESE, "zh-Hans"),
        ("en-US", ENGLISH, "en-US"),
        ("EN-gb", ENGLISH, "en-GB"),
        ("eng", ENGLISH, "en"),
        ("zh", ENGLISH, "en"),
        ("fr", ENGLISH, "en"),
        ("la", ENGLISH, "la"),
        ("uk", texts.RUSSIAN, "uk"),
        ("de", texts.RUSSIAN, "ru"),
        ("und", ENGLISH, "en"),
        ("not a code!", ENGLISH, "en"),
        ("en", "1 2 3", "en"),
    ],
)
def test_what_a_book_says_is_checked_against_its_text(named: str, text: str, found: str) -> None:
    assert language.settled(named, [text]) == found
