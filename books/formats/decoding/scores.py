"""How much the characters of a text look like a language: 1 for everyday prose, 0 and less for nonsense.

Nothing is said about whether bytes can be decoded: a Big5 file decodes as GB18030 without an error. What tells is
which characters come out. Of real Chinese, two thirds are among the five hundred commonest characters; of Chinese
read in a wrong encoding, hardly any. Only characters beyond ASCII count, because the others are the same everywhere.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from books.formats.chinese import COMMON

_HANGUL: Final = (
    "이다는을가에의고하은지를도어사나한로아리니있그기들라자서인것시대해보게정만스부수일면장없전여오상말던할원"
    "내때구제안주소우중성모과어동공신었았했였으마세치위경국생두적요거습까려러무조저더분선방와번소람미되된비문"
)
_FULL_WIDTH: Final = "，。、；：？！“”‘’（）《》〈〉【】「」『』…—·～\u3000"
# The letters of a language, the commonest first.
_ORDERS: Final = {
    "windows-1251": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    "koi8-r": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    "ibm866": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    "iso-8859-5": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    "koi8-u": "оаниертвслікудмпьязгбчйхїшжюєщцґф",
    "windows-1253": "αοιετσνηυρπκμλςωόίάήέδύγχθώφβξζψ",
    "windows-1255": "יוהלארתבשמנםדקחעפכןגצטסזךףץ",
    "windows-1256": "اليمونرتبةعدسفهكقحجأشصىطخضذثزإغءظئآؤ",
    "windows-874": "านรกเงอมลว่ยตสดทบคปห้ะีิข์ไแโจพช็ัูุึืผซธณใถภศษญฐำ",
}
# Where the encodings list their everyday characters: the codec and its lead bytes.
_EVERYDAY: Final = {
    "zh": (("gb18030", range(0xB0, 0xD7)), ("big5hkscs", range(0xA4, 0xC6))),
    "ja": (("euc_jp", range(0xB0, 0xCF)),),
    "ko": (("cp949", range(0xB0, 0xC9)),),
}
_MARKS: Final = "«»„“”‘’–—…№\u00a0"
_DENSE: Final = 0.3  # of the characters of a Latin text, more are never accented
_SPACED: Final = re.compile("(?<=[\u3040-\u9fff\uac00-\ud7a3]) (?=[\u3040-\u9fff\uac00-\ud7a3])")
_FEW: Final = 50  # characters in which there may be no spaces by chance
_MIXED: Final = re.compile(r"[A-Za-z][^\W\d_A-Za-z]|[^\W\d_A-Za-z][A-Za-z]")
_ACCENTED: Final = re.compile(r"(?<=[A-Za-z])[^\W\d_A-Za-z](?![^\W\d_A-Za-z]{2})|[^\W\d_A-Za-z](?=[A-Za-z])")
_LATIN: Final = frozenset(
    {"windows-1252", "windows-1250", "windows-1254", "windows-1257", "iso-8859-2", "iso-8859-15", "macintosh"}
)
_TORN: Final = -4.0
_OTHER: Final = -0.3


class Weights(dict[str, float]):
    """What each character says for an encoding. ASCII says nothing, an unknown character is a little unlikely."""

    def __missing__(self, character: str) -> float:
        self[character] = found = _unlisted(character)  # kept: it will come again
        return found


def _unlisted(character: str) -> float:
    if character < "\x80":
        return 0.0
    if character < "\xa0":
        return -2.0
    if character == "\ufffd":
        return _TORN
    return -1.0 if "\ue000" <= character <= "\uf8ff" else _OTHER


def score(text: str, name: str) -> float:
    """Return how much `text`, decoded as `name`, looks like a language that is written in this encoding."""
    counts = Counter(text)
    beyond = sum(count for character, count in counts.items() if character > "\x7f")
    if not beyond:
        return 0.0
    if name in _LATIN:
        return _western(text, counts, beyond)
    if name in _ORDERS:
        weights = _alphabet(name)
        mixed = len(_MIXED.findall(text))  # no word has letters of two scripts
        return (sum(weights[character] * count for character, count in counts.items()) - mixed) / beyond
    found = max(_weighed(family, text, counts, beyond) for family in _families(name))
    return found


def weigher(name: str) -> Callable[[str], float]:
    """Return a quick way to add up what the characters of Asian text say for an encoding."""
    weights = _family(_families(name)[0])
    return lambda text: sum(map(weights.__getitem__, text))


def strangers(text: str, name: str) -> float:
    """Return which share of the different characters of a text is none of the everyday ones of an encoding."""
    found = set(text)
    return len(found - _everyday(_families(name)[0])) / max(len(found), 1)


@cache
def _everyday(family: str) -> frozenset[str]:
    return frozenset(map(chr, range(0x80))) | {at for at, weight in _family(family).items() if weight > 0.2}


def _weighed(family: str, text: str, counts: Mapping[str, int], beyond: int) -> float:
    weights = _family(family)
    found = sum(weights[character] * count for character, count in counts.items()) / beyond
    # Korean bytes fit every other encoding of the East. Only Korean has spaces between its words.
    is_spaced = len(_SPACED.findall(text)) > 0.1 * beyond
    if (family == "ko" and not is_spaced and beyond > _FEW) or (family in {"zh", "ja"} and is_spaced):
        found *= 0.5
    kana = sum(count for character, count in counts.items() if "\u3040" <= character <= "\u30ff")
    if family == "ja" and kana < 0.05 * beyond:
        found *= 0.5
    if family == "zh" and kana > 0.2 * beyond:
        found *= 0.5
    return found


def _families(name: str) -> tuple[str, ...]:
    if name in {"gb18030", "big5", "hz"}:
        return ("zh",)
    if name in {"shift_jis", "euc-jp", "iso-2022-jp"}:
        return ("ja",)
    if name == "euc-kr":
        return ("ko",)
    return ("zh", "ja", "ko", "any")


@cache
def _family(family: str) -> Weights:
    """Return the weights of a way of writing."""
    weights = Weights()
    if family == "any":  # of UTF-8 and UTF-16: a letter is a letter
        for first, last in ((0xA0, 0x250), (0x370, 0x600), (0x620, 0x660), (0xE00, 0xE60), (0x900, 0x980)):
            weights.update({chr(code): 0.8 for code in range(first, last)})
        weights.update(dict.fromkeys(_MARKS, 0.5))
        return weights
    for codec, leads in _EVERYDAY[family]:
        weights.update(dict.fromkeys(_listed(codec, leads), 0.5 if family == "ja" else 0.6))
    if family == "ja":
        weights.update({chr(code): 1.0 for code in range(0x3041, 0x3097)})
        weights.update({chr(code): 0.7 for code in range(0x30A1, 0x30FD)})
        weights.update({chr(code): -0.5 for code in range(0xFF61, 0xFFA0)})
    if family == "zh":
        weights.update({chr(code): 0.0 for code in range(0x3041, 0x30FD)})
    weights.update(dict.fromkeys(COMMON if family == "zh" else _HANGUL if family == "ko" else "", 1.0))
    weights.update(dict.fromkeys(_FULL_WIDTH, 0.8))
    weights.update({chr(code): 0.3 for code in range(0xFF10, 0xFF5B)})
    return weights


def _listed(codec: str, leads: range) -> str:
    """Return the characters an encoding lists first: the ones in everyday use."""
    trails = [*range(0x40, 0x7F), *range(0xA1, 0xFF)] if codec == "big5hkscs" else list(range(0xA1, 0xFF))
    return bytes(byte for lead in leads for trail in trails for byte in (lead, trail)).decode(codec, errors="ignore")


@cache
def _alphabet(name: str) -> Weights:
    """Return the weights of small letters by their rank; capitals count little."""
    weights = Weights(dict.fromkeys(_MARKS, 0.5))
    order = _ORDERS[name]
    for rank, letter in enumerate(order):
        if letter.upper() != letter:
            weights[letter.upper()] = 0.2
        weights[letter] = 1.0 - 0.7 * rank / len(order)
    return weights


def _western(text: str, counts: Mapping[str, int], beyond: int) -> float:
    """Return how much the characters beyond ASCII look like accented letters in Latin words, or like quotes."""
    marks = sum(counts.get(character, 0) for character in _MARKS + "¡¿°§©")
    broken = sum(count for character, count in counts.items() if "\x80" <= character < "\xa0" or character == "\ufffd")
    share = (len(_ACCENTED.findall(text)) + marks - 2 * broken) / beyond
    return min(share, 1.0) * (0.95 if beyond < _DENSE * len(text) else 0.2)
