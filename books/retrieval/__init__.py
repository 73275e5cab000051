"""From a question to passages: words (BM25), vectors, and their fusion."""

from books.retrieval.scope import Scope
from books.retrieval.search import better_ahead, passages_about

__all__ = ["Scope", "better_ahead", "passages_about"]
