"""The answer without a language model: the sentences of the best passages that fit the question best."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from books.chat.asked import Asked
from books.chat.citations import CitationFilter, Cited, Piece
from books.splitting import sentences
from mindory_web.lib.excerpts import Excerpt
from mindory_web.lib.languages import language_of
from mindory_web.lib.terms import terms

MOST_QUOTES: Final = 3
MOST_RECALLED: Final = 8
MOST_NAMED: Final = 3  # books that are not ready
SHORT: Final = 80  # characters; a shorter sentence is quoted with the one after it
LONGEST: Final = 600
PAGES: Final = {"zh": "zh-hans"}  # languages of questions that we have sentences in


def our_language(asked: Asked) -> str:
    """Return the language of our own sentences: that of the question where it is sure, else that of the page."""
    return PAGES.get(language_of(asked.question)) or asked.language or "en"


def nothing_found(asked: Asked) -> str:
    """Return the sentence for a question on which no passage was found."""
    with override(our_language(asked)):
        if asked.is_limited and len(asked.titles) == 1:
            return _("The book does not say, as far as you have read.")
        if asked.is_limited:
            return _("Your books do not say, as far as you have read.")
        if len(asked.titles) == 1:
            return _("The book does not say anything about this, or says it in quite other words.")
        return _("Your books do not say anything about this, or say it in quite other words.")


def needs_model(asked: Asked) -> str:
    """Return the sentence for what only a language model can do."""
    with override(our_language(asked)):
        return _(
            "Only a language model can translate, and none is connected. An admin can connect one in the settings."
        )


def not_ready(asked: Asked) -> str:
    """Return the line about books that should be asked too and are not indexed yet."""
    with override(our_language(asked)):
        named = _(", ").join(_("“%(title)s”") % {"title": shown_title(title)} for title in asked.not_ready[:MOST_NAMED])
        more = len(asked.not_ready) - MOST_NAMED
        if more > 0:
            words = ngettext(
                "Not indexed yet, so not asked: %(titles)s and %(count)s other.",
                "Not indexed yet, so not asked: %(titles)s and %(count)s others.",
                more,
            )
        else:
            words = _("Not indexed yet, so not asked: %(titles)s.")
        return "*" + words % {"titles": named, "count": more} + "*\n\n"


def shown_title(title: str) -> str:
    """Return a title in one line, with nothing in it that Markdown or a number of ours is made of."""
    return " ".join(re.sub(r"[\[\]*_`<>|\\~]", " ", title).split())


def recalled_answer(
    asked: Asked, notes: Sequence[Excerpt], passages: Sequence[Excerpt], checked: CitationFilter
) -> Iterator[Piece]:
    """Yield what the reader told or noted earlier, as a list; what stands on words of a book is followed by them."""
    if not notes:
        return
    with override(our_language(asked)):
        yield _("What you told or noted earlier:") + "\n"
    for note in notes[:MOST_RECALLED]:
        yield f"\n- {shown_title(note.text)}"
        if (cited := _marked_words(note, passages, checked)) is not None:
            yield " "
            yield cited


def _marked_words(note: Excerpt, passages: Sequence[Excerpt], checked: CitationFilter) -> Cited | None:
    """Return the words that a note stands on, where a passage holds them whole."""
    here = note.place
    for number, passage in enumerate(passages, 1):
        there = passage.place
        if here is None or there is None or (here.book, here.section) != (there.book, there.section):
            continue
        if there.start <= here.start and here.end <= there.end:
            return checked.cite(number, passage.text[here.start - there.start : here.end - there.start][:LONGEST])
    return None


def quoted_answer(asked: Asked, best: Sequence[Excerpt], checked: CitationFilter) -> Iterator[Piece]:
    """Yield an answer made of quotes alone; `best` is best first, and `checked` holds the same passages."""
    with override(our_language(asked)):
        yield _("No language model is connected, so here are the words of the book that fit your question best.")
    value = _worth(asked.question, best)
    for number, excerpt in enumerate(best[:MOST_QUOTES], 1):
        cited = checked.cite(number, _best_words(excerpt, value))
        if cited is not None and cited.is_new:
            yield "\n\n> " + shown(cited)
            yield " "
            yield cited


def shown(cited: Cited) -> str:
    """Return the quoted words in one line, with nothing in them that looks like a number of ours."""
    return " ".join(cited.quote.text.split()).replace("[", "(").replace("]", ")")


def _worth(question: str, excerpts: Sequence[Excerpt]) -> Callable[[str, str], float]:
    """Return how much of the question a text holds: rare words count more, and long texts less."""
    held = Counter(term for excerpt in excerpts for term in set(terms(excerpt.text, language=excerpt.language)))

    def worth(text: str, language: str) -> float:
        found = set(terms(text, language=language))
        wanted = found & set(terms(question, language=language))
        return sum(1 / held[term] for term in wanted if held[term]) / math.sqrt(4 + len(found))

    return worth


def _best_words(excerpt: Excerpt, worth: Callable[[str, str], float]) -> str:
    text = excerpt.text
    spans = [span for span in sentences(text, 0, len(text)) if text[slice(*span)].strip()]
    if not spans:
        return text[:LONGEST]
    best = max(range(len(spans)), key=lambda at: worth(text[slice(*spans[at])], excerpt.language))
    start, end = spans[best]
    if end - start < SHORT and best + 1 < len(spans):
        end = spans[best + 1][1]
    return text[start : min(end, start + LONGEST)].strip()
