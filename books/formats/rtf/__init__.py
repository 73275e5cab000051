"""Rich text (.rtf), read by our own walk over its tokens, which takes time in proportion to the file."""

from typing import Final

from books.errors import EmptyBook
from books.formats import language, unmarked
from books.formats.division import divide, entries, one_line
from books.formats.links import linked
from books.formats.parsed import ParsedBook, Told
from books.formats.rtf.reading import Reading
from books.formats.sources import Source

_LANGUAGES: Final = {
    4: "zh", 7: "de", 9: "en", 10: "es", 12: "fr", 16: "it", 17: "ja", 18: "ko", 19: "nl", 22: "pt", 25: "ru",
}  # fmt: skip


class Rtf:
    """The parser for .rtf."""

    name = "rtf"
    label = "RTF"

    def recognises(self, source: Source, /) -> bool:
        """A group that begins with the format's name."""
        return source.start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rtf")

    def parse(self, source: Source, told: Told, /) -> ParsedBook:
        """Read the paragraphs, then the notes."""
        reading = Reading()
        reading.over(source.whole(), told)
        marks = unmarked.marked(reading.writer)
        pieces = divide(reading.writer, marks)
        if not pieces:
            raise EmptyBook("There is no text in this document.")
        sections = linked(reading.writer, pieces)
        told(1, 1)
        said = {name: one_line(words) for name, words in reading.said.items()}
        declared = _LANGUAGES.get(reading.language & 0x3FF, "")
        found = language.settled("", (section.text for section in sections))
        description = said.get("subject", "") or said.get("doccomm", "")
        return ParsedBook(
            format=self.name,
            sections=sections,
            contents=entries(marks, pieces),
            title=said.get("title", "") or (marks[0].title if marks and marks[0].start == 0 else ""),
            authors=[said["author"]] if said.get("author") else [],
            language=found or declared,  # a document says the language of its author's computer
            details={"description": description[:2000]} if description else {},
            originals=reading.album.originals,
        )
