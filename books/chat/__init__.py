"""Conversations: questions in, streamed answers with checked quotes out."""

from books.chat.ending import reap

__all__ = ["reap"]
