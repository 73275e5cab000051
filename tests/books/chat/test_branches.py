"""Branches of a conversation: what is asked anew, put otherwise, gone on with; and what the model is told of."""

from typing import Any, cast

import pytest
from django.conf import LazySettings
from django.utils import timezone

from books import reach
from books.chat import branches, talk
from books.chat.scopes import Wanted
from books.errors import BookNotReady, ScopeGone
from books.models import Book, Citation, Collection, Conversation, ReadingPlace, Reply
from mindory_web.accounts.models import Reader
from mindory_web.engines.errors import TOO_LONG, EngineError
from mindory_web.lib.errors import Conflict, Invalid, NotFound
from tests.books.retrieval.shelf import shelved
from tests.books.talking import TALE, frames_of, in_db, working
from tests.fakes import ToldModel, told

pytestmark = pytest.mark.usefixtures("by_words")


@pytest.fixture
def book(alice: Reader) -> Book:
    """A book of alice's."""
    return shelved(alice, [TALE], title="The Parrot")


def finished(reply: Reply, text: str = "An answer.", **fields: Any) -> Reply:
    """Give a reply an answer, as a worker does."""
    Reply.objects.filter(pk=reply.pk).update(state="done", text=text, finished_at=timezone.now(), **fields)
    reply.refresh_from_db()
    return reply


def tip(reply: Reply) -> int | None:
    return Conversation.objects.get(pk=reply.conversation_id).tip_id


def test_a_question_follows_the_tip_and_is_the_tip(alice: Reader, book: Book) -> None:
    one = talk.ask(alice, "One?", book=book.pk)
    two = talk.ask(alice, "Two?", conversation=one.conversation_id)
    assert (one.parent_id, two.parent_id, tip(one)) == (None, one.pk, two.pk)
    anew = talk.ask(alice, "From the beginning?", conversation=one.conversation_id, parent=None)
    assert (anew.parent_id, tip(one)) == (None, anew.pk)
    after = talk.ask(alice, "After one?", parent=one.pk)
    assert (after.conversation_id, after.parent_id) == (one.conversation_id, one.pk)


def test_the_same_question_again_and_another_in_its_place_stand_beside_it(alice: Reader, book: Book) -> None:
    one = finished(talk.ask(alice, "One?", book=book.pk))
    two = finished(talk.ask(alice, "Two?", conversation=one.conversation_id))
    again = finished(talk.again(alice, two.pk))
    other = finished(talk.again(alice, two.pk, text="Two, in other words?"))
    assert {again.parent_id, other.parent_id} == {one.pk}
    assert (again.question, other.question) == ("Two?", "Two, in other words?")
    assert branches.branch(other.conversation) == [one.pk, other.pk]


def test_a_branch_is_chosen_to_its_newest_end(alice: Reader, bob: Reader, book: Book) -> None:
    one = finished(talk.ask(alice, "One?", book=book.pk))
    two = finished(talk.ask(alice, "Two?", conversation=one.conversation_id))
    three = finished(talk.ask(alice, "Three?", conversation=one.conversation_id))
    beside = finished(talk.again(alice, two.pk))
    assert tip(one) == beside.pk
    assert talk.choose(alice, two.pk).tip_id == three.pk
    assert talk.choose(alice, one.pk).tip_id == beside.pk
    with pytest.raises(NotFound):
        talk.choose(bob, two.pk)


def test_a_question_follows_nothing_of_another_conversation(alice: Reader, bob: Reader, book: Book) -> None:
    one, other = talk.ask(alice, "One?", book=book.pk), talk.ask(alice, "Other?", book=book.pk)
    with pytest.raises(Conflict):
        talk.ask(alice, "Two?", conversation=one.conversation_id, parent=other.pk)
    with pytest.raises(NotFound):
        talk.ask(bob, "Two?", parent=one.pk)


def test_the_model_is_told_of_the_branch_alone(alice: Reader, book: Book) -> None:
    one = finished(talk.ask(alice, "One?", book=book.pk), "first")
    two = finished(talk.ask(alice, "Two?", conversation=one.conversation_id), "left behind")
    failed = talk.ask(alice, "Fails?", conversation=one.conversation_id, parent=one.pk)
    Reply.objects.filter(pk=failed.pk).update(state="failed", text="half")
    last = talk.ask(alice, "Now?", conversation=one.conversation_id, parent=failed.pk)
    assert [turn.answer for turn in branches.history(last, until=None)] == ["first"]
    assert two.text not in str(branches.history(last, until=None))


def looked(section: int, end: int, book: Book, *, is_limited: bool) -> dict[str, Any]:
    """Return the trace of an answer that read up to a place."""
    found = [{"book": book.pk, "section": section, "start": 0, "end": end}]
    return {"asked": {"is_limited": is_limited}, "looked": {"found": found}}


def test_an_answer_without_the_limit_is_not_told_to_a_limited_question(alice: Reader, book: Book) -> None:
    free = finished(talk.ask(alice, "One?", book=book.pk), "free", trace=looked(0, 10, book, is_limited=False))
    near = finished(talk.ask(alice, "Two?", parent=free.pk), "near", trace=looked(0, 10, book, is_limited=True))
    last = talk.ask(alice, "Three?", parent=near.pk)
    limits = {(0, 10): ["near"], (0, 9): [], (1, 0): ["near"]}
    for until, answers in limits.items():
        assert [turn.answer for turn in branches.history(last, until={book.pk: until})] == answers
    assert [turn.answer for turn in branches.history(last, until={})] == []  # that book is not asked any more


def test_what_followed_an_answer_past_the_limit_may_have_been_told_of_it(alice: Reader, book: Book) -> None:
    far = finished(talk.ask(alice, "One?", book=book.pk), "far", trace=looked(3, 10, book, is_limited=True))
    near = finished(talk.ask(alice, "Two?", parent=far.pk), "near", trace=looked(0, 10, book, is_limited=True))
    last = talk.ask(alice, "Three?", parent=near.pk)
    assert branches.history(last, until={book.pk: (2, 0)}) == ()  # the reader has set the limit back
    assert len(branches.history(last, until={book.pk: (3, 10)})) == 2


# --- Scopes ---------------------------------------------------------------------------------------


def test_a_conversation_is_about_what_was_chosen(alice: Reader, book: Book) -> None:
    other = shelved(alice, ["Another tale of a parrot."], title="Other")
    shelf = Collection.objects.create(owner=alice, name="Birds")
    shelf.books.add(book, other)
    wishes = {
        "book": Wanted(book=book.pk),
        "books": Wanted(books=[other.pk, book.pk, book.pk]),
        "collection": Wanted(collection=shelf.pk),
        "library": Wanted(scope="library"),
    }
    for scope, wanted in wishes.items():
        made = talk.begin(alice, wanted=wanted)
        assert made.scope == scope
    assert set(made.books.all()) == set()
    assert talk.ask(alice, "Who?", wanted=wishes["books"]).conversation.books.count() == 2


def test_only_ones_own_books_are_chosen(alice: Reader, bob: Reader, book: Book) -> None:
    his = shelved(bob, ["His."])
    foreign = Collection.objects.create(owner=bob, name="His")
    for wanted in (Wanted(book=his.pk), Wanted(books=[book.pk, his.pk]), Wanted(collection=foreign.pk)):
        with pytest.raises(NotFound):
            talk.begin(alice, wanted=wanted)
    for wanted in (Wanted(scope="book"), Wanted(scope="books"), Wanted(scope="collection"), Wanted(scope="nonsense")):
        with pytest.raises(Invalid):
            talk.begin(alice, wanted=wanted)
    assert not Conversation.objects.exists()


def test_the_scope_of_a_conversation_is_changed(alice: Reader, book: Book) -> None:
    made = talk.begin(alice, book=book.pk)
    changed = talk.change(alice, made.pk, wanted=Wanted(scope="library", is_limited=True))
    assert (changed.scope, changed.book, changed.is_limited) == ("library", None, True)
    assert talk.change(alice, made.pk, title="Named").scope == "library"
    assert talk.change(alice, made.pk, is_pinned=True, is_archived=True).is_pinned


def test_a_reader_who_likes_it_asks_the_books_being_read(alice: Reader, book: Book) -> None:
    alice.default_scope = "reading"
    assert talk.begin(alice).scope == "library"  # nothing is being read
    ReadingPlace.objects.create(reader=alice, book=book)
    made = talk.begin(alice)
    assert (made.scope, list(made.books.all())) == ("books", [book])


def test_the_limit_is_as_the_reader_likes_unless_said(alice: Reader, book: Book) -> None:
    alice.is_limited = True
    assert talk.begin(alice, book=book.pk).is_limited
    assert not talk.begin(alice, wanted=Wanted(book=book.pk, is_limited=False)).is_limited


def test_what_is_gone_is_said(alice: Reader, book: Book) -> None:
    shelf = Collection.objects.create(owner=alice, name="Birds")
    with pytest.raises(ScopeGone):
        talk.begin(alice, wanted=Wanted(collection=shelf.pk))  # empty
    shelf.books.add(book)
    collected = talk.begin(alice, wanted=Wanted(collection=shelf.pk))
    some = talk.begin(alice, wanted=Wanted(books=[book.pk]))
    shelf.delete()
    with pytest.raises(ScopeGone, match="collection"):
        talk.ask(alice, "Who?", conversation=collected.pk)
    Book.objects.update(is_askable=False)
    with pytest.raises(BookNotReady):
        talk.ask(alice, "Who?", conversation=some.pk)
    Book.objects.update(removed_at=timezone.now())
    with pytest.raises(ScopeGone, match="books"):
        talk.ask(alice, "Who?", conversation=some.pk)


# --- Through the worker ---------------------------------------------------------------------------


async def answered(reader: Reader, verb: Any, *args: Any, **named: Any) -> Reply:
    """Call a verb that asks, let a worker answer, and return the reply."""
    async with working():
        reply = await in_db(verb, reader, *args, **named)
        await frames_of(reply.pk)
    return cast(Reply, await in_db(talk.reply, reader, reply.pk))


def prompt(model: ToldModel) -> str:
    return "\n".join(message["content"] for message in model.asked[-1])


async def test_only_the_chosen_books_are_read(alice: Reader, tale: Book, settings: LazySettings) -> None:
    other = await in_db(shelved, alice, ["The parrot of the tavern sang."], title="Tavern")
    await in_db(shelved, alice, ["The parrot of the palace slept."], title="Palace")
    unread = await in_db(shelved, alice, ["The parrot."], title="Not *yet*")
    await in_db(Book.objects.filter(pk=unread.pk).update, is_askable=False)
    model = told(settings, "Some.")
    wanted = Wanted(books=[tale.pk, other.pk, unread.pk])
    reply = await answered(alice, talk.ask, "What does the parrot do?", wanted=wanted)
    assert "tavern" in prompt(model)
    assert "palace" not in prompt(model)
    assert "the books “The Parrot”, “Tavern”" in prompt(model)
    assert reply.text == "*Not indexed yet, so not asked: “Not yet”.*\n\nSome."


async def test_a_limited_question_reads_only_what_was_read(alice: Reader, tale: Book, settings: LazySettings) -> None:
    model = told(settings, "Some.")
    wanted = Wanted(book=tale.pk, is_limited=True)
    await in_db(reach.put, alice, tale, section=0, offset=TALE.index("\n\n"))
    reply = await answered(alice, talk.ask, "What was the parrot, and what did it call for?", wanted=wanted)
    assert "white parrot" in prompt(model)
    assert "moon" not in prompt(model)
    assert reply.trace["asked"]["is_limited"] is True
    await in_db(talk.change, alice, reply.conversation_id, wanted=Wanted(is_limited=False))
    await answered(alice, talk.ask, "And at midnight?", conversation=reply.conversation_id)
    assert "moon" in prompt(model)
    model.tell("The moon is a secret.")
    await answered(alice, talk.ask, "Tell all?", conversation=reply.conversation_id)
    await in_db(talk.change, alice, reply.conversation_id, wanted=Wanted(is_limited=True))
    await answered(alice, talk.ask, "Who is the parrot?", conversation=reply.conversation_id)
    assert "secret" not in prompt(model)
    assert "Some." in prompt(model)


CUT = ["The parrot was called [[1|a white parrot called Moses]]. It spoke ", "three lang"]


async def test_an_answer_that_was_cut_short_goes_on(alice: Reader, tale: Book, settings: LazySettings) -> None:
    model = told(settings, *CUT, error=EngineError("The connection to the model broke off."))
    old = await answered(alice, talk.ask, "What was the white parrot called?", book=tale.pk)
    assert (old.state, old.text) == ("failed", "The parrot was called [1]. It spoke three lang")
    model.tell(" languages, as [[1|The parrot spoke three languages]] says. [[1|a white parrot called Moses]]")
    model.tell("languages [[2|The parrot spoke three languages]]; see [[1|a white parrot called Moses]].")
    new = await answered(alice, talk.go_on, old.pk)
    assert (new.state, new.parent_id, new.question) == ("done", old.parent_id, old.question)
    assert new.text == "The parrot was called [1]. It spoke three languages [2]; see [1]."
    quotes = await in_db(lambda: list(Citation.objects.filter(reply=new).values_list("number", "quote", "heading")))
    assert [quote[:2] for quote in quotes] == [
        (1, "a white parrot called Moses"), (2, "The parrot spoke three languages"),
    ]  # fmt: skip
    assert quotes[0][2] == "Chapter 1"
    assert [message["role"] for message in model.asked[-1]] == ["system", "user", "assistant", "user"]
    assert "[[1|a white parrot called Moses]]. It spoke three " in model.asked[-1][2]["content"]
    assert await in_db(tip, new) == new.pk
    with pytest.raises(Conflict):
        await in_db(talk.go_on, alice, new.pk)


async def test_what_is_too_long_for_a_model_is_asked_again_with_less(
    alice: Reader, tale: Book, settings: LazySettings
) -> None:
    settings.LLM_CLIENT = "tests.books.chat.test_branches.ShortSighted"
    reply = await answered(alice, talk.ask, "What did the parrot speak, and call for at midnight?", book=tale.pk)
    assert (reply.state, reply.text) == ("done", "Moses.")
    assert reply.trace["shortened"]["passages"] == 1


class ShortSighted(ToldModel):
    """A model that reads one passage at most."""

    async def stream(self, messages: Any, *, max_tokens: int) -> Any:
        """Refuse what is too long."""
        if "#2 " in messages[-1]["content"]:
            raise EngineError("Too long.", code=TOO_LONG)
        yield "Moses."


async def test_every_quote_that_was_tried_is_kept_for_the_trace(
    alice: Reader, tale: Book, settings: LazySettings
) -> None:
    told(settings, "A [[1|a white parrot called Polly]] b [[1|nothing of the kind]] c [[1]] [[9|x]].")
    reply = await answered(alice, talk.ask, "What was the white parrot called?", book=tale.pk)
    tried = [(one["number"], one["passage"], one["raw"], one["how"], one["kept"]) for one in reply.trace["quotes"]]
    assert tried == [
        (1, 1, "a white parrot called Polly", "shortened", True),
        (None, 1, "nothing of the kind", "missing", False),
        (None, None, "", "broken", False),
        (None, 9, "x", "missing", False),
    ]
    place = reply.trace["quotes"][0]["place"]
    assert TALE[place["start"] : place["end"]] == "a white parrot called"
    assert reply.left_out == 3


# --- About words ----------------------------------------------------------------------------------


def about(book: Book, words: str, kind: str = "ask") -> dict[str, Any]:
    start = TALE.index(words)
    return {"kind": kind, "book": book.pk, "section": 0, "start": start, "end": start + len(words)}


def test_the_words_come_from_the_book(alice: Reader, bob: Reader, book: Book) -> None:
    reply = talk.ask(alice, "Who?", about=about(book, "Captain Ahab"))
    assert reply.about["quote"] == "Captain Ahab"
    assert reply.conversation.book == book
    assert talk.ask(alice, "", about=about(book, "Moses", "explain")).question == "Explain these words."
    wrong: list[dict[str, Any]] = [
        {"start": 5, "end": 5},
        {"end": 4_500},
        {"section": 7},
        {"start": len(TALE) - 1, "end": len(TALE) + 9},
    ]
    for change in [*wrong, {"kind": "sing"}, {"start": 9, "end": 3}]:
        with pytest.raises(Invalid):
            talk.ask(alice, "Who?", about=about(book, "Moses") | change)
    with pytest.raises(NotFound):
        talk.ask(bob, "Who?", about=about(book, "Moses"))
    with pytest.raises(Invalid):
        talk.ask(alice, "", about=about(book, "Moses"))


async def test_the_model_is_told_the_words_and_can_quote_around_them(
    alice: Reader, tale: Book, settings: LazySettings
) -> None:
    model = told(settings, "It wanted [[1|it called for the moon]].")
    reply = await answered(alice, talk.ask, "", about=about(tale, "called for the moon", "explain"))
    assert reply.text == "It wanted [1]."
    assert "=\ncalled for the moon\n=" in prompt(model)
    assert "Explain them" in prompt(model)
    assert prompt(model).count("Captain Ahab kept") == 1


async def test_words_are_translated_by_a_model_alone(alice: Reader, tale: Book, settings: LazySettings) -> None:
    reply = await answered(alice, talk.ask, "", about=about(tale, "At midnight", "translate"))
    assert reply.text.startswith("Only a language model can translate")
    model = told(settings, "À minuit")
    reply = await answered(alice, talk.ask, "", language="zh-hans", about=about(tale, "At midnight", "translate"))
    assert reply.text == "À minuit"
    assert "Simplified Chinese" in prompt(model)
    assert "parrot" not in prompt(model)


async def test_without_a_model_words_are_explained_by_the_passages_that_fit(alice: Reader, tale: Book) -> None:
    reply = await answered(alice, talk.ask, "", about=about(tale, "three languages", "explain"))
    assert reply.state == "done"
    assert "The parrot spoke three languages" in reply.text


async def test_what_stands_around_chosen_words_is_limited_too(
    alice: Reader, tale: Book, settings: LazySettings
) -> None:
    model = told(settings, "Yes.")
    await in_db(reach.put, alice, tale, section=0, offset=TALE.index("The parrot spoke"))
    chosen = about(tale, "called Moses")
    await answered(alice, talk.ask, "Who?", wanted=Wanted(book=tale.pk, is_limited=True), about=chosen)
    assert "white parrot called Moses" in prompt(model)
    assert "languages" not in prompt(model)
    chosen = about(tale, "called for the moon")  # past the limit: the words themselves, and nothing beside them
    await answered(alice, talk.ask, "Who?", wanted=Wanted(book=tale.pk, is_limited=True), about=chosen)
    assert "called for the moon" in prompt(model)
    assert "midnight" not in prompt(model)
