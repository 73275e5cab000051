"""From a file to a book one can read, ask and find in: see docs/ingest.md."""

from books.ingest.reaper import reap
from books.ingest.runner import AsyncIngestRunner
from books.ingest.sweeping import sweep
from books.ingest.work import stop_all

__all__ = ["AsyncIngestRunner", "reap", "stop_all", "sweep"]
