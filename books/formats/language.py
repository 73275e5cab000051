"""Tell the language of a text: by its script, and between Latin ones by their commonest words."""

import re
from collections.abc import Iterable
from typing import Final

_SCRIPTS: Final = {
    "han": re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"),
    "kana": re.compile(r"[\u3040-\u30ff]"),
    "hangul": re.compile(r"[\uac00-\ud7af]"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "latin": re.compile(r"[A-Za-z\u00c0-\u024f]"),
}
_COMMON: Final = {
    "en": "the and of to in that was he his it with as for had you not be her on at by which have from",
    "fr": "le la les de à des et une du dans que qui est pas pour sur au il elle ne se plus avec ce son je me mes sa",
    "de": "der die und den das von zu mit sich des auf für ist im dem nicht ein eine als auch es an",
    "es": "el los las de la que en un una por con no se para del al lo su como más pero sus le ya",
    "it": "il di che la per un una non con del della si le gli dei da al più come ma nel sono suo",
    "pt": "o de que e do da em um para com não uma os no se na por mais as dos como mas foi ao ele",
    "nl": "de het een van en te dat die in is niet zijn met voor op aan er maar om hem ook als was",
}
_COMMON_SETS: Final = {code: frozenset(words.split()) for code, words in _COMMON.items()}
_WORD: Final = re.compile(r"[a-z\u00df-\u00ff]+")
SAMPLE: Final = 40_000  # characters


def settled(named: str, texts: Iterable[str]) -> str:
    """Return the language a book says it is in, unless its script says otherwise; empty when nothing is sure."""
    found = of(_sample(texts))
    named = named.strip().replace("_", "-")
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", named) or named.lower() in {"und", "mul", "zxx"}:
        return found
    is_other_script = found in {"zh", "ja", "ko", "ru"} and named.split("-")[0].lower() not in _USERS[found]
    return found if is_other_script else named


_USERS: Final = {
    "zh": {"zh", "yue", "lzh", "cmn", "wuu", "nan"},
    "ja": {"ja"},
    "ko": {"ko"},
    "ru": {"ru", "uk", "be", "bg", "sr", "mk", "kk", "mn", "tg", "ky"},
}


def _sample(texts: Iterable[str]) -> str:
    """Return some text from all over the book: the first pages may be in another language."""
    everything = [text for text in texts if text]
    share = max(SAMPLE // max(len(everything), 1), 200)
    middle = sum(len(text) for text in everything) > SAMPLE
    return "\n".join(text[len(text) // 2 :][:share] if middle else text for text in everything)[: 4 * SAMPLE]


def of(text: str) -> str:
    """Return the BCP 47 code of a text's language, or nothing."""
    counts = {script: len(pattern.findall(text)) for script, pattern in _SCRIPTS.items()}
    letters = sum(counts.values())
    if letters < 20:
        return ""
    asian = counts["han"] + counts["kana"] + counts["hangul"]
    if asian > 0.3 * letters:
        if counts["hangul"] > 0.3 * asian:
            return "ko"
        return "ja" if counts["kana"] > 0.1 * asian else "zh"
    if counts["cyrillic"] > 0.5 * letters:
        return "ru"
    return _latin(text) if counts["latin"] > 0.5 * letters else ""


def _latin(text: str) -> str:
    words = _WORD.findall(text.lower())
    if len(words) < 20:
        return ""
    shares = {code: sum(word in common for word in words) / len(words) for code, common in _COMMON_SETS.items()}
    best = max(shares, key=lambda code: shares[code])
    return best if shares[best] > 0.12 else ""
