"""Text -> the terms it is found by. The same function serves the index and the question.

Words are lower-cased, freed of accents and stemmed. Korean and the scripts that put no spaces
between words (Chinese, Japanese, Thai ...) become pairs of neighbouring characters: no dictionary
is needed, and simplified and traditional Chinese are served alike.
"""

import re
import unicodedata
from functools import cache
from typing import Final

import Stemmer

LONGEST_TERM: Final = 64  # characters; Posting.term holds no more

STEMMERS: Final = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french",
    "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian",
    "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian",
    "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

# Thai, Lao, Tibetan, Burmese, Khmer, Kana, Bopomofo, Hangul and Han, with the marks inside them.
UNSPACED: Final = re.compile(
    "[\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
# Combining signs that Python does not count as letters, and the apostrophe: inside a word they do not end it.
_INSIDE: Final = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f"
    "\u0981-\u0983\u09bc-\u09d7\u0a01-\u0a51\u0a81-\u0acd\u0b01-\u0bd7\u0c00-\u0c56\u0c81-\u0cd6\u0d00-\u0d57"
)
WORD: Final = re.compile(rf"[^\W_]+(?:[{_INSIDE}']+[^\W_]+)*[{_INSIDE}]*")
# One apostrophe for all; soft hyphens and zero-width characters are typesetting, not text.
TYPESETTING: Final = str.maketrans(
    {"’": "'", "ʼ": "'", "‘": "'", "\u00ad": "", "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": ""}
)
ACCENTS: Final = re.compile("[\u0300-\u036f]+")


def terms(text: str, *, language: str = "") -> list[str]:
    """Return the terms of `text`, repeated ones repeated; their order means nothing.

    `language` (BCP 47) chooses the stemmer; one without a stemmer, or none, gets the English one.
    """
    text = unicodedata.normalize("NFKC", text).translate(TYPESETTING).lower()
    runs = UNSPACED.findall(text)
    if runs:
        text = UNSPACED.sub(" ", text)
    found = _stemmed(WORD.findall(text), algorithm=stemmer_of(language))
    for run in runs:
        found += [run[at : at + 2] for at in range(len(run) - 1)] or [run]
    return found


def stemmer_of(language: str) -> str:
    """Return the name of the stemmer for a language: books of one stemmer can be asked with the same terms."""
    return STEMMERS.get(language.lower().replace("_", "-").split("-")[0], "english")


def _stemmed(words: list[str], *, algorithm: str) -> list[str]:
    if algorithm == "english":  # its accents are foreign names: Natásha is also asked for as Natasha
        words = [_plain(word) for word in words]
    else:  # l'homme is two words
        words = [part for word in words for part in word.split("'")]
    stems: list[str] = _stemmer(algorithm).stemWords(words)
    return [_plain(stem)[:LONGEST_TERM] for stem in stems]


def _plain(word: str) -> str:
    """Return the word without accents."""
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", ACCENTS.sub("", unicodedata.normalize("NFD", word)))


@cache
def _stemmer(algorithm: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(algorithm, 20_000)
