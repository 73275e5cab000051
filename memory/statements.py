"""What a reader says about themself in so many words, found without a model. English and Chinese.

Few things are learned this way, and they are right: only plain statements in the first person, never a question, a
condition, a wish that is none, somebody else's words, or a long text that was pasted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from memory.phrases import FORMS, HAN, TOLD, Form

LONGEST_TURN: Final = 1_000  # characters; more is hardly somebody's own words about themself
LONGEST_CLAUSE: Final = 200
MOST: Final = 12

_SENTENCE: Final = re.compile(r"[^.!?…。！？\n;；]*(?:\.(?=\w)[^.!?…。！？\n;；]*)*[.!?…。！？;；]*")
_CLAUSE: Final = re.compile(r",?\s+(?:and|but|so)\s+(?=(?:I|my|I'm|I've)\b)|[，,]\s*(?=我|请|记住)", re.IGNORECASE)
_QUOTED: Final = re.compile(
    "[“«「『‟][^”»」』]*(?:[”»」』]|$)|(?<!\\w)\"[^\"]*(?:\"|$)|(?<!\\w)'[^']{3,}'(?!\\w)|^[ \\t]*>.*$", re.MULTILINE
)
# Such a turn works on a text: what stands in it is not the reader's own.
_WORKS_ON: Final = re.compile(
    r"\b(?:translat\w+|rewrit\w+|rephras\w+|proof-?read|correct (?:this|my)|summari[sz]\w+|paraphras\w+|pretend|imagine"
    r"|role-?play|act as|write (?:a|an|me)|the (?:text|passage|quote|sentence|line|narrator)\b|chapter \d)"
    r"|翻译|改写|润色|改正|总结|概括|扮演|假装|写一(?:篇|段|首|封)|这(?:句|段)话|原文",
    re.IGNORECASE,
)
_UNSURE: Final = re.compile(
    r"\b(?:if|would|could|might|(?-i:may)|maybe|perhaps|probably|suppose|supposing|imagine|wish|unless|wonder|should|"
    r"used to|almost|as though|what about|i think i|i guess|said|replied|cried|whispered|"
    r"(?:he|she|they|it|who|we|people|someone|somebody|everyone|i|"
    r"mr\.?\s+\w+|mrs\.?\s+\w+|[A-Z]\w+)\s+(?:said|says|told|tells|asks?|asked|wrote|writes|claims?|claimed|thinks?))\b"
    r"|如果|要是|假如|假设|倘若|万一|也许|可能|大概|或许|好像|似乎|是不是|会不会|以为|[他她它们]说|说过|说道|写道|问道|告诉|据说|曾经",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(r"[?？]\s*$|[吗嘛么呢][。.!！]*$|谁|什么|怎么|为什么|哪|几个|多少")
_NOT: Final = re.compile(
    r"\b(?:not|never|no|nor|neither|hardly|without|cannot)\b|n't\b|不|没|别|未|并非|无法", re.IGNORECASE
)
# What points elsewhere cannot be understood on its own.
_POINTS: Final = re.compile(
    r"\b(?:this|that|these|those|it|its|here|there|you|your|yours|he|she|him|her|his|hers|they|them|their|one|ones|such"
    r"|same|above|below|how|what|when|where|who|why|which|whether|I|i'm|i've)\b|[这那它他她你您]|其中|上面|下面|同样",
    re.IGNORECASE,
)
_ASKED: Final = re.compile(r"(?:please|pls|can you|could you|remember:|note:)|请|麻烦|帮我", re.IGNORECASE)
_MINE: Final = re.compile(r"\b(?:i|i'm|i've|my|me|mine|we|our|us)\b|我", re.IGNORECASE)
_NOT_PLACES: Final = re.compile(
    r"^(?:chapter|part|book|page|section|volume|act|scene|line|verse|canto)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody said of themself. `quote` stands in the turn letter for letter; `text` has {who} for their name."""

    text: str
    quote: str
    attribute: str
    value: str
    kind: str
    is_told: bool = False  # "remember that …": they asked for it


_MY: Final = (
    (r"\bmy\b", "their"),
    (r"\bmine\b", "theirs"),
    (r"\bme\b", "them"),
    (r"\bmyself\b", "themself"),
    ("我的", "自己的"),
)


def statements(text: str) -> list[Statement]:
    """Return what a turn says about its speaker in so many words. `text`: of the turn, what is barred blanked out."""
    if len(text.strip()) > LONGEST_TURN or _WORKS_ON.search(text):
        return []
    own = _QUOTED.sub(lambda found: " " * len(found[0]), text)
    found: dict[tuple[str, str], Statement] = {}
    for start, end in _clauses(own):
        # Quoted words are blanked: a clause that lost some is not the whole of what was said.
        one = _statement(own[start:end]) if own[start:end] == text[start:end] else None
        if one is not None:
            found.setdefault((one.attribute, one.value.casefold()), one)
    return list(found.values())[:MOST]


def is_quoted(text: str, start: int, end: int) -> bool:
    """Say whether [start, end) of a text lies within somebody's quoted words."""
    return any(found.start() <= start and end <= found.end() for found in _QUOTED.finditer(text))


def is_asked(text: str, start: int, end: int) -> bool:
    """Say whether [start, end) of a text ends as a question does."""
    rest = text[end:].lstrip("\"'”’」』) ")
    return text[start:end].rstrip().endswith(("?", "？")) or rest[:1] in {"?", "？"}


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the clauses stand that may be taken by themselves; those of a doubtful sentence are left out."""
    for sentence in _SENTENCE.finditer(text):
        words = sentence[0].strip()
        if not words or _ASKS.search(words) or _UNSURE.search(_without_told(words)):
            continue
        if TOLD.fullmatch(words):
            cuts: list[re.Match[str]] = []
        else:
            cuts = list(_CLAUSE.finditer(sentence[0]))
        begins = [0, *(cut.end() for cut in cuts)]
        ends = [*(cut.start() for cut in cuts), len(sentence[0])]
        for begin, end in zip(begins, ends, strict=True):
            piece = sentence[0][begin:end]
            left = len(piece) - len(piece.lstrip())
            if piece.strip():
                yield sentence.start() + begin + left, sentence.start() + begin + left + len(piece.strip())


def _without_told(words: str) -> str:
    """Return a sentence without "can you remember that", which doubts nothing."""
    told = TOLD.fullmatch(words)
    return told["rest"] if told else words


def _statement(clause: str) -> Statement | None:
    plain = clause.replace("’", "'").replace("\t", " ")
    if len(plain) > LONGEST_CLAUSE:
        return None
    if told := TOLD.fullmatch(plain):
        return _asked_for(clause, told["rest"])
    for form in FORMS:
        if (found := form.pattern.fullmatch(plain)) and (one := _formed(form, found, clause)):
            return one
    return None


def _formed(form: Form, found: re.Match[str], clause: str) -> Statement | None:
    parts = found.groupdict()
    value = next(v for name, v in parts.items() if name.startswith("value") and v).strip(" ,，.。!！")
    of = (parts.get("of") or "").strip()
    if not value or (not form.may_deny and _NOT.search(found[0])):
        return None
    if _POINTS.search(f"{of} {value}") and form.kind != "wish":
        return None
    if form.attribute in {"home", "origin", "employer"} and _NOT_PLACES.match(value):
        return None
    if form.attribute in {"likes", "dislikes", "prefers"} and value.lower().startswith("the "):
        return None  # which one, only the conversation knows
    text = form.text.replace("{value}", theirs(value)).replace("{of}", of.lower())
    attribute = form.attribute.replace("{of}", of.lower())
    return Statement(text, clause.strip(), attribute, value, form.kind)


def _asked_for(clause: str, rest: str) -> Statement | None:
    """Return what somebody asked to be remembered: in a known form, or in their own words."""
    inner = _statement(rest.strip())
    if inner is not None:
        return Statement(inner.text, clause.strip(), inner.attribute, inner.value, inner.kind, is_told=True)
    words = rest.strip().rstrip(".。!！ ")
    if not _ASKED.match(clause) and not _MINE.search(words):
        return None  # "Remember that life is short" is said to everybody
    if len(words) < 4 or re.match(r"(?:this|that|it|these|those|这|那)\b", words, re.IGNORECASE):
        return None
    is_chinese = bool(re.search(f"[{HAN}]", words))
    text = f"{{who}}说：{words}。" if is_chinese else f"{{who}} said: {words}."
    return Statement(text, clause.strip(), "", "", "told", is_told=True)


def theirs(words: str) -> str:
    """Return words as somebody else says them: my garden, their garden."""
    for mine, other in _MY:
        words = re.sub(mine, other, words, flags=re.IGNORECASE)
    return words
