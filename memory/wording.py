"""When two texts say the same thing. Text alone: no model, no threshold, no Django.

Exact: equal after NFKC, case, white space and punctuation are folded away (`text_hash`). Near: equal after words that
change nothing are left out and inflection is folded, in the same order but for what was moved from one end to
the other (`gist`) - and only if numbers, negations, times, names and units agree (`agree`). One word that may
carry meaning makes two facts of them: "citizenship is Argentina" and "... Armenia" are near and not the same.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from typing import Final

from memory.names import SURNAMES
from mindory_web.lib.languages import language_of
from mindory_web.lib.terms import TYPESETTING, UNSPACED

HASH_BYTES: Final = 16


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


LONGEST_GIST: Final = 600  # characters of a text that is compared in other words; longer ones only as they are

# Marks that mean something: 3.5 is not 35, C# is not C, -5 is not 5, "You like it?" is not "You like it."
_MEANT: Final = re.compile(r"(?<=\d)[.,:/-](?=\d)|(?<![\w)])[-−](?=\d)|(?<=[^\W\d_])'(?=[^\W\d_])|[?%#@&]")
_KEPT: Final = 0xE000  # private use: no text means them, and no category of punctuation holds them
_BESIDE_TIGHT: Final = re.compile(rf"(?<={UNSPACED.pattern[:-1]}) | (?={UNSPACED.pattern[:-1]})")

# Words that change nothing. Not "was" (it is over), not prepositions, not "too hot".
LIGHT: Final = _set(
    "a an the am is are be do does that this really very quite actually basically just also well oh hey hi hello ok "
    "okay please so currently now nowadays presently absolutely definitely certainly honestly personally truly "
    "simply remember note indeed of"
)
_FILLERS: Final = re.compile(
    r"\b(?:by the way|for your information|fyi|you know|i mean|as you know|at the moment|right now|these days|"
    r"at present|don't forget(?: that)?|keep in mind(?: that)?|you should know(?: that)?|i want you to know(?: that)?|"
    r"i (?:just )?(?:want|wanted|would like) to (?:say|tell you|mention) that)\b"
)
_ENGLISH: Final = _set("i my me the is are and to has have she he they with for am we our his her your you")
_SHORT: Final = (
    (re.compile(r"\bcan't\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"\bcannot\b"), "can not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"\b(i)'m\b"), r"\1 am"),
    (re.compile(r"\b(you|we|they)'re\b"), r"\1 are"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"\b(he|she|it|that|there|what|who|where)'s\b"), r"\1 is"),
    (re.compile(r"(\w)'s\b"), r"\1"),
    (re.compile(r"(\ws)'(?!\w)"), r"\1"),
)
_WORD: Final = re.compile(r"[-+]?\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|[%$€£¥°#@&?+]")
_ONES: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
NUMBERS: Final = {
    **{word: str(number) for number, word in enumerate(_ONES)},
    **{word: str(20 + 10 * number) for number, word in enumerate(_TENS)},
    "hundred": "100", "thousand": "1000", "million": "1000000", "billion": "1000000000", "dozen": "12", "half": "1/2",
    "twice": "2x", "once": "1x", "first": "1.", "second": "2.", "third": "3.", "both": "2", "couple": "2",
}  # fmt: skip
NEGATIONS: Final = _set(
    "not no never none nobody nothing nowhere neither nor without cannot hardly rarely seldom barely except unless "
    "stopped quit former formerly ex longer dis anti"
)
UNITS: Final = _set(
    "kg g mg lb lbs pound ounce oz stone km m cm mm mile foot feet inch yard hour hr minute min second sec day week "
    "month year decade century euro dollar cent usd eur gbp yuan yen rmb percent % $ € £ ¥ ° celsius fahrenheit "
    "degree liter litre ml gallon page chapter gb mb tb kb mph kmh watt volt calorie"
)
TIMES: Final = _set(
    "january february march april june july august september october november december jan feb mar apr jun jul aug "
    "sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday yesterday today tomorrow tonight "
    "last next ago since until before after during soon later earlier always often sometimes usually daily weekly "
    "monthly yearly morning afternoon evening night weekend spring summer autumn winter every each ever already yet "
    "again was were had did used will would shall going"
)
# Words in which a fact about a person is put: they add nothing to "home: Paris".
FRAME: Final = _set(
    "i my me user reader he she they his her their name called call live living lives home based base reside "
    "resides residence in at for as with work working works job employed employer company by from to reading read "
    "book currently birthday born birth date old year age like love enjoy fan favourite favorite prefer speak "
    "language native mother tongue citizen citizenship nationality national have has got allergic allergy on it and "
    "where person one city town place residing located who what profession occupation make living earn there"
)
ZH_FRAME: Final = frozenset(
    "我是的在住家名字叫做工作上班公司就职任职现正读看书岁年龄生日出生用户读者他她和也职业国籍喜欢爱居目前了过敏对母语说会讲市区"
)

# A particle is one only where it cannot be part of a word or a name: 酒吧 is not 酒, nor 袁了凡 the same as 袁凡.
# 了 is none of them: what was is not what is.
_ZH_LIGHT: Final = re.compile(
    "其实|说实话|老实说|顺便说一下|请记住|记住|请注意|你知道|我觉得|确实|非常|特别|十分(?!钟)|很|比较喜欢|现在|目前|如今|"
    f"(?<![{''.join(sorted(SURNAMES))}])(?:真的|挺)|(?<![目有标阿])的(?![士确话])|^[嗯哦]+|[呢啊呀哦嗯啦嘛哈]+$"
)
_ZH_TIME: Final = re.compile(
    "每(?:天|日|周|月|年|个?周末|个?星期[一二三四五六日天]?)|(?:今|明|昨|前|后)天|(?:上|下|这)(?:个)?(?:周|星期|月)[一二三四五六日天]?|"
    "(?:去|今|明|前|后)年|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|周末|周[一二三四五六日]|星期[一二三四五六日天]|"
    "[0-9]{1,4}年|[0-9]{1,2}月|[0-9]{1,2}[日号]"
)
_ZH_NUMBER: Final = re.compile("[零〇一二两三四五六七八九十百千万亿半双]+|[0-9]+(?:[.:/][0-9]+)*")
_ZH_NEGATION: Final = re.compile("[不没無无未别非莫勿否]|除了|戒")
_ZH_DIGITS: Final = str.maketrans("零〇一二两三四五六七八九", "001223456789")
_SUFFIXES: Final = (("ies", "y"), ("ing", ""), ("es", ""), ("s", ""))


_SPOKEN_TIME: Final = re.compile(
    r"\b(?:today|yesterday|tonight|tomorrow|just now|this (?:morning|afternoon|evening|week|weekend|month|year)|"
    r"(?:last|next) (?:night|week|weekend|month|year|\w+day)|\w+ (?:days?|weeks?|months?|years?|hours?) ago)\b|"
    "今天|昨天|前天|明天|刚才|刚刚|今早|今晚|昨晚|[上下这]个?(?:周|星期|月)|[去今明]年|前$",
    re.IGNORECASE,
)


class _Marks(dict[int, str]):
    """Folds punctuation, blanks and control characters into a blank, and what nobody sees into nothing."""

    def __missing__(self, code: int) -> str:
        kind = unicodedata.category(chr(code))
        if (kind == "Cf" and code < _KEPT) or code in _VARIATIONS:
            self[code] = ""  # which way to write, how to draw
        else:
            self[code] = " " if kind[0] in "PZC" and code < _KEPT else chr(code)
        return self[code]


_VARIATIONS: Final = range(0xFE00, 0xFE10)  # the same sign in colours, or without
_MARKS: Final = _Marks()


def folded(text: str) -> str:
    """Return a text without what differs only in typing."""
    text = unicodedata.normalize("NFKC", text).translate(TYPESETTING).casefold()
    text = _MEANT.sub(lambda found: chr(_KEPT + ord(found[0]) % 256), text)
    words = " ".join(text.translate(_MARKS).split())
    return _BESIDE_TIGHT.sub("", words) or " ".join(text.split())


def text_hash(text: str) -> bytes:
    """Return the hash under which the same text is found again."""
    return hashlib.blake2b(folded(text).encode(), digest_size=HASH_BYTES).digest()


def short(digest: bytes) -> int:
    """Return a hash of a text as a number of 64 bits, for arrays."""
    return int.from_bytes(digest[:8].ljust(8, b"\0"), "little", signed=True)


def same_words(one: str, other: str) -> bool:
    """Say whether two texts differ only in typing."""
    return folded(one) == folded(other)


def gist(text: str, language: str = "") -> bytes:
    """Return the hash under which the same thing in other words is looked for; nothing for what is not compared."""
    if len(text) > LONGEST_GIST:
        return b""
    language = (language or language_of(text))[:2]
    if language == "zh":
        said = _chinese(text)
    elif language in {"", "en"} and _ENGLISH & set(_plain(text).split()):
        said = " ".join(_least_rotation(_folded_words(text)))
    else:
        return b""
    return hashlib.blake2b(said.encode(), digest_size=HASH_BYTES).digest() if said else b""


def agree(one: str, other: str) -> bool:
    """Say whether numbers, negations, times, names, units and questions of two texts are the same."""
    if language_of(one) == "zh" or language_of(other) == "zh":
        return _marks_of_chinese(one) == _marks_of_chinese(other)
    mine, theirs = words(one), words(other)
    if _marks(mine) != _marks(theirs):
        return False
    return _names_are_in(one, theirs) and _names_are_in(other, mine)


def same_count(one: str, other: str) -> bool:
    """Say whether nothing is one in one text and many in the other: "my old cat" is not "old cats".

    Where it is wrong, it takes texts of the same count for different ones.
    """
    mine, theirs = words(one), words(other)
    return not (_counted(mine) & _many(theirs) or _counted(theirs) & _many(mine))


def adds_nothing(new: str, known: str) -> bool:
    """Say whether `new` says no more than `known`, but for the words in which a fact is put."""
    if not agree(new, known):
        return False
    if language_of(new) == "zh" or language_of(known) == "zh":
        more = set(_ZH_LIGHT.sub("", folded(new))) - set(folded(known)) - ZH_FRAME
        return not {character for character in more if not character.isspace()}
    return set(_content(new)) <= {*_content(known), *map(_root, FRAME)}


def has_spoken_time(text: str) -> bool:
    """Say whether a text means another time when it is said on another day."""
    return bool(_SPOKEN_TIME.search(text))


def words(text: str) -> list[str]:
    """Return the words of an English text: small letters, short forms written out, numbers as digits."""
    return [NUMBERS.get(word, word).lstrip("+") for word in _WORD.findall(_plain(text))]


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).translate(TYPESETTING).lower()
    text = _FILLERS.sub(" ", text)
    for pattern, full in _SHORT:
        text = pattern.sub(full, text)
    return text


def _content(text: str) -> list[str]:
    said = [word for word in words(text) if word not in LIGHT]
    if said and said[-1] == "too":
        said.pop()
    return [_root(word) for word in said]


def _folded_words(text: str) -> list[str]:
    said = _content(text)
    # "I have a peanut allergy": after "I", two words mean the same in either order; three need not.
    return [said[0], *sorted(said[1:])] if len(said) == 3 and said[0] == "i" else said


def _root(word: str) -> str:
    """Return a word without the endings that change nothing: not -ed, which says that it is over."""
    for ending, instead in _SUFFIXES:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
            word = word[: -len(ending)] + instead
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiousl":
        word = word[:-1]  # running, run
    return word[:-1] if len(word) > 3 and word.endswith("e") else word  # living, live


def _least_rotation(said: list[str]) -> list[str]:
    """Return the same round of words from its least beginning: what moved from one end to the other is the same."""
    return min((said[at:] + said[:at] for at in range(len(said))), default=[])


def _marks(said: list[str]) -> tuple[Counter[str], ...]:
    """Return the numbers, negations, units, times and questions among words."""
    roots = [_root(word) for word in said]
    return (
        Counter(word for word in said if word[0].isdigit() or word[0] in "-" or word[-1].isdigit()),
        Counter(word for word in said if word in NEGATIONS),
        Counter(root for word, root in zip(said, roots, strict=True) if word in UNITS or root in _UNIT_ROOTS),
        Counter(word for word in said if word in TIMES),
        Counter(word for word in said if word in "?&@#+"),
    )


_UNIT_ROOTS: Final = frozenset(_root(unit) for unit in UNITS)


def _names_are_in(text: str, others: list[str]) -> bool:
    """Say whether every word with a capital stands in the other text as well, in full."""
    there = {*others, *LIGHT, *FRAME}
    roots = {_root(word) for word in others}
    typed = unicodedata.normalize("NFKC", text).translate(TYPESETTING)
    for found in re.finditer(r"[^\W\d_]+", typed):
        small = NUMBERS.get(found[0].lower(), found[0].lower())
        if not found[0][0].isupper() or small in there or typed[found.start() - 1 : found.start()] == "'":
            continue
        # A word that begins a sentence has its capital from there.
        if not _is_first(typed, found.start()) or not (small in _FIRST or _root(small) in roots):
            return False
        if (small not in _FIRST and small + "s" in others) or small.removesuffix("s") in others:
            return False  # Williams and William
    return True


def same_order(one: str, other: str) -> bool:
    """Say whether the names of two English texts come in the same order: Tom lent it to Anna, or Anna to Tom."""
    names = (_inner_names(one) | _inner_names(other)) - LIGHT - FRAME
    mine, theirs = (dict.fromkeys(word for word in words(text) if word in names) for text in (one, other))
    return list(mine) == list(theirs)


def _inner_names(text: str) -> set[str]:
    """Return the words with a capital that begin no sentence, in small letters."""
    typed = unicodedata.normalize("NFKC", text).translate(TYPESETTING)
    found = re.finditer(r"[^\W\d_]+", typed)
    return {each[0].lower() for each in found if each[0][0].isupper() and not _is_first(typed, each.start())}


_FIRST: Final = _set(
    "i it he she they we you there here when while because if but and or in on at to for with as from don didn "
    "doesn wasn isn aren can could would will should have has had"
)


def _is_first(text: str, at: int) -> bool:
    before = text[:at].rstrip()
    return not before or before[-1] in '.!?:;"“(\n'


def _counted(said: list[str]) -> set[str]:
    """Return the roots of what stands, in the singular, within reach of an article or the like."""
    found: set[str] = set()
    left = 0
    for word in said:
        if word in _ARTICLES or word in _BREAKS:
            left = _REACH if word in _ARTICLES else 0
        elif left and word not in LIGHT:  # "a very old record" is within reach as well
            left -= 1
            if not _is_many(word):
                found.add(_root(word))
    return found


def _many(said: list[str]) -> set[str]:
    return {_root(word) for word in said if _is_many(word)}


def _is_many(word: str) -> bool:
    return word.endswith("s") and not word.endswith("ss") and _root(word) != word


# What one thing may stand after, and what its name does not reach beyond: "an old jazz record | in a box".
_ARTICLES: Final = _set("a an 1 another each every the this that my your his her its our their")
_BREAKS: Final = _set(
    "of in on at to for with from by into about over under than as and or but if because while is are am was were be "
    "has have had do does did will would can could may must who which when where i you he she it we they not never no"
)
_REACH: Final = 3  # words


def _chinese(text: str) -> str:
    """Return a Chinese text without particles, its times in front: they move about freely."""
    said = _ZH_LIGHT.sub("", folded(text))
    times = sorted(_ZH_TIME.findall(said))
    rest = _ZH_TIME.sub("", said).replace(" ", "")
    rest = _ZH_NUMBER.sub(lambda found: found[0].translate(_ZH_DIGITS), rest)
    return "|".join([*times, rest]) if rest else ""


def _marks_of_chinese(text: str) -> tuple[Counter[str], ...]:
    said = folded(text)
    latin = [word for word in _WORD.findall(said) if word.isascii() and word[0].isalpha()]
    return (
        Counter(number.translate(_ZH_DIGITS) for number in _ZH_NUMBER.findall(said)),
        Counter(_ZH_NEGATION.findall(said)),
        Counter(_ZH_TIME.findall(said)),
        Counter(latin),
        Counter(
            re.findall("公斤|千克|斤|克|米|公里|厘米|小时|分钟|秒|天|周|年|元|块|美元|欧元|度|页|章|岁|吗|[?]", said)
        ),
    )
