"""From a question to passages: words (BM25), vectors, and their fusion."""

from books.retrieval.scope import Scope
from books.retrieval.search import passages_about

__all__ = ["Scope", "passages_about"]
