"""What nothing is learned from, told without a model: prompts, output of tools, "ok, thanks", and our own words.

What was recalled into a conversation comes back in it: pasted, quoted, read aloud. Were it learned again, a memory
would feed on itself. So the words of recalled memories, and blocks that are marked as such, are barred.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from memory.types import Turn
from mindory_web.lib.folding import Folded, fold

LEAST_RECALLED: Final = 10  # folded characters: fewer may stand in any sentence by chance
LEAST_WORDS: Final = 3  # letters that must be left of a turn when what is barred is taken out
READ: Final = 20_000

_MARKED: Final = re.compile(r"<(memor(?:y|ies)|recall(?:ed)?)\b[^>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_MARK: Final = re.compile(r"</?(?:memor(?:y|ies)|recall(?:ed)?)\b[^>]*>?", re.IGNORECASE)
_CODE: Final = re.compile(r"^[ \t]*(`{3,}|~{3,}).*?(?:^[ \t]*\1|\Z)", re.DOTALL | re.MULTILINE)
_PROMPT: Final = re.compile(
    r"^\W*(?:you are (?:a|an|the|now) (?:\w+[ -]){0,4}(?:assistant|model|ai|bot|agent|expert)\b"
    r"|<\|?(?:system|im_start)|\[/?INST\]|#+ *(?:system|instructions?)\b|system prompt\s*[:：]"
    r"|你是一(?:个|名|位).{0,12}(?:助手|助理|模型|机器人|专家)|系统提示)",
    re.IGNORECASE,
)
_TRACE: Final = re.compile(r"Traceback \(most recent call last\)|^\s+at [\w.$<>]+\(.*:\d+\)", re.MULTILINE)
_COMMANDS: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b(?:\W+\w+){0,4}?\W+"
    r"(?:instructions?|prompts?|rules|directions|guidelines|above and)\b"
    r"|\b(?:ignore|disregard)\W+(?:\w+\W+){0,2}(?:above|previous|preceding|before)\W+(?:and|then|instead|now)\b"
    r"|\b(?:store|save|record|remember|add|note|memori[sz]e|write down|output|return)\b(?:\W+\w+){0,5}?\W+(?:that\W+)?"
    r"the\W+(?:user|reader)\b"
    r"|\b(?:new|real|true|updated) (?:system )?instructions?\s*:"
    r"|(?:忽略|无视|忘记|忘掉|不要理会).{0,10}(?:指令|指示|提示词?|规则|以上|上面|上述|之前|前面).{0,6}(?:内容|指令|规则|并|然后|，|,|。|$)"
    r"|(?:存储|保存|记录|记住|写入|添加).{0,8}(?:该|这个|这位)?(?:用户|读者)",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_NODS: Final = frozenset(
    _WORD.findall(
        "a ah aha all alright amazing and awesome bye cheers clear cool correct course day excellent exactly fine for "
        "good goodbye got great ha haha hello help hey hi hm hmm hmmm indeed interesting it k kk lol lot lovely makes "
        "many morning much nah neat nice night no nope not of oh ok okay one perfect please pretty right see sense so "
        "sounds sure ta thank thanks that that's thx true ty understood very welcome well wonderful wow wonders yeah "
        "yep yes you your yup i i'm"
    )
)
_NODS_ZH: Final = re.compile(
    r"(?:好的?|好吧|好呀|嗯+|哦+|噢|啊|呀|吧|呢|了|谢谢(?:你|您)?|多谢|感谢|行|可以|没问题|对(?:的|了)?|是的?|没错|不错|明白(?:了)?|"
    r"懂了|知道了|收到|了解(?:了)?|哈+|嘿+|你好|您好|再见|早上好|晚上好|晚安|太好了|很好|非常好|真棒|厉害|原来如此|有道理|不是|不用(?:了)?|没事|继续)+"
)


@dataclass(frozen=True, slots=True)
class Ground:
    """A turn as it is learned from: its words, folded, and the stretches of them that are barred."""

    text: str
    folded: Folded
    barred: tuple[tuple[int, int], ...] = ()

    def find(self, quote: str) -> tuple[int, int] | None:
        """Return where a quote stands in the text, in code points; None when it does not."""
        sought = fold(quote).text.strip(" '")
        at = self.folded.text.find(sought) if sought else -1
        if at < 0:  # models close a part of a sentence as if it were one
            sought = sought.rstrip(" '.,;!…。，；！")
            at = self.folded.text.find(sought) if sought else -1
        if at < 0:
            return None
        origins = self.folded.origins
        return origins[at], origins[at + len(sought) - 1] + 1

    def is_barred(self, start: int, end: int) -> bool:
        """Say whether any of the characters [start, end) is barred."""
        return any(begin < end and start < stop for begin, stop in self.barred)

    @property
    def free(self) -> str:
        """Return the text without what is barred."""
        left = list(self.text)
        for begin, stop in self.barred:
            left[begin:stop] = " " * (stop - begin)
        return "".join(left)


def is_learnable(turn: Turn, recalled: Sequence[str] = ()) -> bool:
    """Say whether anything may be learned from a turn. `recalled`: texts of memories put into its session.

    Memories about a reader are learned from the reader's own words: what an assistant says is context.
    """
    return turn.role == "user" and says_something(ground(turn.text, recalled))


def ground(text: str, recalled: Iterable[str] = ()) -> Ground:
    """Return a text with the stretches barred that are ours, quoted code, or commands to a model."""
    folded = fold(text)
    barred = [found.span() for pattern in (_MARKED, _CODE) for found in pattern.finditer(text)]
    barred += [_line_around(text, *found.span()) for found in _COMMANDS.finditer(text)]
    for memory in recalled:
        barred += _places(folded, memory)
    return Ground(text, folded, tuple(sorted(barred)))


def says_something(found: Ground) -> bool:
    """Say whether the words that are not barred say anything about anybody."""
    free = found.free.strip()
    if not free or _PROMPT.match(free) or _TRACE.search(free) or _is_json(free):
        return False
    return not is_nod(free)


def is_nod(text: str) -> bool:
    """Say whether a text only acknowledges: "ok, thanks!", 好的."""
    words = _WORD.findall(text.casefold().replace("’", "'"))
    joined = "".join(words)
    if len(joined) < LEAST_WORDS and joined.isascii():
        return True
    return all(word in _NODS or word.isdecimal() or _NODS_ZH.fullmatch(word) for word in words)


def is_command(text: str) -> bool:
    """Say whether a text tells a model what to do with its memory or its rules."""
    return bool(_COMMANDS.search(text))


def marked(text: str) -> str:
    """Return recalled text between marks, for who puts it into a conversation: it is never learned again."""
    return f"<memories>\n{_MARK.sub('', text)}\n</memories>"


def _places(folded: Folded, memory: str) -> list[tuple[int, int]]:
    """Return where the words of a memory stand in a text, in code points of it."""
    sought = _sought(memory)
    if len(sought) < (LEAST_RECALLED if sought.isascii() else LEAST_RECALLED // 2):
        return []
    found = []
    at = folded.text.find(sought)
    while at >= 0:
        found.append((folded.origins[at], folded.origins[at + len(sought) - 1] + 1))
        at = folded.text.find(sought, at + len(sought))
    return found


@lru_cache(maxsize=1_024)
def _sought(memory: str) -> str:
    """Return the words of a memory as they are looked for: the same for every turn of a session."""
    return fold(memory).text.strip(" '.。!！")


def _line_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the line around a command: what it commands stands beside it."""
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    return begin, len(text) if stop < 0 else stop


def _is_json(text: str) -> bool:
    if text[0] not in "{[":
        return False
    try:
        return isinstance(json.loads(text[:READ]), dict | list)
    except (ValueError, RecursionError):
        return False
