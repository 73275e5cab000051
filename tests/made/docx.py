"""Word documents written by hand: their XML as a person would say it."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def run(text: str, properties: str = "") -> str:
    """Return a run; `properties`: what stands in its w:rPr."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(inside: str = "", *, style: str = "", properties: str = "") -> str:
    """Return a paragraph of runs, or of plain text."""
    inside = inside if inside.startswith("<") else run(inside)
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{inside}</w:p>"


def item(text: str, *, number: str = "1", level: int = 0, style: str = "") -> str:
    """Return a paragraph of a list."""
    properties = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return paragraph(text, style=style, properties=properties)


def level(at: int, form: str, text: str, more: str = "") -> str:
    """Return a level of a list: its format and its label."""
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'
    )


def lists(*levels: str, more: str = "") -> str:
    """Return the numbering part with one list, number 1."""
    abstract = f'<w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum>'
    return f'{abstract}<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>{more}'


def style(key: str, name: str, *, based: str = "", inside: str = "", kind: str = "paragraph") -> str:
    """Return a style."""
    below = f'<w:basedOn w:val="{based}"/>' if based else ""
    return f'<w:style w:type="{kind}" w:styleId="{key}"><w:name w:val="{name}"/>{below}{inside}</w:style>'


HEADINGS = "".join(style(f"Heading{n}", f"heading {n}") for n in (1, 2, 3))


def field(instruction: str, result: str) -> str:
    """Return the runs of a field."""
    code = f'<w:r><w:instrText xml:space="preserve">{escape(instruction)}</w:instrText></w:r>'
    return f"{sign('begin')}{code}{sign('separate')}{result}{sign('end')}"


def sign(kind: str) -> str:
    """Return one of the three signs of a field."""
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def cell(text: str, properties: str = "") -> str:
    """Return a cell of a table, of plain text or of paragraphs."""
    inside = text if text.startswith("<w:") else paragraph(text)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside}</w:tc>"


def table(*rows: Sequence[str], header: bool = False) -> str:
    """Return a table of cells; the first row is its header if it has one."""
    lines = [
        f"<w:tr><w:trPr>{'<w:tblHeader/>' if header and not number else ''}</w:trPr>{''.join(cells)}</w:tr>"
        for number, cells in enumerate(rows)
    ]
    return f"<w:tbl>{''.join(lines)}</w:tbl>"


def drawing(relation: str, *, label: str = "", high: int = 400_000) -> str:
    """Return a run that shows a picture."""
    inside = f'<wp:extent cx="3000000" cy="{high}"/><wp:docPr id="1" name="p" descr="{escape(label)}"/>'
    return f'<w:r><w:drawing><wp:inline>{inside}<a:blip r:embed="{relation}"/></wp:inline></w:drawing></w:r>'


def document(
    body: str,
    *,
    relations: Sequence[tuple[str, str, str]] = (),
    core: str = "",
    files: Mapping[str, bytes] | None = None,
    **parts: str,
) -> bytes:
    """Return a .docx. `parts`: what stands in styles, numbering, footnotes, endnotes, settings.

    `relations`: (id, kind, target); a target with "://" is outside.
    """
    links = "".join(
        f'<Relationship Id="{key}" Type="{_KIND}{kind}" Target="{escape(target)}"'
        f"{' TargetMode=' + chr(34) + 'External' + chr(34) if ':' in target else ''}/>"
        for key, kind, target in relations
    )
    space = "http://schemas.openxmlformats.org/package/2006/"
    dublin = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
    begin = f'<cp:coreProperties xmlns:cp="{space}metadata/core-properties" {dublin}>'
    members: dict[str, bytes | str] = {
        "[Content_Types].xml": f'<Types xmlns="{space}content-types"/>',
        "word/document.xml": f"<w:document {SPACES}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{space}relationships">{links}</Relationships>',
        "docProps/core.xml": f"{begin}{core}</cp:coreProperties>",
        **{f"word/{name}.xml": f"<w:{name} {SPACES}>{inside}</w:{name}>" for name, inside in parts.items()},
        **(files or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
