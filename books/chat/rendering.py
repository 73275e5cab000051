"""An answer as HTML. The text is somebody else's: only the elements named here come out, with attributes made here.

No HTML passes (it is shown as text), no picture, and no link but to http(s), with the name of its host beside it.
`[3]` becomes the chip of citation 3, which the page fills.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from html import escape
from typing import Final
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from books.chat.cutting import Chunk, chunks

MOST_NESTED: Final = 12
LONGEST_LINK: Final = 2_000  # characters
MENDED: Final = 2_000  # characters of a chunk that is closed while it is open
KEPT: Final = 512  # texts whose HTML is remembered in one process
WORD_JOINER: Final = "\u2060"  # no line ends between a word and its chip
CHIP: Final = re.compile(r"\[(\d{1,3})\]")

# What may come out of a block, apart from code, tables and lists with a number.
_PLAIN: Final = {
    "paragraph": ("p", ""),
    "heading": ("p", ' class="h"'),
    "bullet_list": ("ul", ""),
    "ordered_list": ("ol", ""),
    "list_item": ("li", ""),
    "blockquote": ("blockquote", ' class="words"'),
    "thead": ("thead", ""),
    "tbody": ("tbody", ""),
    "tr": ("tr", ""),
    "th": ("th", ' scope="col"'),
    "td": ("td", ""),
    "strong": ("strong", ""),
    "em": ("em", ""),
    "s": ("s", ""),
}
_ALIGNED: Final = {"text-align:right": ' class="right"', "text-align:center": ' class="center"'}


def _cite(state: StateInline, silent: bool) -> bool:
    """Read `[3]`. It comes before links, so that `[3](somewhere)` is a chip and words."""
    found = CHIP.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("cite", "", 0).content = found[1]
    state.pos = found.end()
    return True


def is_link(address: str) -> bool:
    """Say whether an address may be linked to."""
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    # What stands before an @ looks like a host and is none.
    return is_web and "@" not in parts.netloc and len(address) <= LONGEST_LINK


def _reader() -> MarkdownIt:
    made = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False, "maxNesting": MOST_NESTED})
    # A title under a line of dashes, code by four blanks, links named elsewhere: nobody writes them on purpose, and
    # each makes what stands there already look other when more words come.
    made.disable(["html_block", "html_inline", "linkify", "lheading", "code", "reference"])
    made.inline.ruler.before("link", "cite", _cite)
    made.validateLink = is_link  # type: ignore[assignment,method-assign]
    return made


_MARKDOWN: Final = _reader()


def blocks(text: str) -> list[str]:
    """Return a whole answer as HTML, one string for each top-level element."""
    return list(_blocks(text))


@lru_cache(maxsize=KEPT)
def _blocks(text: str) -> tuple[str, ...]:
    return tuple(block for chunk in chunks(text) for block in drawn(chunk))


def drawn(chunk: Chunk, *, is_open: bool = False) -> list[str]:
    """Return the elements of one chunk; what `is_open` may get more words."""
    if chunk.prefix and not chunk.text.strip():
        return []  # it ended where it was cut
    text = chunk.prefix + chunk.text
    tokens = _MARKDOWN.parse(mended(text) if is_open and not chunk.prefix else text)
    if chunk.is_on and tokens and tokens[0].type == "ordered_list_open":
        tokens[0].attrs["start"] = chunk.number
    return list(_elements(tokens))


_OPENED: Final = re.compile(r"(?:(?<=\s)|^)(?:\*{1,3}|_{1,3}|~~|`+)$")
_HALF_LINK: Final = re.compile(r"\[([^\[\]\n]{1,200})\]\([^()\s]*$")
_CODE: Final = re.compile(r"(`+)(?:(?!\1).)*\1", re.S)


def mended(text: str) -> str:
    """Close what an unfinished paragraph has opened, so that no mark is seen that is gone a moment later."""
    if text.startswith(("```", "~~~")) or len(text) > MENDED:
        return text
    before, gap, last = text.rpartition("\n\n")
    last = _HALF_LINK.sub(r"\1", _OPENED.sub("", last))
    words = _CODE.sub("", last)
    if words.count("`") % 2:
        return before + gap + last.rstrip() + "`"
    if words.count("**") % 2:
        last = last.rstrip("* \t\n") + "**"
    elif len(re.findall(r"(?<![\w*])\*(?=[^\s*])|(?<=[^\s*])\*(?![\w*])", words)) % 2:
        last = last.rstrip() + "*"
    return before + gap + last


def _elements(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the top-level elements."""
    written: list[str] = []
    for at, token in enumerate(tokens):
        written.append(_block(tokens, at))
        if token.level == 0 and token.nesting <= 0:
            yield "".join(written)
            written = []


def _block(tokens: Sequence[Token], at: int) -> str:
    token = tokens[at]
    if token.type == "inline":
        return _words(token.children or [])
    if token.type == "fence":
        return f'<pre tabindex="0"><code>{_coded(token.content)}</code></pre>'
    if token.type == "hr":
        return "<hr>"
    name, _, side = token.type.rpartition("_")
    if name == "table":
        return '<div class="wide" tabindex="0"><table>' if side == "open" else "</table></div>"
    if name not in _PLAIN or _is_hidden(tokens, at):
        return escape(token.content)
    element, attributes = _PLAIN[name]
    if side == "close":
        return f"</{element}>"
    start = token.attrs.get("start")
    number = f' start="{int(start)}"' if name == "ordered_list" and start is not None else ""
    aligned = _ALIGNED.get(str(token.attrs.get("style", "")), "")
    direction = ' dir="auto"' if token.level == 0 else ""
    return f"<{element}{attributes}{number}{aligned}{direction}>"


def _is_hidden(tokens: Sequence[Token], at: int) -> bool:
    """Say whether a paragraph is the only one of its list item: then it needs no element of its own."""
    if tokens[at].type == "paragraph_close":
        at -= 2
    if tokens[at].type != "paragraph_open" or not at or tokens[at - 1].type != "list_item_open":
        return False
    return tokens[at + 3].type != "paragraph_open"


def _words(tokens: Sequence[Token]) -> str:
    written: list[str] = []
    waiting: list[str] = []  # chips within a link, which stand behind it
    address = ""
    for token in tokens:
        if token.type == "link_open":
            address = str(token.attrs.get("href", ""))
            written.append(f'<a href="{escape(address)}" rel="noopener noreferrer nofollow" target="_blank">')
        elif token.type == "link_close":
            host = urlsplit(address).hostname or ""
            written += ["</a>", f' <bdi class="host">{escape(host)}</bdi>', *waiting]
            address, waiting = "", []
        elif token.type == "cite":
            (waiting if address else written).append(_chip(token.content))
        else:
            written.append(_word(token))
    return "".join(written)


def _word(token: Token) -> str:
    name, _, side = token.type.rpartition("_")
    if name in {"strong", "em", "s"}:
        return f"<{'/' if side == 'close' else ''}{_PLAIN[name][0]}>"
    made: dict[str, Callable[[], str]] = {
        "softbreak": lambda: "\n",
        "hardbreak": lambda: "<br>\n",
        "code_inline": lambda: f"<code>{_coded(token.content)}</code>",
        "image": lambda: "".join(map(_word, token.children or [])),  # its words, and no picture
    }
    return made.get(token.type, lambda: escape(token.content))()


def _coded(code: str) -> str:
    return CHIP.sub(lambda found: _chip(found[1]), escape(code))


def _chip(number: str) -> str:
    return f'{WORD_JOINER}<a class="cite" data-n="{int(number)}">{int(number)}</a>'
