"""The pages: each shows a reader what is theirs, as it stands in the rows."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from books.models import Book, Citation, Conversation, Job, ReadingPlace, Reply, Section
from mindory_web.accounts.models import Reader
from tests.conftest import signed_in

WORDS = ("It began at sea 😀.", "The whale was white, and nobody laughed.")
TEXT = "\n\n".join(WORDS)
BLOCKS = [["h", 0, len(WORDS[0]), 1, [], 0], ["p", len(WORDS[0]) + 2, len(TEXT), 0, [], 0]]


@pytest.fixture
def tale(alice: Reader) -> Book:
    """A book of three sections on alice's shelf."""
    book = Book.objects.create(
        owner=alice,
        digest="a" * 64,
        file_name="tale.epub",
        file_size=9,
        title="The Tale",
        authors=["A. Writer"],
        language="en",
        state=Book.State.READY,
        section_count=3,
        characters=3 * len(TEXT),
        is_readable=True,
        is_askable=True,
        contents=[{"title": f"Chapter {n + 1}", "section": n, "start": 0, "depth": n % 2} for n in range(3)],
    )
    for number in range(3):
        Section.objects.create(
            book=book,
            number=number,
            title=f"Chapter {number + 1}",
            text=TEXT,
            blocks=BLOCKS,
            start_in_book=number * len(TEXT),
        )
    return book


def page_of(reader: Reader, address: str, **cookies: str) -> str:
    client = signed_in(reader)
    for name, value in cookies.items():
        client.cookies[name] = value
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def data_of(page: str, name: str) -> Any:
    """Return what the page's modules are given as JSON."""
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found.group(1))


def added(owner: Reader, state: str, **more: Any) -> Book:
    return Book.objects.create(
        owner=owner,
        digest=f"{state:f>64}",
        file_name="b.epub",
        file_size=1,
        title=f"A {state} book",
        state=state,
        **more,
    )


@pytest.mark.parametrize("address", ["/", "/books/1/", "/books/1/card", "/books/1/sections/0", "/talks/", "/talks/1/"])
def test_nobody_sees_a_page(address: str, admin: Reader) -> None:
    response = Client().get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/")


def test_someone_elses_book_is_not_found(tale: Book, bob: Reader) -> None:
    client = signed_in(bob)
    for address in ("", "card", "sections/0"):
        assert client.get(f"/books/{tale.pk}/{address}").status_code == 404
    talk = Conversation.objects.create(reader=tale.owner, title="Mine")
    assert client.get(f"/talks/{talk.pk}/").status_code == 404


def test_an_empty_shelf_says_what_to_do(alice: Reader) -> None:
    page = page_of(alice, "/")
    assert "Your shelf is empty" in page
    assert "up to 512 MB each" in page


def test_the_limit_is_told_to_the_browser_before_it_sends(alice: Reader, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 7 * 1024 * 1024
    page = page_of(alice, "/")
    assert f'data-limit="{7 * 1024 * 1024}"' in page
    assert "up to 7 MB each" in page


def test_the_shelf_shows_the_reader_their_books_alone(tale: Book, bob: Reader) -> None:
    assert "The Tale" in page_of(tale.owner, "/")
    assert "The Tale" not in page_of(bob, "/")


def test_a_book_that_was_begun_is_offered_with_the_sentence_where_it_stopped(tale: Book) -> None:
    ReadingPlace.objects.create(reader=tale.owner, book=tale, section=1, offset=len(WORDS[0]) + 6)
    page = page_of(tale.owner, "/")
    assert "Chapter 2" in page
    assert WORDS[1] in page
    assert f"{round(100 * (len(TEXT) + len(WORDS[0]) + 6) / (3 * len(TEXT)))}% read" in page


def test_a_book_on_its_way_shows_its_step_with_the_real_count(alice: Reader) -> None:
    book = added(alice, "indexing")
    lease = timezone.now() + timedelta(minutes=1)
    Job.objects.create(book=book, state="running", step="indexing", done=41, total=100, lease_until=lease)
    page = page_of(alice, "/")
    assert "Indexing 41%" in page
    assert re.search(r'<li data-steps="reading recognising" class="done">', page)


def test_a_step_whose_total_is_not_known_shows_no_percent(alice: Reader) -> None:
    Job.objects.create(book=added(alice, "reading"), state="running", step="reading")
    assert re.search(r"Reading</span>", page_of(alice, "/"))


def test_a_failed_book_says_why_and_offers_to_retry(alice: Reader) -> None:
    added(alice, "failed", error_code="empty_book", error_message="There is no text in it.")
    page = page_of(alice, "/")
    assert "There is no text in it." in page
    assert 'data-do="retry"' in page


def test_a_readable_book_can_be_read_while_it_is_being_indexed(alice: Reader) -> None:
    book = added(alice, "embedding", is_readable=True)
    assert f'href="/books/{book.pk}/">Read now' in page_of(alice, "/")


def test_a_card_is_a_job_until_the_book_is_ready(alice: Reader, tale: Book) -> None:
    waiting = added(alice, "queued")
    assert 'class="job"' in page_of(alice, f"/books/{waiting.pk}/card")
    assert 'class="onshelf"' in page_of(alice, f"/books/{tale.pk}/card")


def test_the_reader_opens_at_the_place_and_holds_that_section_alone(tale: Book) -> None:
    ReadingPlace.objects.create(reader=tale.owner, book=tale, section=2, offset=5)
    page = page_of(tale.owner, f"/books/{tale.pk}/")
    assert re.findall(r'data-section="(\d+)"', page) == ["2"]
    reading = data_of(page, "reading-data")
    assert (reading["section"], reading["offset"], reading["cited"]) == (2, 5, None)
    assert reading["starts"] == [0, len(TEXT), 2 * len(TEXT)]


def test_an_address_opens_the_very_words(tale: Book) -> None:
    reading = data_of(page_of(tale.owner, f"/books/{tale.pk}/?section=1&start=4&end=12"), "reading-data")
    assert (reading["section"], reading["offset"], reading["cited"]) == (1, 4, [4, 12])


@pytest.mark.parametrize(
    "query", ["section=99", "section=-1", "section=x", "section=1&start=9e9&end=³", "conversation=x"]
)
def test_a_crooked_address_still_opens_the_book(tale: Book, query: str) -> None:
    assert data_of(page_of(tale.owner, f"/books/{tale.pk}/?{query}"), "reading-data")["cited"] is None


def test_a_section_is_the_same_alone_as_in_the_page(tale: Book) -> None:
    alone = page_of(tale.owner, f"/books/{tale.pk}/sections/1").strip()
    assert alone in page_of(tale.owner, f"/books/{tale.pk}/?section=1")
    assert f'data-start="{len(WORDS[0]) + 2}" data-end="{len(TEXT)}">{WORDS[1]}' in alone


def test_a_note_is_shown_alone_with_the_blocks_that_hold_it(tale: Book) -> None:
    start = len(WORDS[0]) + 2
    alone = page_of(tale.owner, f"/books/{tale.pk}/sections/1/note?start={start + 4}&end={start + 9}")
    assert WORDS[1] in alone
    assert WORDS[0] not in alone


@pytest.mark.parametrize("query", ["", "start=1", "start=9&end=4", "start=0&end=99999", "start=x&end=4"])
def test_a_note_that_is_not_there_is_refused(tale: Book, query: str) -> None:
    assert signed_in(tale.owner).get(f"/books/{tale.pk}/sections/1/note?{query}").status_code == 422


def test_a_book_from_right_to_left_says_so(tale: Book) -> None:
    assert 'dir="rtl"' not in page_of(tale.owner, f"/books/{tale.pk}/sections/0")
    Book.objects.filter(pk=tale.pk).update(details={"direction": "rtl"})
    assert '<article class="leaf" data-section="0" lang="en" dir="rtl">' in page_of(
        tale.owner, f"/books/{tale.pk}/sections/0"
    )


def test_the_contents_keep_their_depth(tale: Book) -> None:
    page = page_of(tale.owner, f"/books/{tale.pk}/")
    entry = r'<li class="d1"><a href="\?section=1" data-go="1:0" data-depth="1"><span class="words">Chapter 2</span>'
    assert re.search(entry, page)


def test_a_book_that_cannot_be_read_yet_says_so(alice: Reader) -> None:
    assert "still being read in" in page_of(alice, f"/books/{added(alice, 'reading').pk}/")


def test_the_chat_comes_with_what_is_stored(tale: Book) -> None:
    talk = Conversation.objects.create(reader=tale.owner, book=tale, title="Why?")
    reply = Reply.objects.create(
        conversation=talk, question="Why?", text="So.[1]", state=Reply.State.WRITING, last_seq=4
    )
    Citation.objects.create(reply=reply, number=1, book=tale, section=1, start=0, end=8, quote=TEXT[:8])
    chat = data_of(page_of(tale.owner, f"/books/{tale.pk}/"), "chat-data")
    [stored] = chat["replies"]
    assert (chat["conversation"], stored["seq"], stored["text"], stored["state"]) == (talk.pk, 4, "So.[1]", "writing")
    assert stored["citations"][0]["quote"] == TEXT[:8]


def test_a_new_conversation_starts_empty(tale: Book) -> None:
    Conversation.objects.create(reader=tale.owner, scope="book", book=tale, title="An older one")
    page = page_of(tale.owner, f"/books/{tale.pk}/?conversation=new")
    assert data_of(page, "chat-data")["conversation"] is None
    assert "An older one" not in page  # the list is fetched when it is opened


def test_the_conversation_of_another_reader_is_not_shown(tale: Book, bob: Reader) -> None:
    other = Conversation.objects.create(reader=bob, title="Secret")
    page = page_of(tale.owner, f"/books/{tale.pk}/?conversation={other.pk}")
    assert data_of(page, "chat-data")["conversation"] is None
    assert "Secret" not in page_of(tale.owner, "/talks/")


def test_without_a_language_model_the_chat_says_what_answers_are(tale: Book, settings: Any) -> None:
    settings.LLM_BASE_URL = settings.LLM_MODEL = ""
    assert "Answers are quotes only." in page_of(tale.owner, f"/books/{tale.pk}/")


def test_book_words_cannot_leave_their_place_in_the_page(tale: Book) -> None:
    hostile = "</script><img src=x onerror=alert(1)>"
    Book.objects.filter(pk=tale.pk).update(
        title=hostile, contents=[{"title": hostile, "section": 0, "start": 0, "depth": 0}]
    )
    talk = Conversation.objects.create(reader=tale.owner, book=tale, title=hostile)
    Reply.objects.create(conversation=talk, question=hostile, text=hostile, state="done")
    for address in ("/", f"/books/{tale.pk}/", "/talks/"):
        assert "<img" not in page_of(tale.owner, address)


def test_no_page_needs_inline_code_or_style(tale: Book) -> None:
    for address in ("/", f"/books/{tale.pk}/", "/talks/"):
        page = page_of(tale.owner, address)
        assert not re.search(r"<script(?![^>]*(?:src=|application/json))", page)
        assert not re.search(r"\sstyle=|<style|\son\w+=", page)


def test_the_chosen_theme_is_there_from_the_first_byte(alice: Reader) -> None:
    assert 'data-theme="sepia"' in page_of(alice, "/", theme="sepia")
    assert "data-theme=" not in page_of(alice, "/", theme='x" onload="alert(1)').split("<head>")[0]


def test_every_page_offers_the_source(tale: Book, settings: Any) -> None:
    for address in ("/", f"/books/{tale.pk}/", "/talks/"):
        assert "Source code" in page_of(tale.owner, address)
