"""Tell references to footnotes, the notes themselves and the ways back from other links and paragraphs."""

import re
from collections.abc import Mapping
from typing import Any, Final

from books.formats.signs import LONGEST_LABEL
from books.formats.tree import first_words, name_of

REFERENCES: Final = frozenset({"noteref", "doc-noteref"})
NOTES: Final = frozenset({"footnote", "endnote", "rearnote", "doc-footnote", "doc-endnote"})  # each is one note
SHOWN: Final = NOTES | {"note", "footnotes", "endnotes", "rearnotes", "doc-footnotes", "doc-endnotes"}
LISTS_OF_PLACES: Final = frozenset({"landmarks", "page-list", "doc-pagelist"})  # for programs, not for readers
LISTS: Final = frozenset({"footnotes", "endnotes", "rearnotes", "doc-endnotes", "doc-footnotes"})
BACK: Final = frozenset({"backlink", "referrer", "doc-backlink"})
MATHML: Final = "MathML"
_MOST_CASES: Final = 10
BREAKS: Final = frozenset({"pagebreak", "doc-pagebreak"})
_ARROWS: Final = re.compile(
    "[\u2190-\u21ff\u23ce\u25b2\u25b3\u2934\u2b05\u2b06\u2b8c\u2b8d^\ufe0e\ufe0f\u00a0 \\[\\]]+"
)


def kinds(attributes: Mapping[str, str], name: str = "") -> frozenset[str]:
    """Return what `epub:type` and `role` call an element, and the names of classes that many converters write."""
    said = f"{attributes.get('type', '')} {attributes.get('role', '')}".split()
    named = attributes.get("class", "")
    if named:
        known = _OF_LINKS if name == "a" else _OF_BLOCKS
        said += [known[word] for word in named.lower().split() if word in known]
    return frozenset(said) if said else _NONE


_NONE: Final[frozenset[str]] = frozenset()
_OF_LINKS: Final = {
    **dict.fromkeys(("noteref", "footnote-ref", "footnoteref", "footnote", "fnanchor", "duokan-footnote"), "noteref"),
    **dict.fromkeys(("footnote-backref", "footnote-back", "reversefootnote"), "backlink"),
}
_OF_BLOCKS: Final = {
    **dict.fromkeys(("footnote", "endnote", "footnote-item", "duokan-footnote-item"), "footnote"),
    **dict.fromkeys(("footnotes", "endnotes", "duokan-footnote-content"), "footnotes"),
    **dict.fromkeys(("poem", "poetry", "stanza", "verse"), "poem"),
}


def is_reference(link: Any, said: frozenset[str], *, is_raised: bool) -> bool:
    """Say whether a link to a place in the book refers to a note: it says so, or it is a raised sign."""
    if said & REFERENCES:
        return True
    raised = is_raised or any(str(child.tag).endswith("sup") for child in link[:1])
    return raised and len(first_words(link)) <= LONGEST_LABEL


def is_way_back(link: Any, said: frozenset[str], *, is_in_note: bool) -> bool:
    """Say whether a link is only an arrow from a note to where it was referred to."""
    if len(link) > LONGEST_LABEL or not (said & BACK or is_in_note):
        return False
    words = first_words(link)
    return _ARROWS.fullmatch(words) is not None or (not words and bool(said & BACK))


def is_other_case(element: Any, name: str) -> bool:
    """Say whether this is one of several ways to say the same (epub:switch), and not the one that is taken."""
    switch = element.getparent()
    if switch is None or name_of(switch) != "switch":
        return False
    if name == "case":
        return MATHML not in (element.get("required-namespace") or "")
    return any(MATHML in (case.get("required-namespace") or "") for case in switch[:_MOST_CASES])


def page_label(element: Any, attributes: Mapping[str, str]) -> str | None:
    """Return the number of the printed page that begins at a page break; None when it holds text of the book."""
    words = first_words(element)
    if len(words) > LONGEST_LABEL:
        return None
    return (attributes.get("title") or attributes.get("aria-label") or words).strip()
