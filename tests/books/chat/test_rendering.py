"""Answers as HTML: only a few elements come out, whatever goes in, and bit by bit they end as when drawn at once."""

import random
import re
import time
from html.parser import HTMLParser

import pytest

from books.chat.cutting import LONGEST, Cutter, chunks
from books.chat.drawing import Drawing
from books.chat.rendering import blocks

ALLOWED = {
    "p": {"class", "dir"}, "ul": {"dir"}, "ol": {"dir", "start"}, "li": set(), "blockquote": {"class", "dir"},
    "strong": set(), "em": set(), "s": set(), "code": set(), "pre": {"tabindex"}, "br": set(), "hr": set(),
    "div": {"class", "tabindex"}, "table": set(), "thead": set(), "tbody": set(), "tr": set(),
    "th": {"scope", "class"}, "td": {"class"}, "bdi": {"class"}, "a": {"class", "data-n", "href", "rel", "target"},
}  # fmt: skip
WHOLE = """Intro with **bold** and *it* [1] text.

## Heading
1. One [2]
2. Two
   - nested
   - more

     another paragraph
3. Three

After the list
- a
- b

```python
x = f(1) < 3
- not a list

# no heading
```
| a | b |
|---|--:|
| 1 | 2 |

> quoted [3]
> more

The end."""


class Seen(HTMLParser):
    """Collects elements and attributes, and fails on any that is not allowed or not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED
        assert {name for name, _value in attrs} <= ALLOWED[tag]
        self.links += [value or "" for name, value in attrs if name == "href"]
        assert not (tag == "a" and "a" in self.open)
        if tag not in {"br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def whole(text: str) -> str:
    return "".join(blocks(text))


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>\n\n<style>*{}</style>",
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example/)",
    "[x](/account/logout/)",
    "[x](https://good.example@evil.example/)",
    '[x](https://evil.example/" onmouseover="alert(1))',
    "[x](<https://evil.example/ onmouseover=alert(1)>)",
    "[x](https://evil.example 'title\" onload=alert(1)')",
    "<javascript:alert(1)>",
    "![x](https://evil.example/pixel.png)",
    "[![x](https://evil.example/pixel.png)](javascript:alert(1))",
    "[1](https://evil.example/) [a [1] b](https://evil.example/)",
    "[1]: https://evil.example\n\n[1] and [x][1]",
    "`<b>` ``` <i>\n```\n<script>\n```",
    "```html\" onload=\"alert(1)\n<script>\n```",
    "| <b>a</b> | b |\n|---|:-:|\n| <script> | \\| |",
    "\x00\x01\ufffe \u202egpj.exe [y](https://e.example/\u202egpj)",
    "a\n<!--\n\n-->\n<![CDATA[x]]>\n<?php ?>",
    "&lt;script&gt; &amp;lt; &#60;b&#62;",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_comes_out(text: str) -> None:
    seen = Seen(whole(text))
    assert all(re.match(r"https?://[a-z.]*\.example(?:/|$)", link) for link in seen.links)
    assert not any("@" in link for link in seen.links)
    assert "<img" not in whole(text)


def test_html_of_a_model_is_shown_as_text() -> None:
    assert Seen(whole("<b>bold</b> <script>x</script>")).words == "<b>bold</b> <script>x</script>"


def test_a_link_opens_elsewhere_and_shows_its_host() -> None:
    html = whole("See [the *site*](https://books.example/a?b=1&c=2).")
    assert '<a href="https://books.example/a?b=1&amp;c=2" rel="noopener noreferrer nofollow" target="_blank">' in html
    assert Seen(html).words == "See the site books.example."


def test_chips_stand_where_numbers_stand_and_never_within_a_link() -> None:
    html = whole("One [1], **two [2]**, `three [3]`, [four [4]](https://e.example/) and [five].")
    assert re.findall(r'<a class="cite" data-n="(\d)">\1</a>', html) == ["1", "2", "3", "4"]
    assert "[five]" in html
    Seen(html)


def test_what_people_write_looks_as_they_mean_it() -> None:
    drawn = blocks(WHOLE)
    assert [re.match(r"<(\w+)", block)[1] for block in drawn] == [  # type: ignore[index]
        "p", "p", "ol", "p", "ul", "pre", "div", "blockquote", "p",
    ]  # fmt: skip
    assert 'class="h"' in drawn[1]
    assert "<li>Two<ul><li>nested</li><li><p>more</p><p>another paragraph</p></li></ul></li>" in drawn[2]
    assert "- not a list\n\n# no heading" in drawn[5]
    assert '<td class="right">2</td>' in drawn[6]


def streamed(text: str, seed: int) -> tuple[list[str], list[str]]:
    """Return the page before and after the end, for a text that comes in pieces of any size."""
    chance, drawing, at = random.Random(seed), Drawing(), 0
    page: list[str] = []
    while at < len(text):
        size = chance.choice([1, 2, 3, 7, 20, 60])
        change = drawing.draw(text[at : at + size])
        at += size
        if change:
            page[change["from"] :] = change["blocks"]
    before = list(page)
    if change := drawing.finish():
        page[change["from"] :] = change["blocks"]
    return before, page


def joined(page: list[str]) -> str:
    """Return what is drawn item by item as the lists that they are."""
    return re.sub(r'</ul><ul dir="auto">|</ol><ol[^>]*>', "", "".join(page))


ATOMS = [
    "word ", "**b** ", "[1]", "\n", "\n\n", "- ", "1. ", "2. ", "# ", "> ", "```\n", "~~~", "| a | b |\n", "|--|--|\n",
    "`c` ", "  ", "    ", "* ", "*", "---\n", "text", "[l](http://e.com) ", "<b>", "![x](y)", "\\", "2) ", "+ x",
    "中文",
]  # fmt: skip


def test_an_answer_drawn_bit_by_bit_ends_as_it_is_drawn_at_once() -> None:
    for seed in range(20):
        before, after = streamed(WHOLE, seed)
        assert after == blocks(WHOLE)
        assert joined(before) == joined(after)


def test_any_text_ends_the_same_however_it_was_cut_into_pieces() -> None:
    for seed in range(400):
        chance = random.Random(seed)
        text = "".join(chance.choice(ATOMS) for _ in range(chance.randrange(1, 40)))
        assert streamed(text, seed)[1] == blocks(text), repr(text)
        Seen(whole(text))
        one, other = Cutter(), Cutter()
        at_once = [*one.feed(text), one.tail]
        letter_by_letter = [chunk for character in text for chunk in other.feed(character)]
        assert [*letter_by_letter, other.tail] == at_once, repr(text)


def test_a_paragraph_without_end_is_cut_and_nothing_of_it_is_lost() -> None:
    for text in ("word " * 5_000, "x" * 20_000, "```\n" + "code = 1\n" * 3_000, "| a |\n|---|\n" + "| b |\n" * 4_000):
        cut = chunks(text)
        assert "".join(chunk.text for chunk in cut) == text
        assert max(len(chunk.text) for chunk in cut) <= LONGEST
        assert streamed(text, 1)[1] == blocks(text)


@pytest.mark.parametrize("before", ["", "In a table:\n", "First.\n\n"])
@pytest.mark.parametrize("after", ["", "\n\nAfter it.", "| last |\n"])
def test_a_table_that_is_cut_has_its_header_again(before: str, after: str) -> None:
    head, row = "| Name | Ship |\n|:---|---:|\n", "| Ahab of Nantucket | the Pequod |\n"
    text = before + head + row * (2 * LONGEST // len(row)) + after
    tables = [block for block in blocks(text) if "<table" in block]
    assert len(tables) == 3 if not after.startswith("|") else len(tables) >= 3
    for table in tables:
        assert table.count('<th scope="col">Name</th>') == table.count("<thead") == 1
        assert "<td" in table
    assert sum(table.count("Nantucket") for table in tables) == text.count("Nantucket")
    assert not any("|" in block for block in blocks(text) if "<table" not in block)


def test_a_table_that_is_cut_looks_the_same_bit_by_bit() -> None:
    head, row = "| Name | Ship |\n|---|---|\n", "| Ahab | Pequod |\n"
    text = head + row * (LONGEST // 8) + "\nDone."
    drawing, shown = Drawing(), list[str]()
    for start in range(0, len(text), 37):
        if change := drawing.draw(text[start : start + 37]):
            shown[change["from"] :] = change["blocks"]
    if change := drawing.finish():
        shown[change["from"] :] = change["blocks"]
    assert shown == blocks(text)


def test_rows_of_dashes_and_a_wall_of_words_have_no_header() -> None:
    for text in ("word " * LONGEST, "---\n" * LONGEST, ("a | b\n" * LONGEST)):
        assert not any("<table" in block for block in blocks(text))


def test_marks_that_are_still_open_are_not_seen() -> None:
    drawing = Drawing()
    shown = [drawing.draw(piece) for piece in ("It is **very", " cold** and `x", " + y` or [here](https://e.exam")]
    assert ["".join((change or {"blocks": []})["blocks"]) for change in shown] == [
        '<p dir="auto">It is <strong>very</strong></p>',
        '<p dir="auto">It is <strong>very cold</strong> and <code>x</code></p>',
        '<p dir="auto">It is <strong>very cold</strong> and <code>x + y</code> or here</p>',
    ]


def took(text: str) -> list[float]:
    """Return the seconds that each batch of 25 characters takes."""
    drawing, seconds = Drawing(), []
    for at in range(0, len(text), 25):
        started = time.thread_time()
        drawing.draw(text[at : at + 25])
        seconds.append(time.thread_time() - started)
    return seconds


PARAGRAPH = "It was a bright cold day in **April**, and the clocks [1] were striking thirteen. " * 4


@pytest.mark.parametrize(
    "text",
    ["\n\n".join([PARAGRAPH] * 40), "\n".join(f"{n}. {PARAGRAPH[:160]}" for n in range(1, 80))],
    ids=["paragraphs", "list"],
)
def test_the_cost_of_a_batch_does_not_grow_with_the_answer(text: str) -> None:
    seconds = took(text[:10_000])
    assert len(seconds) == 400
    early, late = sum(seconds[50:200]), sum(seconds[250:])
    assert late < 2 * early + 0.05
    assert sum(seconds) < 1.0  # about 0.1 ms a batch; a hundred times that would stop fifty answers


@pytest.mark.parametrize(
    "text",
    ["[" * 10_000, "*a " * 3_000, "`" * 5_000, ">" * 5_000, "[a](http://" * 900, "![[" * 3_000, "**a *b " * 1_500],
)
def test_hostile_markdown_costs_little(text: str) -> None:
    assert sum(took(text)) < 15.0
