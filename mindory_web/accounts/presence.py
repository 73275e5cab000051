"""Whether somebody who was let in may still stay: what open sockets and long streams ask every few seconds."""

from channels.db import database_sync_to_async
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db.models import Q, Subquery
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from mindory_web.accounts.models import ApiKey, Reader


def is_still_allowed(*, reader_id: int, session_key: str | None = None, api_key_id: int | None = None) -> bool:
    """Say whether this reader's session (or key) still stands. One query.

    Logout, a revoked session, deactivation, a changed password and a revoked or ended key make it false.
    """
    if api_key_id is not None:
        return _has_key(reader_id, api_key_id)
    return bool(session_key) and _has_session(reader_id, str(session_key))


ais_still_allowed = database_sync_to_async(is_still_allowed)


def _has_key(reader_id: int, api_key_id: int) -> bool:
    return ApiKey.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=timezone.now()),
        pk=api_key_id,
        revoked_at=None,
        reader_id=reader_id,
        reader__is_active=True,
    ).exists()


def _has_session(reader_id: int, session_key: str) -> bool:
    session = Session.objects.filter(session_key=session_key, expire_date__gt=timezone.now())
    reader = (
        Reader.objects.filter(pk=reader_id, is_active=True)
        .annotate(session_data=Subquery(session.values("session_data")[:1]))
        .first()
    )
    if reader is None or reader.session_data is None:
        return False
    data = SessionStore().decode(reader.session_data)
    # A session made before a change of password carries the hash of the old one.
    return data.get(SESSION_KEY) == str(reader_id) and constant_time_compare(
        data.get(HASH_SESSION_KEY, ""), reader.get_session_auth_hash()
    )
