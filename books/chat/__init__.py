"""Conversations: questions in, streamed answers with checked quotes out."""

from books.chat.ending import reap
from books.chat.talk import purge

__all__ = ["purge", "reap"]
