"""The marks of an element: those of its name, and those of its style."""

from collections.abc import Iterator
from typing import Final

from books.formats.style import Look

MARKS: Final = {
    "em": "em", "i": "em", "cite": "em", "dfn": "em", "var": "em", "strong": "strong", "b": "strong",
    "code": "code", "kbd": "code", "samp": "code", "tt": "code", "sup": "sup", "sub": "sub", "u": "under",
    "ins": "under", "s": "strike", "del": "strike", "strike": "strike",
}  # fmt: skip
HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}


def marks_of(name: str, look: Look) -> Iterator[str]:
    """Yield the marks of an element: those of its name, unless the style says otherwise, and those of its style."""
    own = MARKS.get(name, "")
    is_undone = (
        (own == "em" and name != "em" and look.italic is False)
        or (own == "strong" and look.bold is False and (name == "b" or look.small_caps or look.italic))
        or (name in {"u", "ins"} and look.under is False)
    )
    if own and not is_undone:
        yield own
    if name in {"html", "body"}:
        return
    if look.italic and own != "em":
        yield "em"
    if look.bold and own != "strong" and name not in HEADINGS and name not in {"th", "dt"}:
        yield "strong"
    if look.small_caps and name not in HEADINGS:
        yield "small-caps"
    if look.under and own != "under" and name != "a":
        yield "under"
    if look.strike and own != "strike":
        yield "strike"
    if look.raised and own != look.raised:
        yield look.raised
