"""Books of our own for the reader: long, upright, from right to left, with printed pages."""

from tests.books_made import epub_members, paragraphs, zipped

LONG, UPRIGHT, FROM_RIGHT = "The Long Year", "縦書きの灯台", "كتاب المنارة"
SENTENCE = "On day {n} of the long year the keeper wrote {word} in the log, trimmed the wick and counted the sails. "
WORDS = ("fog", "rain", "calm", "gale", "frost", "swell", "haze", "sun")
CAT = (
    "{n}日目、灯台守は、二百段の石段をのぼって、緑の硝子の<ruby>洋燈<rt>ランプ</rt></ruby>に火をともした。"
    "海はしずかで、帆船の影はひとつも見えなかった。「今夜も誰も来ない」と、彼は日誌に書いた。"
)
TALE = "في اليوم {n} كان حارس المنارة يصعد كل ليلة مئتي درجة ويوقد المصباح الأخضر، ثم يعدّ الأشرعة حتى الصباح. "


def _paragraph(chapter: int, number: int) -> str:
    days = range(number * 7, number * 7 + 7)
    return "".join(SENTENCE.format(n=f"{chapter}.{day}", word=WORDS[day % len(WORDS)]) for day in days)


def long_epub(chapters: int = 12, paragraphs_each: int = 24) -> bytes:
    """Return a book of chapters that fill many pages each, with a note and printed pages."""
    texts = {
        f"Chapter {n}": paragraphs(*(_paragraph(n, number) for number in range(paragraphs_each)))
        for n in range(1, chapters + 1)
    }
    texts["Chapter 1"] += (
        '<p>The lamp was older.<a epub:type="noteref" href="#n1">1</a></p>'
        '<aside epub:type="footnote" id="n1"><p>Older than the log.</p></aside>'
    )
    members = epub_members(LONG, texts)
    marks = ""
    for n in range(chapters):
        name = f"OEBPS/c{n}.xhtml"
        members[name] = str(members[name]).replace("<h2>", f'<span id="p{n * 20 + 1}"/><h2>', 1)
        marks += f'<li><a href="c{n}.xhtml#p{n * 20 + 1}">{n * 20 + 1}</a></li>'
    listed = f'<nav epub:type="page-list"><ol>{marks}</ol></nav></body>'
    members["OEBPS/nav.xhtml"] = str(members["OEBPS/nav.xhtml"]).replace("</body>", listed)
    return zipped(members)


def _days(sentence: str) -> list[str]:
    """Return ten paragraphs of six days, no two alike."""
    return ["".join(sentence.format(n=number * 6 + day) for day in range(6)) for number in range(10)]


def _turned(members: dict[str, str | bytes], style: str = "") -> bytes:
    package = str(members["OEBPS/book.opf"])
    members["OEBPS/book.opf"] = package.replace("<spine>", '<spine page-progression-direction="rtl">')
    for name in members:
        if style and name.startswith("OEBPS/c"):
            members[name] = str(members[name]).replace("<head>", f"<head><style>{style}</style>")
    return zipped(members)


def upright_epub() -> bytes:
    """Return a Japanese book whose lines run from top to bottom."""
    texts = {f"第{n}章": paragraphs(*_days(CAT)) for n in "一二三"}
    return _turned(epub_members(UPRIGHT, texts, language="ja"), "html { writing-mode: vertical-rl }")


def from_right_epub() -> bytes:
    """Return an Arabic book."""
    texts = {f"الفصل {n}": paragraphs(*_days(TALE)) for n in range(1, 4)}
    return _turned(epub_members(FROM_RIGHT, texts, language="ar"))
