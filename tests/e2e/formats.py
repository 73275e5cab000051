"""One short book of ours in each format that readers bring, with words to choose and words that a model quotes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.e2e import made
from tests.made import docx, pdfs

RARE: Final = "𠮷"  # four bytes in GB18030, none at all in GBK


@dataclass(frozen=True)
class Told:
    """A book and what is asked about it. `chosen` stands in one paragraph, near the beginning of the book."""

    name: str
    body: Callable[[], bytes]
    chosen: str
    question: str
    quote: str
    is_printed: bool = False
    direction: str = "ltr"


def departure_pdf() -> bytes:
    """Return a chapter of the English book as a PDF of one printed page."""
    lines = [line for text in made.HARBOUR["The Departure"] for line in [*pdfs.wrapped(text, 56), ""]]
    sheet = pdfs.Sheet().line(90, 700, "The Departure", size=20, font="bold").lines(90, 660, lines, size=12, step=18)
    return pdfs.book([sheet], outline=[("The Departure", 0, 720.0, 0)], info={"Title": "The Departure"})


def garden_gb18030() -> bytes:
    """Return the Chinese book as a text file that only GB18030 can hold."""
    parts = [title + "\n\n" + "\n".join("　　" + text for text in texts) for title, texts in made.GARDEN.items()]
    return "\n\n".join([*parts, f"　　碑上另有一个“{RARE}”字，无人认得。"]).encode("gb18030")


def quay_docx() -> bytes:
    """Return a chapter of the English book as a Word document."""
    texts = "".join(docx.paragraph(text) for text in made.HARBOUR["The Quay"])
    return docx.document(docx.paragraph("The Quay", style="Heading1") + texts, styles=docx.HEADINGS)


def ledger_markdown() -> bytes:
    """Return a chapter of the English book in Markdown."""
    first, *others = made.HARBOUR["The Ledger"]
    return "\n\n".join(["# The Ledger", first.replace("ledger", "*ledger*"), *others]).encode()


def keeper_markdown() -> bytes:
    """Return a Hebrew tale in Markdown."""
    tale = (
        "# שומר המגדלור",
        "בכפר קטן לחוף הים עמד מגדלור לבן, ואיש לא זכר מי בנה אותו. השומר הזקן עלה בכל ערב מאתיים מדרגות.",
        "בלילה השלישי של הסערה כבה האור, ומרתה הדליקה את המנורה בשמן האחרון של אביה.",
        "תשע ספינות חזרו הביתה, והעשירית נשמעה ולא נראתה.",
    )
    return "\n\n".join(tale).encode()


EPUB: Final = Told(
    "lamp.epub",
    made.harbour_epub,
    "the town looked inland and sold wool",
    "Who lit the lamp?",
    "it was Marta Venn, the rope-maker’s daughter, who lit the lamp in the harbour",
)
PDF: Final = Told(
    "departure.pdf",
    departure_pdf,
    "the boats went out again under a white sky",
    "What did Marta teach the boys?",
    "look at the sea, not at the flame, for the flame does not need you to see it",
    is_printed=True,
)
TXT: Final = Told(
    "旧园梅花记.txt",
    garden_gb18030,
    "荒了三十年，墙倒屋斜，无人过问",
    "是谁在花园里种下一百株梅花树？",
    "沈伯安在花园里种下一百株梅花树，说是替一位故人种的",
)
DOCX: Final = Told(
    "quay.docx",
    quay_docx,
    "old men mended nets that nobody threw",
    "How many sails came home?",
    "She counted nine sails coming home. The tenth she heard and did not see",
)
MARKDOWN: Final = Told(
    "ledger.md",
    ledger_markdown,
    "kept a ledger of debts",
    "Was the debt paid?",
    "He crossed the name out on the Friday, and wrote beside it, “paid in light,” and shut the book",
)
HEBREW: Final = Told(
    "keeper.md",
    keeper_markdown,
    "ואיש לא זכר מי בנה אותו",
    "מי הדליקה את המנורה?",
    "ומרתה הדליקה את המנורה בשמן האחרון של אביה",
    direction="rtl",
)
