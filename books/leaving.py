"""What goes with a reader who leaves, and does not go with their row: files, vectors, what is on its way."""

from contextlib import suppress
from typing import Any

from books.chat import log, wire
from books.models import Reply, Upload
from books.store import BookStore
from books.uploads import Uploads
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import NotFound


def forget(*, reader: Reader, **_signal: Any) -> None:
    """Delete the uploads and books of a reader, and the frames of answers. Doing it again deletes what came since."""
    for upload in list(Upload.objects.filter(reader=reader).values_list("pk", flat=True)):
        with suppress(NotFound):
            Uploads(reader).end(upload)
    BookStore(reader).delete_all()
    replies = Reply.objects.filter(conversation__reader=reader).values_list("pk", flat=True)
    for reply in list(replies):
        wire.client_now().delete(log.key(reply))
