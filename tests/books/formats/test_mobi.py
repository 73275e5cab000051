"""Kindle books: MOBI 6, KF8, both in one file, bare PalmDOC; and files that lie."""

import io
import random
import struct
from typing import Any

import pytest

from books.errors import BookError, DamagedBook, EmptyBook, LockedBook, TooDemanding
from books.formats.limits import Limits
from books.formats.mobi import unpacking
from books.formats.parsed import ParsedBook, ParsedSection
from books.formats.registry import parse
from books.formats.sources import Source
from tests.made import mobis
from tests.made.mobis import Line, both, fid, index, kf8, kf8_records, mobi6, palm, xhtml

PNG = b"\x89PNG\r\n\x1a\n and so on"
LONG = "The sea was calm that day, and nobody came. " * 80


def read(body: bytes, *, limits: Limits | None = None) -> ParsedBook:
    return parse(Source(io.BytesIO(body), limits=limits), lambda done, total: None)


def marked(part: ParsedSection, kind: str) -> list[tuple[str, str]]:
    marks = [mark for block in part.blocks for mark in block.marks if mark.kind == kind]
    return [(part.text[mark.start : mark.end], mark.target) for mark in marks]


def stream(*parts: str, toc: str = "") -> tuple[str, list[int]]:
    """Return a MOBI 6 text and where in it each part begins, in bytes."""
    guide = f'<reference type="toc" title="Contents" filepos={toc} />' if toc else ""
    text, places = f"<html><head><guide>{guide}</guide></head><body>", []
    for part in parts:
        places.append(len(text.encode()))
        text += part + "<mbp:pagebreak/>"
    return f"{text}</body></html>", places


# --- MOBI 6 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("compression", "bits"), [(1, 8), (2, 8), (17480, 8), (17480, 9)])
def test_a_text_is_the_same_however_it_is_packed(compression: int, bits: int) -> None:
    words = "Marten’s lamp — grün, 绿色 — burned. " * 300
    book = read(mobi6(f"<html><body><p>{words}</p></body></html>", compression=compression, huff_bits=bits))

    assert book.sections[0].text == words.strip()
    assert (book.format, book.warnings) == ("mobi", [])


def test_the_metadata_of_a_book() -> None:
    exth = {
        100: ["Anna Grey", "Gull &amp; Co"], 101: ["Grey House"], 103: ["<p>Of a lamp.</p>"],
        104: ["9780000000002"], 105: ["Sea"], 106: ["1911"], 503: ["The Sea &amp; the Lamp"], 524: ["en-GB"],
        525: ["vertical-rl"], 527: ["rtl"],
    }  # fmt: skip
    book = read(mobi6(f"<html><body><p>{LONG}</p></body></html>", exth=exth))

    assert (book.title, list(book.authors), book.language) == (
        "The Sea & the Lamp",
        ["Anna Grey", "Gull & Co"],
        "en-GB",
    )
    assert book.details == {
        "publisher": "Grey House", "date": "1911", "description": "Of a lamp.", "identifiers": ["9780000000002"],
        "subjects": ["Sea"], "version": "MOBI 6", "direction": "rtl", "writing": "vertical",
    }  # fmt: skip


def test_the_contents_of_the_index_are_nested_and_divide_the_text() -> None:
    text, at = stream(f"<p>Part one</p><p>{LONG}</p>", f"<p>Morning</p><p>{LONG}</p>", f"<p>Part two</p><p>{LONG}</p>")
    lines = [Line("Part one", at[0]), Line("Part two", at[2]), Line("Morning", at[1], parent=0)]
    book = read(mobi6(text, lines=lines))

    assert [(entry.title, entry.depth, entry.section, entry.start) for entry in book.contents] == [
        ("Part one", 0, 0, 0), ("Morning", 1, 1, 0), ("Part two", 0, 2, 0),
    ]  # fmt: skip
    assert [section.title for section in book.sections] == ["Part one", "Morning", "Part two"]


def test_a_page_of_contents_serves_when_there_is_no_index() -> None:
    def book_with(toc: int, one: int, two: int) -> tuple[str, list[int]]:
        links = f"<p><a filepos={one:010d}>One</a></p><p><a filepos={two:010d}>Two</a></p>"
        return stream(links, f"<p>One</p><p>{LONG}</p>", f"<p>Two</p><p>{LONG}</p>", toc=f"{toc:010d}")

    _, at = book_with(0, 0, 0)  # all places have ten digits, so they stay when they are known
    text, _ = book_with(*at)
    book = read(mobi6(text))

    assert [(entry.title, entry.section, entry.start) for entry in book.contents] == [("One", 1, 0), ("Two", 2, 0)]
    assert marked(book.sections[0], "link") == [("One", "1:0"), ("Two", "2:0")]


def test_pictures_are_numbered_and_the_cover_is_known() -> None:
    body = (
        f'<html><body><p>{LONG}</p><img recindex="00002" alt="a map"/><p>End.</p><img recindex="00009"></body></html>'
    )
    book = read(mobi6(body, pictures=[PNG, PNG + b"2"], exth={201: [0]}))

    assert book.cover == 0
    assert [original.read() for original in book.originals] == [PNG, PNG + b"2"]
    shown = [(block.target, block.label) for block in book.sections[0].blocks if block.kind == "img"]
    assert shown == [("1", "a map")]


@pytest.mark.parametrize(("codepage", "encoding"), [(1252, "cp1252"), (65001, "utf-8"), (1252, "utf-8")])
def test_the_encoding_is_the_declared_one_unless_the_bytes_are_utf_8(codepage: int, encoding: str) -> None:
    text = "<html><body><p>Le phare brûlait – déjà.</p></body></html>"
    book = read(mobi6(text.encode(encoding), codepage=codepage))

    assert book.sections[0].text == "Le phare brûlait – déjà."


# --- KF8 ------------------------------------------------------------------------------------------------

PAGES = [
    xhtml(f"<h2>One</h2><p>{LONG}</p><p id='end'>The <i>end</i> of one.</p>"),
    xhtml(f'<h2>Two</h2><p>Back <a href="{fid(0, 12 + 4 + len(LONG) + 3)}">there</a>. {LONG}</p>'),
]


def test_pages_are_put_together_and_links_lead_to_their_places() -> None:
    lines = [Line("One", (0, 0)), Line("Two", (1, 0))]
    book = read(kf8(PAGES, lines=lines))

    assert book.details["version"] == "KF8"
    assert [(entry.title, entry.section, entry.start) for entry in book.contents] == [("One", 0, 0), ("Two", 1, 0)]
    assert book.sections[0].text.endswith("The end of one.")
    ((words, target),) = marked(book.sections[1], "link")
    section, start = map(int, target.split(":"))
    assert (words, section) == ("there", 0)
    assert book.sections[0].text[start:].startswith("The end")
    assert "color" not in "".join(section.text for section in book.sections)


def test_notes_and_embedded_pictures_of_a_page() -> None:
    note = '<aside epub:type="footnote"><p>See the log.</p></aside>'
    before = "<h2>One</h2>"
    at = len(before) + len(f'<p>So<a epub:type="noteref" href="{fid(0, 0)}">1</a>.</p>')
    body = f'{before}<p>So<a epub:type="noteref" href="{fid(0, at)}">1</a>.</p>{note}'
    body += '<img src="kindle:embed:0001?mime=image/png" alt="a lamp"/>'
    book = read(kf8([xhtml(body)], pictures=[PNG]))
    part = book.sections[0]

    ((words, target),) = marked(part, "note")
    _, start, end = map(int, target.split(":"))
    assert (words, part.text[start:end]) == ("1", "See the log.")
    assert [(block.kind, block.target) for block in part.blocks if block.kind == "img"] == [("img", "0")]


def test_of_a_file_with_both_books_the_newer_is_read() -> None:
    book = read(both("<html><body><p>Old text.</p></body></html>", PAGES, pictures=[PNG], exth={201: [0]}))

    assert (book.details["version"], book.cover) == ("KF8", 0)
    assert "The end of one." in "".join(section.text for section in book.sections)
    assert book.originals[0].read() == PNG


# --- PalmDOC --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["The sea was calm.\n\nNobody came.\n", "<html><body><p>The sea was calm."])
def test_a_bare_palmdoc_is_text_or_a_page(text: str) -> None:
    head = struct.pack(">HxxIHHHxx", 2, len(text), 1, 4096, 0)
    book = read(palm([head, mobis.packed(text.encode())], kind=b"TEXtREAd"))

    assert (book.format, book.title) == ("mobi", "The Sea")
    assert book.sections[0].text.startswith("The sea was calm.")


# --- Locked, damaged and hostile files ------------------------------------------------------------------


def test_a_book_with_drm_is_locked() -> None:
    with pytest.raises(LockedBook, match="DRM"):
        read(mobi6("<p>x", encryption=2))


def test_a_file_that_ends_early_gives_what_is_there_with_a_warning() -> None:
    whole = mobi6(f"<html><body><p>{LONG * 10}</p></body></html>", compression=1)
    book = read(whole[: len(whole) // 2])

    assert len(book.sections[0].text) > 10_000
    assert book.warnings == ["This book is damaged: some of its text could not be unpacked."]


def test_a_book_without_words_is_empty_and_one_without_records_damaged() -> None:
    with pytest.raises(EmptyBook):
        read(mobi6("<html><body></body></html>"))
    with pytest.raises(DamagedBook):
        read(palm([]))


def test_more_text_than_a_book_holds_is_refused() -> None:
    text = f"<html><body><p>{'a' * 3_000_000}</p></body></html>"
    with pytest.raises(TooDemanding):
        read(mobi6(text), limits=Limits(text=1_000_000))


def test_a_repetition_of_what_is_not_there_costs_one_record() -> None:
    with pytest.raises(ValueError, match="not there"):
        unpacking.palmdoc(b"ab\x80\x7f")


def test_a_phrase_that_needs_itself_is_refused() -> None:
    loop = unpacking.Phrases(mobis.codes(phrases={65: mobis.huffed(b"B"), 66: mobis.huffed(b"A")}))
    with pytest.raises(ValueError, match="itself"):
        loop.unpack(mobis.huffed(b"A"))


def test_phrases_that_double_each_other_stay_inside_a_record() -> None:
    phrases = {number: mobis.huffed(bytes([number + 1]) * 2) for number in range(60)}
    doubling = unpacking.Phrases(mobis.codes(phrases=phrases))
    with pytest.raises((ValueError, TooDemanding)):
        doubling.unpack(mobis.huffed(b"\0"))


def test_an_index_that_claims_a_billion_entries_is_no_trouble() -> None:
    text, at = stream(f"<h1>One</h1><p>{LONG}</p>", f"<h1>Two</h1><p>{LONG}</p>")
    body = mobi6(text, lines=[Line("One", at[0]), Line("Two", at[1])])
    place = body.rfind(b"INDX")
    lying = body[: place + 24] + b"\x7f\xff\xff\xff" + body[place + 28 :]

    assert read(lying).sections[0].text.startswith("One")


@pytest.mark.parametrize("made", ["mobi6", "kf8", "both", "huff"])
def test_whatever_bytes_are_wrong_the_book_opens_or_is_refused(made: str) -> None:
    makers: dict[str, Any] = {
        "mobi6": lambda: mobi6(
            stream("<p>One</p>", "<p>Two</p>")[0], lines=[Line("One", 40), Line("Two", 60, parent=0)]
        ),
        "kf8": lambda: kf8(PAGES, lines=[Line("One", (0, 0))], pictures=[PNG]),
        "both": lambda: both("<p>Old", PAGES),
        "huff": lambda: mobi6("<p>" + "lamp " * 400, compression=17480),
    }
    body = makers[made]()
    chance = random.Random(7)
    for _ in range(150):
        broken = bytearray(body)
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(78 if chance.random() < 0.5 else 0, min(len(broken), chance.choice([600, 10**6])))
            broken[at] = chance.randrange(256)
        try:
            read(bytes(broken[: chance.choice([len(broken), chance.randrange(100, len(broken))])]))
        except BookError:
            continue


def test_the_same_file_gives_the_same_book() -> None:
    one, other = read(kf8(PAGES)), read(kf8(PAGES))

    assert (one.head(), one.sections) == (other.head(), other.sections)


def test_pages_that_all_claim_the_same_text_are_refused() -> None:
    body = kf8_records([xhtml(f"<p>{LONG}</p>")] * 60)
    place = next(at for at, record in enumerate(body) if record.startswith(b"INDX") and b"SKEL" in record)
    same = index([(b"SKEL%010d" % at, {1: [0], 6: [0, 1 << 20]}) for at in range(60)], {1: 1, 6: 2}, b"")
    body[place - 1 : place + 1] = same
    with pytest.raises(TooDemanding):
        read(palm(body))
