"""Whether two Chinese texts name the same people. Text alone, and no list of given names: a surname and what follows.

Chinese marks names by nothing, so this errs on one side: what might be another name counts as one. Two memories are
then two where they could have been one, and never one where they are about two people.
"""

from typing import Final

from mindory_web.lib.terms import UNSPACED

# The surnames of nine in ten people; left out are those that are mostly other words (于, 时, 万, 钱, 向).
SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"
    "金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵严覃武戴莫孔汤温康施文牛樊葛邢安齐伍庞颜庄聂章鲁岳翟申"
    "欧司诸張劉陳楊黃趙吳孫馬羅鄭謝許韓馮鄧蕭葉蘇魏呂盧鍾譚陸賈韋鄒龍賀顧龔嚴湯莊齊顏龐聶魯"
)
NO_NAME: Final = frozenset("的是在了也我你您他她它们們说說这這那")  # ends a name, wherever it stands
AFTER: Final = NO_NAME | frozenset("和跟与與有对對会會住叫做喜爱愛去来來")  # ends one of two characters


def same_people(one: str, other: str) -> bool:
    """Say whether every surname of either text stands in the other too, before the same name, in the same order."""
    mine, theirs = _named(one), _named(other)
    if not (_are_among(mine, theirs, _rest(other, theirs)) and _are_among(theirs, mine, _rest(one, mine))):
        return False
    return list(dict.fromkeys(name[:2] for name in mine)) == list(dict.fromkeys(name[:2] for name in theirs))


def _named(text: str) -> list[str]:
    """Return each surname with the one or two characters after it that may be a name."""
    found = []
    for run in UNSPACED.findall(text):
        for at, character in enumerate(run):
            if character in SURNAMES:
                found.append(_name(run[at : at + 3]))
    return found


def _name(three: str) -> str:
    if three[1:2] in NO_NAME:
        return three[:1]
    return three[:2] if three[2:] in AFTER else three


def _rest(text: str, names: list[str]) -> str:
    for name in names:
        text = text.replace(name, " ")
    return text


def _are_among(names: list[str], others: list[str], rest: str) -> bool:
    """Say whether each name is among others; its third character may be no part of it, if it stands in their `rest`."""
    return all(
        any(name[:2] == other[:2] and (not name[2:] or name == other or name[2] in rest) for other in others)
        for name in names
    )
