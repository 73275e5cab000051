"""What a memory is about: attributes, which of them have one value at a time, and the statements that tell one.

Without a model, and therefore careful: a statement is found only when the whole text is one; anything else has no
attribute, and nothing is ever ended by a memory without one.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from memory.phrases import NAME_ZH
from memory.values import is_value

USER: Final = "user"  # the subject of what a reader says of themself
_SELVES: Final = frozenset(
    {"user", "the user", "i", "me", "myself", "reader", "the reader", "我", "用户", "读者", "本人"}
)

# One value at a time. What is not listed may have many: those never end each other.
_SINGLE_ALIASES: Final = {
    "name": "full name|first name|given name|real name|is called|姓名|名字|名|本名",
    "birthday": "birth date|date of birth|born|born on|birth day|生日|出生日期|出生",
    "birth_year": "year of birth|born in|出生年份|出生年",
    "age": "years old|年龄|岁数",
    "gender": "sex|性别",
    "home": "lives in|live in|residence|resides in|city|home city|current city|location|address|home address|lives at|"
    "residency|住址|居住地|住处|住在|家|所在城市|现居",
    "employer": "works at|works for|work at|company|employed by|workplace|employer name|公司|工作单位|雇主|单位",
    "job": "job title|occupation|profession|position|works as|work|role at work|职业|工作|职位|岗位",
    "current_book": "currently reading|reading|is reading|current reading|reading now|在读|正在读|正在看的书",
    "marital_status": "relationship status|married|civil status|婚姻状况|婚姻",
    "partner": "spouse|husband|wife|boyfriend|girlfriend|配偶|丈夫|妻子|老公|老婆|男朋友|女朋友",
    "citizenship": "nationality|citizen of|国籍",
    "language": "native language|mother tongue|first language|preferred language|interface language|母语|语言",
    "email": "e-mail|email address|e-mail address|mail address|邮箱|电子邮箱",
    "phone": "phone number|telephone|mobile|mobile number|电话|手机|手机号",
    "school": "university|studies at|study at|college|学校|就读",
    "major": "field of study|studies|专业",
    "height": "身高",
    "weight": "体重",
    "time_zone": "timezone|时区",
    "star_sign": "zodiac|zodiac sign|星座",
    "diet": "饮食",
    "favourite_book": "最喜欢的书",
    "favourite_author": "favourite writer|最喜欢的作家|最喜欢的作者",
    "favourite_colour": "favourite color|最喜欢的颜色",
    "favourite_food": "favourite dish|favourite meal|最喜欢的食物|最喜欢的菜",
    "favourite_drink": "最喜欢的饮料",
    "favourite_film": "favourite movie|最喜欢的电影",
    "favourite_song": "最喜欢的歌",
    "favourite_band": "favourite group|最喜欢的乐队",
    "favourite_genre": "最喜欢的类型",
    "favourite_season": "最喜欢的季节",
    "favourite_city": "最喜欢的城市",
    "favourite_animal": "最喜欢的动物",
    "favourite_sport": "最喜欢的运动",
    "favourite_subject": "最喜欢的科目",
}
SINGLE: Final = frozenset(_SINGLE_ALIASES)
_MANY_ALIASES: Final = {
    "likes": "like|loves|enjoys|interested in|hobby|hobbies|interest|喜欢|爱好|兴趣",
    "dislikes": "dislike|hates|不喜欢|讨厌",
    "allergy": "allergies|allergic to|过敏|过敏原",
    "speaks": "speaks language|languages|spoken language|会说",
    "pet": "pets|has pet|宠物",
    "owns": "has|拥有",
}


# In which words an attribute is asked for, where its name is not one of them: "Where do I live?"
_ASKED_WITH: Final = {
    "name": "called 名字",
    "birthday": "born 生日",
    "birth_year": "born 出生",
    "age": "old 岁",
    "home": "live 住在",
    "employer": "work company 工作 公司",
    "job": "work living 职业 工作",
    "current_book": "reading 在读",
    "school": "study 学校",
    "speaks": "language 语言",
    "allergy": "allergic 过敏",
}


def _spelled(name: str) -> str:
    name = unicodedata.normalize("NFKC", name).casefold().replace("favorite", "favourite")
    return " ".join(re.sub(r"[_\W]+", " ", name).split())


_NAMES: Final = {
    _spelled(alias): name
    for table in (_SINGLE_ALIASES, _MANY_ALIASES)
    for name, aliases in table.items()
    for alias in [name, *aliases.split("|")]
    if _spelled(alias)
}


def attribute_of(name: str) -> str:
    """Return the one name of an attribute; one that is not in the table keeps its own."""
    return _NAMES.get(_spelled(name), " ".join(name.split()))


def is_single(attribute: str) -> bool:
    """Say whether an attribute (its one name) has one value at a time."""
    return attribute in SINGLE


def asked_with(attribute: str) -> str:
    """Return words that ask for an attribute and that a text which states it may not hold."""
    return _ASKED_WITH.get(attribute, "")


def subject_of(name: str) -> str:
    """Return the one name of a subject: the reader is "user", everybody else who they are."""
    plain = " ".join(name.split())
    return USER if plain.casefold() in _SELVES else plain


@dataclass(frozen=True, slots=True)
class Statement:
    """What a text states. `is_dated`: it says since when, in words that a parser of dates may read."""

    subject: str
    attribute: str
    value: str
    is_dated: bool = False


_LEAD: Final = (
    r"(?:(?:by the way|btw|actually|well|hi|hello|hey|oh|yes|no|so|ok|okay|please|just so you know|fyi|remember|note|"
    r"please remember|please note|don't forget|for your information|and|also)(?:\s+that|[,!:.;]+|\s)\s*)*"
)
_LASTING: Final = (
    r"for\s+(?:now|good|ages|the moment|(?:about |almost |nearly |over |more than |at least |the last |the past )?"
    r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|some|several|many|\d+)\s+(?:day|week|month|year|decade)s?)"
)
_WHEN: Final = (
    r"(?P<when>(?:[,;]?\s+(?:since|from|in|on|as of|starting|last|this|next|yesterday|today|tomorrow|a few|two|three|"
    rf"\d+|some|about|back|{_LASTING})\b[^.!?,;]{{0,40}})?)"
)
_MONTHS: Final = "january|february|march|april|may|june|july|august|september|october|november|december"
_SEASONS: Final = "spring|summer|autumn|fall|winter"
# "Since 2021 I live in ...", "Last May I moved to ..."; not "In my dreams I live in ...".
_SINCE: Final = (
    r"(?P<since>(?:(?:since|as of|from|in|on)\s+(?:(?:early|late|mid)[ -])?"
    rf"(?:(?:{_MONTHS})(?:\s+\d{{1,2}}(?:st|nd|rd|th)?)?(?:,?\s+(?:of\s+)?\d{{4}})?|\d{{4}}|"
    rf"(?:the\s+)?(?:{_SEASONS})(?:\s+(?:of\s+)?\d{{4}})?)|"
    rf"(?:since\s+)?last\s+(?:week|month|year|{_SEASONS}|{_MONTHS})|yesterday|"
    r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d+)\s+(?:day|week|month|year)s?\s+ago),?\s+)?"
)
_NOW: Final = r"(?:[,]?\s+(?:now|nowadays|currently|at the moment|right now|these days|again|at present|too))?"
_ADVERB: Final = r"(?:(?:now|currently|actually|really|just|recently|presently|already|also|still|always)\s+)?"
# A value begins with a letter or a digit and is a few words: no clause, no second statement.
_VALUE: Final = (
    r"(?P<value>[^\W_](?:[\w'.&+/#-]|\s(?!(?:and|but|or|because|when|where|while|which|who|if|so|with|since|though|"
    rf"although|then|until|before|after|{_LASTING})\b)|, (?=[A-Z]\w+[.!]?$)){{0,79}}?)"
)
_JOBS: Final = (
    "engineer|teacher|nurse|doctor|lawyer|developer|programmer|scientist|student|writer|artist|designer|manager|"
    "accountant|librarian|journalist|professor|researcher|chef|cook|translator|architect|electrician|plumber|mechanic|"
    "photographer|musician|dentist|pharmacist|veterinarian|farmer|consultant|analyst|editor|baker|carpenter|pilot|"
    "soldier|psychologist|therapist|economist|historian|biologist|chemist|physicist|mathematician"
)
_ZH_JOBS: Final = "工程师|老师|教师|护士|医生|律师|程序员|学生|作家|设计师|记者|会计|翻译|教授|厨师|研究员|编辑"
_AM: Final = r"(?:i am|i'm|i’m)"

_ENGLISH_PATTERNS: Final = [
    ("name", rf"(?:my (?:full |real |first )?name is|my name's|(?:you can |please )?call me)\s+{_VALUE}"),
    ("name", rf"{_AM} called {_VALUE}"),
    ("home", rf"(?:i {_ADVERB}(?:live|reside)|{_AM} {_ADVERB}(?:living|residing|based)) in {_VALUE}"),
    ("home", rf"i(?:'ve| have)? {_ADVERB}(?:moved|relocated) to {_VALUE}"),
    ("home", rf"i(?:'ve| have) {_ADVERB}(?:lived|been (?:living|based))(?=.* (?:since|for) ) in {_VALUE}"),
    ("home", rf"{_VALUE} is (?:my home(?: city)?|where i live|the city i live in)"),
    ("home", rf"(?:my home is|my home city is|the city i live in is|my city is) (?:in )?{_VALUE}"),
    ("employer", rf"(?:i {_ADVERB}work|{_AM} {_ADVERB}(?:working|employed)) (?:at|for|by) {_VALUE}"),
    ("employer", rf"i(?:'ve| have) {_ADVERB}(?:been )?work(?:ed|ing)(?=.* (?:since|for) ) (?:at|for) {_VALUE}"),
    ("employer", rf"my (?:current |new )?(?:employer|company) is {_VALUE}"),
    ("employer", rf"{_VALUE} is my (?:current |new )?employer"),
    ("employer", rf"i(?:'ve| have)? {_ADVERB}(?:joined|started (?:working )?at) {_VALUE}"),
    ("job", rf"(?:i {_ADVERB}work|{_AM} {_ADVERB}(?:working|employed)) as (?:an? )?{_VALUE}"),
    ("job", rf"my (?:job|occupation|profession|job title) is (?:being |to be )?(?:an? )?{_VALUE}"),
    ("job", rf"{_AM} {_ADVERB}an? (?P<value>(?:[\w-]+ ){{0,3}}(?:{_JOBS}))"),
    ("current_book", rf"{_AM} {_ADVERB}(?:reading|re-reading|rereading) {_VALUE}"),
    ("current_book", rf"(?:i(?:'ve| have)? {_ADVERB}started reading|the book (?:i am|i'm) reading is) {_VALUE}"),
    ("birthday", r"(?:my birthday is|i was born)(?: on)? (?P<value>(?:the )?\w[\w ,./-]{2,30})"),
    ("age", rf"{_AM} {_ADVERB}(?P<value>\d{{1,3}})(?: years? old)?"),
    ("age", rf"my age is {_VALUE}"),
    ("citizenship", rf"my (?:citizenship|nationality) is {_VALUE}"),
    ("citizenship", rf"(?:{_AM} a citizen of|i hold (?:the )?citizenship of) {_VALUE}"),
    ("citizenship", rf"(?:the )?(?:citizenship|nationality) is {_VALUE}"),
    ("language", rf"my (?:native language|mother tongue|first language) is {_VALUE}"),
    ("marital_status", rf"{_AM} {_ADVERB}(?P<value>married|single|divorced|widowed|engaged|separated)"),
    ("partner", rf"my (?:husband|wife|partner|spouse|boyfriend|girlfriend)(?:'s name is| is called) {_VALUE}"),
    ("email", r"my e-?mail(?: address)? is (?P<value>[^\s@]+@[^\s@]+\.[a-z]{2,})"),
    ("phone", r"my (?:phone|mobile|telephone)(?: number)? is (?P<value>\+?[\d ()/-]{5,24})"),
    ("school", rf"(?:i {_ADVERB}study|{_AM} {_ADVERB}studying) at {_VALUE}"),
    ("time_zone", rf"my time ?zone is {_VALUE}"),
    ("height", rf"my height is {_VALUE}"),
    ("weight", rf"my weight is {_VALUE}"),
    ("allergy", rf"{_AM} {_ADVERB}allergic to {_VALUE}"),
    ("allergy", rf"i have an allergy to {_VALUE}"),
    ("allergy", r"i have an? (?P<value>(?:[\w-]+ ){0,2}[\w-]+) allergy"),
    ("speaks", rf"i {_ADVERB}(?:can )?speak (?P<value>[A-Z]\w+)"),
]  # fmt: skip
_FAVOURITES: Final = {
    spelled.removeprefix("favourite "): name for spelled, name in _NAMES.items() if spelled.startswith("favourite ")
}
_KINDS: Final = "|".join(sorted(_FAVOURITES, key=len, reverse=True))
_FAVOURITES_TOLD: Final = [
    re.compile(rf"{_LEAD}{pattern}{_NOW}[.!]*", re.IGNORECASE)
    for pattern in (rf"my favou?rite (?P<kind>{_KINDS}) is {_VALUE}", rf"{_VALUE} is my favou?rite (?P<kind>{_KINDS})")
]
_ENGLISH: Final = [
    (attribute, re.compile(rf"{_LEAD}{_SINCE}{pattern}{_WHEN}{_NOW}[.!]*", re.IGNORECASE))
    for attribute, pattern in _ENGLISH_PATTERNS
]

_ZH_LEAD: Final = "(?:(?:顺便说一下|对了|其实|嗯|你好|您好|请记住|记住|请注意|另外|还有)[,，。!！:：]?)*"
_ZH_NOW: Final = "(?:现在|目前|如今|最近|刚刚?|已经|还)?"
_ZH_WHEN: Final = (
    "(?P<when>(?:(?:从|自)?(?:[0-9]{4}年(?:[0-9]{1,2}月)?(?:[0-9]{1,2}[日号])?|去年|今年|前年|上个?月|上周|这个?月|昨天|今天)"
    "(?:[0-9一二三四五六七八九十]{1,2}月)?(?:起|开始|以来)?[,，]?)?)"
)
# Characters of grammar stand in a few names: 华为, 呼和浩特, 和平区.
_ZH_VALUE: Final = (
    r"(?P<value>(?!了)(?:呼和|和[平田龙县]|不来梅|不丹|不列颠|[华有无]为|因斯|"
    r"[^\s,，。.!！?？;；:：、吗呢吧不没和但是因为]){1,30}?)"
)
_ZH_NAMED: Final = (
    "(?P<value>(?![这那它他她什哪谁我你])[^\\s,，。.!！?？;；:：、吗呢吧不没和但是因为]{1,20}?|《[^》]{1,40}》)"
)
_ZH_PATTERNS: Final = [
    ("name", f"我(?:的名字叫做?|名叫|的名字是|的姓名是|姓名是){_ZH_VALUE}"),
    ("name", f"(?:我叫做?|(?:请|你可以)?叫我)(?P<value>{NAME_ZH})(?:吧|就好|好了)?"),
    ("home", f"我{_ZH_NOW}(?:居?住|定居)在{_ZH_VALUE}"),
    ("home", f"我{_ZH_NOW}的?家(?:住)?(?:就)?在{_ZH_VALUE}"),
    ("home", f"我{_ZH_WHEN}{_ZH_NOW}(?:搬家?到|搬去|移居到?)了?{_ZH_VALUE}"),
    ("employer", f"我{_ZH_NOW}(?:在|就职于|任职于|供职于){_ZH_VALUE}(?:工作|上班|任职|就职)"),
    ("employer", f"我{_ZH_NOW}(?:就职于|任职于|供职于){_ZH_VALUE}"),
    ("employer", f"我的?(?:雇主|工作单位)是{_ZH_VALUE}"),
    ("job", f"我的(?:职业|工作)是(?:一[名位个])?{_ZH_VALUE}"),
    ("job", rf"我是(?:一[名位个])?(?P<value>[^\s,，。]{{0,6}}(?:{_ZH_JOBS}))"),
    ("current_book", f"我{_ZH_NOW}(?:正在|在)(?:读|看|重读)(?P<value>《[^》]{{1,40}}》)"),
    ("birthday", "我的?生日是(?P<value>[0-9一二三四五六七八九十年月日号./-]{2,16})"),
    ("birthday", "我(?:出生于|生于)(?P<value>[0-9一二三四五六七八九十年月日号./-]{2,16})"),
    ("birthday", "我(?:是)?(?P<value>[0-9]{4}年(?:[0-9]{1,2}月)?(?:[0-9]{1,2}[日号])?)出生的?"),
    ("age", f"我{_ZH_NOW}(?:今年)?(?P<value>[0-9一二三四五六七八九十]{{1,4}})岁"),
    ("citizenship", f"我的?国籍是{_ZH_VALUE}"),
    ("language", f"我的母语是{_ZH_VALUE}"),
    ("marital_status", f"我{_ZH_NOW}(?P<value>已婚|未婚|单身|离婚了?|结婚了|订婚了)"),
    ("email", r"我的?(?:电子)?邮箱(?:地址)?是(?P<value>[^\s@]+@[^\s@]+\.[a-z]{2,})"),
    ("phone", r"我的?(?:电话|手机)号?码?是(?P<value>[+0-9 -]{5,20})"),
    ("school", f"我{_ZH_NOW}就读于{_ZH_VALUE}"),
    ("allergy", f"我对{_ZH_VALUE}过敏"),
    ("allergy", f"我一?吃{_ZH_VALUE}(?:就会?|会)过敏"),
    ("favourite_food", f"我最喜欢吃的?是?{_ZH_VALUE}"),
]  # fmt: skip
_FAVOURITES_ZH: Final = {
    spelled.removeprefix("最喜欢的"): name for spelled, name in _NAMES.items() if spelled.startswith("最喜欢的")
}
_KINDS_ZH: Final = "|".join(sorted(_FAVOURITES_ZH, key=len, reverse=True))
_FAVOURITES_TOLD_ZH: Final = [
    re.compile(f"{_ZH_LEAD}{pattern}[。.!！]*")
    for pattern in (f"我最喜欢的(?P<kind>{_KINDS_ZH})是{_ZH_NAMED}", f"{_ZH_NAMED}是我最喜欢的(?P<kind>{_KINDS_ZH})")
]


def _dated(pattern: str) -> str:
    """Return a pattern that also takes a time before or after its first word: 2019年起我在…, 我从2019年起在…."""
    if "when" in pattern or pattern[0] != "我":
        return pattern
    return f"{_ZH_WHEN}我{_ZH_WHEN.replace('when', 'since')}{pattern[1:]}"


_CHINESE: Final = [
    (attribute, re.compile(f"{_ZH_LEAD}{_dated(pattern)}了?[。.!！]*")) for attribute, pattern in _ZH_PATTERNS
]
# "I am reading in bed", "I moved to the next room": words that are no value.
_NO_VALUE: Final = re.compile(
    r"(?:not|no|a|an|the|it|this|that|them|there|here|him|her|you|me|home|bed|more|less|much|about|to|up|on|in|at|something|"
    r"anything|everything|someone|books?|a lot|lots|again|now|my|your|his|their|back|what|how|why|never|myself|"
    r"fun|fear|peace|hope|chaos|pain|denial|hiding)(?:\s.*)?",
    re.IGNORECASE,
)
_ARTICLE_IS_FINE: Final = frozenset({"home", "employer", "current_book", "job", "school", "birthday"})
_TITLED: Final = frozenset({"favourite_book", "favourite_film"})  # of which Chinese writes the title in 《》
_SPOKEN_OF: Final = re.compile(r"\d|since|last|ago|for|this", re.IGNORECASE)
_YEAR: Final = re.compile("(?:in )?(?P<year>[0-9]{4})年?")
LONGEST_VALUE: Final = 80
LONGEST: Final = 240  # characters of a text that may be one statement


def statement_in(text: str) -> Statement | None:
    """Return what a text states of the reader, when the whole of it is one plain statement; else None."""
    said = " ".join(unicodedata.normalize("NFKC", text).replace("’", "'").split())
    if not said or len(said) > LONGEST:
        return None
    if favourite := _favourite(said, text):
        return favourite
    for patterns in (_ENGLISH, _CHINESE):
        for attribute, pattern in patterns:
            if (found := pattern.fullmatch(said)) and (stated := _statement(attribute, found, text)):
                return stated
    return None


def _favourite(said: str, text: str) -> Statement | None:
    for pattern in _FAVOURITES_TOLD:
        if found := pattern.fullmatch(said):
            return _statement(_FAVOURITES[_spelled(found["kind"])], found, text)
    for pattern in _FAVOURITES_TOLD_ZH:
        if found := pattern.fullmatch(said):
            attribute = _FAVOURITES_ZH[found["kind"]]
            is_bare = attribute in _TITLED and found["value"][0] != "《"
            return None if is_bare else _statement(attribute, found, text)
    return None


def says_just(text: str, attribute: str, value: str) -> bool:
    """Say whether the whole of a text states this value of an attribute, of no time that it names, and nothing else."""
    stated = statement_in(text)
    return stated is not None and (stated.attribute, stated.value, stated.is_dated) == (attribute, value, False)


def restated(known: Statement, text: str, new: str) -> Statement:
    """Return what a memory states after its text was reworded; without an attribute when that is not plain."""
    if known.subject in {"", USER} and (stated := statement_in(new)):
        return stated
    if not known.value or known.value.casefold() in new.casefold():
        return known
    before, found, after = text.partition(known.value)
    if found and new.startswith(before) and new.endswith(after) and len(new) > len(before) + len(after):
        value = new[len(before) : len(new) - len(after)].strip()
        return Statement(known.subject, known.attribute, value) if 0 < len(value) <= LONGEST_VALUE else _nothing(known)
    return _nothing(known)


def _nothing(known: Statement) -> Statement:
    return Statement(known.subject, "", "")


def _statement(attribute: str, found: re.Match[str], text: str) -> Statement | None:
    value = found["value"].strip(" .,!")
    bare = re.sub(r"^(?:on |the |an? )+", "", value, flags=re.IGNORECASE) if attribute in _ARTICLE_IS_FINE else value
    is_initial = attribute == "name" and len(value) == 1 and value.isupper()
    if not value or (_NO_VALUE.fullmatch(bare) and not is_initial):
        return None
    if attribute == "birthday":
        value = bare
        if year := _YEAR.fullmatch(value):
            attribute, value = "birth_year", year["year"]
    said = found.groupdict()
    if attribute == "marital_status" and said.get("when") and not _SPOKEN_OF.search(said["when"]):
        return None  # "engaged in politics"
    if not is_value(attribute, value, text):
        return None
    return Statement(USER, attribute, value, bool(said.get("when") or said.get("since")))
