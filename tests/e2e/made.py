"""Two books of our own for the browser: an English EPUB as ebooklib writes it, and a Chinese text in GBK."""

import io

from ebooklib import epub

HARBOUR = {
    "The Quay": [
        "Nobody in Saltmere could say when the lighthouse had gone dark, for the town looked inland and sold wool.",
        "On the third evening of the storm it was Marta Venn, the rope-maker’s daughter, who lit the lamp in the "
        "harbour with her father’s last tin of oil.",
        "She sat beside it until the morning and counted nine sails coming home.",
    ],
    "The Ledger": [
        "The harbour master kept a ledger of debts, and in it stood every family but one.",
        "He crossed out the name of Venn the day after the storm, “paid in light,” and shut the book.",
    ],
    "The Departure": [
        "In spring the wool carts left by the north road, and the boats went out again under a white sky.",
        "Marta taught two boys to trim the wick, and then she walked to the city to see what ropes were made of there.",
    ],
}
GARDEN = {
    "第一回 老园丁初入旧园 小书童夜读残碑": [
        "话说城南有一座旧园，荒了三十年，墙倒屋斜，无人过问。",
        "这一年冬天，老园丁沈伯安带着一个小书童搬了进来，先修墙，后挖井。",
        "书童夜里点着灯，读园中的残碑，碑上只剩下七个字。",
    ],
    "第二回 雪夜里梅花开遍 春风中故人归来": [
        "沈伯安在花园里种下一百株梅花树，说是替一位故人种的。",
        "雪夜梅花开遍，满城的人都来看，只有那位故人没有来。",
        "到了春天，故人骑着一头青驴回来，进门先问：那口井还在不在？",
    ],
}


def harbour_epub() -> bytes:
    """Return the English book as an EPUB 3 file."""
    book = epub.EpubBook()
    book.set_identifier("made-for-tests-harbour")
    book.set_title("The Lamp at Saltmere")
    book.set_language("en")
    book.add_author("A. Writer")
    chapters = []
    for number, (title, paragraphs) in enumerate(HARBOUR.items(), 1):
        chapter = epub.EpubHtml(title=title, file_name=f"chapter{number}.xhtml", lang="en")
        chapter.content = f"<h1>{title}</h1>" + "".join(f"<p>{text}</p>" for text in paragraphs * 4)
        book.add_item(chapter)
        chapters.append(chapter)
    book.toc = chapters
    book.spine = ["nav", *chapters]
    book.add_item(epub.EpubNcx())
    book.add_item(epub.EpubNav())
    written = io.BytesIO()
    epub.write_epub(written, book)
    return written.getvalue()


def garden_text() -> bytes:
    """Return the Chinese book as a text file in GBK, without a byte order mark."""
    parts = [title + "\n\n" + "\n".join("　　" + text for text in texts * 6) for title, texts in GARDEN.items()]
    return "\n\n".join(parts).encode("gbk")
