"""Sentences of the parser, which knows no Django: they are kept in English and translated when they are shown."""

import re
from functools import cache
from typing import Final

from django.utils.translation import gettext, gettext_noop

# What could not be saved of a book. (Refusals are found where they are raised.) A test compares these with the parsers.
WARNINGS: Final = (
    gettext_noop("A chapter of this book is missing or damaged; the others are here."),
    gettext_noop("A picture of this book is missing."),
    gettext_noop("A style sheet of this book is missing or damaged; some of its text may look plainer."),
    gettext_noop("Some characters of this file could not be read. Choose another encoding if many are missing."),
    gettext_noop(
        "Some drawings of this book are shown without their words, because this server has no fonts for them."
    ),
    gettext_noop(
        "Some pages of this PDF are pictures, and their words are missing. Install"
        " text recognition with `make ocr` on the server, then read the book again."
    ),
    gettext_noop("Some pictures of this book could not be read; they are left out."),
    gettext_noop("Some pictures of this document are of a kind that no browser shows (EMF, WMF)."),
    gettext_noop("The notes of this document are damaged and left out."),
    gettext_noop("The numbers of this document's lists are damaged and left out."),
    gettext_noop("The outline of this PDF is too long: only its beginning was kept."),
    gettext_noop("The settings of this document are damaged."),
    gettext_noop("The styles of this document are damaged; headings may be missing."),
    gettext_noop("The table of contents of this book is damaged; its headings stand in for it."),
    gettext_noop("The table of contents of this book is missing."),
    gettext_noop("This PDF has more pages than Mindory reads of one book: only the first ones were kept."),
    gettext_noop("This PDF says that it has more pages than it really has."),
    gettext_noop("This book does not say in which order its pages are read; they stand as in its list of files."),
    gettext_noop("This book holds more pictures than Mindory keeps of one book; some are left out."),
    gettext_noop("This book is damaged in places. What could be read is here; some words may be missing."),
    gettext_noop("This book is damaged: some of its text could not be unpacked."),
    gettext_noop("This document is damaged: its styles or its title could not be read."),
    gettext_noop("This document is damaged; what could be saved of it is shown."),
    gettext_noop("This file is damaged; what could be saved of it is shown."),
)
# A parser fills the holes of these.
HOLED: Final = (gettext_noop("Some pages of this PDF are damaged and could not be read: %(pages)s."),)
_HOLE: Final = re.compile(r"%\((\w+)\)s")


def translated(sentence: str) -> str:
    """Return a sentence in the language of the reader; as it is when nobody translated it."""
    said = gettext(sentence) if sentence else ""
    if said != sentence:
        return said
    for message, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            return gettext(message) % found.groupdict()
    return sentence


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((message, re.compile(_pattern(message), re.DOTALL)) for message in HOLED)


def _pattern(message: str) -> str:
    parts = _HOLE.split(message)  # words, name, words, name, words
    return "".join(f"(?P<{part}>.+)" if number % 2 else re.escape(part) for number, part in enumerate(parts))
