"""One-time links: a random token goes out once, an HMAC of it stays."""

import secrets
from typing import Final

from django.utils.crypto import salted_hmac

LONGEST: Final = 100


def make() -> str:
    """Return a new token of 256 random bits."""
    return secrets.token_urlsafe(32)


def digest(token: str, *, purpose: str) -> bytes:
    """Return what is stored of `token`; the pepper is derived from SECRET_KEY and `purpose`."""
    return salted_hmac(f"mindory.accounts.{purpose}", token[:LONGEST], algorithm="sha256").digest()
