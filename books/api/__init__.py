"""The operations of `/api/v1/`: thin doors to the same verbs that the pages use."""

from ninja import Router

from books.api.annotations import router as annotations
from books.api.collections import router as collections
from books.api.margins import router as margins
from books.api.notebook import router as notebook
from books.api.pages import router as pages
from books.api.pictures import router as pictures
from books.api.reading import router as reading
from books.api.shelf import router as shelf
from books.api.suggestions import router as suggestions
from books.api.talks import router as talks
from books.api.uploads import router as uploads

router = Router()
for part in (shelf, uploads, collections, pictures, pages, notebook, annotations, reading, margins, suggestions, talks):
    router.add_router("", part)
