"""Pages that are pictures without words, and the words that text recognition found on them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from books.formats.pdf.lines import WIDE, Line, Sheet, Word

FEWEST_CHARACTERS: Final = 40  # a page with fewer, and a picture over most of it, is a scan
_SHARE: Final = 0.3  # of the page that the pictures of a page without words cover
_MOST_OBJECTS: Final = 2_000
_MANY_PATHS: Final = 300  # letters drawn as outlines


def is_scan(page: Any, characters: int) -> bool:
    """Say whether this page (a pypdfium2.PdfPage) is a picture of a text."""
    import pypdfium2
    import pypdfium2.raw as raw

    wide, high = page.get_size()
    covered, paths = 0.0, 0
    try:
        for number, item in enumerate(page.get_objects(max_depth=4)):
            if item.type == raw.FPDF_PAGEOBJ_IMAGE:
                left, bottom, right, top = item.get_bounds()
                covered += max(right - left, 0) * max(top - bottom, 0)
            paths += item.type == raw.FPDF_PAGEOBJ_PATH
            if number > _MOST_OBJECTS:
                break
    except (pypdfium2.PdfiumError, ValueError, RuntimeError):
        pass  # what was counted counts
    share = covered / max(wide * high, 1)
    return share >= (2 * _SHARE if characters else _SHARE) or (not characters and paths >= _MANY_PATHS)


def recognised(lines: Any, sheet: Sheet) -> list[Line]:
    """Return the lines that text recognition found on a page: [{"text", "box": [left, top, right, bottom]}]."""
    found = [line for entry in lines if isinstance(entry, Mapping) and (line := _line(entry, sheet.number))]
    if found:
        usual = sorted(line.size for line in found)[len(found) // 2]
        for line in found:  # the box is as high as its letters happen to be
            if line.size * 10 < usual * 16:
                line.size = usual
    return found


def _line(entry: Mapping[str, Any], page: int) -> Line | None:
    try:
        left, top, right, bottom = (int(edge) for edge in entry["box"])
        text = str(entry["text"])
    except (KeyError, TypeError, ValueError):
        return None
    if right <= left or bottom <= top or not (words := list(_words(text, (left, top, right, bottom)))):
        return None
    return Line(words, left, top, right, bottom, page, max((bottom - top) * 4 // 5, 1))


def _words(text: str, box: Sequence[int]) -> Iterator[Word]:
    """Yield the words of a line, its width shared out by their letters."""
    left, top, right, bottom = box
    text = " ".join(text.replace("\0", "").split())
    columns = [0]
    for letter in text:
        columns.append(columns[-1] + (2 if WIDE.match(letter) else 1))
    for start, end, is_joined in _pieces(text):
        edges = (left + (right - left) * columns[at] // columns[-1] for at in (start, end))
        first, last = edges
        yield Word(text[start:end], first, top, last, bottom, is_joined)


def _pieces(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, no space before it); runs of Chinese are cut into fours."""
    start, is_joined = 0, True
    for at in range(len(text) + 1):
        is_end = at == len(text) or text[at] == " "
        is_cut = not is_end and at > start and (at - start >= 4 and WIDE.match(text[at - 1]) is not None)
        if (is_end or is_cut) and at > start:
            yield start, at, is_joined
            is_joined = is_cut
            start = at
        if is_end:
            start, is_joined = at + 1, False
