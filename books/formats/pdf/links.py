"""The links that lie on the pages of a PDF: where they are, and where they lead.

Only two kinds are told of: to a page of the same file, and to an address that a page of ours may name. What starts
programs, opens other files, sends forms or runs scripts is no link to us.
"""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from books.errors import BookError
from books.formats import checked, frames
from books.formats.links import is_safe
from books.formats.parsed import LONGEST_TARGET, Told
from books.formats.pdf import structure
from books.formats.pdf.document import opened
from books.formats.pdf.lines import Shown
from books.formats.sources import Source

TOGETHER: Final = 64  # pages that are looked at in one go: to start the process takes longer
MOST_LINKS: Final = 400  # of one page
MOST_LOOKED_AT: Final = 5_000  # of one page: most of them may be nothing to us
MOST_BOXES: Final = 20  # of one link: it may go on over several lines
LEAST: Final = 10  # tenths of a point: what is smaller cannot be hit
_LARGEST: Final = 2_000_000  # tenths of a point; see lines.Shown

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Link:
    """Boxes on a page (left, top, right, bottom, in tenths of a point) that lead to an address, or to a page.

    `page` counts from 0, -1 with an address; `down` is how far down that page it leads, 0 for its top.
    """

    boxes: tuple[Box, ...]
    address: str = ""
    page: int = -1
    down: int = 0

    def as_row(self) -> list[Any]:
        """Return this link as JSON keeps it."""
        return [self.boxes, self.address or self.page, self.down]


def links(source: Source, told: Told, out: BinaryIO) -> None:
    """Answer the child's task "links": {"page": from 0, "links": rows} for each of `options.pages`, then the end."""
    if b"%PDF-" not in source.start[:1024]:
        raise BookError("Only the pages of a PDF have links of their own.")
    with opened(source) as document:
        count = len(document)
        for number in source.options.pages:
            if not 0 <= number < count:
                continue
            rows = [link.as_row() for link in _of_page(document, number, count)]
            if rows:
                frames.send(out, frames.RESULT, {"page": number, "links": rows})
                out.flush()
    told(1, 1)
    frames.send(out, frames.END, None)


def checked_links(result: Any, pages: Sequence[int]) -> tuple[int, list[list[Any]]]:
    """Return (page, rows) of one result. Raises ValueError and its kin when it is not of the right form."""
    page = checked.number(result["page"])
    rows = result["links"]
    if page not in pages or not isinstance(rows, list) or len(rows) > MOST_LINKS:
        raise ValueError("not the links of a page")
    return page, [_row(row) for row in rows]


def _row(row: Any) -> list[Any]:
    boxes, target, down = row
    if not isinstance(boxes, list) or not 0 < len(boxes) <= MOST_BOXES:
        raise ValueError("not the boxes of a link")
    for left, top, right, bottom in boxes:
        checked.number(right, most=_LARGEST)
        checked.number(bottom, most=_LARGEST)
        if checked.number(left) >= right or checked.number(top) >= bottom:
            raise ValueError("not a box")
    if isinstance(target, str):
        if not is_safe(target) or checked.string(target, most=LONGEST_TARGET) != target:
            raise ValueError("not an address")
    else:
        checked.number(target)
    return [boxes, target, checked.number(down, most=_LARGEST)]


# --- In the child -------------------------------------------------------------------------------


def _of_page(document: Any, number: int, count: int) -> list[Link]:
    """Return the links of a page; none when it cannot be read."""
    import pypdfium2

    try:
        page = document[number]
    except (pypdfium2.PdfiumError, IndexError):
        return []
    try:
        shown = Shown(page)
        return list(_found(document, page, shown, _Targets(document, count)))
    except pypdfium2.PdfiumError:
        return []
    finally:
        page.close()


def _found(document: Any, page: Any, shown: Shown, targets: "_Targets") -> Iterator[Link]:
    """Yield the links that can be hit and lead somewhere, in the order of the file; the same one once."""
    import pypdfium2.raw as raw

    at, handle = ctypes.c_int(0), raw.FPDF_LINK()
    seen: set[Link] = set()
    for _ in range(MOST_LOOKED_AT):
        if not raw.FPDFLink_Enumerate(page, at, handle):
            return
        boxes = _boxes(handle, shown)
        link = targets.link(handle, boxes) if boxes else None
        if link is None or link in seen:
            continue
        seen.add(link)
        yield link
        if len(seen) >= MOST_LINKS:
            return


def _boxes(link: Any, shown: Shown) -> tuple[Box, ...]:
    """Return the boxes of a link, cut at the edges of its page: line by line where the file says so."""
    import pypdfium2.raw as raw

    edges: list[float] = []
    quad = raw.FS_QUADPOINTSF()
    for number in range(min(raw.FPDFLink_CountQuadPoints(link), MOST_BOXES)):
        if raw.FPDFLink_GetQuadPoints(link, number, quad):
            across, up = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
            edges += [min(across), max(up), max(across), min(up)]
    whole = raw.FS_RECTF()
    if raw.FPDFLink_GetAnnotRect(link, whole):
        rect = [whole.left, whole.top, whole.right, whole.bottom]
        boxes = tuple(_inside(edges, shown))
        return boxes or tuple(_inside(rect, shown))
    return ()


def _inside(edges: list[float], shown: Shown) -> Iterator[Box]:
    if not all(abs(edge) < 1e5 for edge in edges):  # no number, or no place that a page can have
        return
    places = shown.placed(edges)
    for at in range(0, len(places), 4):
        one, two, three, four = places[at : at + 4]
        left, right = max(min(one, three), 0), min(max(one, three), shown.width)
        top, bottom = max(min(two, four), 0), min(max(two, four), shown.height)
        if right - left >= LEAST and bottom - top >= LEAST:
            yield left, top, right, bottom


class _Targets:
    """Where links lead. Pages are opened once, to know how far down they are led to."""

    def __init__(self, document: Any, count: int) -> None:
        self._document, self._count = document, count
        self._shown: dict[int, Shown | None] = {}

    def link(self, handle: Any, boxes: tuple[Box, ...]) -> Link | None:
        """Return the link with where it leads; None when that is nowhere, or nothing we go to."""
        import pypdfium2.raw as raw

        action = raw.FPDFLink_GetAction(handle)
        kind = raw.FPDFAction_GetType(action) if action else raw.PDFACTION_GOTO  # without one it names a place itself
        if kind == raw.PDFACTION_URI:
            address = self._address(action)
            return Link(boxes, address=address) if is_safe(address) else None
        if kind != raw.PDFACTION_GOTO:  # pdfium would take a place in another file for one in this
            return None
        target = raw.FPDFLink_GetDest(self._document, handle)
        page = raw.FPDFDest_GetDestPageIndex(self._document, target) if target else -1
        if not 0 <= page < self._count:
            return None
        shown = self._shown_of(page)
        down = structure.down(target, shown) or 0
        return Link(boxes, page=page, down=min(max(down, 0), shown.height if shown else 0))

    def _address(self, action: Any) -> str:
        import pypdfium2.raw as raw

        size = int(raw.FPDFAction_GetURIPath(self._document, action, None, 0))
        if not 1 < size <= LONGEST_TARGET + 1:
            return ""
        buffer = ctypes.create_string_buffer(size)
        raw.FPDFAction_GetURIPath(self._document, action, buffer, size)
        address = buffer.value.decode("utf-8", errors="replace").strip()
        return f"https://{address}" if address.lower().startswith("www.") else address

    def _shown_of(self, number: int) -> Shown | None:
        import pypdfium2

        if number not in self._shown:
            try:
                page = self._document[number]
                self._shown[number] = Shown(page)
                page.close()
            except (pypdfium2.PdfiumError, IndexError):
                self._shown[number] = None
        return self._shown[number]
