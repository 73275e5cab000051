"""Tell references to footnotes, the notes themselves and the ways back from other links and paragraphs."""

import re
from collections.abc import Mapping
from typing import Any, Final

from books.formats.tree import attribute, first_words

REFERENCES: Final = frozenset({"noteref", "doc-noteref"})
NOTES: Final = frozenset(
    {"footnote", "endnote", "rearnote", "doc-footnote", "doc-endnote"}
)  # each of these is one note
LISTS: Final = frozenset({"footnotes", "endnotes", "rearnotes", "doc-endnotes", "doc-footnotes"})
BACK: Final = frozenset({"backlink", "referrer", "doc-backlink"})
BREAKS: Final = frozenset({"pagebreak", "doc-pagebreak"})
LONGEST_LABEL: Final = 12  # characters of "[12]", "note 3"
# "1", "[12]", "(a)", "*", "††", "①", "注3": what stands for a note when nothing says so
LABEL: Final = re.compile(
    r"[\[(（〔［【{]?\s{0,2}(?:(?:note|注|註|Anm\.?)\s{0,2})?(?:\d{1,4}[a-z]?|[a-z]|[*†‡§¶※]{1,4}|[①-⓿❶-➓])"
    r"\s{0,2}[\])）〕］】}]?[.:]?",
    re.IGNORECASE,
)
_NOTHING_SAID: Final = re.compile(r"[^\w]*")


def kinds(attributes: Mapping[str, str]) -> frozenset[str]:
    """Return what `epub:type` and `role` call an element."""
    said = f"{attributes.get('type', '')} {attributes.get('role', '')}".split()
    return frozenset(said) if said else _NONE


_NONE: Final[frozenset[str]] = frozenset()


def is_reference(link: Any, said: frozenset[str], *, is_raised: bool) -> bool:
    """Say whether a link to a place in the book refers to a note: it says so, or it is a raised sign."""
    if said & REFERENCES:
        return True
    raised = is_raised or any(str(child.tag).endswith("sup") for child in link[:1])
    return raised and len(first_words(link)) <= LONGEST_LABEL


def is_way_back(link: Any, said: frozenset[str], *, is_in_note: bool) -> bool:
    """Say whether a link is only an arrow from a note to where it was referred to."""
    is_back = bool(said & BACK) or (is_in_note and "href" in link.attrib)
    return is_back and _NOTHING_SAID.fullmatch(first_words(link)) is not None and len(link) < LONGEST_LABEL


def page_label(element: Any, attributes: Mapping[str, str]) -> str | None:
    """Return the number of the printed page that begins at a page break; None when it holds text of the book."""
    words = first_words(element)
    if len(words) > LONGEST_LABEL:
        return None
    return (attributes.get("title") or attributes.get("label") or attribute(element, "aria-label") or words).strip()


def is_label(text: str) -> bool:
    """Say whether a link's text is a note's sign and nothing else."""
    return len(text) <= LONGEST_LABEL and LABEL.fullmatch(text.strip()) is not None


def bare(text: str) -> str:
    """Return a note's sign without its brackets: the same in the text and before the note."""
    return text.strip(" \t\n[]()（）〔〕［］【】{}.:").casefold()
