"""Tell the language of a text: by its script, and between Latin ones by their commonest words."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from books.formats.chinese import ONLY_SIMPLIFIED, ONLY_TRADITIONAL

SAMPLE: Final = 40_000  # characters
_SCRIPTS: Final = {
    "han": re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"),
    "kana": re.compile(r"[\u3040-\u30ff]"),
    "hangul": re.compile(r"[\uac00-\ud7af]"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "latin": re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"),
    "greek": re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]"),
    "hebrew": re.compile(r"[\u05d0-\u05ea]"),
    "arabic": re.compile(r"[\u0620-\u06d3]"),
    "thai": re.compile(r"[\u0e01-\u0e5b]"),
    "devanagari": re.compile(r"[\u0904-\u097f]"),
}
_COMMON: Final = {
    "en": "the and of to in that was he his it with as for had you not be her on at by which have from",
    "fr": "le la les de à des et une du dans que qui est pas pour sur au il elle ne se plus avec ce son je me mes sa",
    "de": "der die und den das von zu mit sich des auf für ist im dem nicht ein eine als auch es an",
    "es": "el los las de la que en un una por con no se para del al lo su como más pero sus le ya",
    "it": "il di che la per un una non con del della si le gli dei da al più come ma nel sono suo",
    "pt": "o de que e do da em um para com não uma os no se na por mais as dos como mas foi ao ele",
    "nl": "de het een van en te dat die in is niet zijn met voor op aan er maar om hem ook als was",
    "sv": "och att det som en på är av för med den till inte han var sig jag hon de ett men hade så om",
    "da": "og at det som en på er af for med den til ikke han var sig jeg hun de et men havde så om efter blev",
    "no": "og at det som en på er av for med den til ikke han var seg jeg hun de et men hadde så om etter ble",
    "fi": "ja on ei hän että se oli mutta kun niin kuin ole hänen olla myös joka sitä jos mitä vain sen nyt minä",
    "pl": "i w nie na się z do to że jest jak o co ale po tak za od go przez jego był już tylko ze są",
    "cs": "a se v na je že s z do to o k i ale jako za by po jsem byl tak už jeho když které jen",
    "hu": "a az és hogy nem is egy ez volt de azt csak meg már van ki mint el még ha volna kell",
    "ro": "și de în la a nu cu pe că o un să din se mai ce care pentru este era lui dar său fi",
    "tr": "bir ve bu da de için o ne gibi çok ama daha kadar sonra var olarak ile mi diye onun her ben",
    "vi": "và của là không có được cho một những người trong đã với này các đó khi tôi ở anh như lại cũng ra",
    "id": "yang dan di itu dengan untuk tidak dari ini dalam akan pada juga ke saya ada dia orang sudah telah mereka",
}
_COMMON_SETS: Final = {code: frozenset(words.split()) for code, words in _COMMON.items()}
_WORD: Final = re.compile(r"[^\W\d_]+")
_FEWEST: Final = 20  # letters or words from which anything is told
_ENOUGH: Final = 0.12  # of the words must be common ones
# Which languages are written in a script; another one named for it is a mistake.
_USERS: Final = {
    "han": {"zh", "yue", "lzh", "cmn", "wuu", "nan", "hak", "gan", "hsn", "ja"},
    "kana": {"ja", "ryu", "ain"},
    "hangul": {"ko"},
    "cyrillic": {"ru", "uk", "be", "bg", "sr", "mk", "kk", "mn", "tg", "ky", "tt", "ba", "cv", "os", "sh", "bs"},
    "greek": {"el", "grc"},
    "hebrew": {"he", "yi", "arc", "lad"},
    "arabic": {"ar", "fa", "ur", "ps", "ug", "ku", "ckb", "sd", "ota", "arz"},
    "thai": {"th"},
    "devanagari": {"hi", "mr", "ne", "sa", "mai", "bho"},
}
_NEVER_LATIN: Final = frozenset({"zh", "ja", "ko", "ru", "uk", "bg", "el", "he", "ar", "fa", "th", "hi"})
_SPECIAL: Final = {  # the letters that only these languages of a script have
    "cyrillic": (("uk", "іїєґ"), ("be", "ў"), ("kk", "әғқңұһ"), ("mk", "ѓќѕ"), ("sr", "јљњћђџ"), ("mn", "өү"),
                 ("ru", "ыэё")),
    "arabic": (("ur", "ٹڈڑےں"), ("fa", "پچژگی")),
}  # fmt: skip
_OF_SCRIPT: Final = {"greek": "el", "hebrew": "he", "thai": "th", "devanagari": "hi"}
# What files say instead of BCP 47.
_NAMES: Final = {
    "eng": "en", "fre": "fr", "fra": "fr", "ger": "de", "deu": "de", "chi": "zh", "zho": "zh", "cmn": "zh", "cn": "zh",
    "jpn": "ja", "jp": "ja", "kor": "ko", "kr": "ko", "rus": "ru", "spa": "es", "ita": "it", "por": "pt", "dut": "nl",
    "nld": "nl", "pol": "pl", "cze": "cs", "ces": "cs", "swe": "sv", "dan": "da", "nor": "no", "nob": "nb", "fin": "fi",
    "hun": "hu", "rum": "ro", "ron": "ro", "tur": "tr", "gre": "el", "ell": "el", "heb": "he", "iw": "he", "ara": "ar",
    "tha": "th", "hin": "hi", "ukr": "uk", "ua": "uk", "bul": "bg", "vie": "vi", "ind": "id", "in": "id",
    "english": "en", "french": "fr", "german": "de", "spanish": "es", "russian": "ru", "chinese": "zh",
    "japanese": "ja", "korean": "ko", "中文": "zh", "简体中文": "zh-Hans", "繁體中文": "zh-Hant", "zh-chs": "zh-Hans",
    "zh-cht": "zh-Hant",
}  # fmt: skip
_CODE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_UNSAID: Final = frozenset({"", "und", "mul", "zxx", "mis", "unknown"})
_REGIONS: Final = {"tw": "Hant", "hk": "Hant", "mo": "Hant", "cn": "Hans", "sg": "Hans", "my": "Hans"}


def settled(named: str, texts: Iterable[str]) -> str:
    """Return the language a book says it is in, unless its text says otherwise; empty when nothing is sure."""
    sample = _sample(texts)
    named = normal(named)
    script, found = script_of(sample), of(sample)
    if not named:
        return found
    base = named.partition("-")[0]
    if script == "latin":
        return found if found and (base in _NEVER_LATIN or _is_wrong(base, sample)) else named
    if script in _USERS and base not in _USERS[script]:
        return found or named
    if base == "zh" and found.startswith("zh-"):
        written = _written(named)
        return named if written == found.partition("-")[2] else found
    return named


def normal(named: str) -> str:
    """Return a language code in the form of BCP 47, zh-Hant-TW; empty when it is none."""
    named = named.strip().replace("_", "-")
    named = _NAMES.get(named.lower(), named)
    if named.lower() in _UNSAID or not _CODE.fullmatch(named) or len(named) > 35:
        return ""
    first, *rest = named.split("-")
    first = _NAMES.get(first.lower(), first.lower())
    return "-".join([first, *map(_cased, rest)])


def _cased(part: str) -> str:
    if len(part) == 4 and part.isalpha():
        return part.title()
    return part.upper() if len(part) == 2 else part.lower()


def _written(named: str) -> str:
    """Return the script that a code of Chinese names, by itself or by its country."""
    parts = named.lower().split("-")[1:]
    said = next((part.title() for part in parts if part in {"hans", "hant"}), "")
    return said or next((_REGIONS[part] for part in parts if part in _REGIONS), "")


def _is_wrong(base: str, sample: str) -> bool:
    """Say whether the commonest words are plainly those of another Latin language."""
    shares = latin_shares(sample)
    best = max(shares.values(), default=0.0)
    return base in shares and best > 0.2 and best > 2 * shares[base]


def _sample(texts: Iterable[str]) -> str:
    """Return some text from all over the book: the first pages may be in another language."""
    everything = [text for text in texts if text]
    share = max(SAMPLE // max(len(everything), 1), 200)
    middle = sum(len(text) for text in everything) > SAMPLE
    return "\n".join(text[len(text) // 2 :][:share] if middle else text for text in everything)[: 4 * SAMPLE]


def script_of(text: str) -> str:
    """Return the name of the script that most of a text is in; empty when there is too little of it."""
    every = Counter(text)
    kinds = "".join(every)
    counts = {script: sum(map(every.__getitem__, found.findall(kinds))) for script, found in _SCRIPTS.items()}
    letters = sum(counts.values())
    if letters < _FEWEST:
        return ""
    asian = counts["han"] + counts["kana"] + counts["hangul"]
    if asian > 0.3 * letters:
        if counts["hangul"] > 0.3 * asian:
            return "hangul"
        return "kana" if counts["kana"] > 0.1 * asian else "han"
    best = max(counts, key=lambda script: counts[script])
    return best if counts[best] > 0.5 * letters else ""


def of(text: str) -> str:
    """Return the BCP 47 code of a text's language, or nothing."""
    script = script_of(text)
    if script == "han":
        return chinese(text)
    if script in {"kana", "hangul"}:
        return "ja" if script == "kana" else "ko"
    if script in _SPECIAL:
        return _by_letters(text, script)
    return _latin(text) if script == "latin" else _OF_SCRIPT.get(script, "")


def chinese(text: str) -> str:
    """Return zh-Hans or zh-Hant, or zh for a text in which nothing tells the two apart."""
    simple = sum(map(ONLY_SIMPLIFIED.__contains__, text))
    traditional = sum(map(ONLY_TRADITIONAL.__contains__, text))
    if simple + traditional < 3:
        return "zh"
    if simple > 2 * traditional:
        return "zh-Hans"
    return "zh-Hant" if traditional > 2 * simple else "zh"


def _by_letters(text: str, script: str) -> str:
    """Return the language whose own letters occur, else the script's first."""
    text = text.lower()
    letters = len(_SCRIPTS[script].findall(text))
    for code, own in _SPECIAL[script]:
        if sum(map(text.count, own)) > letters / 100:
            return code
    if script == "arabic":
        return "ar"
    return "bg" if text.count("ъ") > letters / 100 else "ru"


def _latin(text: str) -> str:
    shares = latin_shares(text)
    best = max(shares, key=lambda code: shares[code], default="")
    return best if best and shares[best] > _ENOUGH else ""


def latin_shares(text: str) -> dict[str, float]:
    """Return which share of the words are common ones, by language."""
    words = _WORD.findall(text[: 4 * SAMPLE].lower())
    if len(words) < _FEWEST:
        return {}
    every = Counter(words)
    return {code: sum(map(every.__getitem__, common)) / len(words) for code, common in _COMMON_SETS.items()}
