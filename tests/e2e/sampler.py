"""A book of our own with everything a page can show: pictures, tables, readings, notes, links, formulas, scripts."""

import io
import zipfile
from collections.abc import Mapping

from PIL import Image, ImageDraw

TITLE = "The Tide Tables of Saltmere"
CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)
PAGE = (
    '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" '
    'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>{title}</title></head><body>{body}</body></html>'
)
TIDES = """<h1>Of Tides</h1>
<p>The harbour master of Saltmere kept the tides in a book of his own, and trusted no other.<a epub:type="noteref"
href="notes.xhtml#n1"><sup>1</sup></a> He wrote the hour of <em>high water</em> in ink and the hour of <em>low</em>
water in pencil, for low water, he said, could still be argued with.</p>
<p>The rule that he went by was short. Between the ebb and the flood the sea rises by one twelfth in the first
hour, by two in the second, and so on,<a epub:type="noteref" href="notes.xhtml#n2"><sup>2</sup></a> so that after
<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>t</mi></math> hours of six it stands at about</p>
<p style="text-align:center"><math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mrow><mi>h</mi>
<mo>(</mo><mi>t</mi><mo>)</mo><mo>=</mo><mfrac><mi>H</mi><mn>2</mn></mfrac><mrow><mo>(</mo><mrow><mn>1</mn><mo>−</mo>
<mi>cos</mi><mfrac><mrow><mi>π</mi><mi>t</mi></mrow><mn>6</mn></mfrac></mrow><mo>)</mo></mrow></mrow></math></p>
<p>which he had from a <span style="font-variant:small-caps">Captain Amory</span>, who had it from the moon. The
places where the rule fails are drawn in <a href="charts.xhtml#chart">the chart of the bar</a>, and a longer account
is kept at <a href="https://example.org/tides?year=1874&amp;place=saltmere">the observatory</a>.</p>
<figure id="lamp"><img src="lamp.png" alt="A lighthouse on a rock, its lamp lit, under a night sky"/>
<figcaption>The lamp in the harbour, as the rope-maker’s daughter drew it.</figcaption></figure>
<p>A mark like this one <img src="drop.png" alt="(drop)"/> in the margin means spring tide. Long words were broken by
soft hy&#173;phens: un&#173;argu&#173;able, light&#173;house&#173;keep&#173;er.<br/>A line ends where
the ink ran out.</p>"""
CHARTS = """<h1>Tables and Charts</h1>
<table id="chart"><caption>High water at the quay</caption>
<tr><th rowspan="2">Day</th><th colspan="2">Morning</th><th colspan="2">Evening</th></tr>
<tr><th>hour</th><th>feet</th><th>hour</th><th>feet</th></tr>
<tr><td>Monday</td><td>4.12</td><td>11½</td><td>16.40</td><td>12</td></tr>
<tr><td>Tuesday, when the <em>Perpetua</em> came in</td><td>5.01</td><td>12</td><td>17.26</td><td>12¼</td></tr>
<tr><td>Wednesday</td><td></td><td></td><td>18.09</td><td>13 &amp; more</td></tr></table>
<p>What the keeper’s instrument printed, <code>if (a &lt; b &amp;&amp; c)</code> and all:</p>
<pre>hour   feet
  4    11.5   &lt;- ebb
  5    12.0

 16    12.25  e&#769;t&#233;</pre>
<ol><li>Look at the moon.</li><li>Look at the <b>water</b>.<ul><li>Not from the pier.</li></ul></li><li>Write.</li></ol>
<blockquote><p>The sea is never wrong, but it is often early.</p></blockquote>
<table><tr><th>Place</th><th>January</th><th>February</th><th>March</th><th>April</th><th>May</th><th>June</th>
<th>July</th><th>August</th><th>September</th><th>October</th><th>November</th><th>December</th></tr>
<tr><td>The Bar</td><td>4.11</td><td>5.12</td><td>6.13</td><td>7.14</td><td>8.15</td><td>9.16</td><td>10.17</td>
<td>11.18</td><td>12.19</td><td>13.20</td><td>14.21</td><td>15.22</td></tr></table>"""
TONGUES = """<h1>What Sailors Said</h1>
<p>In the log of the <i>Kaiun Maru</i> stood <ruby>灯台<rt>とうだい</rt></ruby>の<ruby
>光<rp>(</rp><rt>ひかり</rt><rp>)</rp></ruby>
and, below it, the mark of the cook: 👩‍🍳, drawn with care, beside the flags 🇫🇷🇨🇳 and a 👨‍👩‍👧.</p>
<p lang="zh" xml:lang="zh">吉野家的𠮷字，上面是土。船长说：“潮来了。”众人不答，只看灯。</p>
<p lang="he" xml:lang="he" dir="rtl">אוֹר גָּדוֹל עַל הַמַּיִם, וְהָאֳנִיָּה בָּאָה בְּשָׁלוֹם (12 feet).</p>
<p lang="ar" xml:lang="ar" dir="rtl">قال البحّار: رأيتُ الضوءَ من بعيد، فعدتُ إلى الميناء.</p>
<p>A café in Zu&#776;rich, a nai&#776;ve reader, x&#8203;y, no&#160;break, “quotes” — dashes… &amp;c. &lt;end&gt;
1&#8239;000.</p>"""
NOTES = """<h1>Notes</h1>
<aside epub:type="footnote" id="n1"><p>It was bound in sealskin, and lay under the lamp. He is said to have slept on
it.<a href="tides.xhtml">↩</a></p></aside>
<aside epub:type="footnote" id="n2"><p>The rule of twelfths: 1, 2, 3, 3, 2, 1. Sailors learn it before they learn to
swim.</p><p>In Saltmere the third hour is the one to be afraid of.</p></aside>"""
CHAPTERS = {
    "tides": ("Of Tides", TIDES),
    "charts": ("Tables and Charts", CHARTS),
    "tongues": ("What Sailors Said", TONGUES),
}


def sampler_epub() -> bytes:
    """Return the book as an EPUB 3."""
    pages = {**CHAPTERS, "notes": ("Notes", NOTES)}
    lines = "".join(f'<li><a href="{name}.xhtml">{title}</a></li>' for name, (title, _) in pages.items())
    nav = PAGE.format(title="Contents", body=f'<nav epub:type="toc"><ol>{lines}</ol></nav>')
    files: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": _package(pages),
        "OEBPS/nav.xhtml": nav,
        "OEBPS/lamp.png": lamp(900, 560),
        "OEBPS/drop.png": drop(),
        "OEBPS/cover.jpg": lamp(800, 1200, "JPEG"),
        **{f"OEBPS/{name}.xhtml": PAGE.format(title=title, body=body) for name, (title, body) in pages.items()},
    }
    return zipped(files)


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Return a zip archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()


def _package(pages: Mapping[str, object]) -> str:
    items = "".join(f'<item id="{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in pages)
    refs = "".join(f'<itemref idref="{name}"/>' for name in pages)
    return (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:identifier id="id">made-for-tests-tides'
        f"</dc:identifier><dc:title>{TITLE}</dc:title><dc:creator>A. Writer</dc:creator><dc:language>en</dc:language>"
        "<dc:publisher>The Harbour Press</dc:publisher><dc:date>1874</dc:date><dc:description>How the harbour master "
        "of Saltmere measured the sea, and what the sea thought of it.</dc:description></metadata><manifest>"
        f'{items}<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        '<item id="lamp" href="lamp.png" media-type="image/png"/>'
        '<item id="drop" href="drop.png" media-type="image/png"/>'
        '<item id="cover" href="cover.jpg" media-type="image/jpeg" properties="cover-image"/></manifest>'
        f"<spine>{refs}</spine></package>"
    )


def lamp(width: int, height: int, kind: str = "PNG") -> bytes:
    """Draw a lighthouse on its rock at night."""
    image = Image.new("RGB", (width, height), "#1d3147")
    draw = ImageDraw.Draw(image)
    unit, base, left = height // 14, height * 11 // 14, width // 2
    for n in range(60):
        x, y = (n * 7919) % width, (n * 104729) % (height // 2)
        draw.ellipse((x, y, x + 3, y + 3), fill="#dfe6ee")
    draw.polygon([(left, 3 * unit), (0, unit), (0, 5 * unit)], fill="#40597a")
    draw.polygon([(left, 3 * unit), (width, unit), (width, 5 * unit)], fill="#40597a")
    draw.rectangle((0, base, width, height), fill="#14242f")
    draw.ellipse((left - 5 * unit, base - unit, left + 5 * unit, base + 3 * unit), fill="#39352e")
    draw.polygon(
        [(left - unit, 4 * unit), (left + unit, 4 * unit), (left + 2 * unit, base), (left - 2 * unit, base)],
        fill="#efe6d2",
    )
    for stripe in (5, 7, 9):
        draw.rectangle((left - 2 * unit, stripe * unit, left + 2 * unit, stripe * unit + unit // 2), fill="#8c3b2e")
    draw.rectangle((left - unit, 5 * unit // 2, left + unit, 4 * unit), fill="#f6cf67")
    draw.polygon(
        [(left - 3 * unit // 2, 5 * unit // 2), (left + 3 * unit // 2, 5 * unit // 2), (left, unit)], fill="#8c3b2e"
    )
    out = io.BytesIO()
    image.save(out, kind, quality=88)
    return out.getvalue()


def drop() -> bytes:
    """Draw a drop as large as a letter."""
    image = Image.new("RGBA", (36, 36), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.polygon([(18, 2), (6, 22), (30, 22)], fill="#1c1a17")
    draw.ellipse((5, 12, 31, 35), fill="#1c1a17")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
