"""Short receipts: a key of some fifty characters that stands for a token of up to a million.

A model cannot write down a long token without a slip, and need not read what it just had forgotten. So the token waits
in Redis, sealed with a key that is handed out and kept nowhere: without it nobody can read the copy, the server
included, and when the token's time is over it is gone.
"""

import hashlib
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from django.core.cache import cache

from memory.sealing import SECONDS
from mindory_web.lib.errors import TooMany
from mindory_web.lib.limits import spend

MARK: Final = "undo-"
LENGTH: Final = len(MARK) + 43
MOST_KEPT: Final = 10  # of one reader at a time: up to 13 MB of Redis


def shortened(owner_id: int, token: str) -> str:
    """Keep a token for as long as it holds, and return the key to it; nothing when there is no Redis or no room."""
    if not token:
        return ""
    key = Fernet.generate_key()
    receipt = MARK + key.decode().rstrip("=")
    name = _name(owner_id, receipt)
    try:
        spend(f"memory-undo:{owner_id}", limit=MOST_KEPT, seconds=SECONDS)
    except TooMany:
        return ""
    cache.set(name, Fernet(key).encrypt(token.encode()), SECONDS)
    return receipt if cache.touch(name, SECONDS) else ""


def token_of(owner_id: int, given: str) -> str:
    """Return the token that a key of this reader's stands for; what is given when it is none, or its time is over."""
    if not (isinstance(given, str) and given.startswith(MARK) and len(given) == LENGTH and given.isascii()):
        return given
    kept = cache.get(_name(owner_id, given))
    try:
        return Fernet(given.removeprefix(MARK) + "=").decrypt(kept).decode() if kept else given
    except (InvalidToken, ValueError):
        return given


def _name(owner_id: int, receipt: str) -> str:
    return f"memory-undo:{owner_id}:{hashlib.sha256(receipt.encode()).hexdigest()}"
