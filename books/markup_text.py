"""Markdown that a reader wrote, as HTML that is safe to show.

No HTML of the writer's own, no pictures, no addresses but http, https and mailto. What comes out holds these elements
and no others: p, br, em, strong, s, code, pre, blockquote, ul, ol, li, hr, a, table and its parts.
"""

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

SCHEMES: Final = frozenset({"http", "https", "mailto"})
DEEPEST: Final = 12  # quotations and lists inside each other
KEPT: Final = 2_000  # notes whose HTML is remembered


@lru_cache(maxsize=KEPT)
def html_of(markdown: str) -> SafeString:
    """Return the HTML of some Markdown; a line feed in it is a line feed on the page."""
    return SafeString(_writer().render(markdown))  # markdown-it escapes the text; no HTML of the writer gets through


@lru_cache(maxsize=1)
def _writer() -> MarkdownIt:
    options = {"html": False, "linkify": False, "typographer": False, "breaks": True, "maxNesting": DEEPEST}
    writer = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    writer.disable(["image", "html_block", "html_inline", "reference"])
    writer.validateLink = _is_allowed  # type: ignore[method-assign, assignment]
    writer.add_render_rule("heading_open", _begin_heading)
    writer.add_render_rule("heading_close", _end_heading)
    writer.add_render_rule("link_open", _begin_link)
    writer.add_render_rule("th_open", _begin_plain)
    writer.add_render_rule("td_open", _begin_plain)
    writer.add_render_rule("fence", _code)
    return writer


def _is_allowed(address: str) -> bool:
    try:
        return urlsplit(address.strip()).scheme.lower() in SCHEMES
    except ValueError:
        return False


def _begin_heading(_self: Any, _tokens: Sequence[Token], _at: int, _options: Any, _env: Any) -> str:
    return '<p class="h">'  # the page has headings of its own


def _end_heading(_self: Any, _tokens: Sequence[Token], _at: int, _options: Any, _env: Any) -> str:
    return "</p>\n"


def _begin_link(self: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    token = tokens[at]
    token.attrSet("rel", "noopener noreferrer nofollow")
    token.attrSet("target", "_blank")
    return str(self.renderToken(tokens, at, options, env))


def _begin_plain(_self: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    return f"<{tokens[at].tag}>"  # the alignment would be a style attribute, which no page of ours allows


def _code(_self: Any, tokens: Sequence[Token], at: int, _options: Any, _env: Any) -> str:
    return f"<pre><code>{escape(tokens[at].content)}</code></pre>\n"
