"""A printed book of our own whose pages lead to each other and out of the book."""

from typing import Final

from tests.made.pdfs import Sheet, book

TITLE: Final = "The Pilot's Almanac"
CHAPTERS: Final = (("The Channel", 2), ("The Harbour Light", 5), ("The Tide Tables", 9))
PAGES: Final = 24
LANDING: Final = "The harbour light burns from dusk to dawn."
OUTSIDE: Final = "https://example.org/almanac/tides?year=1881"
PROSE: Final = (
    "Ships that come in from the north keep the chapel in line with the mill until the",
    "water turns from grey to green. There the channel bends, and the lead gives seven",
    "fathoms over sand. Who has the wind from the land may go on under small sail; who",
    "has it not drops anchor and waits for the flood, which runs in for six hours and",
    "stands for the time that a man needs to eat his bread. The pilots of this coast",
    "put their trust in three things: the lead, the bell, and the habit of going slowly.",
)


def _contents() -> Sheet:
    sheet = Sheet().line(90, 660, "Contents", size=24, font="times")
    for number, (title, page) in enumerate(CHAPTERS):
        height = 600 - 30 * number
        sheet.line(90, height, title, size=14, font="times").line(500, height, str(page + 1), size=14, font="times")
        sheet.goes((88, height - 4, 522, height + 14), page)
    sheet.line(90, 440, "See also the harbour light on page 6, and the tables of the", size=12, font="times")
    sheet.line(90, 422, "Hydrographic Office, or write to the author.", size=12, font="times")
    sheet.goes((139, 436, 275, 450), 5, 330)
    sheet.opens((90, 418, 192, 432), OUTSIDE).opens((242, 418, 318, 432), "mailto:pilot@example.org")
    return sheet.opens((90, 300, 190, 312), "javascript:alert(1)")


def _page(number: int) -> Sheet:
    sheet = Sheet()
    begun = {page: title for title, page in CHAPTERS}.get(number)
    top = 660
    if begun:
        sheet.line(90, 640, begun, size=24, font="times")
        top = 590
    lines = [*PROSE[number % 6 :], *PROSE[: number % 6]] * 5
    sheet.lines(90, top, lines[: (top - 100) // 17], size=12, step=17, font="times")
    sheet.line(300, 60, str(number + 1), size=10, font="times")
    return sheet


def almanac() -> bytes:
    """Return the book: a title page, a page of contents with links, and pages of prose."""
    title = (
        Sheet()
        .line(150, 520, TITLE, size=32, font="times")
        .line(220, 470, "for the coast of Saltmere", size=16, font="times")
    )
    sheets = [title, _contents(), *(_page(number) for number in range(2, PAGES))]
    sheets[5] = _landing(sheets[5])
    outline = [(name, page, 660.0, 0) for name, page in CHAPTERS]
    return book(sheets, outline=outline, info={"Title": TITLE})


def _landing(sheet: Sheet) -> Sheet:
    begun = Sheet().line(90, 640, "The Harbour Light", size=24, font="times")
    begun.lines(90, 590, (PROSE * 3)[:14], size=12, step=17, font="times")
    return begun.line(90, 316, LANDING, size=12, font="times").lines(90, 282, PROSE, size=12, step=17, font="times")
