"""What a question wants of the memory: about the reader or not, about what."""

import pytest

from memory import questions
from mindory_web.lib.terms import terms

OF_THE_READER = [
    "What did I think of Darcy in chapter 3?",
    "Where do I live?",
    "Remind me what I said about the whale.",
    "What is my sister called?",
    "Which books have I finished?",
    "Do I like long answers?",
    "我觉得刘姥姥怎么样？",
    "我住在哪里？",
    "我在第三回写了什么？",
    "我们上次聊了什么？",
]
OF_OTHERS = [
    "Who is Darcy?",
    "Can you tell me who Moses is?",
    "I want to know who the whale is.",
    "Explain to me why he left.",
    "How do I know who did it?",
    "Can I trust the narrator?",
    "What should I read next?",
    "I don't understand why Darcy left. Why did he?",
    "What happens in Chapter I?",
    "What does “I am he” mean?",
    'What does she mean by "my heart is mine"?',
    "我想知道刘姥姥是谁",
    "告诉我刘姥姥是谁",
    "我看不懂这一段，黛玉为什么哭？",
    "“我来迟了”是谁说的？",
]


@pytest.mark.parametrize("question", OF_THE_READER)
def test_it_asks_about_the_reader(question: str) -> None:
    assert questions.read(question).is_of_reader


@pytest.mark.parametrize("question", OF_OTHERS)
def test_it_asks_about_somebody_else_whatever_pronouns_it_has(question: str) -> None:
    assert not questions.read(question).is_of_reader


def test_words_of_a_book_that_are_searched_for_too_say_nothing_of_the_reader() -> None:
    told = questions.read("Explain these words.\nI am the master of my fate", asked="Explain these words.")
    assert not told.is_of_reader
    assert {"master", "fate"} <= told.terms


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("Why didn't I finish Emma?", {"finish", "emma"}),
        ("What don’t we eat?", {"eat"}),
        ("Which cities I've visited?", {"citi", "visit"}),
        ("What'll I be eating?", {"eat"}),
    ],
)
def test_short_forms_of_grammar_ask_for_nothing(question: str, about: set[str]) -> None:
    asked = questions.read(question)
    assert asked.terms == about
    assert not {"d", "m", "ll", "re", "ve"} & set(terms(asked.words))


def test_only_what_a_question_is_about_counts() -> None:
    asked = questions.read("What did I think of Darcy in chapter 3?")
    assert questions.covered(asked, ["Chapter 3: Darcy is proud."]) == 1
    assert questions.covered(asked, ["Chapter 34: Darcy speaks."]) == pytest.approx(2 / 3)
    assert questions.covered(asked, ["What did you think?"]) == 0
    chinese = questions.read("我住在哪里？")
    assert questions.covered(chinese, ["读者住在成都。"], language="zh") == 1


@pytest.mark.parametrize(
    "text",
    [
        "Who is Darcy?",
        "What is my name",
        "Don’t you know my name",
        "Do you know my name? Thanks!",
        "Hi! Can you tell me where I live",
        "How many cats do I have",
        "Which book did I finish last",
        "Tell me what my sister is called.",
        '"And then?" "Why?"',
        "刘姥姥是谁？",
        "我叫什么",
        "你知道我叫什么吗",
        "好的。请问我住在哪里。",
        "告诉我我叫什么名字",
    ],
)
def test_a_text_that_only_asks_is_known_with_and_without_a_question_mark(text: str) -> None:
    assert questions.is_question(text)


@pytest.mark.parametrize(
    "text",
    [
        "I live in Lisbon. Where is Darcy?",
        "When I was ten, I moved to Lisbon.",
        "What I like is tea.",
        "My name is Marta, what is yours",
        "Remind me to call Anna.",
        "Never tell me how a book ends.",
        "How I love Darcy!",
        "我住在成都。",
        "我还在看书呢",
        "ok",
        "",
        "???",
    ],
)
def test_a_text_that_tells_something_is_no_question(text: str) -> None:
    assert not questions.is_question(text)
