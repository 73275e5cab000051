"""What others put into a text file on its way: the rules between printed pages, and advertisements.

Only what is surely not the author's is left out; how many lines, and which, is told in the book's details.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from books.formats.plain.lines import Line, is_end
from books.formats.writer import cleaned

RULE: Final = re.compile(r"[-=_—─═━~～]{3,}$")
_PAGE_RULE: Final = re.compile(
    r"[-=─—_]{2,}\s{0,9}(?:page|第)\s{0,9}\d{1,5}\s{0,9}页?\s{0,9}[-=─—_]{2,}$", re.IGNORECASE
)
_PAGE: Final = re.compile(
    r"(?:page\s{0,3}|第\s{0,3}|[-—–]\s{0,3}|\[)(?P<number>\d{1,5})(?:\s{0,3}(?:页|of|/)[^，。]{0,12}|\s{0,3}[-—–]|\])?$",
    re.IGNORECASE,
)
_FEWEST_PAGES: Final = 5
_DOMAINS: Final = "com|net|org|cn|cc|tv|info|la"
_ADDRESS: Final = re.compile(rf"https?[:：]|www\.|[a-z0-9-]{{2,}}\.(?:{_DOMAINS})\b", re.IGNORECASE)
_LISTED: Final = (
    "txt 电子书 下载 网友 书友 整理 制作 上传 转载 声明 版权 正版 商业用途 本站 本书由 更多 精彩 "
    "免费 小说 访问 最新章节 论坛 扫描 校对 输入 仅供 交流 学习 试读 删除 24小时 收藏 保留 提供 "
    "侵犯 侵权 购买 手机 阅读 文学网 书城 书屋 电子書 下載 轉載 聲明 版權 免費 本書由 上傳 購買"
)
_WORDS: Final = tuple(_LISTED.split())
_OF_THE_BOOK: Final = re.compile(
    r"^(?:作\s*者|书\s*名|書\s*名|author|title)\s*[:：]|^《[^》]{1,40}》$|gutenberg|pglaf", re.IGNORECASE
)
_SPEECH: Final = re.compile(r"[“”「」『』]")
_LONGEST: Final = 90  # characters of a line of an advertisement
_EDGE_LINES: Final = 40  # at either end of a file, where most of them are
_MOST_LINES: Final = 14  # of one advertisement
_OFTEN: Final = 3  # times that the same line is no accident
_MOST: Final = 0.2  # of all lines: more are no advertisements any more
_DIGITS: Final = re.compile(r"\d+")
KEPT: Final = 20  # lines that the details show


class Furniture:
    """What was left out of a file: how many lines, and the first of those that differ."""

    def __init__(self) -> None:
        self.count = 0
        self._shown: dict[str, str] = {}  # without their numbers -> as they were

    def add(self, lines: Iterable[Line]) -> None:
        """Count lines that are left out."""
        for line in lines:
            self.count += 1
            if len(self._shown) < KEPT:
                self._shown.setdefault(_DIGITS.sub("#", line.text), cleaned(line.text[:200]))

    def details(self) -> dict[str, object]:
        """Return what a ParsedBook says of it."""
        return {"dropped_lines": self.count, "dropped": list(self._shown.values())} if self.count else {}


def without(lines: Sequence[Line], furniture: Furniture, *, text: str) -> list[Line]:
    """Return the lines of `text` that are the book's own."""
    return _without_pages(_without_advertisements(lines, furniture, text=text), furniture)


def _without_pages(lines: Sequence[Line], furniture: Furniture) -> list[Line]:
    """Drop the rules and numbers of printed pages, and the blank lines around them: a paragraph may go on."""
    numbered = _page_numbers(lines)
    kept: list[Line] = []
    is_after = False
    for number, line in enumerate(lines):
        if number in numbered or _PAGE_RULE.match(line.text):
            furniture.add([line])
            is_after = True
            continue
        if is_after:
            # A paragraph may have ended with its page; in Latin letters the words alone do not tell.
            is_over = not kept or (is_end(kept[-1].text) and not kept[-1].is_wide)
            line = line._replace(gap=1 if is_over else 0)
        kept.append(line)
        is_after = False
    return kept


def _page_numbers(lines: Sequence[Line]) -> set[int]:
    """Return the lines that are numbers of pages: many, alone on their lines, and counting up."""
    found = [(number, int(match["number"])) for number, line in enumerate(lines)
             if len(line.text) < 24 and (match := _PAGE.match(line.text))]  # fmt: skip
    steps = sum(0 < after[1] - before[1] <= 3 for before, after in pairwise(found))
    return {number for number, _ in found} if len(found) >= _FEWEST_PAGES and steps >= 0.8 * (len(found) - 1) else set()


def _signs(lines: Sequence[Line], text: str) -> list[int]:
    """Return the lines that hold a sign of an advertisement: few, and found without looking at each line."""
    starts = [line.start for line in lines]
    found: set[int] = set()
    for word in (*_WORDS, "TXT", "Txt", "http", "HTTP", "www.", "WWW.", *(f".{name}" for name in _DOMAINS.split("|"))):
        at = text.find(word)
        while at >= 0:
            number = max(bisect_right(starts, at) - 1, 0)
            found.add(number)
            at = text.find(word, max(starts[number] + len(lines[number].text), at + 1))
    return sorted(found)


def _without_advertisements(lines: Sequence[Line], furniture: Furniture, *, text: str) -> list[Line]:
    dropped: set[int] = set()
    scores: dict[int, int] = {}
    for number in _signs(lines, text):
        if len(lines[number].text) <= _LONGEST and (score := _score(lines[number].text)):
            scores[number] = score
    often = Counter(lines[number].text for number in scores)
    for number, score in scores.items():
        text = lines[number].text
        is_often = often[text] >= _OFTEN
        if number in dropped or score < 2 or (text.isascii() and not is_often):
            continue  # an address alone is none: a licence names its own
        group = _group(lines, number, scores)
        is_edge = group.start < _EDGE_LINES or group.stop > len(lines) - _EDGE_LINES
        is_ruled = _is_rule(lines, group.start - 1) or _is_rule(lines, group.start)
        if is_edge or is_ruled or is_often or (score >= 4 and _ADDRESS.search(text)):
            dropped |= set(group)
    if len(dropped) > max(_MOST * len(lines), 2 * _MOST_LINES):
        return list(lines)
    furniture.add(lines[number] for number in sorted(dropped))
    kept: list[Line] = []
    for number, line in enumerate(lines):
        if number not in dropped:
            kept.append(line._replace(gap=max(line.gap, 1)) if number - 1 in dropped else line)
    return kept


def _score(text: str) -> int:
    """Return how many signs of an advertisement a line has."""
    if _SPEECH.search(text) or _OF_THE_BOOK.search(text):
        return 0
    low = text.lower()
    return sum(word in low for word in _WORDS) + 2 * bool(_ADDRESS.search(low))


def _group(lines: Sequence[Line], number: int, scores: dict[int, int]) -> range:
    """Return the advertisement that a line stands in: its neighbours that look like one, and the rules around them."""
    first = last = number
    while first and lines[first].gap == 0 and first - 1 in scores and number - first < _MOST_LINES:
        first -= 1
    while last + 1 < len(lines) and lines[last + 1].gap == 0 and last + 1 in scores and last - number < _MOST_LINES:
        last += 1
    if _is_rule(lines, first - 1):
        first -= 1
    if _is_rule(lines, last + 1):
        last += 1
    return range(first, last + 1)


def _is_rule(lines: Sequence[Line], number: int) -> bool:
    return 0 <= number < len(lines) and bool(RULE.match(lines[number].text))
