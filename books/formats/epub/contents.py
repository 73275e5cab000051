"""The table of contents, the landmarks and the list of printed pages: of EPUB 3's navigation, or of EPUB 2's NCX."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from books.errors import DamagedBook
from books.formats import markup
from books.formats.division import one_line
from books.formats.epub.package import NCX, PAGES, Package, resolved
from books.formats.sources import Archive

MOST_LINES: Final = 20_000
DEEPEST: Final = 12  # contents nested deeper are shown as deep as this
_BODY: Final = frozenset({"bodymatter", "text", "start"})


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the contents as the book gives it: `target` is a member of the archive."""

    title: str
    target: str
    fragment: str
    depth: int


@dataclass(slots=True)
class Navigation:
    """What the book says about where things are."""

    lines: list[Line] = field(default_factory=list)
    pages: list[Line] = field(default_factory=list)  # printed pages, in the order of the list
    begin: Line | None = None  # where the text begins, after title pages and prefaces
    warnings: list[str] = field(default_factory=list)


def navigation(archive: Archive, package: Package) -> Navigation:
    """Read the navigation document, and what it leaves open from the NCX and the guide."""
    found = Navigation()
    for item in package.items.values():
        if "nav" in item.properties and item.media in PAGES:
            _tried(found, _of_page, archive, item.member)
    if not found.lines or not found.pages:
        for item in package.items.values():
            if item.media == NCX or item.member.lower().endswith(".ncx"):
                _tried(found, _of_ncx, archive, item.member)
                break
    if found.begin is None:
        for kind, member, fragment in package.references():
            if kind in _BODY:
                found.begin = Line("", archive.find(member) or member, fragment, 0)
                break
    if found.lines:
        found.warnings.clear()
    return found


def _tried(found: Navigation, read: Any, archive: Archive, member: str) -> None:
    try:
        read(found, archive, member)
    except DamagedBook:
        found.warnings.append("The table of contents of this book is damaged; its headings stand in for it.")


def _of_page(found: Navigation, archive: Archive, member: str) -> None:
    root = markup.page(archive.read(member))
    if root is None:
        return
    navs = list(root.iter("{*}nav", "nav"))
    kinds = {nav: f"{markup.attribute(nav, 'type')} {markup.attribute(nav, 'role')}".split() for nav in navs}
    toc = next((nav for nav in navs if {"toc", "doc-toc"} & set(kinds[nav])), None)
    if toc is None and len(navs) < 2:
        toc = navs[0] if navs else root
    if toc is not None and not found.lines:
        found.lines = _known(archive, _lines(toc, member))
    for nav in navs:
        if "page-list" in kinds[nav] or "doc-pagelist" in kinds[nav]:
            found.pages = _known(archive, _lines(nav, member))
        elif "landmarks" in kinds[nav] and found.begin is None:
            found.begin = _landmark(archive, nav, member)


def _known(archive: Archive, lines: Iterator[Line]) -> list[Line]:
    """Return the lines that lead to a file of the book."""
    known: list[Line] = []
    for line in lines:
        member = archive.find(line.target)
        if member:
            known.append(Line(line.title, member, line.fragment, line.depth))
        if len(known) >= MOST_LINES:
            break
    return known


def _lines(nav: Any, member: str) -> Iterator[Line]:
    """Yield the links of nested lists. A line without a link leads to where the first one below it leads."""
    folder, depth = posixpath.dirname(member), -1
    waiting: list[tuple[str, int]] = []
    for event, element in etree.iterwalk(nav, events=("start", "end")):
        name = markup.name_of(element)
        if name in {"ol", "ul"}:
            depth += 1 if event == "start" else -1
        elif event == "end":
            continue
        elif name == "span" and _is_line(element):
            waiting.append((_title(element), min(max(depth, 0), DEEPEST)))
        elif name == "a":
            target, fragment = resolved(folder, element.get("href") or "")
            title = _title(element)
            if target and title:
                for above, its_depth in waiting:
                    if above and its_depth < depth:
                        yield Line(above, target, fragment, its_depth)
                waiting = []
                yield Line(title, target, fragment, min(max(depth, 0), DEEPEST))


def _is_line(element: Any) -> bool:
    parent = element.getparent()
    return parent is not None and markup.name_of(parent) == "li"


def _title(element: Any) -> str:
    """Return the words of a line; those of its picture when it is one."""
    words = one_line(markup.visible(element))
    if words:
        return words
    labels = (picture.get("alt") or "" for picture in element.iter("{*}img", "img"))
    return next((one_line(label) for label in labels if label.strip()), "")


def _landmark(archive: Archive, nav: Any, member: str) -> Line | None:
    for link in nav.iter("{*}a", "a"):
        if _BODY & set(markup.attribute(link, "type").split()):
            target, fragment = resolved(posixpath.dirname(member), link.get("href") or "")
            known = archive.find(target)
            return Line("", known, fragment, 0) if known else None
    return None


def _of_ncx(found: Navigation, archive: Archive, member: str) -> None:
    root = markup.forgiving_xml(archive.read(member), what="table of contents")
    lines = list(_points(root, posixpath.dirname(member)))
    if not found.lines:
        found.lines = _known(archive, (line for line, is_page in lines if not is_page))
    if not found.pages:
        found.pages = _known(archive, (line for line, is_page in lines if is_page))


def _points(root: Any, folder: str) -> Iterator[tuple[Line, bool]]:
    """Yield the lines of an NCX, and whether each is a printed page."""
    depth, title, is_page = -1, "", False
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = markup.name_of(element)
        if name == "navpoint":
            depth += 1 if event == "start" else -1
            title, is_page = ("", False) if event == "start" else (title, is_page)
        elif event == "end":
            continue
        elif name == "pagetarget":
            title, is_page = one_line(element.get("value") or ""), True
        elif name == "navlabel":
            title = one_line("".join(element.itertext())) or title
        elif name == "content":
            target, fragment = resolved(folder, element.get("src") or "")
            if title and target:
                yield Line(title, target, fragment, min(max(depth, 0), DEEPEST)), is_page
            title = ""


def section_titles(lines: list[Line]) -> dict[int, str]:
    """Return each line's title (by id) as a section heading: "IV" alone says nothing, "Part One: IV" does."""
    path: list[str] = []
    found = {}
    for line in lines:
        del path[line.depth :]
        is_bare = line.title.strip(".").isdigit() or (
            len(line.title) < 9 and not line.title.upper().strip("IVXLCDM.") and bool(path)
        )
        found[id(line)] = one_line(f"{path[-1]}: {line.title}" if is_bare and path else line.title)
        path += [line.title] * (line.depth + 1 - len(path))
    return found
