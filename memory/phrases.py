"""How people say plain things about themselves, in English and Chinese: one pattern a thing. No list of given names."""

import re
from dataclasses import dataclass
from typing import Final

HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"

_LEAD: Final = (
    r"(?:(?:well|hi|hello|hey|oh|also|and|but|so|actually|btw|by the way|fyi|for the record|just so you know|yes|no|ok"
    r"|okay|please note that|note that|as you know)[,!:]?\s+)*"
)
_LEAD_ZH: Final = r"(?:(?:对了|另外|其实|顺便说一下|你好|您好|嗨|嗯|哦|还有|而且|不过|那个)[，,！!]?\s*)*"
_NAME: Final = r"(?-i:[^\W\d_a-z][\w'’.-]*(?: (?:de|la|van|von|der|da|al|bin)\b)?(?: [^\W\d_a-z][\w'’-]*){0,2})"
_PLACE: Final = r"(?-i:(?:the )?[^\W\d_a-z][\w'’-]+(?:,? (?:of |the )?[^\W\d_a-z][\w'’-]+){0,3})"
_ENDS: Final = r"(?:\s+(?:now|currently|at the moment|these days|again|with my .{1,40}|since .{1,30}|for .{1,30})){0,2}"
_OFTEN: Final = r"(?:(?:really|absolutely|still|also|just|particularly|especially|truly|always|very much) )*"
_OFTEN_ZH: Final = r"(?:真的|一直|特别|非常|最|很|十分|比较|更|也|都|尤其|还是)*"
_NOW: Final = r"(?: currently| now)?"
_I_AM: Final = r"I(?: am|'m)"
_MOVED: Final = r"I(?:(?: have|'ve)(?: just)?| just| recently)? moved to"
# The characters that family names begin with: 我叫 is also "I call" and "I order".
_SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文欧上司诸小阿"
)
NAME_ZH: Final = rf"(?:[{_SURNAMES}][{HAN}]{{1,3}}|[A-Z][\w·]+(?: [A-Z]\w+)?)"
_PLACE_ZH: Final = rf"(?P<value>[{HAN}A-Za-z·]{{2,14}}?)"
_AIMS: Final = r"(?=(?:learn|become|visit|write|quit|stop|improve|start|finish|read (?:more|all)|get better)\b)"
_AIMS_ZH: Final = "(?=学|读完|看完|写一|成为|当|考|提高|戒|养成|坚持)"
_KIN: Final = (
    "wife|husband|partner|son|daughter|brother|sister|mother|father|dog|cat|child|best friend|girlfriend|boyfriend"
)
_WISH: Final = "{who} asks: {value}."
_WISH_ZH: Final = "{who}要求：{value}。"

# "remember that …", 记住…: what follows is theirs to say, in whatever form.
TOLD: Final = re.compile(
    rf"(?:{_LEAD}(?:please |pls )?(?:can you |could you )?"
    r"(?:(?:remember|note|keep in mind|don't forget|do not forget) that\b|(?:remember|note|don't forget):)[,:]?\s+"
    rf"|{_LEAD_ZH}(?:请|麻烦)?(?:你)?(?:帮我)?(?:记住|记一下|记下|记得|别忘了)(?!了|吗|[。.!！]|$)[：:，,]?\s*)"
    r"(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Form:
    """One way of saying something. `value` is the part that is kept, as the pattern names it (value, value2 ...)."""

    pattern: re.Pattern[str]
    attribute: str  # may hold {of}, a part of the pattern
    text: str
    kind: str = "fact"
    may_deny: bool = False  # "I don't like" says something as it is


def _en(pattern: str, attribute: str, text: str, kind: str = "fact", *, may_deny: bool = False) -> Form:
    return Form(re.compile(rf"{_LEAD}{pattern}[\s.!]*", re.IGNORECASE), attribute, text, kind, may_deny)


def _zh(pattern: str, attribute: str, text: str, kind: str = "fact", *, may_deny: bool = False) -> Form:
    return Form(re.compile(rf"{_LEAD_ZH}{pattern}[\s.。!！了]*"), attribute, text, kind, may_deny)


_ENGLISH: Final = (
    _en(rf"(?:my (?:full )?name(?: is|'s)|you can call me) (?P<value>{_NAME})", "name", "{who}'s name is {value}."),
    _en(rf"I{_NOW} live in (?P<value>{_PLACE}){_ENDS}", "home", "{who} lives in {value}."),
    _en(rf"{_I_AM}{_NOW} (?:living|based) in (?P<value>{_PLACE}){_ENDS}", "home", "{who} lives in {value}."),
    _en(rf"{_MOVED} (?P<value>{_PLACE}){_ENDS}", "home", "{who} lives in {value}."),
    _en(rf"(?:{_I_AM}|I come) (?:originally )?from (?P<value>{_PLACE})", "origin", "{who} comes from {value}."),
    _en(rf"I{_NOW} work (?:for|at) (?P<value>{_PLACE}){_ENDS}", "employer", "{who} works for {value}."),
    _en(
        rf"I{_NOW} work as (?P<value>an? [\w -]{{3,40}}?)(?: (?:at|for|in) .{{1,60}})?",
        "job",
        "{who} works as {value}.",
    ),
    _en(r"my birthday is(?: on)? (?P<value>[\w ,]{0,20}\d[\w ,]{0,20})", "birthday", "{who}'s birthday is {value}."),
    _en(r"I was born (?:on|in) (?P<value>[\w ,]*\d[\w ,]*)", "birthday", "{who}'s birthday: {value}."),
    _en(rf"{_I_AM} (?P<value>\d{{1,3}}) years old", "age", "{who} is {value} years old."),
    _en(rf"{_I_AM} allergic to (?P<value>[\w ,-]{{3,60}})", "allergy", "{who} is allergic to {value}."),
    _en(
        r"my favou?rite (?P<of>[\w -]{3,30}?) (?:is|are) (?P<value>.{2,80})",
        "favourite {of}",
        "{who}'s favourite {of}: {value}.",
        "preference",
    ),
    _en(rf"I {_OFTEN}(?:like|love|enjoy|adore) (?P<value>.{{2,80}})", "likes", "{who} likes {value}.", "preference"),
    _en(rf"I {_OFTEN}prefer (?P<value>.{{2,80}})", "prefers", "{who} prefers {value}.", "preference"),
    _en(
        rf"I (?:{_OFTEN}(?:hate|dislike|detest|loathe)|(?:can't|cannot) stand"
        rf"|(?:do not|don't) {_OFTEN}(?:like|enjoy)) (?P<value>.{{2,80}})",
        "dislikes",
        "{who} does not like {value}.",
        "preference",
        may_deny=True,
    ),
    _en(
        r"my (?:main |big )?goal (?:(?:for|this) [\w ]{2,30})?is to (?P<value>[a-z].{3,100})",
        "goal",
        "{who}'s goal: to {value}.",
        "goal",
    ),
    _en(
        rf"(?:{_I_AM} (?:planning|hoping) to|I (?:really )?want to {_AIMS}|I plan to) ?(?P<value>[a-z].{{3,100}})",
        "goal",
        "{who} wants to {value}.",
        "goal",
    ),
    _en(
        rf"{_I_AM} learning (?P<value>(?-i:[A-Z]\w+(?: [A-Z]\w+)?)"
        r"|(?:to|how to) (?:play|speak|read|write|cook|draw) .{2,40})",
        "learning",
        "{who} is learning {value}.",
    ),
    _en(
        rf"my (?P<of>{_KIN})(?:'s name is| is called| is named) (?P<value>{_NAME})",
        "{of}",
        "{who}'s {of} is called {value}.",
        "relationship",
    ),
    _en(
        r"(?:please |from now on,? |in (?:the )?future,? |going forward,? )+(?P<value>(?:always|never) [a-z].{3,140})",
        "wish",
        _WISH,
        "wish",
        may_deny=True,
    ),
    _en(
        r"(?:from now on|in (?:the )?future|going forward),? (?:please )?"
        r"(?P<value>(?!(?:I|we|he|she|they|it)\b)[a-z].{3,140})",
        "wish",
        _WISH,
        "wish",
        may_deny=True,
    ),
)
_CHINESE: Final = (
    _zh(rf"(?:我叫|我的名字(?:是|叫)|你可以叫我|请叫我)(?P<value>{NAME_ZH})", "name", "{who}名叫{value}。"),
    _zh(rf"我(?:现在|目前|一直)?(?:住在|定居在|搬到了?|搬去了?){_PLACE_ZH}(?:住|生活)?", "home", "{who}住在{value}。"),
    _zh(rf"我来自{_PLACE_ZH}", "origin", "{who}来自{value}。"),
    _zh(
        rf"我(?:现在|目前)?在(?P<value>[{HAN}A-Za-z0-9·]{{2,20}}?)(?:工作|上班|任职)",
        "employer",
        "{who}在{value}工作。",
    ),
    _zh(rf"我的(?:职业|工作)是{_PLACE_ZH}", "job", "{who}的职业是{value}。"),
    _zh(r"我的生日是(?P<value>[\d一二三四五六七八九十年月日号]{2,14})", "birthday", "{who}的生日是{value}。"),
    _zh(r"我今年(?P<value>[\d一二三四五六七八九十]{1,4})岁", "age", "{who}今年{value}岁。"),
    _zh(rf"我对(?P<value>[{HAN}A-Za-z]{{1,12}})过敏", "allergy", "{who}对{value}过敏。"),
    _zh(
        rf"我最(?:喜欢|爱)的(?P<of>[{HAN}]{{1,8}}?)是(?P<value>.{{1,40}}?)",
        "最喜欢的{of}",
        "{who}最喜欢的{of}是{value}。",
        "preference",
    ),
    _zh(rf"我{_OFTEN_ZH}(?:喜欢|热爱|偏爱)(?P<value>.{{1,40}}?)", "likes", "{who}喜欢{value}。", "preference"),
    _zh(rf"我{_OFTEN_ZH}爱(?P<value>[吃喝看读听玩].{{1,40}}?)", "likes", "{who}爱{value}。", "preference"),
    _zh(
        rf"我(?:{_OFTEN_ZH}(?:讨厌|反感)|受不了|不(?:太|怎么|是很|大)?(?:喜欢|爱(?=[吃喝看读听玩])))(?P<value>.{{1,40}}?)",
        "dislikes",
        "{who}不喜欢{value}。",
        "preference",
        may_deny=True,
    ),
    _zh(r"我(?:今年)?的目标是(?P<value>.{2,60}?)", "goal", "{who}的目标是{value}。", "goal"),
    _zh(
        rf"我(?:正)?(?:打算|计划|决定|准备|(?:很)?(?:想|希望)要?{_AIMS_ZH})(?P<value>(?!问|知道|请|了解|确认|说).{{2,60}}?)",
        "goal",
        "{who}想{value}。",
        "goal",
    ),
    _zh(
        rf"(?:请|麻烦)?(?:以后|今后|从现在起|从今以后)(?:请|都|每次)*(?P<value>(?!我)[{HAN}A-Za-z].{{2,60}}?)",
        "wish",
        _WISH_ZH,
        "wish",
        may_deny=True,
    ),
    _zh(
        r"请(?:你)?(?P<value>(?:总是|始终|永远|每次|一直|以后|今后)(?:都)?.{2,60}?)",
        "wish",
        _WISH_ZH,
        "wish",
        may_deny=True,
    ),
)
FORMS: Final = _ENGLISH + _CHINESE
