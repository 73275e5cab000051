"""What can be the value of an attribute: no home is "a small flat", no job "boring", and nobody is called "later".

A value of what has one value at a time ends the one before. So what is taken for one by mistake is worse than what is
not understood: that stays a sentence, and ends nothing. No list of names; of what people also say instead of one.
"""

import re
from typing import Final

# Written with a capital: "I live in Lisbon", not "I live in a small flat".
PROPER: Final = frozenset(
    {"name", "home", "employer", "citizenship", "language", "partner", "school", "speaks", "current_book", "time_zone"}
)
MEASURED: Final = frozenset({"height", "weight", "phone"})
_ARTICLE: Final = re.compile(r"(?:the|an?)\s+", re.IGNORECASE)
_MONTH: Final = re.compile(
    r"\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|[一二三四五六七八九十]月", re.IGNORECASE
)
_JOB: Final = re.compile(
    r"(?:.*\s)?(?:\w*(?:er|or|ist|ian|eon|cian)|\w*(?:man|woman)|student|president|agent|assistant|accountant|consultant|"
    r"attendant|resident|architect|nurse|chef|cook|pilot|mechanic|clerk|guide|judge|coach|vet|dean|priest|monk|nun|model|"
    r"nanny|host|actress|waitress|[A-Z]{2,4})",
    re.IGNORECASE,
)
_NO_JOB: Final = re.compile(
    r"(?:.*\s)?(?:killer|disaster|bummer|matter|other|ever|over|better|harder|easier|worse|clear|near|minor|major|poor|"
    r"human|list|twist|never|bother|horror|mirror|error|for|or)",
    re.IGNORECASE,
)
_WORKS_AS: Final = re.compile(r"\b(?:work(?:ing|ed)?|employed) as an? ", re.IGNORECASE)
_PRAISE: Final = re.compile(
    r"(?:(?:very|too|so|really|quite|pretty|rather|not|just)\s+)*(?:great|good|nice|bad|boring|beautiful|important|hard|"
    r"easy|fine|ok|okay|awful|terrible|amazing|awesome|lovely|big|small|long|short|secret|private|unknown|different|"
    r"high|low|cool|sad|happy|over|gone|old|new)(?:\s.*)?",
    re.IGNORECASE,
)
# What people live in, work at and are when they write without capitals.
_COMMON: Final = frozenset(
    word
    for line in (
        "peace fear hope denial luxury squalor comfort poverty harmony town solitude silence doubt sin exile style bed",
        "danger debt pain misery hiding secret suburbia nature school church court sea night nights noon",
        "weekend weekends once times last first least random present speed free fun money cash pay ages years",
        "nothing something myself hospital university college sales marketing finance it retail",
    )
    for word in line.split()
)
_ZH_NO_PLACE: Final = re.compile(
    "(?:一|这|那|朋友|父母|爸|妈|学校|宿舍|公司|酒店|宾馆|楼|新家|老家|家|外面|外地|乡下|农村|城里|郊区|附近|几).*"
    "|.*(?:家|(?<!德)里|上|旁|附近|宿舍|边|楼)"
)
_ZH_NO_EMPLOYER: Final = re.compile(
    "(?:家|晚上|白天|夜里|早上|上午|下午|周末|外|这|那|一|国外|线上|努力|认真|拼命|辛苦|远程|兼职|全职|加班|办公室|哪|好好).*"
)
_ZH_NO_JOB: Final = re.compile("(?:很|非常|太|做|在|负责|教|帮|好|坏|最|不).*|.*的")
_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")


def is_value(attribute: str, value: str, text: str) -> bool:
    """Say whether words can be the value of an attribute. `text`: the whole statement, as it was typed."""
    if attribute == "birthday":
        return bool(_MONTH.search(value))
    if attribute in MEASURED:
        return bool(re.search(r"\d", value))
    if _HAN.search(value):
        return _is_chinese_value(attribute, value)
    if attribute == "job":
        return bool(_WORKS_AS.search(text) or (_JOB.fullmatch(value) and not _NO_JOB.fullmatch(value)))
    if attribute in PROPER:
        return _is_proper(attribute, value, text)
    return not (attribute.startswith("favourite_") and value[:1].islower() and _PRAISE.fullmatch(value))


def _is_proper(attribute: str, value: str, text: str) -> bool:
    bare = _ARTICLE.sub("", value, count=1)
    if not bare[:1].islower():
        return True
    # Some write everything small. Then one word may be a name, where little else can stand.
    typed_small = not any(character.isupper() for character in text.replace("I", ""))
    may_be = attribute in {"name", "home", "employer", "citizenship", "language"} and " " not in value
    return (
        typed_small
        and may_be
        and value not in _COMMON
        and not _PRAISE.fullmatch(value)
        and "call me" not in text.lower()
    )


def _is_chinese_value(attribute: str, value: str) -> bool:
    no_value = {"home": _ZH_NO_PLACE, "employer": _ZH_NO_EMPLOYER, "job": _ZH_NO_JOB}.get(attribute)
    return no_value is None or not no_value.fullmatch(value)
