"""search(): what is remembered is found at once, by its owner alone, with and without vectors."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from memory.hot import HOT
from memory.manager import MemoryManager
from memory.models import Memory
from memory.search import Found, foremost, look, rows_of, search, search_each
from memory.types import Candidate, MemoryType, Turn, Wanted
from memory.vectors import without_names
from mindory_web.accounts.models import Reader


@pytest.fixture(autouse=True)
def no_engine(settings: Settings) -> None:
    """No engine answers, unless a test says otherwise; nothing is kept from another test."""
    settings.EMBEDDING_ENGINE = "tests.fakes.SilentEmbedder"
    HOT.clear()


def told(reader: Reader, *texts: str, **fields: object) -> list[Memory]:
    """Remember texts; return their rows."""
    manager = MemoryManager(reader.pk)
    return [manager.remember(Candidate(text=text, **fields)).memory for text in texts]  # type: ignore[arg-type]


def texts_of(reader: Reader, found: Found) -> list[str]:
    """Return the texts of what was found, best first."""
    return [row.text for row, _ in rows_of(reader.pk, found.hits)]


def talked(reader: Reader, key: str, *lines: str, at: datetime | None = None) -> list[Memory]:
    """Add turns ("Ana: Hello") to a session."""
    begun = at or datetime(2026, 3, 1, 12, tzinfo=UTC)
    turns = [
        Turn(text=line.partition(": ")[2], speaker=line.partition(": ")[0], said_at=begun + timedelta(minutes=number))
        for number, line in enumerate(lines)
    ]
    return MemoryManager(reader.pk).add_turns(key, turns)


def test_what_is_remembered_is_found_in_the_same_second_with_the_engines_off(alice: Reader) -> None:
    told(alice, "The spare key lies under the blue flower pot.", "Our cat is called Biscuit.")

    found = search(alice.pk, "Where is the spare key?")

    assert texts_of(alice, found)[0] == "The spare key lies under the blue flower pot."
    assert 0 < found.hits[0].score <= 1
    assert found.took_ms > 0


def test_another_readers_memories_are_never_found(alice: Reader, bob: Reader) -> None:
    told(alice, "The safe opens with 4711.")

    assert search(bob.pk, "What opens the safe?").hits == ()
    assert rows_of(bob.pk, search(alice.pk, "What opens the safe?").hits) == []


def test_what_is_forgotten_is_never_found_again(alice: Reader) -> None:
    first, second = told(alice, "The garden needs water on Mondays.", "The garden gate is broken.")
    assert len(search(alice.pk, "garden").hits) == 2

    MemoryManager(alice.pk).forget([first.pk])

    assert [hit.memory for hit in search(alice.pk, "garden").hits] == [second.pk]
    HOT.clear()
    assert [hit.memory for hit in search(alice.pk, "garden").hits] == [second.pk]


def test_a_reworded_memory_is_found_by_its_new_words_only(alice: Reader) -> None:
    (row,) = told(alice, "I parked on level three.")
    told(alice, "The lift is slow.")
    search(alice.pk, "level")

    MemoryManager(alice.pk).update(row.pk, {"text": "I parked near the entrance."})

    assert search(alice.pk, "parked near the entrance").hits[0].memory == row.pk
    assert search(alice.pk, "level three").hits == ()


def test_a_turn_is_found_by_what_was_said_around_it(alice: Reader) -> None:
    rows = talked(
        alice, "talk", "Ana: Which instrument did you learn as a child?", "Ben: The cello, for nine years.", "Ana: Wow!"
    )
    talked(alice, "other", "Ana: Rain again.", "Ben: Take the umbrella.")

    found = search(alice.pk, "instrument learned as a child")

    assert rows[1].pk in {hit.memory for hit in found.hits}
    assert found.sessions[0].key == "talk"


def test_a_turn_that_comes_later_is_joined_to_the_turns_already_known(alice: Reader) -> None:
    talked(alice, "talk", "Ana: Which instrument did you learn?")
    for number in range(400):  # enough for the new turn to stand apart from the old ones
        told(alice, f"Note number {number} about invoices.")
    search(alice.pk, "anything")
    MemoryManager(alice.pk).add_turns("talk", [Turn(text="The cello.", speaker="Ben", key="late")])

    warm = search(alice.pk, "instrument")
    HOT.clear()
    cold = search(alice.pk, "instrument")

    assert [hit.memory for hit in warm.hits] == [hit.memory for hit in cold.hits]
    assert "The cello." in texts_of(alice, warm)


def test_who_is_named_in_the_question_is_preferred(alice: Reader) -> None:
    talked(alice, "talk", "Ana: I adore climbing.", "Ben: I adore climbing too.", "Ana: Nice.", "Ben: Yes.")

    assert texts_of(alice, search(alice.pk, "What does Ben adore?"))[0] == "I adore climbing too."
    assert texts_of(alice, search(alice.pk, "What does Ana adore?"))[0] == "I adore climbing."


@pytest.mark.parametrize("question", ["What is Ben's wish?", "What is Ben’s wish?", "Is it a sloop Ben'd wish for?"])
def test_who_has_what_is_asked_for_is_named_too(question: str, alice: Reader) -> None:
    talked(alice, "talk", "Ana: I wish for a sloop.", "Ben: I wish for a sloop too.", "Ana: Nice.", "Ben: Yes.")

    found = search(alice.pk, question, explain=True)

    by_speaker = {row.speaker: hit.parts.entity for row, hit in rows_of(alice.pk, found.hits)}
    assert by_speaker["Ben"] == 1
    assert by_speaker["Ana"] == 0


@pytest.mark.parametrize(
    "question", ["How did Ana wish?", "What would Ana wish for?", "Will Ana wish for a sloop?", "The wish of Ana?"]
)
def test_no_word_of_grammar_is_taken_for_a_name(question: str, alice: Reader) -> None:
    names = ("Howard", "Will", "Theodora", "He Lan")
    talked(alice, "talk", "Ana: I wish for a sloop.", *(f"{name}: {name} the sailor has a wish." for name in names))

    found = search(alice.pk, question, explain=True)

    named = {row.speaker for row, hit in rows_of(alice.pk, found.hits) if hit.parts.entity}
    assert named == {"Ana"}


def test_a_name_that_is_also_a_word_of_grammar_is_known_by_its_capital(alice: Reader) -> None:
    talked(alice, "talk", "Ana: I wish for a sloop.", "Will: My wish is a ketch.", "May: I wish to sleep.")

    def named(question: str) -> set[str]:
        found = search(alice.pk, question, explain=True)
        return {row.speaker for row, hit in rows_of(alice.pk, found.hits) if hit.parts.entity}

    assert named("What does Will wish for?") == {"Will"}
    assert named("what is ana's wish") == {"Ana"}


@pytest.mark.parametrize("question", ["Why don't I eat?", "What didn’t we eat?", "I'd eat what?", "What'll they eat?"])
def test_short_forms_of_grammar_are_not_searched_for(question: str, alice: Reader) -> None:
    told(alice, "Some of us don't sing, and I'd rather we didn't: what'll the others say?")

    assert search(alice.pk, question).hits == ()


def test_a_short_form_of_a_name_finds_the_long_one_when_it_can_mean_only_one(alice: Reader) -> None:
    told(alice, "Yesterday we met Katharina at the harbour.", "Yesterday we met nobody at the lake.")

    assert "Katharina" in texts_of(alice, search(alice.pk, "Where did we meet Kath?"))[0]


def test_days_in_a_question_prefer_what_was_said_or_happened_then(alice: Reader) -> None:
    talked(alice, "may", "Ana: We went swimming.", at=datetime(2026, 5, 9, tzinfo=UTC))
    talked(alice, "june", "Ana: We went swimming again.", at=datetime(2026, 6, 9, tzinfo=UTC))
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)

    def first(question: str) -> str:
        return texts_of(alice, search(alice.pk, question, reference=now))[0]

    assert first("When did we go swimming in May?") == "We went swimming."
    assert first("Did we go swimming last month?") == "We went swimming again."


@pytest.mark.parametrize(
    "question",
    [
        "What happened last month?", "What did we talk about in June 2026?", "Anything new in June?",
        "What did Ana do last month?", "上个月发生了什么？", "6月我们聊了些什么？", "上个月做了什么事情",
    ],
)  # fmt: skip
def test_a_question_of_days_alone_is_answered_by_what_was_on_them(alice: Reader, question: str) -> None:
    talked(alice, "may", "Ana: What happened with the boat, what did we do?", at=datetime(2026, 5, 9, tzinfo=UTC))
    talked(alice, "june", "Ana: The kettle broke.", "Ana: 水壶坏了。", at=datetime(2026, 6, 9, tzinfo=UTC))
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)

    found = search(alice.pk, question, reference=now, explain=True)

    assert set(texts_of(alice, found)[:2]) == {"The kettle broke.", "水壶坏了。"}
    assert not found.is_unsure


@pytest.mark.parametrize("question", ["Where did we see the boat last month?", "上个月的船在哪里？"])
def test_a_question_that_names_a_thing_is_not_answered_by_days_alone(alice: Reader, question: str) -> None:
    talked(alice, "june", "Ana: The kettle broke.", at=datetime(2026, 6, 9, tzinfo=UTC))

    assert search(alice.pk, question, reference=datetime(2026, 7, 1, 12, tzinfo=UTC)).is_unsure


def test_chinese_is_found_by_chinese(alice: Reader) -> None:
    told(alice, "我把备用钥匙放在花盆下面。", "我的猫叫小饼干。", "The cat sleeps all day.")

    assert texts_of(alice, search(alice.pk, "备用钥匙在哪里？"))[0] == "我把备用钥匙放在花盆下面。"
    assert texts_of(alice, search(alice.pk, "我的猫叫什么"))[0] == "我的猫叫小饼干。"


def test_chinese_names_are_known_though_no_space_stands_around_them(alice: Reader) -> None:
    talked(alice, "talk", "小明: 我很喜欢爬山。", "小红: 我也喜欢爬山。", "小明: 好啊。")

    assert texts_of(alice, search(alice.pk, "小红喜欢爬山吗？"))[0] == "我也喜欢爬山。"
    assert texts_of(alice, search(alice.pk, "小明喜欢爬山吗？"))[0] == "我很喜欢爬山。"


@pytest.mark.parametrize(
    ("question", "embedded"),
    [
        ("What does Ana's brother like?", "What does your brother like?"),
        ("What do Ana and Ben grow?", "What do you grow?"),
        ("Where did Ana Ben move?", "Where did you move?"),
        ("What are ANA’s plans?", "What are your plans?"),
        ("Is Anastasia in?", "Is Anastasia in?"),
        ("Who is 'Ana'?", "Who is 'you'?"),
        ("Ana?", "Ana?"),
        ("What does 小明 like?", "What does you like?"),
    ],
)
def test_a_question_is_embedded_as_if_it_were_put_to_those_it_names(question: str, embedded: str) -> None:
    assert without_names(question, ["Ana", "Ben", "小明"]) == embedded


def test_in_other_languages_names_are_left_out_of_what_is_embedded() -> None:
    assert without_names("小明喜欢什么？", ["小明"], language="zh") == "喜欢什么？"
    assert without_names("Was mag Ana?", ["Ana"], language="de").split() == ["Was", "mag", "?"]


def test_filters_come_before_the_ranking_so_that_the_limit_is_filled(alice: Reader) -> None:
    told(alice, *(f"Tea number {number} is green." for number in range(30)), type=MemoryType.FACTUAL)
    told(alice, *(f"Tea is brewed in {number} minutes." for number in range(5)), type=MemoryType.PROCEDURAL)

    found = search(alice.pk, "green tea", wanted=Wanted(types=frozenset({MemoryType.PROCEDURAL})), limit=5)

    assert len(found.hits) == 5
    assert all("brewed" in text for text in texts_of(alice, found))


def test_every_filter_lets_through_what_the_list_does(alice: Reader) -> None:
    manager = MemoryManager(alice.pk)
    talked(alice, "talk", "Ana: The tea is hot.", at=datetime(2026, 2, 1, tzinfo=UTC))
    early = datetime(2025, 1, 1, tzinfo=UTC)
    told(alice, "Tea from the book.", book=7, observed_at=early)
    told(alice, "Tea told by a program.", agent="kettle", is_pinned=True)
    told(alice, "Tea that is over.", valid_from=early, valid_to=early + timedelta(days=9))
    told(alice, "Tea that has expired.", expires_on=date(2025, 6, 1))
    (away,) = told(alice, "Tea put away.")
    manager.archive(away.pk)
    told(alice, "The favourite tea is oolong.", subject="Ana", attribute="favourite tea")
    wishes = [
        Wanted(), Wanted(is_turn=True), Wanted(is_turn=False), Wanted(agent="kettle"), Wanted(session="talk"),
        Wanted(session="none"), Wanted(book=7), Wanted(book=8), Wanted(is_pinned=True), Wanted(subject="Ana"),
        Wanted(attribute="favourite tea"), Wanted(since=early, until=early + timedelta(days=1)),
        Wanted(include_archived=True), Wanted(include_past=True), Wanted(as_of=early + timedelta(days=2)),
        Wanted(known_at=timezone.now()), Wanted(known_at=early),
        Wanted(types=frozenset({MemoryType.CONVERSATIONAL})),
    ]  # fmt: skip

    for wanted in wishes:
        listed = {row.pk for row in manager.list(wanted)}
        assert {hit.memory for hit in search(alice.pk, "tea", wanted=wanted, limit=50).hits} == listed, wanted


def test_of_turns_that_fit_alike_each_session_has_its_turn(alice: Reader) -> None:
    for name in ("one", "two", "three"):
        talked(alice, name, *(f"Ana: The soup number {number} of {name} was hot." for number in range(6)))

    found = search(alice.pk, "Which soup was hot?", limit=3)

    assert len({row.session_id for row, _ in rows_of(alice.pk, found.hits)}) == 3


def test_equal_texts_are_one_hit(alice: Reader) -> None:
    talked(alice, "one", "Ana: Thank you so much!")
    talked(alice, "two", "Ana: Thank you so much!")

    assert len(search(alice.pk, "thank you").hits) == 1


def test_explain_tells_what_a_score_is_made_of(alice: Reader) -> None:
    told(alice, "The bread bakes for forty minutes.", importance=0.2)

    plain = search(alice.pk, "How long does the bread bake?").hits[0]
    told_why = search(alice.pk, "How long does the bread bake?", explain=True).hits[0]

    parts = told_why.parts
    assert plain.score == told_why.score
    assert parts.words > 0
    assert parts.vector == 0
    assert parts.validity == 1
    assert 0.85 <= parts.retention <= 1
    assert parts.importance == pytest.approx(0.96, abs=0.001)
    fit = parts.words + 0.06 * parts.entity + 0.07 * parts.time
    assert told_why.score == pytest.approx(fit * parts.retention * parts.importance, abs=0.001)


def test_explain_accounts_for_the_score_of_a_turn(alice: Reader) -> None:
    talked(alice, "talk", "Ana: How did you bake your bread?", "Ben: I bake my bread for forty minutes.")

    hits = search(alice.pk, "How is the bread baked?", explain=True).hits
    assert len(hits) == 2
    for hit in hits:
        parts = hit.parts
        fit = parts.words * parts.telling + 0.06 * parts.entity + 0.07 * parts.time
        assert hit.score == pytest.approx(fit * parts.retention * parts.importance, abs=0.001)


def test_of_turns_with_the_same_words_the_one_that_tells_of_its_speaker_comes_first(alice: Reader) -> None:
    for key, said in (("a", "Ana: You mended your cello!"), ("b", "Ana: I mended my cello!")):
        talked(alice, key, said)
    for key, said in (("c", "小红: 你修好了你的琵琶"), ("d", "小红: 我修好了我的琵琶")):
        talked(alice, key, said)

    assert texts_of(alice, search(alice.pk, "Who mended a cello?"))[0] == "I mended my cello!"
    assert texts_of(alice, search(alice.pk, "谁修好了琵琶？"))[0] == "我修好了我的琵琶"


def test_what_an_assistant_says_of_itself_is_no_reason_to_prefer_it(alice: Reader) -> None:
    MemoryManager(alice.pk).add_turns(
        "talk", [Turn("I keep my maps in my attic.", "user"), Turn("I like my own attic, I must say.", "assistant")]
    )

    found = search(alice.pk, "attic", explain=True)

    telling = {row.role: hit.parts.telling for row, hit in rows_of(alice.pk, found.hits)}
    assert telling["user"] > 1 > telling["assistant"]


def test_a_turn_that_says_next_to_nothing_comes_after_one_that_tells_more(alice: Reader) -> None:
    long = "The cello stood in the attic for nine years before a maker near the old bridge gave it new strings."
    talked(alice, "one", "Ana: The cello! Wow!")
    talked(alice, "two", f"Ana: {long}")
    (fact,) = told(alice, "The cello is brown.")

    found = search(alice.pk, "cello", explain=True)

    telling = {row.text: hit.parts.telling for row, hit in rows_of(alice.pk, found.hits)}
    assert telling[long] > telling[fact.text] == 1 > telling["The cello! Wow!"]


def test_the_turn_after_a_question_is_found_rather_than_the_one_before(alice: Reader) -> None:
    rows = talked(
        alice, "talk", "Ana: It is late.", "Ben: Hm.", "Ana: Which instrument is the oldest?", "Ben: That one there.",
        "Ana: Fine.",
    )  # fmt: skip

    ids = [hit.memory for hit in search(alice.pk, "the oldest instrument").hits]

    assert ids.index(rows[3].pk) < ids.index(rows[1].pk)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What did I buy?", "I bought a barometer."),
        ("Who taught drawing?", "The teacher of drawing is Mr. Vance."),
        ("When was the tooth pulled?", "Two teeth were pulled in Graz."),
        ("Which decision was made?", "They decided against the bridge."),
        ("Where does he swim?", "He swam in the quarry."),
        ("What colour is the shed?", "The shed has the color of mustard."),
        ("Which harbor is deep?", "The harbour of Oban."),
        ("What does my mother collect?", "My mum keeps thimbles."),
        ("Where are the kids?", "The children are at the mill."),
        ("What is your favourite bird?", "My fave: the wren."),
    ],
)
def test_words_find_their_other_forms_spellings_and_everyday_names(alice: Reader, question: str, said: str) -> None:
    told(alice, "The fence is green.", said, "Nobody rang.")

    assert texts_of(alice, search(alice.pk, question))[0] == said


def test_the_very_word_of_a_question_comes_before_its_other_forms(alice: Reader) -> None:
    for key, said in (("a", "Ana: My mum mends sails."), ("b", "Ana: My mother mends nets.")):
        talked(alice, key, said)

    assert texts_of(alice, search(alice.pk, "What does the mum mend?"))[0] == "My mum mends sails."
    assert texts_of(alice, search(alice.pk, "What does the mother mend?"))[0] == "My mother mends nets."


def test_age_moves_a_hit_by_fifteen_in_a_hundred_at_most_and_never_hides_it(alice: Reader) -> None:
    long_ago = timezone.now() - timedelta(days=20_000)
    told(alice, "The boat is moored at pier nine.", observed_at=long_ago, type=MemoryType.EPISODIC)
    told(alice, "The boat is moored at pier four.", type=MemoryType.EPISODIC)

    found = search(alice.pk, "Where is the boat moored?", explain=True)

    assert texts_of(alice, found) == ["The boat is moored at pier four.", "The boat is moored at pier nine."]
    assert found.hits[1].score >= 0.84 * found.hits[0].score
    assert found.hits[1].parts.retention == pytest.approx(0.85, abs=0.01)


def test_pinned_and_personal_memories_do_not_age(alice: Reader) -> None:
    long_ago = timezone.now() - timedelta(days=20_000)
    told(alice, "I am left-handed.", type=MemoryType.PERSONAL, observed_at=long_ago)
    told(alice, "The alarm code is on the fridge.", is_pinned=True, observed_at=long_ago, type=MemoryType.EPISODIC)

    for question in ("left-handed", "alarm code"):
        assert search(alice.pk, question, explain=True).hits[0].parts.retention == 1


def test_a_question_about_what_was_never_told_is_unsure(alice: Reader) -> None:
    told(alice, "The spare key lies under the blue flower pot.", "Our cat is called Biscuit.", "The train leaves at 8.")

    assert not search(alice.pk, "Where is the spare key?").is_unsure
    assert search(alice.pk, "Which university awarded the chemistry degree?").is_unsure
    assert search(alice.pk, "   ").is_unsure


def test_a_least_score_leaves_out_what_is_below_it(alice: Reader) -> None:
    told(alice, "The spare key lies under the blue flower pot.", "The piano key is stuck.")
    scores = [hit.score for hit in search(alice.pk, "the spare key").hits]

    assert len(search(alice.pk, "the spare key", min_score=scores[0]).hits) == 1


def test_a_search_inside_a_transaction_sees_what_it_wrote_and_keeps_it_for_nobody(alice: Reader) -> None:
    told(alice, "The test holds a transaction open.")

    assert search(alice.pk, "transaction").hits
    assert HOT.nbytes() == 0


def test_an_earlier_turn_that_asks_the_same_is_no_answer(alice: Reader) -> None:
    manager = MemoryManager(alice.pk)
    manager.add_turns(
        "before", [Turn("Where do I live?"), Turn("You told me: in Lisbon, near the river.", "assistant")]
    )
    kept = manager.remember(Candidate("I live in Lisbon.")).memory

    asked = search(alice.pk, "Where do I live?")
    looked_for = search(alice.pk, "I live in Lisbon.")

    texts = [memory.text for memory, _hit in rows_of(alice.pk, asked.hits)]
    assert "Where do I live?" not in texts
    assert "I live in Lisbon." in texts
    assert looked_for.hits[0].memory == kept.pk


def test_memories_of_hits_come_with_their_sessions_in_one_query(
    alice: Reader, django_assert_num_queries: Callable[[int], Any]
) -> None:
    manager = MemoryManager(alice.pk)
    manager.open_session("walk", title="A walk", books=[7])
    manager.add_turns("walk", [Turn("We saw a kingfisher.", "user"), Turn("The kingfisher was blue.", "user")])
    manager.remember(Candidate("A kingfisher eats fish.", metadata={"from": "a book"}))
    hits = search(alice.pk, "kingfisher").hits

    with django_assert_num_queries(1):
        rows = [row for row, _hit in rows_of(alice.pk, hits)]
        told = {(row.session and row.session.title, row.metadata.get("from")) for row in rows}

    assert [row.pk for row in rows] == [hit.memory for hit in hits]
    assert told == {("A walk", None), (None, "a book")}
    assert [row.session.books for row in rows if row.session] == [[7], [7]]


def test_several_wishes_of_one_question_find_what_each_finds_alone(alice: Reader) -> None:
    talked(alice, "one", "Ana: I saw a heron by the mill.", "Ben: The heron flew off.")
    told(alice, "The heron is grey.", "The mill is old.")
    wishes = [Wanted(is_turn=False), Wanted(is_turn=True), Wanted()]

    found = search_each(look(alice.pk), "heron at the mill", wanted=wishes, limit=5)

    assert [[(hit.memory, hit.score) for hit in each.hits] for each in found] == [
        [(hit.memory, hit.score) for hit in search(alice.pk, "heron at the mill", wanted=each, limit=5).hits]
        for each in wishes
    ]
    assert all(each.hits for each in found)


def test_the_foremost_are_pinned_then_important_then_new(alice: Reader, bob: Reader) -> None:
    old, new = (datetime(year, 1, 1, tzinfo=UTC) for year in (2020, 2024))
    (plain,) = told(alice, "Tea is hot.", importance=0.2, observed_at=old)
    (newer,) = told(alice, "Ice is cold.", importance=0.2, observed_at=new)
    (weighty,) = told(alice, "Iron is heavy.", importance=0.9, observed_at=old)
    (pinned,) = told(alice, "Snow is white.", importance=0.1, observed_at=old, is_pinned=True)
    (archived,) = told(alice, "Coal is black.", importance=1.0)
    MemoryManager(alice.pk).archive(archived.pk)
    told(bob, "Gold is dear.", is_pinned=True)

    first = foremost(look(alice.pk), Wanted(is_turn=False), count=3)

    assert first == [pinned.pk, weighty.pk, newer.pk]
    assert foremost(look(alice.pk), Wanted(is_turn=False), count=9) == [*first, plain.pk]
    assert look(bob.pk + 1).is_empty
