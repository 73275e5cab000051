"""What others search the memory by; see docs/memory.md, "Search"."""

from memory.finding import Found, SessionHit, rows_of, search
from memory.sources import memories_about

__all__ = ["Found", "SessionHit", "memories_about", "rows_of", "search"]
