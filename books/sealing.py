"""Passwords of books, sealed with a key made of the installation's secret: a copy of the database opens nothing."""

import base64
from functools import cache
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE: Final = b"mindory: password of a book"


def sealed(password: str) -> str:
    """Return a password as it is kept; nothing stays nothing."""
    return _box(settings.SECRET_KEY).encrypt(password.encode()).decode() if password else ""


def opened(kept: str) -> str:
    """Return a kept password; nothing when the secret is another one now."""
    try:
        return _box(settings.SECRET_KEY).decrypt(kept.encode()).decode() if kept else ""
    except InvalidToken:
        return ""


@cache
def _box(secret: str) -> Fernet:
    key = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))
