"""The memory page: what it shows to whom, in which order, as of which day."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from books.models import Book
from memory.browsing import AT_ONCE, Wish, overview, rail, shown
from memory.facts import past
from memory.manager import MemoryManager
from memory.models import Event, Memory
from memory.types import Candidate, MemoryType, Source, SourceKind, Turn
from mindory_web.accounts.models import Reader
from mindory_web.lib.excerpts import Place
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def mind(alice: Reader) -> MemoryManager:
    return MemoryManager(alice.pk)


def told(mind: MemoryManager, text: str, kind: MemoryType = MemoryType.PERSONAL, **more: Any) -> Memory:
    return mind.remember(Candidate(text, kind, **more)).memory


def recorded(memory: Memory, *, days: int) -> None:
    """Let a memory have been told some days ago."""
    then = timezone.now() - timedelta(days=days)
    Memory.objects.filter(pk=memory.pk).update(recorded_at=then, observed_at=then, valid_from=None)
    Event.objects.filter(memory=memory).update(at=then)


def html(client: Client, address: str = "/memory/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def words(page: str) -> list[str]:
    """Return the texts of the things on a page, in their order."""
    return [re.sub(r"<[^>]+>", "", text) for text in re.findall(r'<p class="it"[^>]*>(.*?)</p>', page, re.S)]


def book(reader: Reader, title: str) -> Book:
    return Book.objects.create(owner=reader, digest=title, title=title, file_size=1, is_readable=True, language="en")


def test_things_stand_under_their_kinds_with_the_pinned_first(alice: Reader, mind: MemoryManager) -> None:
    whale = book(alice, "Moby-Dick")
    told(mind, "The reader works at the harbour laboratory.")
    pinned = told(mind, "The reader studied marine biology.", observed_at=datetime(2020, 1, 1, tzinfo=UTC))
    mind.pin(pinned.pk)
    told(mind, "The short answer first, then the quotes.", MemoryType.PROCEDURAL)
    told(mind, "You began “Moby-Dick”.", MemoryType.EPISODIC, book=whale.pk)
    told(mind, "The club meets on Thursdays.", MemoryType.FACTUAL)
    mind.add_turns("conversation:7", [Turn("I count plankton for a living.")])

    page = html(signed_in(alice))

    assert re.findall(r'<h2 id="(you|likes|reading|talked)"', page) == ["you", "likes", "reading", "talked"]
    assert words(page) == [
        "The reader studied marine biology.",
        "The reader works at the harbour laboratory.",
        "The short answer first, then the quotes.",
        "You began “Moby-Dick”.",
        "The club meets on Thursdays.",
    ]
    assert "5 things about you and your reading" in page
    assert "plankton" not in page


def test_nobody_sees_what_is_remembered_of_another(alice: Reader, bob: Reader, mind: MemoryManager) -> None:
    kept = told(mind, "The reader works at the harbour laboratory.")
    his = signed_in(bob)

    for address in ("/memory/", "/memory/?q=laboratory", "/memory/list", "/memory/kinds"):
        assert "laboratory" not in re.sub(r'value="laboratory"|“laboratory”|q=laboratory', "", html(his, address))
    for address in (f"/memory/{kept.pk}/", f"/memory/{kept.pk}/history"):
        assert his.get(address).status_code == 404
    assert Client().get("/memory/").status_code == 302


def test_each_thing_names_where_it_comes_from(alice: Reader, mind: MemoryManager) -> None:
    whale = book(alice, "Moby-Dick")
    turn = mind.add_turns("conversation:7", [Turn("I count plankton for a living.")])[0]
    said = Source(SourceKind.MESSAGE, turn=turn.pk, quote="I count plankton")
    told(mind, "The reader counts plankton.", source=said, session="conversation:7")
    place = Source(SourceKind.BOOK, quote="the dread in my soul", place=Place(whale.pk, 41, 12, 32), label="Chapter 41")
    told(mind, "Ishmael swears out of dread.", MemoryType.SEMANTIC, source=place, book=whale.pk)

    page = html(signed_in(alice))

    assert 'href="/talks/7/"' in page
    assert "“I count plankton”" in page
    assert re.search(r'href="/memory/[0-9]+/place"', page)
    assert "“the dread in my soul”" in page


def test_a_book_of_another_reader_is_neither_named_nor_led_to(alice: Reader, bob: Reader, mind: MemoryManager) -> None:
    secret = book(bob, "A Secret Diary")
    told(mind, "A thing about a book.", MemoryType.EPISODIC, book=secret.pk)

    page = html(signed_in(alice))

    assert "Secret" not in page
    assert f"/books/{secret.pk}/" not in page
    assert "A book that is not here any more" in page


def test_words_that_look_like_markup_are_words(alice: Reader, mind: MemoryManager) -> None:
    told(mind, "<script>alert(1)</script> is what the reader “said” & meant.")

    assert "<script>alert(1)" not in html(signed_in(alice))
    assert "&lt;script&gt;alert(1)" in html(signed_in(alice), "/memory/?q=alert")


def test_a_search_finds_things_and_what_was_said(alice: Reader, mind: MemoryManager) -> None:
    told(mind, "The reader works at the harbour laboratory.")
    told(mind, "The reader likes figs.")
    mind.add_turns("conversation:7", [Turn("My laboratory looks out on the harbour.")])

    page = html(signed_in(alice), "/memory/list?q=laboratory")

    assert words(page) == ["The reader works at the harbour laboratory.", "My laboratory looks out on the harbour."]
    assert "Also in what was said" in page
    assert words(html(signed_in(alice), "/memory/list?q=laboratory&kind=likes")) == []
    assert "fits “zeppelin”" in html(signed_in(alice), "/memory/list?q=zeppelin")


def test_a_long_list_comes_in_pages_that_meet(alice: Reader, mind: MemoryManager) -> None:
    mind.remember_all([Candidate(f"The reader owns boat number {n}.", MemoryType.PERSONAL) for n in range(AT_ONCE + 7)])
    client = signed_in(alice)

    first, second = html(client), html(client, f"/memory/list?from={AT_ONCE}")

    assert len(words(first)) == AT_ONCE
    assert len(words(second)) == 7
    assert not set(words(first)) & set(words(second))
    assert f"from={AT_ONCE}" in first
    assert "data-more" not in second
    assert "<nav" not in second


def test_the_number_of_queries_does_not_grow_with_what_is_remembered(
    alice: Reader, mind: MemoryManager, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    whale = book(alice, "Moby-Dick")
    for n in range(30):
        turn = mind.add_turns(f"conversation:{n}", [Turn(f"I said thing {n}.")])[0]
        source = Source(SourceKind.MESSAGE, turn=turn.pk, quote=f"thing {n}")
        told(mind, f"The reader has thing number {n}.", source=source, book=whale.pk, session=f"conversation:{n}")
    client = signed_in(alice)

    with django_assert_max_num_queries(22):
        assert len(words(html(client))) == 30


def test_the_history_tells_every_wording_and_from_when_to_when(mind: MemoryManager) -> None:
    kept = told(mind, "Explain words you ask about.", MemoryType.PROCEDURAL)
    mind.update(kept.pk, {"text": "Explain every technical term."})
    mind.pin(kept.pk)
    mind.update(kept.pk, {"text": "Explain sailing terms."})

    wordings = past(mind.get(kept.pk)).wordings

    assert [wording.text for wording in wordings] == [
        "Explain sailing terms.",
        "Explain every technical term.",
        "Explain words you ask about.",
    ]
    assert wordings[0].until is None
    assert [wording.until for wording in wordings[1:]] == [wordings[0].since, wordings[1].since]
    again = mind.restore(kept.pk, event_id=wordings[2].event)
    assert again.text == "Explain words you ask about."


def test_the_history_of_a_value_tells_what_was_so_before(alice: Reader, mind: MemoryManager) -> None:
    mind.remember(Candidate("I live in Paris.", observed_at=datetime(2020, 1, 1, tzinfo=UTC)))
    now = mind.remember(Candidate("I live in Rome.", observed_at=datetime(2024, 1, 1, tzinfo=UTC))).memory

    page = html(signed_in(alice), f"/memory/{now.pk}/history")

    assert "<s>I live in Paris.</s>" in page
    assert "Go back to this" not in page


def test_as_of_a_day_the_page_shows_what_was_known_then_in_the_words_of_then(
    alice: Reader, mind: MemoryManager
) -> None:
    old = told(mind, "The reader likes figs.")
    recorded(old, days=10)
    mind.update(old.pk, {"text": "The reader likes plums."})
    told(mind, "The reader owns a boat.")
    day = (timezone.localdate() - timedelta(days=5)).isoformat()

    page = html(signed_in(alice), f"/memory/?on={day}")

    assert words(page) == ["The reader likes figs."]
    assert "Back to today" in page
    assert 'data-do="forget"' not in page
    assert 'data-do="edit"' not in page
    assert words(html(signed_in(alice), "/memory/?on=1999-01-01")) == []


def test_of_what_is_forgotten_only_dates_are_shown(alice: Reader, mind: MemoryManager) -> None:
    kept = told(mind, "The reader prefers hardbacks.")
    mind.forget([kept.pk])

    page = html(signed_in(alice), "/memory/?kind=forgotten")

    assert "hardbacks" not in page
    assert "1 thing forgotten" in page


def test_a_book_has_its_own_page_that_says_how_much_would_be_forgotten(alice: Reader, mind: MemoryManager) -> None:
    whale, other = book(alice, "Moby-Dick"), book(alice, "Emma")
    told(mind, "You began “Moby-Dick”.", MemoryType.EPISODIC, book=whale.pk)
    told(mind, "You began “Emma”.", MemoryType.EPISODIC, book=other.pk)

    page = html(signed_in(alice), f"/memory/?book={whale.pk}")

    assert words(page) == ["You began “Moby-Dick”."]
    assert "1 thing that is remembered loses its words." in page
    assert 'data-part="forgetting-book"' in page
    assert f'/memory/?book={whale.pk}"' in html(signed_in(alice), f"/books/{whale.pk}/about")


def test_before_anything_is_remembered_the_page_says_so(alice: Reader) -> None:
    page = html(signed_in(alice))

    assert "Nothing here yet" in page
    assert "As of" not in page
    assert 'data-part="import"' in page


def test_the_sidebar_counts_what_is_remembered_now(alice: Reader, mind: MemoryManager) -> None:
    client = signed_in(alice)
    told(mind, "The reader likes figs.")
    over = told(mind, "The reader owns a boat.")
    assert re.search(r'data-part="remembered">2<', html(client, "/settings/"))

    Memory.objects.filter(pk=over.pk).update(valid_to=timezone.now())  # as time does it, without any change

    assert re.search(r'data-part="remembered">1<', html(client, "/settings/"))


def test_each_kind_counts_what_it_lists(alice: Reader, bob: Reader, mind: MemoryManager) -> None:
    kinds = list(MemoryType)
    for n in range(24):
        it = told(mind, f"The reader has thing number {n}.", kinds[n % 6], book=n % 4 or None)
        if n % 5 == 0:
            mind.pin(it.pk)
        recorded(it, days=n)
    mind.archive(told(mind, "The reader put this away.", book=3).pk)
    mind.forget([told(mind, "The reader forgot this.", book=3).pk])
    told(MemoryManager(bob.pk), "Another reader has this.", book=3)
    day = timezone.localdate() - timedelta(days=10)

    for wish in (Wish(), Wish(book=3), Wish(on=day), Wish(book=2, on=day)):
        counts = overview(alice.pk, wish).counts
        for kind in (*counts.kinds, counts.others[0]):
            assert kind.count == shown(alice.pk, wish.but(kind=kind.name)).count, (wish, kind.name)
    assert overview(alice.pk, Wish(book=1, on=day)).books == [(1, 6), (2, 6), (3, 6)]
    assert overview(alice.pk, Wish(book=1, on=day)).total == 24
    assert [kind.count for kind in overview(alice.pk, Wish()).counts.others] == [5, 1]


@pytest.mark.parametrize(
    "query",
    ["q=%00", "kind=nothing", "book=-1", "book=99999999999999999999", "on=2999-01-01", "on=never", "from=x", "book=٣"],
)
def test_an_address_that_nobody_understands_shows_the_page(alice: Reader, mind: MemoryManager, query: str) -> None:
    told(mind, "The reader likes figs.")

    assert words(html(signed_in(alice), f"/memory/?{query}")) == ["The reader likes figs."]


def test_an_address_comes_back_as_it_was_read() -> None:
    query = "q=a+b%26c&kind=likes&book=3&on=2020-02-29"

    assert Wish.of({"q": "a b&c", "kind": "likes", "book": "3", "on": "2020-02-29"}).query() == query
    assert Wish().query() == ""


def test_the_rail_goes_from_the_first_day_to_today(alice: Reader, mind: MemoryManager) -> None:
    assert rail(alice.pk) is None
    recorded(told(mind, "The reader likes figs."), days=200)
    told(mind, "The reader owns a boat.")

    line = rail(alice.pk)

    assert line is not None
    assert line.days == 200
    assert [x for x, _y, _height in line.ticks] == [0, 597]
    assert line.marks[0] == line.first


def test_ten_thousand_things_are_shown_a_page_at_a_time(alice: Reader, mind: MemoryManager) -> None:
    told(mind, "The reader likes figs.")
    row = Memory.objects.get()
    copies = []
    for n in range(10_000):
        row.pk, row.text, row.text_hash = None, f"The reader has seen ship number {n}.", n.to_bytes(16, "big")
        copies.append(Memory(**{field.attname: getattr(row, field.attname) for field in Memory._meta.concrete_fields}))
    Memory.objects.bulk_create(copies, batch_size=2_000)

    found = shown(alice.pk, Wish())

    assert found.next == len(found.facts) == AT_ONCE
    assert len(html(signed_in(alice))) < 300_000
