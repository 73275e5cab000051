"""Books, their text, the jobs that read them, and the conversations about them."""

from books.models.reading import Annotation, Reach, ReadingPlace
from books.models.shelf import Book, Collection, Upload
from books.models.talk import Citation, Conversation, Reply
from books.models.text import Page, Passage, Picture, Posting, Real, RecognisedPage, Section
from books.models.work import Job

__all__ = [
    "Annotation",
    "Book",
    "Citation",
    "Collection",
    "Conversation",
    "Job",
    "Page",
    "Passage",
    "Picture",
    "Posting",
    "Reach",
    "ReadingPlace",
    "Real",
    "RecognisedPage",
    "Reply",
    "Section",
    "Upload",
]
