"""Where words of a book are read."""

from django.conf import settings


def address(book: int, section: int, start: int, end: int) -> str:
    """Return the address that opens a book at characters [start, end) of a section."""
    return f"{settings.URL}/books/{book}/?section={section}&start={start}&end={end}"
