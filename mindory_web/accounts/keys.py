"""API keys: how a program shows whose it is.

A key is `mdy_` + 8 characters to find its row by + 43 characters (256 random bits). The row keeps an
HMAC of the whole; its pepper is derived from SECRET_KEY, so a stolen database alone opens nothing.
"""

import secrets
import string
from datetime import timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from mindory_web.accounts.models import ApiKey, Reader
from mindory_web.lib import prepared
from mindory_web.lib.errors import Invalid, NotFound
from mindory_web.lib.prepared import Columns

MARK: Final = "mdy_"
PREFIX_LENGTH: Final = len(MARK) + 8
LENGTH: Final = PREFIX_LENGTH + 43
MOST_PER_READER: Final = 50
NOTED_EVERY: Final = timedelta(minutes=1)
_LETTERS: Final = string.ascii_letters + string.digits


def make(reader: Reader, name: str, *, days: int | None = None) -> tuple[ApiKey, str]:
    """Make a key for `reader` that ends after `days` (None: never). The secret is not kept: show it once."""
    name = name.strip()
    if not name:
        raise Invalid(_("Give the key a name, so that you know later which program has it."))
    names = list(usable(reader).values_list("name", flat=True))
    if name[:80] in names:
        raise Invalid(_("You have a key with this name already."))
    if len(names) >= MOST_PER_READER:
        raise Invalid(_("You have %(most)s keys already. Revoke one first.") % {"most": MOST_PER_READER})
    prefix = MARK + "".join(secrets.choice(_LETTERS) for _letter in range(PREFIX_LENGTH - len(MARK)))
    secret = prefix + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        reader=reader,
        name=name[:80],
        prefix=prefix,
        digest=_digest(secret),
        expires_at=None if days is None else timezone.now() + timedelta(days=days),
    )
    return key, secret


def key_of(secret: str) -> ApiKey | None:
    """Return the usable key that `secret` is, with its reader, and note that it was used."""
    if len(secret) != LENGTH or not secret.isascii() or not secret.startswith(MARK):
        return None
    key = _of_prefix(secret[:PREFIX_LENGTH])
    if key is None or not constant_time_compare(_digest(secret), bytes(key.digest)):
        return None
    now = timezone.now()
    if key.revoked_at or (key.expires_at and key.expires_at <= now) or not key.reader.is_active:
        return None
    if key.last_used_at is None or key.last_used_at < now - NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
        key.last_used_at = now
    return key


_KEY: Final = Columns(ApiKey, "key")
_READER: Final = Columns(Reader, "reader")
_BY_PREFIX: Final = f"""
SELECT {_KEY.sql}, {_READER.sql}
FROM {ApiKey._meta.db_table} key JOIN {Reader._meta.db_table} reader ON reader.id = key.reader_id
WHERE key.prefix = %s
"""  # noqa: S608 (names of our own tables and columns)


def _of_prefix(prefix: str) -> ApiKey | None:
    with prepared.cursor() as cursor:
        cursor.execute(_BY_PREFIX, [prefix])
        read = cursor.fetchone()
    if read is None:
        return None
    key = _KEY.instance(read[: _KEY.count])
    key.reader = _READER.instance(read[_KEY.count :])
    return key


def reader_of(secret: str) -> Reader | None:
    """Return the active reader whose usable key `secret` is."""
    key = key_of(secret)
    return key.reader if key else None


def revoke(reader: Reader, key_id: int) -> ApiKey:
    """End one of the reader's own keys at once. Ending it again changes nothing."""
    key = ApiKey.objects.filter(reader=reader, pk=key_id).first()
    if key is None:
        raise NotFound(_("There is no such key."))
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
    return key


def usable(reader: Reader) -> QuerySet[ApiKey]:
    """Return the reader's keys that still open something."""
    return reader.api_keys.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)


def _digest(secret: str) -> bytes:
    return salted_hmac("mindory.accounts.keys", secret, algorithm="sha256").digest()
