"""A printed book of our own for the browser: a PDF with a preface in Roman numbers, wide, turned and empty pages."""

from typing import Final

from tests.made.pdfs import Sheet, book

TITLE: Final = "The Keeper of Saltmere"
PROSE: Final = (
    "The lamp was lit at four in the winter and at nine",
    "in the summer, and nobody in Saltmere thought of",
    "the keeper until the night on which it stayed dark.",
    "He wrote the weather into a thick book, every day,",
    "in a hand so small that the words stood like gulls.",
    "When the wind turned he went out and looked at the",
    "sea, and came back, and wrote one word, and slept.",
)
HIDDEN: Final = ("On page fourteen the keeper hid a silver", "whistle under the ninth stair.")
SECRET: Final = " ".join(HIDDEN)
CHAPTERS: Final = ("The Lamp", "The Stair", "The Sea")
PAGES: Final = 26


def _prose(sheet: Sheet, number: int) -> Sheet:
    sheet.lines(90, 660, [f"Sheet {number + 1} of the log begins here, and goes on."], size=12)
    return sheet.lines(90, 630, PROSE * 4, size=12, step=18)


def _sheet(number: int) -> Sheet:
    if number == 5:
        return Sheet(width=960, height=540).lines(90, 460, PROSE, size=14, step=24)
    if number == 6:
        return Sheet(turned=90).lines(90, 660, PROSE, size=12, step=18)
    if number == 7:
        return Sheet()
    if number == 13:
        return Sheet().line(90, 660, "Nobody read this:", size=12).lines(90, 630, HIDDEN, size=12, step=18)
    if number == 14:
        columns = Sheet()
        for x in (60, 330):
            columns.lines(x, 660, [line[:31].rstrip() for line in PROSE * 4], size=11, step=16)
        return columns
    return _prose(Sheet(), number)


def keeper_pdf() -> bytes:
    """Return the book: 26 pages, the first two called i and ii, three chapters."""
    sheets = [_sheet(number) for number in range(PAGES)]
    for number, title in zip((2, 10, 20), CHAPTERS, strict=True):
        sheets[number].line(90, 720, title, size=24, font="bold")
    outline = [(title, number, 740.0, 0) for number, title in zip((2, 10, 20), CHAPTERS, strict=True)]
    labels = "0 << /S /r >> 2 << /S /D >>"
    return book(sheets, outline=outline, labels=labels, info={"Title": TITLE})
