"""Everything the panel lists, several times over, so that a query a row would show."""

from datetime import timedelta

import pytest
from django.utils import timezone

from books.models import Book, Citation, Conversation, Job, Reply
from memory.manager import MemoryManager
from memory.models import Job as MemoryJob
from memory.types import Candidate, Turn
from mindory_web.accounts import audit, invitations, keys
from mindory_web.accounts.models import Reader
from mindory_web.engines.models import Space, Vector

SECRET = "what was asked and answered"


def fill(admin: Reader, *, times: int) -> None:
    """Make `times` readers with a book, a job, a talk, a key, a session and an audit entry each."""
    now = timezone.now()
    space, _is_new = Space.objects.get_or_create(collection="books", model="m", dimension=2)
    for number in range(Reader.objects.count(), Reader.objects.count() + times):
        reader = Reader.objects.create_user(f"reader{number}", f"r{number}@example.org")
        book = Book.objects.create(
            owner=reader,
            digest=f"{number:064x}",
            file_name="b.txt",
            file_size=1000,
            title=f"Book {number}",
            state="failed",
            error_message="It is damaged.",
        )
        Job.objects.create(book=book, state="failed", step="reading", started_at=now, finished_at=now)
        talk = Conversation.objects.create(reader=reader, book=book, title=SECRET)
        reply = Reply.objects.create(
            conversation=talk,
            question=SECRET,
            text=SECRET,
            state="failed",
            error_message="No answer.",
            trace={"said": SECRET},
            finished_at=now + timedelta(seconds=2),
        )
        Citation.objects.create(reply=reply, number=1, book=book, section=0, start=0, end=1, quote=SECRET)
        keys.make(reader, "laptop")
        invitations.invite(admin, email=f"new{number}@example.org")
        audit.record(admin, "reader.changed", reader.username, fields=["email"])
        Vector.objects.create(space=space, group=book.pk, item=1, embedding=[0, 1])
        MemoryManager(reader.pk).remember(Candidate(SECRET))
        MemoryManager(reader.pk).add_turns(SECRET, [Turn(SECRET, speaker=SECRET)])
        MemoryJob.objects.create(owner=reader, kind="learn", state="failed", error_code="llm_error", error=SECRET)


@pytest.fixture
def filled(admin: Reader) -> None:
    """A few of everything."""
    fill(admin, times=3)
