"""The numbers of chapters: 第一百零二回 is 102, and so is Chapter CII."""

import re
from typing import Final

CHINESE: Final = "〇○零一二三四五六七八九十百千万两廿卅壹贰貳叁參肆伍陆陸柒捌玖拾佰仟0-9０-９"
ENGLISH: Final = (
    r"(?:[ivxlcdm]{1,9}|\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    r"fifteen|sixteen|seventeen|eighteen|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w{3,7})?|"
    r"first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|"
    r"sixteenth|seventeenth|eighteenth|nineteenth|twentieth|last)"
)
_DIGITS: Final = {digit: value for row in ("〇一二三四五六七八九", "○壹贰叁肆伍陆柒捌玖", "零壹貳參肆伍陸柒捌玖")
                  for value, digit in enumerate(row)} | {"两": 2}  # fmt: skip
_TENS: Final = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000, "万": 10_000}
_UNITS: Final = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty",
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth",
)
_WORDS: Final = {word: at for words in _UNITS for at, word in enumerate(words.split(), 1)}
_ROUND: Final = {
    word: 10 * at
    for at, word in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2)
}
_ROMAN: Final = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_FOUND: Final = re.compile(f"[{CHINESE}]{{1,9}}")


def ordinal(title: str) -> int:
    """Return the first Chinese or Arabic number in a heading, 0 when there is none."""
    found = _FOUND.search(title)
    return _chinese(found.group()) if found else 0


def _chinese(number: str) -> int:
    if number.isdigit() and not set(number) & set(_DIGITS):
        return int(number)
    total = last = 0
    for character in number:
        if character in "廿卅":
            total += 20 if character == "廿" else 30
        elif character in _TENS:
            total, last = total + (last or 1) * _TENS[character], 0
        else:
            value = _DIGITS[character] if character in _DIGITS else int(character)
            last = last * 10 + value
    return total + last


def english(number: str) -> int:
    """Return what an English or Roman number says, 0 when it is none."""
    number = number.lower().strip(".")
    if number.isdigit():
        return int(number)
    if number in _WORDS:
        return _WORDS[number]
    tens, _, ones = number.partition("-")
    if tens in _ROUND:
        return _ROUND[tens] + (english(ones) if ones else 0)
    if number and all(letter in _ROMAN for letter in number):
        values = [_ROMAN[letter] for letter in number]
        return sum(-value if value < max(values[at:]) else value for at, value in enumerate(values))
    return 0
