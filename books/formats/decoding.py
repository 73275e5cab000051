"""Bytes of a text file -> characters, decided on the whole file.

A byte order mark decides; then strict UTF-8; then the encoding whose reading looks most like a language.
A guess from the first bytes, or an encoding that drops what it cannot read, would lose names for ever.
"""

import codecs
import re
from functools import cache
from typing import Final

BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# (codec, encoding whose common characters it is judged by, their lead bytes)
_ASIAN: Final = (
    ("gb18030", "gb2312", range(0xB0, 0xD8)),
    ("big5hkscs", "big5", range(0xA4, 0xC7)),
    ("cp932", "euc_jp", range(0xA4, 0xD0)),
    ("euc_jp", "euc_jp", range(0xA4, 0xD0)),
    ("cp949", "euc_kr", range(0xB0, 0xC9)),
)
_FULL_WIDTH: Final = frozenset("，。、；：？！“”‘’（）《》〈〉【】「」『』…—·～\u3000")
_CYRILLIC: Final = ("cp1251", "koi8_r", "cp866")
_SAMPLE: Final = 60_000  # bytes judged, from three places
MOST_BROKEN: Final = 0.001  # share of characters that may be unreadable: files in the wild have a few torn ones
_SPACED: Final = re.compile("(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])")
_ODD: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decoded(data: bytes) -> tuple[str, str] | None:
    """Return (text, encoding), or None when this is no text."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding.removesuffix("-sig")
    if wide := _utf_16(data):
        return wide
    try:
        return (data.decode("utf-8"), "utf-8") if _is_text(data.decode("utf-8")) else None
    except UnicodeDecodeError:
        return _nearly_utf_8(data) or _legacy(data)


def _is_text(text: str) -> bool:
    return len(_ODD.findall(text)) <= len(text) / 1000


def _utf_16(data: bytes) -> tuple[str, str] | None:
    """Recognise UTF-16 without a mark: it holds zeros, and only one of its two readings is a language."""
    start = data[:4096]
    if len(data) % 2 or b"\0" not in start:
        return None
    usual = _common("gb2312", range(0xB0, 0xD8))
    shares = {}
    for encoding in ("utf-16-le", "utf-16-be"):
        text = start.decode(encoding, errors="replace")
        shares[encoding] = sum(" " <= c <= "\u024f" or c in "\r\n\t" or c in usual for c in text) / max(len(text), 1)
    best = max(shares, key=lambda encoding: shares[encoding])
    if shares[best] < 0.5:
        return None
    text = data.decode(best, errors="replace")
    return (text, best) if _is_text(text) else None


def _nearly_utf_8(data: bytes) -> tuple[str, str] | None:
    """Accept UTF-8 with a few torn characters, when far more are whole than torn."""
    text = data.decode("utf-8", errors="replace")
    torn = text.count("\ufffd")
    beyond = sum(character > "\x7f" for character in text[:_SAMPLE])
    if torn <= len(text) * MOST_BROKEN and beyond > 10 * torn and _is_text(text):
        return text, "utf-8"
    return None


def _legacy(data: bytes) -> tuple[str, str] | None:
    sample = _sample(data)
    scores = {codec: _asian_score(sample, codec, base, leads) for codec, base, leads in _ASIAN}
    scores |= {codec: _cyrillic_score(sample, codec) for codec in _CYRILLIC}
    scores["cp1252"] = _western_score(sample)
    for codec in sorted(scores, key=lambda codec: -scores[codec]):
        text = data.decode(codec, errors="replace")
        if text.count("\ufffd") <= max(len(text) * MOST_BROKEN, 3) and _is_text(text):
            return text, codec
    return None


def _sample(data: bytes) -> bytes:
    """Return lines from the beginning, the middle and the end, cut at line ends so that no character is torn."""
    if len(data) <= _SAMPLE:
        return data
    third = _SAMPLE // 3
    parts = []
    for start in (0, len(data) // 2, len(data) - third):
        part = data[start : start + third]
        if start:
            part = part.partition(b"\n")[2]
        parts.append(part.rpartition(b"\n")[0])
    return b"\n".join(parts)


@cache
def _common(base: str, leads: range) -> frozenset[str]:
    """Return the characters an encoding lists first: the ones in everyday use."""
    found = set(_FULL_WIDTH)
    for lead in leads:
        for trail in range(0x40, 0xFF):
            try:
                found.add(bytes((lead, trail)).decode(base))
            except UnicodeDecodeError:
                continue
    return frozenset(found)


def _asian_score(sample: bytes, codec: str, base: str, leads: range) -> float:
    """Return the share of everyday characters among those beyond ASCII."""
    text = sample.decode(codec, errors="replace")
    beyond = [character for character in text if character > "\x7f"]
    if not beyond:
        return 0.0
    common = _common(base, leads)
    good = sum(character in common for character in beyond)
    bad = sum(character == "\ufffd" or "\ue000" <= character <= "\uf8ff" for character in beyond)
    # The bytes of Korean fit every other encoding here. Only Korean has spaces between its words.
    if (codec == "cp949") != (len(_SPACED.findall(text)) > 0.1 * len(beyond)):
        good //= 2
    if base == "euc_jp" and sum("\u3040" <= character <= "\u30ff" for character in beyond) < 0.05 * len(beyond):
        good //= 2  # no Japanese without kana
    half_kana = sum("\uff61" <= character <= "\uff9f" for character in beyond)
    return (good - 4 * bad - half_kana) / len(beyond)


def _cyrillic_score(sample: bytes, codec: str) -> float:
    """Return how much the text looks like running Cyrillic: words of small letters."""
    text = sample.decode(codec, errors="replace")
    beyond = sum(character > "\x7f" for character in text)
    small = sum("а" <= character <= "я" or character == "ё" for character in text)
    runs = sum(len(run) for run in re.findall(r"[А-Яа-яё]?[а-яё]{2,}", text))
    return min(small, runs) / beyond if beyond else 0.0


def _western_score(sample: bytes) -> float:
    """Return how much the bytes above ASCII look like accented letters in Latin words, or typographic marks."""
    text = sample.decode("cp1252", errors="replace")
    beyond = [character for character in text if character > "\x7f"]
    if not beyond:
        return 0.0
    inside = len(re.findall(r"(?<=[A-Za-z])[À-ÿœšž](?![À-ÿ]{2})|[À-ÿ](?=[a-z])", text))
    marks = sum(character in "‘’“”–—…«»\u00a0¡¿°§©" for character in beyond)
    return min((inside + marks) / len(beyond), 1.0) * (0.95 if len(beyond) < 0.3 * len(text) else 0.2)
