"""A section as HTML, written by us from its text, blocks and marks. Nothing of a book's own markup is in it.

Every block element says which characters it shows (data-start, data-end), and its DOM text is exactly
that slice of the section's text: that is what makes a quote findable on the page. What is not text of the book
(the reading over a word, the name of a picture that is missing) is drawn by the style sheet from an attribute.
"""

from books.rendering.blocks import blocks_html
from books.rendering.look import PLAIN, Look
from books.rendering.sections import note_html, section_html

__all__ = ["PLAIN", "Look", "blocks_html", "note_html", "section_html"]
