"""PDFs written by hand: words at exact places, in fonts that every reader of PDFs has.

    page = Sheet().line(72, 700, "Old Marten kept the light.").line(72, 680, "He was alone.", size=9)
    book([page, page], title="The Light", outline=[("One", 0, 700, 0)])  -> bytes

Places are in points from the lower left corner, as in PDF. Letters are those of Latin-1.
"""

import io
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from PIL import Image

WIDTH: Final = 612
HEIGHT: Final = 792
# Widths of Courier: every letter is 0.6 of the type's size, so that a test can say where a line ends.
LETTER: Final = 0.6
FONTS: Final = {
    "courier": "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    "bold": "<< /Type /Font /Subtype /Type1 /BaseFont /Courier-Bold /Encoding /WinAnsiEncoding >>",
    "times": "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>",
    "chinese": (
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts "
        "[<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 5 >> "
        "/FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /ItalicAngle 0 /Ascent 880 "
        "/Descent -120 /CapHeight 880 /StemV 93 /FontBBox [-25 -254 1000 880] >> >>] >>"
    ),
    "gbk": (
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /GBK-EUC-H /DescendantFonts "
        "[<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 5 >> "
        "/FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /ItalicAngle 0 /Ascent 880 "
        "/Descent -120 /CapHeight 880 /StemV 93 /FontBBox [-25 -254 1000 880] >> >>] >>"
    ),
    # A font whose bytes A, B, C ... mean what MEANINGS says: ligatures, Hebrew.
    "meant": "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding /ToUnicode {meanings} >>",
}
CODECS: Final = {"chinese": "utf-16-be", "gbk": "gbk"}


class Sheet:
    """A page that is being written."""

    def __init__(self, *, width: float = WIDTH, height: float = HEIGHT, turned: int = 0, crop: str = "") -> None:
        self.width, self.height, self.turned, self.crop = width, height, turned, crop
        self.drawn: list[bytes] = []
        self.picture: bytes = b""
        self.annotations: list[str] = []

    def line(
        self, x: float, y: float, text: str, *, size: float = 11, font: str = "courier", turn: str = ""
    ) -> "Sheet":
        """Write one line. `turn` are the first four numbers of a text matrix."""
        raw = text.encode(CODECS.get(font, "cp1252"))
        place = f"{turn or '1 0 0 1'} {x} {y} Tm"
        self.drawn.append(f"BT /{font} {size} Tf {place} <{raw.hex()}> Tj ET".encode())
        return self

    def lines(self, x: float, y: float, texts: Sequence[str], *, step: float = 14, **how: Any) -> "Sheet":
        """Write lines below each other."""
        for number, text in enumerate(texts):
            self.line(x, y - number * step, text, **how)
        return self

    def link(self, box: Sequence[float], target: str, *, more: str = "") -> "Sheet":
        """Lay a link over `box` (left, bottom, right, top). `target`: `/Dest [@3 /Fit]`, where @3 is page 3 from 0."""
        edges = " ".join(map(str, box))
        self.annotations.append(f"<< /Type /Annot /Subtype /Link /Rect [{edges}] /Border [0 0 0] {more} {target} >>")
        return self

    def goes(self, box: Sequence[float], page: int, height: float | None = None, *, more: str = "") -> "Sheet":
        """Lay a link to a page over `box`, or to a height of it."""
        view = "/Fit" if height is None else f"/XYZ 0 {height} 0"
        return self.link(box, f"/Dest [@{page} {view}]", more=more)

    def opens(self, box: Sequence[float], address: str, *, more: str = "") -> "Sheet":
        """Lay a link to an address over `box`."""
        return self.link(box, f"/A << /S /URI /URI ({address}) >>", more=more)

    def scan(self, *, share: float = 1.0) -> "Sheet":
        """Put a grey picture over this share of the page."""
        out = io.BytesIO()
        Image.new("L", (60, 80), 200).save(out, "JPEG")
        self.picture = out.getvalue()
        self.drawn.append(f"q {self.width} 0 0 {self.height * share} 0 0 cm /picture Do Q".encode())
        return self


Entry = tuple[str, int, "float | None", int]  # title, page from 0, height, depth


def book(
    sheets: Sequence[Sheet],
    *,
    outline: Sequence[Entry] = (),
    labels: str = "",
    catalog: str = "",
    info: Mapping[str, str] | None = None,
    meanings: Mapping[str, str] | None = None,
    xmp: str = "",
) -> bytes:
    """Return the file. `labels`: the /Nums of /PageLabels; `meanings`: what letters of the font `meant` mean."""
    objects: list[bytes] = [b"", b""]

    def add(body: str | bytes) -> int:
        objects.append(body.encode("latin-1") if isinstance(body, str) else body)
        return len(objects)

    to_unicode = add(stream(_meanings(meanings or {})))
    fonts = " ".join(
        f"/{name} {add(font.replace('{meanings}', f'{to_unicode} 0 R'))} 0 R" for name, font in FONTS.items()
    )
    kids = []
    for sheet in sheets:
        pictures = ""
        if sheet.picture:
            head = "/Type /XObject /Subtype /Image /Width 60 /Height 80 /ColorSpace /DeviceGray /BitsPerComponent 8"
            pictures = f"/XObject << /picture {add(stream(sheet.picture, head + ' /Filter /DCTDecode'))} 0 R >>"
        content = add(stream(b"\n".join(sheet.drawn)))
        more = f"/Rotate {sheet.turned} " + (f"/CropBox {sheet.crop} " if sheet.crop else "")
        kids.append(
            add(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {sheet.width} {sheet.height}] {more}"
                f"/Contents {content} 0 R /Resources << /Font << {fonts} >> {pictures} >> >>"
            )
        )
    for sheet, kid in zip(sheets, kids, strict=True):
        if sheet.annotations:
            named = re.sub(r"@(\d+)", lambda page: f"{kids[int(page[1])]} 0 R", " ".join(sheet.annotations))
            objects[kid - 1] = objects[kid - 1].replace(b"/Type /Page ", f"/Type /Page /Annots [{named}] ".encode())
    root = f"<< /Type /Catalog /Pages 2 0 R {catalog}"
    if labels:
        root += f" /PageLabels << /Nums [{labels}] >>"
    if outline:
        root += f" /Outlines {_outline(outline, kids, objects)} 0 R"
    if xmp:
        root += f" /Metadata {add(stream(xmp.encode(), '/Type /Metadata /Subtype /XML'))} 0 R"
    objects[0] = f"{root} >>".encode("latin-1")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>".encode()
    named = " ".join(f"/{name} {string(value)}" for name, value in (info or {}).items())
    return file_of(objects, f"/Info {add(f'<< {named} >>')} 0 R")


def _outline(entries: Sequence[Entry], kids: Sequence[int], objects: list[bytes]) -> int:
    """Write an outline; return the number of its root."""
    top = len(objects) + 1
    numbers = range(top + 1, top + 1 + len(entries))
    parents, path = [], [top]
    for number, (_, _, _, depth) in zip(numbers, entries, strict=True):
        del path[depth + 1 :]
        parents.append(path[-1])
        path.append(number)
    children: dict[int, list[int]] = {}
    for number, parent in zip(numbers, parents, strict=True):
        children.setdefault(parent, []).append(number)

    def family(number: int) -> str:
        mine = children.get(number)
        return f"/First {mine[0]} 0 R /Last {mine[-1]} 0 R /Count {len(mine)}" if mine else ""

    objects.append(f"<< /Type /Outlines {family(top)} >>".encode())
    for number, parent, (title, page, height, _) in zip(numbers, parents, entries, strict=True):
        sisters = children[parent]
        at = sisters.index(number)
        chain = f" /Next {sisters[at + 1]} 0 R" if at + 1 < len(sisters) else ""
        chain += f" /Prev {sisters[at - 1]} 0 R" if at else ""
        view = "/Fit" if height is None else f"/XYZ 0 {height} 0"
        body = (
            f"<< /Title {string(title)} /Parent {parent} 0 R{chain} {family(number)} /Dest [{kids[page]} 0 R {view}] >>"
        )
        objects.append(body.encode())
    return top


def _meanings(meanings: Mapping[str, str]) -> bytes:
    rows = "\n".join(
        f"<{ord(letter):02x}> <{meaning.encode('utf-16-be').hex()}>" for letter, meaning in meanings.items()
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Meant def "
        "1 begincodespacerange <00> <ff> endcodespacerange "
        f"{len(meanings)} beginbfchar\n{rows}\nendbfchar endcmap end end"
    ).encode()


def stream(body: bytes, head: str = "", *, is_packed: bool = False) -> bytes:
    """Return a stream object."""
    if is_packed:
        body, head = zlib.compress(body, 9), head + " /Filter /FlateDecode"
    return f"<< {head} /Length {len(body)} >>\nstream\n".encode() + body + b"\nendstream"


def string(text: str) -> str:
    """Return a string object that may hold any letter."""
    return f"<{(chr(0xFEFF) + text).encode('utf-16-be').hex()}>"


def file_of(objects: Sequence[bytes], trailer: str = "") -> bytes:
    """Return a file of these objects, numbered from 1; the first one is the catalog."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF".encode()
    return bytes(out)


def wrapped(text: str, columns: int) -> list[str]:
    """Break a text into lines of at most `columns` letters."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > columns:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]


def locked(body: bytes, *, user: str = "", owner: str = "owner", algorithm: str = "AES-256") -> bytes:
    """Return the same PDF with passwords: `user` to open it, `owner` to change it."""
    from pypdf import PdfReader, PdfWriter

    writer: Any = PdfWriter(clone_from=PdfReader(io.BytesIO(body)))
    writer.encrypt(user_password=user, owner_password=owner, algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
