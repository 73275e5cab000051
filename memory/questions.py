"""What a question wants of the memory: whether it asks about the reader, and the words that say what about. No Django.

Only grammar is listed here: pronouns, ways to ask somebody for something, verbs of thinking and saying.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from memory.gates import is_nod
from mindory_web.lib.languages import language_of
from mindory_web.lib.terms import TYPESETTING, UNSPACED, terms

LONGEST: Final = 4_000  # characters of a question that are looked at
MOST_TERMS: Final = 40

# "Tell me who that is" asks about somebody else, although it has a "me" in it.
_REQUESTS: Final = re.compile(
    r"\b(?:tell|show|give|help|remind|teach|let|walk|convince|ask|find|get|bring|spare)\s+(?:me|us)\b"
    r"|\b(?:for|to|with)\s+me\b"
    r"|\b(?:can|could|may|should|shall|would|must|do|will|might|where|how)\s+I\s+(?:\w+\s+)?"
    r"(?:know|ask|find|read|learn|understand|see|get|expect|trust|believe|need|have|start|skip|look|imagine)\b"
    r"|\bI(?:'d|'ll|\s+(?:would|will|should))?\s+(?:like|love|want|wish|need|wanted|hope|try|am trying)\s+to\s+\w+"
    r"|\bI(?:'m|\s+am|\s+was)?\s+(?:also\s+|still\s+|just\s+|really\s+)?(?:wonder\w*|curious|confused|not\s+sure|unsure|lost|"
    r"asking|guess|suppose|mean|see|hear|heard|assume)\b"
    r"|\bI\s+(?:do\s+not|don't|did\s+not|didn't|can\s*not|can't|could\s+not|couldn't)\s+\w+"
    r"|\b(?:I\s+(?:beg|have\s+a\s+question)|excuse\s+me|pardon\s+me|if\s+I\s+may)\b"
    r"|我(?:很|也|还|真的?|只)?(?:想|要|希望|需要)(?:要|请你|再)?(?:知道|了解|问(?:一下|问|你)?|听听|看看|请教|弄清|明白|弄明白|搞清)"
    r"|(?:告诉|教教?|提醒|给|帮|让|跟|对|向|为|请|和|与)我|我(?:有(?:个|一个)?问题|问(?:一下|你|问))"
    r"|我(?:还|又|也|都)?(?:不|没(?:有)?)(?:太|大|很)?(?:明白|懂|理解|知道|清楚|确定|记得|看懂|读懂)|我(?:看|读)(?:不|没)(?:太)?懂|我们",
    re.IGNORECASE,
)
_SHORT: Final = re.compile(r"(?<=\w)'(?:m|d|ll|re|ve)\b", re.IGNORECASE)  # "I've" says no more than "I"
_FIRST_PERSON: Final = re.compile(r"\b(?:I|me|my|mine|myself)\b|我|(?<![亲])自己", re.IGNORECASE)
_OWN: Final = re.compile(r"\b(?:my|mine)\b|我的", re.IGNORECASE)
_DID: Final = re.compile(r"\bI\b|我(?!的)")
_THOUGHT: Final = re.compile(
    r"\b(?:notes?|marks?|highlights?|opinions?|views?|thoughts?|impressions?|verdict|favou?rites?|comments?|remarks?)\b"
    r"|笔记|批注|标注|标记|划线|看法|想法|感想|印象|评价|喜欢",
    re.IGNORECASE,
)
_ROMAN: Final = re.compile(r"\b(?:Chapter|Book|Part|Act|Volume|Canto|Letter|Section)\s+I\b|\bI\.", re.IGNORECASE)
_QUOTED: Final = re.compile(r"“[^”]*”|\"[^\"]*\"|「[^」]*」|『[^』]*』|《[^》]*》")
_SENTENCE: Final = re.compile(r"[^?？!！.。\n]*[?？]")
_SENTENCES: Final = re.compile(r"[^?？!！.。\n]+[?？!！.。\n]?")
_AROUND: Final = " \t\n\r\"'“”‘’「」()（）.。!！…—-"
# Questions that people type without a question mark. "When I was ten" and "what I like" tell something.
_IS: Final = r"(?:is|are|was|were|am|do|does|did|can|could|will|would|should|shall|may|might|must|have|has|had)(?:n't)?"
_WHO: Final = r"(?:I|you|we|he|she|it|they|there|this|that|these|those|my|your|our|his|her|their|the|any\w+|some\w+)"
_ASKING: Final = re.compile(
    r"(?:(?:so|and|but|or|well|ok(?:ay)?|please|hey|hi|hello|now|then|also|sorry)\b[,\s]+)*(?:"
    rf"(?:what|who|whom|where|when|why|how)(?:'(?:s|re|d|ll)|\s+{_IS})\b"
    rf"|(?:what|which|whose|how)(?:\s+(?!{_WHO}\b|to\b)[\w'-]+){{1,3}}\s+{_IS}\s+{_WHO}\b"
    rf"|{_IS}\s+{_WHO}\b"
    r"|(?:tell|remind|show)\s+(?:me|us)\s+(?:again\s+)?(?:what|who|whom|whose|where|when|why|how|which|whether|if)\b"
    r"|(?:请问|你(?:还)?(?:知道|记得)|谁|什么|哪|怎么|为什么|为何|如何|多少|几(?:个|岁|点|时|本|次|位)|能不能|可不可以|是不是|有没有)"
    r"|(?:请|请你)?(?:再)?(?:告诉|提醒)我[^，,]*(?:什么|谁|哪|怎么|为什么|多少|几)"
    r"|.*(?:吗|什么|谁|哪里|哪儿|哪个|哪些|多少|怎么样|怎么办|为什么|几岁)$"
    r")",
    re.IGNORECASE,
)
_TALK: Final = re.compile(
    r"\b(?:did|have|had)\s+(?:I|we|you)\s+(?:\w+\s+)?(?:say|said|ask\w*|tell|told|talk\w*|discuss\w*|mention\w*|speak|spoken"
    r"|chat\w*|answer\w*)\b|\b(?:I|we|you)\s+(?:said|asked|told|talked|discussed|mentioned|spoke)\b"
    r"|\b(?:last|earlier|previous)\s+(?:time|conversations?|talks?|chats?)\b"
    r"|(?:我们?|你)[^，。？?]{0,8}(?:说|问|聊|谈|讨论|提)(?:过|到过|起过|了)|(?:上次|之前|以前|那天)[^，。？?]{0,6}(?:说|问|聊|谈|讨论|提)",
    re.IGNORECASE,
)
_NOTES: Final = re.compile(
    r"\b(?:not(?:e|es|ed|ing)|mark(?:s|ed)?|highlight(?:s|ed)?|underlin(?:e|ed)|annotat\w+)\b|笔记|批注|标注|标记|划线|标了|划了|记了|记下"
)
_ANSWERS: Final = re.compile(
    r"\b(?:answer|reply|replies|respon[ds]|explain|explanation|summar\w+|translat\w+|quot(?:e|es|ation)|spoil\w*|brief|concise|short|"
    r"detail\w*|language|English|Chinese|plain|examples?|bullet|lists?)|回答|答案|解释|说明|总结|概括|翻译|引用|原文|剧透|简短|简洁|详细|中文|英文|举例|列表",
    re.IGNORECASE,
)
_WORDLESS_ZH: Final = re.compile(
    "觉得|认为|以为|看法|想法|感觉|怎么样|怎么看|怎么想|怎么说|如何|什么时候|什么|哪里|哪儿|哪个|哪些|哪本|哪一|为什么|为何|"
    "谁|多少|几个|是不是|有没有|是否|吗|呢|吧|啊|呀|我的|我|你的|你|自己|记得|记下|记了|记过|笔记|写下|写了|标了|标出|标记|划了|"
    "说过|问过|聊过|讨论过|提过|之前|以前|上次|关于|请问|一下|对于|对|这本书|这书|里面|里|了|过|的|是|在|到底|究竟"
)
_WORDLESS: Final = frozenset(
    terms(
        "i me my mine myself we us our you your yours he him his she her hers it its they them their this that "
        "these those a an the of in on at to for from with by about as into onto over under between and or but if "
        "so than then there here what when who whom whose where which how why do does did done is are was were be "
        "been being am has have had having would could should can will shall may might must not no yes any some "
        "all ever already again also just once think thought thinks believe feel felt opinion opinions view views "
        "say said tell told ask asked mention mentioned talk talked discuss discussed note noted notes write "
        "wrote written mark marked highlight highlighted underline underlined remember remembered recall know "
        "known knew find found make made get got much thing things something anything everything please book "
        "books don't doesn't didn't isn't aren't wasn't weren't haven't hasn't hadn't won't wouldn't can't couldn't "
        "shouldn't "
    )
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the memory sees it.

    `words`: what to search for. `terms`: those that say what it is about; none says that it asks for all there is.
    """

    words: str
    terms: frozenset[str]
    is_of_reader: bool  # it asks about the one who asks: their life, their reading, what they thought
    is_of_talk: bool  # it asks about what was said
    is_of_notes: bool  # it asks about what was marked and noted
    is_of_life: bool  # it asks about something of the reader's own: "my sister"


def read(question: str, *, asked: str = "") -> Question:
    """Return what a question wants. `asked`: what the reader wrote, where `question` holds other words besides."""
    text = question[:LONGEST].translate(TYPESETTING)
    own = _ROMAN.sub(" ", _QUOTED.sub(" ", (asked or question)[:LONGEST].translate(TYPESETTING)))
    sentences = " ".join(_SENTENCE.findall(own)) or own
    is_of_talk = bool(_TALK.search(sentences))
    return Question(
        words=_FIRST_PERSON.sub(" ", _SHORT.sub("", _REQUESTS.sub(" ", text))) if language_of(text) != "zh" else text,
        terms=frozenset(list(dict.fromkeys(_asked_for(text)))[:MOST_TERMS]),
        is_of_reader=is_of_talk or bool(_FIRST_PERSON.search(_REQUESTS.sub(" ", sentences))),
        is_of_talk=is_of_talk,
        is_of_notes=bool(_NOTES.search(sentences)),
        is_of_life=bool(_OWN.search(sentences)) and not _DID.search(sentences) and not _THOUGHT.search(sentences),
    )


def is_question(text: str) -> bool:
    """Say whether a text does nothing but ask: each sentence is a question, with its mark or without, or a nod."""
    sentences = [found.strip(_AROUND) for found in _SENTENCES.findall(text[:LONGEST].translate(TYPESETTING))]
    said = [sentence for sentence in sentences if sentence.strip("?？") and not is_nod(sentence)]
    return bool(said) and all(sentence[-1] in "?？" or _ASKING.match(sentence) for sentence in said)


def is_about_answers(text: str) -> bool:
    """Say whether a rule of the reader's is about how they like answers."""
    return bool(_ANSWERS.search(text))


def is_name_of(question: Question, attribute: str) -> bool:
    """Say whether a question asks for an attribute by its name: "What is my name?"."""
    return bool(attribute and question.terms) and question.terms <= _held(attribute.replace("_", " "), "")


def meant(text: str) -> frozenset[str]:
    """Return the terms of a text that mean something by themselves."""
    return _held(text, language_of(text)) - _WORDLESS


def covered(question: Question, texts: Sequence[str], *, language: str = "") -> float:
    """Return which share of what is asked for stands in the texts of a memory, 0..1."""
    if not question.terms:
        return 0.0
    held = {term for text in texts for term in _held(text, language)}
    written = "\n".join(texts)
    found = sum(term in written if UNSPACED.fullmatch(term) else term in held for term in question.terms)
    return found / len(question.terms)


def _asked_for(text: str) -> list[str]:
    """Return the terms of a question without those that only ask."""
    language = language_of(text)
    bare = _SHORT.sub("", _TALK.sub(" ", _REQUESTS.sub(" ", text)))
    bare = _WORDLESS_ZH.sub(" ", bare) if language == "zh" else bare
    return [term for term in terms(bare, language=language) if term not in _WORDLESS and term != "我"]


@lru_cache(maxsize=2048)
def _held(text: str, language: str) -> frozenset[str]:
    """Return the terms of a text as its language has them, and as a question in English has them."""
    return frozenset((*terms(text[:LONGEST], language=language), *terms(text[:LONGEST])))
