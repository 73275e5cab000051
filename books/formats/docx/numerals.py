"""Numbers as the labels of lists write them: roman, letters, Chinese and others."""

from typing import Final

_ROMAN: Final = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_ONES: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
                "twelve", "thirteen", "fourteen",
                "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")  # fmt: skip
_TENS: Final = ("", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS: Final = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
                    "nine": "ninth", "twelve": "twelfth"}  # fmt: skip
_HAN: Final = ("零一二三四五六七八九", "十百千万")
_HAN_LEGAL_SIMPLE: Final = ("零壹贰叁肆伍陆柒捌玖", "拾佰仟万")
_HAN_LEGAL: Final = ("零壹貳參肆伍陸柒捌玖", "拾佰仟萬")
_SYMBOLS: Final = ("*", "†", "‡", "§")
_LETTERS: Final = {
    "lowerLetter": "abcdefghijklmnopqrstuvwxyz",
    "upperLetter": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "russianLower": "абвгдежзиклмнопрстуфхцчшщэюя",
    "russianUpper": "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ",
    "ganada": "가나다라마바사아자차카타파하",
    "aiueoFullWidth": "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン",
    "irohaFullWidth": "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス",
    "arabicAlpha": "أبتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "arabicAbjad": "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ",
    "hebrew2": "אבגדהוזחטיכלמנסעפצקרשת",
}
_LETTERS_TWICE: Final = frozenset({"lowerLetter", "upperLetter", "russianLower", "russianUpper"})  # aa after z
_CYCLES: Final = {
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
}
_RUNS: Final = {  # (the character for 1, how many there are)
    "decimalEnclosedCircle": ("①", 20), "decimalEnclosedCircleChinese": ("①", 20), "decimalEnclosedParen": ("⑴", 20),
    "decimalEnclosedFullstop": ("⒈", 20), "ideographEnclosedCircle": ("㊀", 10),
}  # fmt: skip
_DIGITS: Final = {
    "decimalFullWidth": "０１２３４５６７８９", "decimalFullWidth2": "０１２３４５６７８９",
    "hindiNumbers": "०१२३४५६७८९",
    "ideographDigital": "〇一二三四五六七八九", "japaneseDigitalTenThousand": "〇一二三四五六七八九",
    "taiwaneseDigital": "○一二三四五六七八九", "koreanDigital": "영일이삼사오육칠팔구", "thaiNumbers": "๐๑๒๓๔๕๖๗๘๙",
}  # fmt: skip
_COUNTED: Final = {
    "chineseCounting": _HAN, "chineseCountingThousand": _HAN, "taiwaneseCounting": _HAN,
    "taiwaneseCountingThousand": _HAN, "japaneseCounting": _HAN, "chineseLegalSimplified": _HAN_LEGAL_SIMPLE,
    "ideographLegalTraditional": _HAN_LEGAL, "japaneseLegal": _HAN_LEGAL,
}  # fmt: skip


def numeral(number: int, form: str) -> str:
    """Return a number in one of Word's formats (ST_NumberFormat); in digits when the format cannot write it."""
    if form in {"none", "bullet"}:
        return ""
    if number < 1 or number > 32_767:
        return str(number)
    if form in {"lowerRoman", "upperRoman"}:
        text = _roman(number)
        return text.upper() if form == "upperRoman" else text
    if form in _LETTERS:
        return _lettered(number, form)
    if form in _COUNTED:
        return _counted(number, *_COUNTED[form])
    if form in _DIGITS:
        return str(number).translate({48 + digit: _DIGITS[form][digit] for digit in range(10)})
    return _other(number, form)


def _other(number: int, form: str) -> str:
    if form in _CYCLES:
        return _CYCLES[form][(number - 1) % len(_CYCLES[form])]
    if form in _RUNS and number <= _RUNS[form][1]:
        return chr(ord(_RUNS[form][0]) + number - 1)
    if form == "chicago":
        return _SYMBOLS[(number - 1) % 4] * ((number - 1) // 4 + 1) if number < 400 else str(number)
    written = {
        "decimalZero": lambda: f"{number:02d}",
        "ordinal": lambda: f"{number}{_suffix(number)}",
        "cardinalText": lambda: _in_words(number).capitalize(),
        "ordinalText": lambda: _ordinal_in_words(number).capitalize(),
        "numberInDash": lambda: f"- {number} -",
        "hex": lambda: f"{number:X}",
    }
    return written[form]() if form in written else str(number)


def _roman(number: int) -> str:
    text = ""
    for size, sign in _ROMAN:
        text += sign * (number // size)
        number %= size
    return text


def _lettered(number: int, form: str) -> str:
    letters = _LETTERS[form]
    again, at = divmod(number - 1, len(letters))
    if again and form not in _LETTERS_TWICE:
        return str(number)
    return letters[at] * (again + 1) if again < 30 else str(number)


def _counted(number: int, digits: str, units: str) -> str:
    """Return a number as Chinese says it: 三百零二, and 十二 without a one before it."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        rest = "" if not low else (digits[0] if low < 1_000 else "") + _counted_below(low, digits, units)
        return _counted_below(high, digits, units) + units[3] + rest
    text = _counted_below(number, digits, units)
    return text[1:] if 10 <= number < 20 and units[0] == "十" else text


def _counted_below(number: int, digits: str, units: str) -> str:
    text, waiting = "", False
    for power in (3, 2, 1, 0):
        digit = number // 10**power % 10
        if digit:
            text += (digits[0] if waiting and text else "") + digits[digit] + (units[power - 1] if power else "")
            waiting = False
        else:
            waiting = True
    return text


def _suffix(number: int) -> str:
    return "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _in_words(number: int) -> str:
    parts = []
    if number >= 1_000:
        parts += [_in_words(number // 1_000), "thousand"]
        number %= 1_000
    if number >= 100:
        parts += [_ONES[number // 100], "hundred"]
        number %= 100
    if number >= 20:
        parts.append(_TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else ""))
    elif number or not parts:
        parts.append(_ONES[number])
    return " ".join(parts)


def _ordinal_in_words(number: int) -> str:
    text = _in_words(number)
    head, gap, last = text.rpartition("-") if "-" in text.rpartition(" ")[2] else text.rpartition(" ")
    last = _ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return head + gap + last
