"""A mark finds its words again in a book that was read anew, and never finds other words."""

import random
import time
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from books.anchoring import Anchor, Found, Moved, place
from books.anchoring.streams import Stream, letters_of
from books.coordinates import Span

Edit = Callable[[list[str], random.Random], list[str]]
HAN = [chr(0x4E00 + number) for number in range(600)]


def paragraphs(rng: random.Random, count: int, *, is_chinese: bool = False) -> list[str]:
    """Return paragraphs of made words, no two of which are alike."""
    if is_chinese:
        return ["".join(rng.choices(HAN, k=rng.randint(20, 200))) + "。" for _ in range(count)]
    words = ["".join(rng.choices("abcdefghijklmnoprstuvwy", k=rng.randint(2, 9))) for _ in range(900)]
    return [" ".join(rng.choices(words, k=rng.randint(6, 90))).capitalize() + "." for _ in range(count)]


def divided(texts: Sequence[str], size: int) -> list[str]:
    return ["\n\n".join(texts[at : at + size]) for at in range(0, len(texts), size)]


def wrapped(texts: list[str], rng: random.Random) -> list[str]:
    """Break the lines elsewhere, and put hyphens into words."""
    width = rng.randint(30, 90)
    return ["\n".join(text[at : at + width] for at in range(0, len(text), width)) for text in texts]


def hyphenated(texts: list[str], rng: random.Random) -> list[str]:
    return ["".join(c + ("-\n" if c.isalpha() and rng.random() < 0.02 else "") for c in text) for text in texts]


def fronted(texts: list[str], rng: random.Random) -> list[str]:
    return ["Printed by nobody, 1901.", *paragraphs(rng, 5), *texts]


def shortened(texts: list[str], rng: random.Random) -> list[str]:
    return [text for text in texts if rng.random() < 0.8]


def corrected(texts: list[str], rng: random.Random) -> list[str]:
    """Change a letter in some paragraphs."""
    out = []
    for text in texts:
        at = rng.randrange(len(text))
        out.append(text[:at] + "Q" + text[at + 1 :] if rng.random() < 0.3 else text)
    return out


def reordered(texts: list[str], rng: random.Random) -> list[str]:
    half = len(texts) // 2
    return texts[half:] + texts[:half]


def same(texts: list[str], rng: random.Random) -> list[str]:
    return texts


EDITS: tuple[Edit, ...] = (wrapped, hyphenated, fronted, shortened, corrected, reordered, same)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**9),
    edits=st.lists(st.sampled_from(EDITS), min_size=1, max_size=3),
    is_chinese=st.booleans(),
    sizes=st.tuples(st.integers(2, 12), st.integers(2, 12)),
)
def test_words_that_survive_are_found_and_nothing_else_is(
    seed: int, edits: list[Edit], is_chinese: bool, sizes: tuple[int, int]
) -> None:
    rng = random.Random(seed)
    texts = paragraphs(rng, 40, is_chinese=is_chinese)
    old, changed = divided(texts, sizes[0]), texts
    for edit in edits:
        changed = edit(changed, rng)
    new = divided(changed, sizes[1]) or [""]
    anchors = [anchor_in(old, rng) for _ in range(40)]

    found = Moved(old, new).place(anchors)

    letters_old, letters_new = Stream(old).letters, Stream(new).letters
    for anchor, result in zip(anchors, found, strict=True):
        words = letters_of(anchor.quote)
        is_clear = letters_old.count(words) == 1 and letters_new.count(words) == 1
        if is_clear and len(words) >= 40 and held_in_one(new, words):
            assert result is not None, anchor.quote
        if result is not None:
            check(anchor, result, new)


def anchor_in(texts: Sequence[str], rng: random.Random) -> Anchor:
    section = rng.randrange(len(texts))
    start = rng.randrange(len(texts[section]))
    span = Span(section, start, min(start + rng.choice([3, 12, 40, 90, 300]), len(texts[section])))
    return Anchor(span.of(texts[section]), span=span)


def held_in_one(texts: Sequence[str], words: str) -> bool:
    return any(words in letters_of(text) for text in texts)


def check(anchor: Anchor, result: Found, new: Sequence[str]) -> None:
    """The words at the place are the anchor's, or what the result says they are."""
    words, there = letters_of(anchor.quote), letters_of(result.span.of(new[result.span.section]))
    if result.how == "exact":
        assert result.span.of(new[result.span.section]) == anchor.quote
    elif result.how == "folded":
        assert there == words
    elif result.how == "shortened":
        assert there in words
        assert 2 * len(there) >= len(words)
    else:
        assert there[:1] == words[:1]
        assert there[-1:] == words[-1:]
        assert abs(len(there) - len(words)) <= 0.3 * len(words) + 1


TALE = "Old Marten kept the lighthouse. He lit the lamp. The sea was calm.\n\nHe lit the lamp. The sea was wild."


@pytest.mark.parametrize(
    ("quote", "after"),
    [
        ("Marten kept the lighthouse", "Old Marten kept\nthe light-\nhouse. He lit the lamp."),
        ("“Nobody drowned,” he said", '"Nobody drowned," he said, and that was all.'),
        ("the office of fire", "the oﬃce of ﬁre was shut that day"),
        ("co\u00adoper\u00adate in this great work", "They cooperate in this great work."),
        ("ＡＢＣ１２３的小说很有意思啊", "这本ABC123的小说很有意思啊。"),
    ],
)
def test_what_typesetting_changes_does_not_matter(quote: str, after: str) -> None:
    before = f"This stood at the beginning of it all. {quote} and so it went on to its end."
    start = before.index(quote)
    span = Span(0, start, start + len(quote))
    new = ["This stood at the beginning of it all. " + after + " and so it went on to its end."]

    found = place(before, span, new)

    assert found is not None
    assert letters_of(found.of(new[0])) == letters_of(quote)


def test_the_same_words_in_two_places_stay_in_their_own() -> None:
    second = TALE.rindex("He lit the lamp.")
    for start in (TALE.index("He lit the lamp."), second):
        new = ["A preface. " + TALE.replace("\n\n", "\n")]
        found = place(TALE, Span(0, start, start + 16), new)
        assert found is not None
        assert found.start == new[0].index("He lit", 0 if start < second else new[0].index("calm"))


@pytest.mark.parametrize("quote", ["lamp", "the lamp.", "He", "。", "sea was"])
def test_words_whose_paragraph_is_gone_are_not_found_in_another(quote: str) -> None:
    gone = f"There was once a paragraph nobody wants, with {quote} in the midst, and it was deleted."
    old = f"Something before it, quite long enough.\n\n{gone}\n\nSomething behind it, and more."
    start = old.index(quote, old.index(gone))
    new = [f"Something before it, quite long enough.\n\n{TALE} And 。 {quote}\n\nSomething behind it, and more."]

    assert place(old, Span(0, start, start + len(quote)), new) is None


def test_a_mark_with_an_altered_word_inside_keeps_both_ends() -> None:
    old = (
        "It began here. "
        + "The keeper of the light went up the two hundred steps with his lamp every evening. "
        + "End."
    )
    start, end = old.index("The keeper"), old.index(" End.")
    new = ["It began here. " + old[15:].replace("two hundred", "three hundred")]

    found = Moved([old], new).place([Anchor(old[start:end], span=Span(0, start, end))])[0]

    assert found is not None
    assert (found.how, found.span.of(new[0])[:10], found.span.of(new[0])[-8:]) == ("changed", "The keeper", "evening.")


def test_a_mark_across_a_new_division_keeps_its_larger_part() -> None:
    old = "One sentence is before. The first half of the mark is the longer one by far, here. The second. After it."
    start, end = old.index("The first"), old.index(" After")
    new = [old[: old.index(" The second")], old[old.index("The second") :]]

    found = Moved([old], new).place([Anchor(old[start:end], span=Span(0, start, end))])[0]

    assert found is not None
    assert found.span.of(new[found.span.section]) == "The first half of the mark is the longer one by far, here."


def test_white_space_at_the_edges_of_a_mark_stays() -> None:
    old = "Some words stand here, and here they stand. The end of the matter comes now."
    start = old.index(" and here ")
    found = place(old, Span(0, start, start + 10), ["Preface of it. " + old])
    assert found is not None
    assert found.of("Preface of it. " + old) == " and here "


def test_words_of_which_only_the_context_is_known_are_found() -> None:
    anchor = Anchor("the lamp", before="Old Marten kept the lighthouse. He lit ", after=". The sea was calm. He lit")
    [found] = Moved([], ["Quite another beginning. " + TALE]).place([anchor])
    assert found is not None
    assert found.span.start == 25 + TALE.index("the lamp")


def test_a_bookmark_without_words_stays_at_its_place() -> None:
    at = TALE.index("The sea was calm")
    new = ["A new preface of some length.\n\n" + TALE]
    found = place(TALE, Span(0, at, at), new)
    assert found == Span(0, at + 31, at + 31)


def test_a_bookmark_of_which_only_the_context_is_known_is_found() -> None:
    at = TALE.index("The sea was calm")
    anchor = Anchor("", before=TALE[:at], after=TALE[at:])
    [found] = Moved([], ["Before it. " + TALE]).place([anchor])
    assert found is not None
    assert found.span == Span(0, at + 11, at + 11)


def test_readings_above_the_text_that_an_older_parser_wrote_into_it_do_not_count() -> None:
    old = "これは漢かん字じの本です。とても長い物語が始まります。"
    start, end = old.index("漢"), old.index("本")
    moved = Moved([old], ["これは漢字の本です。とても長い物語が始まります。"], left_out={0: [(4, 6), (7, 8)]})
    [found] = moved.place([Anchor(old[start:end], span=Span(0, start, end))])
    assert found is not None
    assert (found.span, found.how) == (Span(0, 3, 6), "folded")


def test_a_place_is_kept_by_the_words_there_or_by_how_far_it_is() -> None:
    moved = Moved([TALE], ["Preface here. " + TALE])
    at = TALE.index("The sea was wild")
    assert moved.point(0, at) == (0, at + 14)
    assert moved.point(7, 3)[1] == len(TALE) + 13  # a place that never was: at the end

    other = Moved(["a" * 1000], ["b" * 400, "c" * 400])
    assert other.point(0, 500) == (1, 0)
    assert Moved([TALE], [""]).point(0, 5) == (0, 0)
    assert Moved([], ["text"]).point(0, 5) == (0, 0)


def test_a_long_book_with_many_marks_is_moved_in_seconds() -> None:
    rng = random.Random(3)
    texts = paragraphs(rng, 4_000)
    old, new = divided(texts, 40), divided(corrected(fronted(texts, rng), rng), 31)
    anchors = [anchor_in(old, rng) for _ in range(700)]

    began = time.process_time()
    found = Moved(old, new).place(anchors)

    assert time.process_time() - began < 10  # about one second on an ordinary machine
    assert sum(result is not None for result in found) > 650


@pytest.mark.parametrize("text", ["a" * 400_000, "ab" * 200_000, "the sea " * 50_000, "的" * 400_000])
def test_a_text_that_repeats_itself_takes_no_longer(text: str) -> None:
    anchors = [Anchor(text[at : at + 30], span=Span(0, at, at + 30)) for at in range(0, 400_00, 100)]
    began = time.process_time()
    Moved([text], ["x" + text[: len(text) // 2] + "y" + text[len(text) // 2 :]]).place(anchors)
    assert time.process_time() - began < 10
