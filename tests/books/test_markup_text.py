"""Markdown that a reader wrote becomes HTML that can do no harm."""

import re

import pytest

from books.markup_text import html_of


def test_a_note_may_have_paragraphs_lists_emphasis_code_and_links() -> None:
    html = html_of(
        "# Why\n\nA *slow* **breath**, ~~not~~ `x < y`\nand on\n\n- one\n- [two](https://example.org/?a=1&b=2)"
    )

    assert '<p class="h">Why</p>' in html
    assert "<em>slow</em> <strong>breath</strong>, <s>not</s> <code>x &lt; y</code><br />\nand on" in html
    assert (
        '<a href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer nofollow" target="_blank">two</a>' in html
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "<b onclick=x>\n\nbold</b>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&colon;alert(1))",
        "[x](data:text/html;base64,AAAA)",
        "[x](//example.org)",
        "![x](https://example.org/seen.png)",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        "| a |\n|:-:|\n| b |",
        '```js" onload="x\ncode\n```',
        "[x](https://[broken)",
    ],
)
def test_nothing_of_a_note_runs_or_is_fetched(text: str) -> None:
    html = html_of(text)

    tags = {name.lower() for name in re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)", html)}
    assert tags <= {"p", "br", "a", "table", "thead", "tbody", "tr", "th", "td", "pre", "code"}
    assert not re.search(r"<[^>]*\b(?:on\w+|style|src|class)\s*=", html)
    assert all(found.startswith(("https:", "http:", "mailto:")) for found in re.findall(r'href="([^"]*)"', html))


def test_a_note_of_nothing_but_quotations_is_written_in_a_moment() -> None:
    assert html_of(">" * 9_000 + " a").count("<blockquote>") < 20
    assert html_of("[" * 20_000)
    assert html_of("*a_ " * 5_000)
