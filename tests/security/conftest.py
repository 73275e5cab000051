"""Things of alice's that others try to reach."""

from datetime import timedelta
from typing import Any

import pytest
import redis
from django.utils import timezone

from books import files, pictures
from books.formats.parsed import Block
from books.models import (
    Annotation,
    Book,
    Citation,
    Collection,
    Conversation,
    Page,
    Passage,
    Picture,
    Reply,
    Section,
    Upload,
)
from memory.manager import MemoryManager
from memory.models import Job, Memory
from memory.types import Candidate, Turn
from mindory_web.accounts import invitations, keys, sessions
from mindory_web.accounts.models import Reader
from tests.conftest import signed_in

TEXT = "Call me Ishmael."


@pytest.fixture(autouse=True)
def no_attempts_yet(settings: Any) -> None:
    """Count attempts from nothing, in this worker's own Redis database."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": settings.REDIS_URL}}
    redis.Redis.from_url(settings.REDIS_URL).flushdb()


def _with_pictures(book: Book) -> None:
    """Give a book its file, a picture that is also its cover, and a page."""
    files.path_of(book.digest).parent.mkdir(parents=True)
    files.path_of(book.digest).write_text(TEXT)
    Picture.objects.create(book=book, number=0, digest="1" * 64, media_type="image/png", width=1, height=1, size=4)
    path = pictures.path_of(pictures.name_of("1" * 64, "image/png"))
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\x89PNG")
    Page.objects.create(book=book, number=0, label="iv", section=0, start=0, width=10, height=10)
    Book.objects.filter(pk=book.pk).update(cover=0)


def _remembered(alice: Reader, book: Book) -> tuple[Memory, Memory]:
    """Have a memory of alice's about a book, and a turn of a session."""
    manager = MemoryManager(alice.pk)
    memory = manager.remember(Candidate("My friend Queequeg hunts the whale.", book=book.pk)).memory
    turn = manager.add_turns("talk-1", [Turn("Call me Ishmael.", key="turn-1")])[0]
    return memory, turn


@pytest.fixture
def things(alice: Reader, admin: Reader) -> dict[str, Any]:
    """Return the ids of one of each thing: alice's, and an invitation of the admin's."""
    book = Book.objects.create(
        owner=alice,
        digest="0" * 64,
        file_name="moby.txt",
        file_size=len(TEXT),
        title="Moby-Dick",
        language="en",
        format="txt",
        state=Book.State.READY,
        section_count=1,
        characters=len(TEXT),
        passage_count=1,
        average_terms=3.0,
        is_readable=True,
        is_askable=True,
        is_embedded=True,
    )
    blocks = [Block("p", 0, len(TEXT)).as_row()]
    Section.objects.create(book=book, number=0, title="Loomings", text=TEXT, blocks=blocks)
    Passage.objects.create(book=book, number=0, section=0, start=0, end=len(TEXT))
    _with_pictures(book)
    annotation = Annotation.objects.create(reader=alice, book=book, section=0, start=0, end=4, quote="Call")
    collection = Collection.objects.create(owner=alice, name="Sea")
    collection.books.add(book)
    conversation = Conversation.objects.create(reader=alice, book=book, title="Names")
    reply = Reply.objects.create(
        conversation=conversation, question="Who is Queequeg?", text="Ishmael [1]", state="done"
    )
    Citation.objects.create(reply=reply, number=1, book=book, section=0, start=0, end=4, quote="Call")
    soon = timezone.now() + timedelta(hours=1)
    upload = Upload.objects.create(reader=alice, file_name="moby.txt", size=9, expires_at=soon)
    client = signed_in(alice)
    client.get("/source")  # the first request writes the session down
    session = sessions.sign_ins(alice, session_key=None)[0]
    key, _secret = keys.make(alice, "phone")
    invitation, _link = invitations.invite(admin)
    memory, turn = _remembered(alice, book)
    return {
        "memory": memory.pk,
        "turn": turn.pk,
        "told": "talk-1",
        "learning": Job.objects.create(owner=alice, kind=Job.Kind.LEARN, error="Ishmael").pk,
        "book": book.pk,
        "annotation": annotation.pk,
        "collection": collection.pk,
        "conversation": conversation.pk,
        "reply": reply.pk,
        "upload": upload.pk,
        "session": session.pk,
        "key": key.pk,
        "invitation": invitation.pk,
    }
