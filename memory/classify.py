"""Which of the six types a text is. Scored patterns, English and Chinese; no model, no Django, never an error.

Every pattern that is met gives points to one type; the highest sum wins, not the first match. How sure that is, is
the winner's lead: below `SURE` a language model may be asked, where there is one.
"""

import re
from typing import Final

from memory.types import MemoryType

SURE: Final = 0.6
LONGEST: Final = 4_000  # characters looked at: what a text is shows early
FEWEST_POINTS: Final = 1.0  # below this, it is only something that was said

_PAST: Final = (
    r"(?:\w{2,}ed|was|were|had|did|went|met|saw|bought|got|gave|took|made|came|left|found|told|said|read|wrote|began|"
    r"broke|built|drove|ate|drank|fell|felt|flew|heard|kept|lost|paid|ran|rode|sang|sat|slept|sold|spent|spoke|stood|"
    r"swam|taught|thought|threw|won|woke|caught|chose|held|led|sent|grew|forgot|became)"
)
_TIME: Final = (
    r"(?:yesterday|today|tonight|this (?:morning|afternoon|evening|week|weekend|month|year)|"
    r"last (?:night|week|weekend|month|year|spring|summer|autumn|fall|winter|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
    r"january|february|march|april|may|june|july|august|september|october|november|december)|"
    r"(?:\w+|\d+) (?:minutes?|hours?|days?|weeks?|months?|years?) ago|the other day|just now|earlier today|recently|"
    r"(?:in|since|on|during) (?:\d{4}|january|february|march|april|may|june|july|august|september|october|november|"
    r"december|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|\d{4}-\d\d-\d\d|"
    r"on (?:the )?\d{1,2}(?:st|nd|rd|th)?(?: of)? \w+|when i was)"
)
_ORDER: Final = (
    r"(?:add|always|answer|ask|avoid|bake|begin|boil|bring|build|call|choose|check|click|close|compare|cook|create|cut|do|download|enter|explain|"
    r"fill|follow|give|go|heat|hold|include|insert|install|keep|leave|let|list|make|mix|never|note|open|place|pour|press|"
    r"put|quote|read|remember|remind|remove|repeat|replace|reply|restart|run|save|select|send|serve|set|show|skip|speak|start|"
    r"stir|stop|summari[sz]e|take|talk to|tell|translate|try|turn|type|use|wait|wash|write|don't|do not)"
)
_ZH_TIME: Final = (
    r"(?:昨天|昨晚|前天|今天|今早|今晚|刚才|刚刚|上(?:个)?(?:周|星期|月)|去年|前年|大前天|那天|前几天|最近|小时候|"
    r"\d{4}\s*年|\d{1,2}\s*月\s*\d{1,2}\s*[日号]|[一二三四五六七八九十两几\d]{1,12}(?:天|周|年|个月|个星期|小时)(?:以)?前|上周[一二三四五六日天末])"
)

# (type, points, pattern). Patterns are looked for in the text as it is, without regard to case.
_PATTERNS: Final[tuple[tuple[MemoryType, float, str], ...]] = (
    # said, and no more
    (
        MemoryType.CONVERSATIONAL,
        3.0,
        r"^\W*(?:hi|hello|hey|thanks|thank you|bye|goodbye|good (?:morning|evening|night)|ok|okay|sure|yes|"
        r"no|yeah|yep|nope|great|cool|nice|wow|haha|lol|hmm+|oh|i see|got it|sounds good|you're welcome|"
        r"please continue|go on|never mind)\b(?:\W|\b(?:so much|very much|again|there|you|a lot|for \w+|"
        r"everyone|all|then|that|it|was|is)\b)*$",
    ),
    (MemoryType.CONVERSATIONAL, 2.6, r"[?？]\W*$"),
    (
        MemoryType.CONVERSATIONAL,
        1.6,
        r"^\W*(?:what|why|who|whose|where|when|which|how|do|does|did|can|could|would|will|are|is|am|should|"
        r"shall|may|have|has)\b(?!.*\.).*\?",
    ),
    (MemoryType.CONVERSATIONAL, 2.6, r"^\W*let me (?:think|see)\b"),
    (
        MemoryType.CONVERSATIONAL,
        1.2,
        r"\b(?:let's|let us|i think so|i agree|i'm not sure|maybe|what about you|tell me more|i don't know|"
        r"that's (?:great|nice|interesting|true|right|fine|okay|good|amazing))\b",
    ),
    (
        MemoryType.CONVERSATIONAL,
        3.0,
        r"^\W*(?:你好|您好|嗨|喂|谢谢|多谢|谢了|感谢|再见|拜拜|好的?|行|可以|没问题|嗯+|哦+|是的?|对|不是|"
        r"不客气|早上好|早安|晚上好|晚安|哈哈+|知道了|明白了?|原来(?:如此|是这样)|继续吧?|太好了|"
        r"没关系)(?:[啊呀呢吧了哦你您大家]|\W)*$",
    ),
    (MemoryType.CONVERSATIONAL, 2.6, r"(?:吗|呢|什么|为什么|怎么样|谁|哪里|哪儿|几点|多少)[?？。]?\W*$"),
    (MemoryType.CONVERSATIONAL, 1.2, r"我不(?:太)?(?:确定|知道|清楚)|你觉得|你说得对|有意思|真不错"),
    # how things are done
    (MemoryType.PROCEDURAL, 2.4, rf"^\W*(?:please |kindly |and |then |now )?{_ORDER}\b(?! (?:is|was|are|were)\b)"),
    (
        MemoryType.PROCEDURAL,
        2.2,
        r"\b(?:how to|step \d|steps? (?:one|two|are|to)|the (?:first|next|last) step|in order to|"
        r"from now on|make sure|the recipe|the procedure)\b",
    ),
    (MemoryType.PROCEDURAL, 2.0, r"\bfirst\b.{3,400}\b(?:then|next|after that|finally|second)\b"),
    (
        MemoryType.PROCEDURAL,
        2.2,
        rf"^\W*(?:to|when(?:ever)?|if|before|after|for) .{{3,80}}, (?:please |you (?:must|should|have to|"
        rf"need to) |always |never |first )?{_ORDER}\b",
    ),
    (
        MemoryType.PROCEDURAL,
        2.2,
        r"\b(?:when|whenever|if) you (?:answer|reply|explain|quote|summari[sz]e|write|translate|mention|"
        r"suggest|recommend|talk|speak)",
    ),
    (
        MemoryType.PROCEDURAL,
        3.8,
        r"\bi(?:'d| would)? (?:like|want|prefer|need) (?:you|your answers?|answers|replies|summaries|"
        r"explanations|quotes)\b",
    ),
    (MemoryType.PROCEDURAL, 1.6, r"\byou (?:should|must|have to|need to|can) (?:always|never|first|not)?\b"),
    (MemoryType.PROCEDURAL, 2.4, r"^\W*(?:请|务必|记得|记住|一定要|不要|别|以后|每次|总是|永远|先)"),
    (
        MemoryType.PROCEDURAL,
        2.4,
        r"先.{1,30}(?:再|然后|接着|之后|最后)|第一步|第二步|步骤|方法是|做法是|流程|怎样.{1,20}[:：]|"
        r"如何.{1,20}[:：]",
    ),
    (
        MemoryType.PROCEDURAL,
        2.2,
        r"^(?:要|想要|如果|当|在).{1,30}(?:时|的时候|的话|之前|之后)?[,，].{0,4}(?:请|要|先|必须|应该|就|按|"
        r"用|点击|打开)",
    ),
    (
        MemoryType.PROCEDURAL,
        3.6,
        r"我(?:希望|想|要|更喜欢)(?:你|回答|答案|总结|解释).{2,}|(?:回答|回复|总结|解释|翻译)(?:我)?(?:时|"
        r"的时候|问题时|要|请)",
    ),
    (
        MemoryType.PROCEDURAL,
        2.4,
        r"^\W*(?:no|only) \w+(?: \w+){0,3}, please|^.{1,12}(?:时|之前|以前|前|后)[,，]?(?:要|先|应|洗|注明|"
        r"使用|举)|要(?:注明|标明|写明|保留|简短|简洁)",
    ),
    # about the reader
    (
        MemoryType.PERSONAL,
        2.4,
        r"\bi(?:'m| am)(?: (?:also|still|now|currently|really|very|quite|not|a bit|originally))* (?:an? |"
        r"the |from |allergic|afraid|scared|fond|interested|married|single|divorced|engaged|vegetarian|"
        r"vegan|left-handed|right-handed|retired|\d+\b|in love with|good at|bad at|learning|studying|"
        r"working (?:as|at|for)|living|called|tired of|into|proud)",
    ),
    (
        MemoryType.PERSONAL,
        2.4,
        r"\bi(?: (?:really|also|still|just|absolutely|usually|always|never|often|rarely|sometimes|don't|"
        r"do not|can't|cannot|can|currently))* (?:like|love|enjoy|hate|dislike|prefer|adore|live|work|study|"
        r"speak|play|own|have|need|want|believe|collect|drink|eat|read|suffer|wear|drive|support|stand|wake|"
        r"sleep|belong|dream)\b",
    ),
    (
        MemoryType.PERSONAL,
        2.6,
        r"\bmy (?:\w+ ){0,2}(?:name|age|birthday|job|work|hobby|hobbies|home|address|phone|email|e-mail|"
        r"nationality|citizenship|wife|husband|partner|sister|brother|mother|father|mom|mum|dad|son|"
        r"daughter|child|children|kids|dog|cat|pet|favou?rite|goal|dream|doctor|boss|school|language|tongue|"
        r"family|size|weight|height|religion|friend)s?\b",
    ),
    (MemoryType.PERSONAL, 1.2, r"\b(?:my|mine|myself)\b"),
    (MemoryType.PERSONAL, 1.2, r"^\W*(?:i|i'm|i've|i'd|we|my|our)\b(?! (?:see|guess|think so|agree)\b)"),
    (
        MemoryType.PERSONAL,
        1.6,
        r"\b(?:the reader|the user|user)(?:'s \w+ is| is| likes| loves| prefers| lives| works| has| hates|"
        r" speaks| wants)\b",
    ),
    (
        MemoryType.PERSONAL,
        2.6,
        r"我(?:现在|目前|一直|从小|特别|非常|很|最|真的|不|也|还|更|正|平时|通常|经常)*(?:喜欢|爱|讨厌|害怕|"
        r"怕|想|希望|住|会说|会|是|叫|姓|属|养|有|信|吃素|在.{1,12}(?:工作|上班|读书|上学|学习)|来自|"
        r"对.{1,10}(?:过敏|感兴趣)|习惯|擅长|需要|不吃|不喝|喝|学)",
    ),
    (
        MemoryType.PERSONAL,
        2.6,
        r"我的(?:名字|姓名|生日|年龄|工作|职业|爱好|家|地址|电话|邮箱|国籍|母语|妻子|丈夫|爱人|姐姐|妹妹|"
        r"哥哥|弟弟|妈妈|爸爸|母亲|父亲|儿子|女儿|孩子|狗|猫|宠物|目标|梦想|医生|老板|学校|专业|身高|体重|"
        r"星座)|我(?:妈|爸|哥|姐|弟|妹|儿子|女儿|妻子|丈夫|老公|老婆|家)",
    ),
    (MemoryType.PERSONAL, 1.0, r"我(?!们(?:继续|开始|走|来))|本人"),
    # what happened
    (MemoryType.EPISODIC, 2.4, rf"\b{_TIME}\b"),
    (
        MemoryType.EPISODIC,
        1.6,
        rf"\b(?:i|we|he|she|they|[A-Z]\w+)(?: and i)?(?: (?:just|finally|also|then|never|recently|"
        rf"already)){{0,3}} {_PAST}\b",
    ),
    (
        MemoryType.EPISODIC,
        1.8,
        r"\b(?:i|we)(?:'ve| have) (?:just |already |finally |recently )?(?:been|finished|started|read|seen|"
        r"met|visited|bought|had|lost|found|moved|got|gone|made|written)\b",
    ),
    (
        MemoryType.EPISODIC,
        1.8,
        rf"^[^.?!]*\b{_PAST}\b[^.?!]{{0,200}}\bin (?:january|february|march|april|may|june|july|august|september|"
        rf"october|november|december|spring|summer|autumn|winter)\b",
    ),
    (
        MemoryType.EPISODIC,
        0.8,
        r"\b(?:finished|started|visited|happened|arrived|celebrated|graduated|married|moved|died|won|"
        r"attended|travel+ed)\b",
    ),
    (MemoryType.EPISODIC, 2.4, _ZH_TIME),
    (
        MemoryType.EPISODIC,
        2.2,
        rf"{_ZH_TIME}.{{0,30}}(?:了|过)|(?:我|我们|他|她|他们).{{0,14}}(?:去|买|看|读|见|吃|写|参加|搬|回|到|"
        rf"完成|遇到|收到|丢|结|毕业|开始)(?:完|到|见|过)?了",
    ),
    (MemoryType.EPISODIC, 1.6, r"(?:去过|见过|读过|看过|到过|吃过|参加过|住过)"),
    # what things are
    (
        MemoryType.SEMANTIC,
        3.0,
        r"\b(?:is|are) (?:defined as|known as|a (?:kind|type|form|sort|branch|measure|set|state|process|"
        r"method|theory|concept|system|way|figure|genre|technique|property|term|style|doctrine|principle|"
        r"collection|study|work|unit|category|class) of)\b",
    ),
    (
        MemoryType.SEMANTIC,
        3.0,
        r"\b(?:means|refers? to|stands for|denotes?|consists? of|is composed of|describes|is the (?:study|"
        r"process|ability|idea|belief|theory|art|science|practice|act|opposite|state|rate|sum|ratio) of)\b",
    ),
    (
        MemoryType.SEMANTIC,
        1.8,
        r"^\W*(?:an? |the )?[\w-]+(?: [\w-]+){0,2} (?:is|are) (?:an? )[\w-]+(?: [\w-]+){0,3} (?:that|which|"
        r"in which|where|whose|who)\b",
    ),
    (
        MemoryType.SEMANTIC,
        1.8,
        r"\b(?:depends on|leads to|is caused by|causes|results? from|belongs to the|is a subset of|"
        r"is part of|is based on|based on|differs? from|is related to|is based on|is the opposite of|"
        r"implies|contrasts with|in contrast to)\b",
    ),
    (
        MemoryType.SEMANTIC,
        3.0,
        r"(?:是指|指的是|意思是|意为|所谓|定义[为是]|被称为|称为|是一[种门类个](?:.{0,20}(?:的|方法|理论|"
        r"概念|现象|学科|过程|风格|体裁|状态|能力|思想|学说|手法|修辞|制度|技术))|属于.{1,12}的一种|"
        r"的反义词|的同义词|由.{1,20}(?:组成|构成)|取决于|是研究.{1,20}的)",
    ),
    (MemoryType.SEMANTIC, 1.8, r"(?:导致|源于|基于|相对于|区别在于|与.{1,12}(?:不同|相关|有关)|会引起)"),
    (
        MemoryType.SEMANTIC,
        2.2,
        r"^\W*(?:the |an? )?(?:(?:\w+ )?\w{2,}(?:cy|ism|osis|tion|sion|sis|ity|ment|phy|logy|ness|ance|ence|"
        r"tics|ure))(?: in \w+)? (?:is|are)\b",
    ),
    (MemoryType.SEMANTIC, 1.6, r"^\W*(?:in \w+, )?an? \w+ (?:\w+ )?(?:is|has|\w{3,}s) (?!at\b|on\b)"),
    (
        MemoryType.SEMANTIC,
        2.4,
        r"意味着|^.{2,8}强调|是.{1,20}的(?:价值|总称|统称|概念|原则|理论|小说|能力)|[”」》]?(?:一般|"
        r"通常)?指(?![着向示出甲头])|^.{1,8}就是|^(?![我你他她]).{1,8}(?:，|,)?即",
    ),
    # what is so
    (
        MemoryType.FACTUAL,
        1.4,
        r"\b(?:the |an? )?[\w'-]{1,40}(?: [\w'-]{1,40}){0,4} (?:is|are|was|were|has|have|costs?|opens?|closes?|lives?|"
        r"works?|weighs?|contains?|lies|borders|belongs|boils|freezes|measures|begins|ends|starts|takes|"
        r"needs|speaks?|sells?|holds?|runs?|rises|sets|covers|owns?|serves?|stands|flows|orbits|lasts?|"
        r"reaches|leaves|plays|teaches)\b",
    ),
    (MemoryType.FACTUAL, 1.2, r"(?<=[a-z,;] )(?-i:[A-Z][\w'’-]+)"),
    (MemoryType.FACTUAL, 1.0, r"\d"),
    (
        MemoryType.FACTUAL,
        1.4,
        r"\b(?:the capital|the author|population|was (?:born|written|built|founded|published|invented|"
        r"discovered)|located|founded|kilomet(?:er|re)s|degrees|percent)\b",
    ),
    (
        MemoryType.FACTUAL,
        1.4,
        r"^(?![你您我]).{1,20}(?:是|在|有|位于|共有|开门|关门|营业|出版|发表|作者|首都|人口|面积|高|长|重|"
        r"距离|需要|叫|住|工作|等于|沸点|建于|成立|毕业|会说|不能|可以)",
    ),
    (MemoryType.FACTUAL, 1.2, r"首都|人口|作者是|出版于|成立于|建于|位于|公里|公斤|摄氏度|%|《[^》]+》"),
)
_COMPILED: Final = tuple(
    (kind, points, re.compile(pattern, re.IGNORECASE | re.DOTALL)) for kind, points, pattern in _PATTERNS
)
# Nothing else is known of it, but it is a sentence about somebody or something else.
_STATES: Final = re.compile(
    r"^(?![^.?!]*\b(?:i|you|we|me|my|your|no problem)\b)\W*\w+(?: [\w'.,-]+){3,}[.]?$|"
    r"^(?!.{0,3}[我你您哈嗯哦]|原来|好的)(?=.*[\u4e00-\u9fff])[^?？吗呢!！]{6,}$",
    re.IGNORECASE,
)
_FIRST_PERSON: Final = re.compile(r"\b(?:i|i'm|we|my|our|me)\b|我", re.IGNORECASE)
_IS_PAST: Final = re.compile(rf"\b(?:i|we|my \w+|he|she|they)\b.{{0,40}}\b{_PAST}\b|了|过", re.IGNORECASE)


def classify(text: str, *, language: str = "", has_date: bool = False) -> tuple[MemoryType, float]:
    """Return the type of a text and how sure that is, from 0 to 1.

    `has_date`: it is known when it happened or began. The language needs no telling: patterns of all are tried.
    """
    said = text[:LONGEST].replace("’", "'").strip() if isinstance(text, str) else ""
    points = _points(said, has_date=has_date)
    ranked = sorted(points.items(), key=lambda item: -item[1])[:2]
    if ranked[0][1] < FEWEST_POINTS:
        if _STATES.search(said):
            return MemoryType.FACTUAL, 0.4
        return MemoryType.CONVERSATIONAL, 0.4 if said else 0.0
    best, lead = ranked[0][0], ranked[0][1] - ranked[1][1]
    return best, round(min(0.5 + lead / 6, 0.98), 3)


def _points(said: str, *, has_date: bool) -> dict[MemoryType, float]:
    points = dict.fromkeys(MemoryType, 0.0)
    for kind, worth, pattern in _COMPILED:
        if pattern.search(said):
            points[kind] += worth
    is_mine = bool(_FIRST_PERSON.search(said))
    if is_mine:  # "I was in Rome in 2019" is no fact about the world
        points[MemoryType.FACTUAL] *= 0.4
        points[MemoryType.SEMANTIC] *= 0.6
    if points[MemoryType.EPISODIC] and not _IS_PAST.search(said):
        points[MemoryType.EPISODIC] *= 0.5  # a time alone is no event
    if points[MemoryType.EPISODIC] and is_mine and (has_date or points[MemoryType.EPISODIC] > 3):
        points[MemoryType.EPISODIC] += 0.8
    return points
