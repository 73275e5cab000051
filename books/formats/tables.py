"""Tell tables of facts from tables that only lay out a page."""

from typing import Any, Final

from books.formats.tree import attribute, name_of, whole

_INNER: Final = frozenset({"p", "div", "li", "blockquote"})
_NEVER_IN_FACTS: Final = frozenset({"table", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "pre"})
_LONGEST_CELL: Final = 3_000  # characters


def is_of_facts(table: Any) -> bool:
    """Say whether a table is shown as rows and cells.

    Not when a cell holds another table, a heading or a chapter, nor when it is a single column of paragraphs.
    """
    if attribute(table, "role") in {"presentation", "none"}:
        return False
    cells = rows = paragraphs = length = 0
    says_so = attribute(table, "border") not in {"", "0"}
    for element in table.iterdescendants():
        name = name_of(element)
        if name in _NEVER_IN_FACTS:
            return False
        if name in {"td", "th"}:
            cells, length, inside = cells + 1, 0, 0
            says_so = says_so or name == "th"
        elif name == "tr":
            rows += 1
        elif name in {"thead", "caption"}:
            says_so = True
        elif name in _INNER and cells:
            inside += 1
            paragraphs = max(paragraphs, inside)
        length += len(element.text or "") + len(element.tail or "")
        if length > _LONGEST_CELL:
            return False
    return paragraphs < 2 or (cells > rows and (says_so or rows > 1))


def cell_target(name: str, attributes: dict[str, str]) -> str:
    """Return what a `cell` mark says: "h" for a header, "2x3" for two columns and three rows, "h2x3" for both."""
    columns = min(max(whole(attributes.get("colspan"), 1), 1), 999)
    rows = min(max(whole(attributes.get("rowspan"), 1), 1), 9999)
    return ("h" if name == "th" else "") + (f"{columns}x{rows}" if (columns, rows) != (1, 1) else "")
