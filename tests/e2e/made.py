"""Two books of our own for the browser: an English EPUB as ebooklib writes it, and a Chinese text in GBK."""

import io

from ebooklib import epub

TITLE = "The Lamp at Saltmere"
HARBOUR = {
    "The Quay": [
        "Nobody in Saltmere could say when the lighthouse had gone dark, for the town looked inland and sold "
        "wool. The "
        "boats that were left belonged to old men, and the old men mended nets that nobody threw.",
        "The storm came from the west on a Tuesday and did not leave. By Thursday the slates of the chapel lay "
        "in the "
        "road, and the water stood in the cellars of the wool merchants, who went about in tall boots and spoke "
        "of prices.",
        "On the third evening of the storm it was Marta Venn, the rope-maker’s daughter, who lit the lamp in "
        "the harbour "
        "with her father’s last tin of oil. She had never trimmed a wick; she had only watched her grandmother "
        "do it, "
        "from a stool, when she was four.",
        "The glass was cracked on the landward side. She hung her shawl over the crack, turned the lamp by hand, a "
        "quarter of a turn to every slow breath, and sat beside it until the morning.",
        "She counted nine sails coming home. The tenth she heard and did not see: a bell, a man’s voice that "
        "swore at "
        "the rocks by name, and then the scrape of a keel on the shingle, which is the best sound there is.",
        "“Who kept the light?” asked the first man ashore. Nobody on the quay knew. They had been looking at "
        "the cellars.",
    ],
    "The Ledger": [
        "The harbour master kept a ledger of debts, and in it stood every family of the town but one, his own. "
        "It was "
        "bound in sealskin, and he wrote it with a steel pen in a hand that no clerk could copy.",
        "The name of Venn stood there for rope, for tar, for a year’s rent of the walk where the ropes were "
        "laid, and for "
        "one tin of oil, taken on credit in the week before the storm.",
        "He crossed the name out on the Friday, and wrote beside it, “paid in light,” and shut the book. His "
        "wife asked "
        "him whether the council would allow it. He said that the council might come and hold the lamp.",
        "The council came. It sat for two hours, ate a ham, and resolved that a light was a fine thing in "
        "itself, but "
        "that nobody had ordered it. The harbour master read the minutes aloud to the nine crews, in the "
        "tavern, slowly.",
        "Nothing more was heard of the debt.",
    ],
    "The Departure": [
        "In spring the wool carts left by the north road, and the boats went out again under a white sky. There were "
        "fourteen of them now; two had been bought and three had been remembered.",
        "Marta taught two boys to trim the wick, and told them the only rule her grandmother had ever given: "
        "look at the "
        "sea, not at the flame, for the flame does not need you to see it.",
        "Then she walked to the city, to find out what ropes were made of there. She took the cracked pane with her, "
        "wrapped in the shawl, and had it set in the window of the room she rented, where it made a small wrong "
        "rainbow "
        "on the wall every morning at ten.",
    ],
}
GARDEN = {
    "第一回 老园丁初入旧园 小书童夜读残碑": [
        "话说城南有一座旧园，荒了三十年，墙倒屋斜，无人过问。园中原有一口井，井栏上刻着字，早已被苔藓盖住。",
        "这一年冬天，老园丁沈伯安带着一个小书童搬了进来，先修墙，后挖井，又在门前铺了一条青石小路。",
        "书童名叫阿禾，年方十二，识得几个字。他夜里点着灯，读园中的残碑，碑上只剩下七个字，读来读去，不知是谁写的。",
        "沈伯安说：“字不必读完，读完了，园子就没有明天了。”阿禾不懂，只把那七个字抄在窗纸上。",
        "到了腊月，墙修好了，井也出了水，水清得能照见屋檐。街坊听说，都来打水，园子里渐渐有了人声。",
    ],
    "第二回 雪夜里梅花开遍 春风中故人归来": [
        "沈伯安在花园里种下一百株梅花树，说是替一位故人种的。阿禾问故人是谁，他只笑不答。",
        "大雪下了三天三夜，第四天夜里梅花开遍，满城的人都来看，提着灯笼，踏着雪，只有那位故人没有来。",
        "阿禾站在井边数灯笼，数到一百零七盏，困得睡着了，梦见碑上的字一个一个走下来，站成一首诗。",
        "到了春天，故人骑着一头青驴回来，进门先问：“那口井还在不在？”沈伯安打起一桶水，两人对坐喝了半日，一句话也没有说。",
        "临走时故人在残碑上添了三个字，阿禾抄下来一看，正好凑成十个字，原来是一句送别的话。",
    ],
}


def harbour_epub() -> bytes:
    """Return the English book as an EPUB 3 file."""
    book = epub.EpubBook()
    book.set_identifier("made-for-tests-harbour")
    book.set_title(TITLE)
    book.set_language("en")
    book.add_author("A. Writer")
    chapters = []
    for number, (title, paragraphs) in enumerate(HARBOUR.items(), 1):
        chapter = epub.EpubHtml(title=title, file_name=f"chapter{number}.xhtml", lang="en")
        chapter.content = f"<h1>{title}</h1>" + "".join(f"<p>{text}</p>" for text in paragraphs)
        book.add_item(chapter)
        chapters.append(chapter)
    book.toc = chapters
    book.spine = chapters
    book.add_item(epub.EpubNcx())
    book.add_item(epub.EpubNav())
    written = io.BytesIO()
    epub.write_epub(written, book)
    return written.getvalue()


def garden_text() -> bytes:
    """Return the Chinese book as a text file in GBK, without a byte order mark."""
    parts = [title + "\n\n" + "\n".join("　　" + text for text in texts) for title, texts in GARDEN.items()]
    return "\n\n".join(parts).encode("gbk")
