"""Small books of every format, written here in code.

epub("A tale", {"One": "<p>It began.</p>"})   -> bytes
shelved(alice, TALE_EPUB, name="tale.epub")   -> Book, queued
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.base import ContentFile

from books.models import Book
from books.store import BookStore
from mindory_web.accounts.models import Reader

CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)
PAGE = (
    '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" '
    'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>{title}</title></head><body>{body}</body></html>'
)


def zipped(members: Mapping[str, str | bytes], *, compress: bool = True) -> bytes:
    """Return a zip archive of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def opf(pages: Sequence[str], *, title: str, language: str = "en", author: str = "A. Writer", extra: str = "") -> str:
    """Return a package document for pages c0.xhtml, c1.xhtml ..."""
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(pages))
    )
    refs = "".join(f'<itemref idref="c{n}"/>' for n in range(len(pages)))
    return (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        f"<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator><dc:language>{language}</dc:language></metadata>"
        f'<manifest>{items}<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>{extra}'
        f"</manifest><spine>{refs}</spine></package>"
    )


def epub_members(title: str, chapters: Mapping[str, str], *, nav: str = "", **package: str) -> dict[str, str | bytes]:
    """Return the members of an EPUB 3 with one page a chapter; `nav` replaces the list of the contents."""
    lines = nav or "".join(f'<li><a href="c{n}.xhtml">{name}</a></li>' for n, name in enumerate(chapters))
    pages = {
        f"OEBPS/c{n}.xhtml": PAGE.format(title=name, body=f"<h2>{name}</h2>{body}")
        for n, (name, body) in enumerate(chapters.items())
    }
    return {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": opf(list(chapters), title=title, **package),
        "OEBPS/nav.xhtml": PAGE.format(title="Contents", body=f'<nav epub:type="toc"><ol>{lines}</ol></nav>'),
        **pages,
    }


def epub(title: str, chapters: Mapping[str, str], *, nav: str = "", **package: str) -> bytes:
    """Return an EPUB 3 with one page a chapter."""
    return zipped(epub_members(title, chapters, nav=nav, **package))


def paragraphs(*texts: str) -> str:
    """Return paragraphs of a page."""
    return "".join(f"<p>{text}</p>" for text in texts)


CHAPTERS = {
    "The Lighthouse": paragraphs(
        "Old Marten kept the lighthouse at Grey Point for forty years.",
        "Every evening he carried a lamp of green glass up the two hundred steps.",
        "“Nobody has drowned here,” he said, “since the winter of the great ice.”",
    ),
    "The Storm": paragraphs(
        "On the ninth of March the wind turned and the lamp went out.",
        "A ship called <em>Perpetua</em> came too near to the rocks, and Marten rang the bell until morning.",
        "Nineteen sailors heard it. They rowed towards the sound and every one of them lived.",
    ),
    "The Letter": paragraphs(
        "In April a letter came from the captain, with a silver whistle in it.",
        "Marten hung the whistle beside the lamp, where it still hangs.",
    ),
}
TALE_EPUB = epub("The Keeper of Grey Point", CHAPTERS)


def docx(paragraphs: Sequence[tuple[str, str]], *, title: str = "", extra: Mapping[str, str] | None = None) -> bytes:
    """Return a Word document; each paragraph is (style, XML of its runs or plain text)."""
    body = "".join(_docx_paragraph(style, text) for style, text in paragraphs)
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="Heading{n}"><w:name w:val="heading {n}"/></w:style>' for n in (1, 2)
    )
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></cp:coreProperties>'
    )
    return zipped(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "word/document.xml": f'<?xml version="1.0"?><w:document {space}><w:body>{body}</w:body></w:document>',
            "word/styles.xml": f'<?xml version="1.0"?><w:styles {space}>{styles}</w:styles>',
            "docProps/core.xml": core,
            **(extra or {}),
        }
    )


def _docx_paragraph(style: str, text: str) -> str:
    if style == "xml":
        return text
    runs = text if text.startswith("<w:") else f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{runs}</w:p>'


def pdf(pages: Sequence[Sequence[str]], *, title: str = "", outline: Sequence[tuple[str, int]] = ()) -> bytes:
    """Return a PDF with these lines of ASCII on its pages, and an outline of (title, page from 0)."""
    objects: list[bytes] = [b"", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        drawn = "".join(f"({_escaped(line)}) Tj T* " for line in lines)
        content = f"BT /F1 11 Tf 14 TL 60 760 Td {drawn}ET".encode("latin-1")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        page = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(page.encode())
        kids.append(len(objects))
    root = "<< /Type /Catalog /Pages 2 0 R"
    if outline:
        first = len(objects) + 2
        last = first + len(outline) - 1
        root += f" /Outlines {first - 1} 0 R"
        objects.append(f"<< /Type /Outlines /First {first} 0 R /Last {last} 0 R /Count {len(outline)} >>".encode())
        for number, (name, page_number) in enumerate(outline):
            chain = f" /Next {first + number + 1} 0 R" if number + 1 < len(outline) else ""
            chain += f" /Prev {first + number - 1} 0 R" if number else ""
            chain += f" /Parent {first - 1} 0 R /Dest [{kids[page_number]} 0 R /Fit]"
            objects.append(f"<< /Title ({_escaped(name)}){chain} >>".encode())
    objects[0] = f"{root} >>".encode()
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>".encode()
    objects.append(f"<< /Title ({_escaped(title)}) >>".encode())
    return _pdf_file(objects)


def _pdf_file(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        len(objects),
        table,
    )
    return bytes(out)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


CHINESE_CHAPTERS = (
    ("第一回 老渔翁夜守孤灯 小道童初登石塔", "话说东海之滨有一座石塔，塔上住着一位老渔翁，姓陈名守灯。"),
    ("第二回 狂风起灯火尽灭 铜钟鸣众客得生", "那年三月初九，忽然狂风大作，塔上灯火尽灭。守灯急取铜钟，直敲到天明。"),
    ("第三回 感深恩船主寄书 念旧事银哨长悬", "四月里船主寄来一封书信，内有银哨一枚。守灯把银哨挂在灯旁，至今还在。"),
)


def chinese_txt(*, times: int = 30) -> str:
    """Return a Chinese novel in chapters, one paragraph a line."""
    return "\n\n".join(
        f"{title}\n\n" + "\n".join(f"\u3000\u3000{body}" for _ in range(times)) for title, body in CHINESE_CHAPTERS
    )


def upload(body: bytes) -> "ContentFile[Any]":
    """Return bytes as a form hands them over."""
    return ContentFile(body)


def shelved(reader: Reader, body: bytes = TALE_EPUB, *, name: str = "tale.epub") -> Book:
    """Return a book that was just uploaded."""
    return BookStore(reader).shelve(upload(body), name=name).book


def long_tale(chapters: int = 12, paragraphs_each: int = 40) -> bytes:
    """Return an EPUB with some hundred thousand characters, no two sentences of which are alike."""
    said = ("walked to the harbour", "counted the boats", "wrote in the log", "lit the lamp", "listened to the sea")
    body = {
        f"Day {day}": paragraphs(
            *(
                f"On day {day}, at bell {bell}, Marten {said[bell % len(said)]} and thought of {day * 1000 + bell}. "
                f"The tide stood at {day * 7 + bell} feet, and the gull called {bell} times. Nothing else happened."
                for bell in range(paragraphs_each)
            )
        )
        for day in range(1, chapters + 1)
    }
    return epub("The Log of Grey Point", body)
