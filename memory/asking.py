"""What a question asks for, as far as its words tell: terms, whom it names, which days. No model is asked.

Grammar is the only thing listed here: question words, and the words of the first person. Which names there are is
learned from the memory that is searched.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from memory.dates import ranges_in
from memory.forms import FORMS
from memory.index import Group, Index
from memory.indexing import number_of
from memory.postings import Floats
from mindory_web.lib.languages import language_of
from mindory_web.lib.terms import TYPESETTING, UNSPACED, WORD, stemmer_of, terms

LONGEST_QUESTION: Final = 4_000  # characters; the rest of a longer one is not searched for
MOST_TERMS: Final = 60
LEAST_ALIAS: Final = 3  # letters
USER: Final = "user"  # the role of the reader's turns, and the subject of what is known of the reader

# Words that ask or join, and say nothing of what is asked for. In a large memory they would weigh little anyway,
# being everywhere; in one of ten facts they would drown the rest, and everywhere they cost the most time.
GRAMMAR: Final = """
    what when who whom whose where which how why did do does is are was were has have had would could can will many much
    a an the of to in on at by for with from and or but if as into about over after before
    i me my mine myself you your yours he him his she her hers it its we us our they them their this that these those
    here there not no so than too very just also be been being am shall may might must
    both either neither each every any all ever never already yet still again now currently recently lately
    while since during until through though although because whether between among along against within without upon
    something anything everything nothing someone anyone everyone somebody anybody everybody nobody
    don't doesn't didn't isn't aren't wasn't weren't haven't hasn't hadn't won't wouldn't can't couldn't shouldn't
    tell know think say said mention mentioned remember recall
    什么 时候 哪里 哪个 哪些 怎么 为什 多少 几个 是谁 谁的 吗 呢 我们 你们 他们 关于 一下 有没 记得 知道 告诉 说过
"""
# Words of questions that ask for days alone: "What happened last week?", 上周发生了什么?
OF_DAYS: Final = frozenset(
    number_of(term) for term in terms("happen happened going go went on up new news done talk discuss chat events")
)
OF_DAYS_CHARACTERS: Final = frozenset("发生事情件干聊谈讨论")
GRAMMAR_WORDS: Final = frozenset(GRAMMAR.split())
QUESTION_WORDS: Final = frozenset(number_of(term) for term in terms(GRAMMAR))
GRAMMAR_CHARACTERS: Final = frozenset(
    "的了吗呢吧啊么谁哪是在和跟把被给们这那什怎很就都也还几我你他她它您有不没到从向对为个些里去来做过会要能想得着说"
)
HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]{2}")
ONE_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
CLITIC: Final = re.compile("'(?:s|m|d|ll|re|ve)$", re.IGNORECASE)  # "Ana's" and "Ana'll" name Ana
FIRST_PERSON: Final = re.compile(r"\b(?:I|i|me|my|mine|myself|My)\b|我(?!们)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the index is asked."""

    text: str
    language: str
    groups: tuple[Group, ...]
    speakers: frozenset[int]  # numbers of those it names; empty when it names none or all
    subjects: frozenset[int]
    is_mine: bool  # it asks about the one who asks
    names: tuple[str, ...]  # words of it that name a speaker
    ranges: tuple[tuple[int, int], ...]  # first and last day, as ordinals
    is_of_days: bool  # it asks for nothing but what was on these days


def read(question: str, index: Index, *, reference: datetime) -> Asked:
    """Return what a question asks of a memory."""
    text = question[:LONGEST_QUESTION].translate(TYPESETTING)
    language = "" if text.isascii() else language_of(text)
    words = list(dict.fromkeys(CLITIC.sub("", word) for word in WORD.findall(text)))
    known = _known(index)
    named = {
        word: people
        for word in [*words, *known.unspaced(text)]
        if (people := known.people(word, is_first=word == words[0]))
    }
    speakers = frozenset(number for people in named.values() for number in people.speakers)
    is_all = len(speakers) >= len(known.speaker_numbers)
    ranges = ranges_in(text, reference=reference, language=language)
    return Asked(
        text=text,
        language=language,
        groups=_groups(text, words, known, language, index),
        speakers=frozenset() if is_all else speakers,
        subjects=frozenset(number for people in named.values() for number in people.subjects),
        is_mine=not named and bool(FIRST_PERSON.search(text)),
        names=tuple(named),
        ranges=tuple((one.start.toordinal(), one.last.toordinal()) for one in ranges),
        is_of_days=bool(ranges) and not _is_of_more(text, [*named, *(one.text for one in ranges)]),
    )


def about_whom(asked: Asked, index: Index) -> Floats | None:
    """Return 1 for rows that are about, or said by, whom a question names; None when it tells nobody apart."""
    columns = index.columns
    if asked.is_mine:
        mine = [(kind, index.codes[kind].numbers.get(USER)) for kind in ("role", "subject")]
        held = [columns[f"{kind}_code"] == number for kind, number in mine if number is not None]
        return np.logical_or.reduce(held).astype(np.float32) if held else None
    if not asked.speakers and not asked.subjects:
        return None
    is_about = np.zeros(index.count, np.bool_)
    for name, numbers in (("speaker_code", asked.speakers), ("subject_code", asked.subjects)):
        for number in numbers:
            is_about |= columns[name] == number
    return is_about.astype(np.float32)


def _is_of_more(text: str, parts: Iterable[str]) -> bool:
    """Say whether a question asks for more than these parts of it."""
    rest = text
    for part in parts:
        rest = rest.replace(part, " ")
    characters = {*ONE_HAN.findall(rest)} - GRAMMAR_CHARACTERS - OF_DAYS_CHARACTERS
    words = {number_of(term) for term in terms(ONE_HAN.sub(" ", rest))} - QUESTION_WORDS - OF_DAYS
    return bool(characters or words)


def _groups(text: str, words: Sequence[str], known: _Known, language: str, index: Index) -> tuple[Group, ...]:
    groups: dict[int, Group] = {}
    aliases: dict[int, list[int]] = {}
    stems: dict[int, list[int]] = {}
    for place, word in enumerate(words):
        for alias in known.aliases(word.lower(), is_name=place > 0 and word[0].isupper()):
            aliases.setdefault(_number(word, language), []).extend(map(number_of, terms(alias)))
    stemmers = {stemmer_of(one): one for one in (language, *known.languages)}
    for spoken in [one for stemmer, one in stemmers.items() if stemmer != stemmer_of(language)]:
        for word in words:  # one word with two stems is one wish: it must not count as another that nothing holds
            other = [number_of(term) for term in terms(word, language=spoken) if len(term) > 1]
            stems.setdefault(_number(word, language), []).extend(other)
    forms = FORMS if stemmer_of(language) == "english" else {}
    for term in terms(" ".join(words), language=language):
        number = number_of(term)
        very = tuple(dict.fromkeys((number, *stems.get(number, ()))))
        kin = dict.fromkeys((*aliases.get(number, ()), *forms.get(number, ())))
        groups.setdefault(number, Group(very, tuple(one for one in kin if one not in very)))
    empty = QUESTION_WORDS if text.isascii() else QUESTION_WORDS | _no_words(text, index)
    said = {number: group for number, group in groups.items() if number not in empty}
    return tuple((said or groups).values())[:MOST_TERMS]


def _no_words(text: str, index: Index) -> set[int]:
    """Return pairs of Chinese characters that nobody ever said and that are hardly words.

    Every two neighbours are a term, so about half of them are the end of one word and the beginning of the next. As no
    text can be expected to hold those, they must not lower the score of all: left out are pairs with a character of
    grammar, and of two unsaid pairs that share a character the second.
    """
    pairs = [run[at : at + 2] for run in UNSPACED.findall(text) for at in range(len(run) - 1)]
    numbers = np.array([number_of(pair) for pair in pairs], np.uint32)
    found: set[int] = set()
    before = ""
    for pair, number, is_said in zip(pairs, numbers.tolist(), index.holds_terms(numbers).tolist(), strict=True):
        if is_said or not HAN.fullmatch(pair):
            before = ""
        elif not GRAMMAR_CHARACTERS.isdisjoint(pair) or before[-1:] == pair[0]:
            found.add(number)
            before = ""
        else:
            before = pair
    return found


def _number(word: str, language: str = "") -> int:
    found = terms(word, language=language)
    return number_of(found[0]) if found else 0


@dataclass(frozen=True, slots=True)
class _People:
    speakers: frozenset[int]
    subjects: frozenset[int]


class _Known:
    """The names of one index: who spoke, whom facts are about, and names that stand in texts."""

    def __init__(self, index: Index) -> None:
        self.languages = tuple(index.codes["language"].things)
        self._speakers = _by_word(index.codes["speaker"].things)
        self._subjects = _by_word(index.codes["subject"].things)
        self.speaker_numbers = frozenset(number for numbers in self._speakers.values() for number in numbers)
        people = self._speakers.keys() | self._subjects.keys()
        self._unspaced = [name for name in people if UNSPACED.fullmatch(name)]
        self._people = sorted(name for name in people if len(name) >= LEAST_ALIAS)
        self._names = sorted({name for name in index.names if len(name) >= LEAST_ALIAS} | set(self._people))

    def people(self, word: str, *, is_first: bool) -> _People | None:
        """Return who is called this; the short form of a name will do when it can mean one only.

        "Will" is a name by its capital alone, which the first word of a question has anyway; "How" is short for none.
        """
        lowered = word.lower()
        is_grammar, is_capital = lowered in GRAMMAR_WORDS, word[0].isupper()
        if is_grammar and (is_first or not is_capital):
            return None
        is_known = lowered in self._speakers or lowered in self._subjects
        forms = [lowered] if is_known else _one_of(self._people, lowered) if is_capital and not is_grammar else []
        speakers = frozenset(number for form in forms for number in self._speakers.get(form, ()))
        subjects = frozenset(number for form in forms for number in self._subjects.get(form, ()))
        return _People(speakers, subjects) if speakers or subjects else None

    def unspaced(self, text: str) -> list[str]:
        """Return the names that stand in a text without spaces around them."""
        return [name for name in self._unspaced if name in text]

    def aliases(self, word: str, *, is_name: bool) -> list[str]:
        """Return other forms of a name: "kath" for "katharina" and the other way, unless more names begin so."""
        if len(word) < LEAST_ALIAS or not (is_name or _is_in(self._names, word)):
            return _one_of(self._people, word)
        longer = _one_of(self._people, word) or _one_of(self._names, word)
        shorter = [word[:end] for end in range(LEAST_ALIAS, len(word)) if _is_in(self._names, word[:end])]
        return longer + [form for form in shorter if _one_of(self._names, form) == [word]]


def _known(index: Index) -> _Known:
    known = index.kept.get("known")
    if known is None:
        known = index.kept["known"] = _Known(index)
    found: _Known = known
    return found


def _by_word(names: Iterable[str]) -> dict[str, list[int]]:
    """Return the numbers of names by their words. "user" and the like are roles, not names."""
    found: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        for word in WORD.findall(name.lower()):
            found.setdefault(word, []).append(number)
    return found


def _one_of(names: list[str], start: str) -> list[str]:
    """Return the one longer name that begins so, if it is the only one."""
    longer = list(_longer(names, start)) if len(start) >= LEAST_ALIAS else []
    return longer if len(longer) == 1 else []


def _longer(names: list[str], start: str) -> Iterator[str]:
    for at in range(bisect_left(names, start), len(names)):
        if not names[at].startswith(start):
            return
        if names[at] != start:
            yield names[at]


def _is_in(names: list[str], name: str) -> bool:
    at = bisect_left(names, name)
    return at < len(names) and names[at] == name
