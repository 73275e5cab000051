"""The links on the printed pages of a PDF: found in the sandbox when a page is looked at, and kept for a while.

They are kept with the pictures of pages and go with them: both can be made anew from the file at any time.
"""

import contextlib
import json
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from books import drawing
from books.errors import BookError, LockedBook, ParserDied
from books.files import path_of
from books.formats import sandbox
from books.formats.parsed import Options
from books.formats.pdf.links import TOGETHER, checked_links
from books.models import Book, Page
from books.sealing import opened
from mindory_web.lib.errors import NotFound
from mindory_web.lib.limits import spend

LOOKED_PER_MINUTE: Final = 60  # calls for one reader
LOOKING_SECONDS: Final = 20  # for one call


def around(book: Book, number: int) -> dict[str, list[list[Any]]]:
    """Return the links of a page and those looked at with it, by page; see formats/pdf/links.py `Link.as_row`.

    A file that brings its parser down has none, and is not asked twice. Raises NotFound and TooMany.
    """
    if not Page.objects.filter(book=book, number=number, width__gt=0).exists():
        raise NotFound(_("There is no such page in this book."))
    first = number - number % TOGETHER
    target = drawing.place_of(f"{book.digest}-links-{first}.json")
    with contextlib.suppress(FileNotFoundError):
        return _kept(target)
    with drawing.one_at_a_time(book.owner_id):
        with contextlib.suppress(FileNotFoundError):  # another request may have looked meanwhile
            return _kept(target)
        spend(f"links:{book.owner_id}", limit=LOOKED_PER_MINUTE, seconds=60)
        found = {str(page): rows for page, rows in sorted(_found(book, range(first, first + TOGETHER)).items())}
        drawing.keep_at(target, json.dumps(found, separators=(",", ":")).encode())
        return found


def _kept(target: Path) -> dict[str, list[list[Any]]]:
    found: dict[str, list[list[Any]]] = json.loads(target.read_bytes())
    return found


def _found(book: Book, pages: range) -> dict[int, list[list[Any]]]:
    found: dict[int, list[list[Any]]] = {}

    def keep(result: Any) -> None:
        try:
            page, rows = checked_links(result, pages)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise ParserDied("The parser's answer could not be read.") from error
        found[page] = rows

    limits = sandbox.Limits(seconds=LOOKING_SECONDS, memory=settings.PARSE_LIMITS["memory"])
    options = Options(pages=tuple(pages), password=opened(book.password))
    try:
        sandbox.ask("links", path_of(book.digest), limits=limits, options=options, result=keep)
    except FileNotFoundError as error:
        raise NotFound(_("The file of this book is missing on this server.")) from error
    except LockedBook:
        raise
    except (BookError, ParserDied):
        return found  # as far as it came
    return found
