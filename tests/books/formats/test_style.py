"""The little of a style sheet that is kept, and how long it may take."""

import time

import pytest

from books.formats.style import PLAIN, Look, Sheet, Styles


def look(sheet: str, tag: str = "p", **said: str) -> Look:
    return Styles([Sheet(sheet)]).look(tag, {name.rstrip("_"): value for name, value in said.items()})


@pytest.mark.parametrize(
    ("declaration", "found"),
    [
        ("font-style: italic", Look(italic=True)),
        ("font-style: normal", Look(italic=False)),
        ("font-weight: 700", Look(bold=True)),
        ("font-weight: lighter", Look(bold=False)),
        ("font-variant: small-caps", Look(small_caps=True)),
        ("font: italic bold 12px/2 serif", Look(italic=True, bold=True, small_caps=False)),
        ("text-align: CENTER !important", Look(align="center")),
        ("text-align: justify", Look(align="")),
        ("text-decoration: underline", Look(under=True, strike=False)),
        ("vertical-align: super", Look(raised="sup")),
        ("white-space: pre-wrap", Look(pre=True)),
        ("display: none", Look(hidden=True)),
        ("-epub-writing-mode: vertical-rl", Look(vertical=True)),
        ("position: fixed; background: url(javascript:x)", PLAIN),
    ],
)
def test_a_declaration_says_one_thing_or_nothing(declaration: str, found: Look) -> None:
    assert look(f"p {{ {declaration} }}") == found


def test_a_class_weighs_more_than_a_name_and_an_id_more_than_a_class() -> None:
    sheet = "#x { font-style: normal } .a.b { font-style: italic; font-weight: bold } p { font-style: normal }"

    assert look(sheet) == Look(italic=False)
    assert look(sheet, class_="b c a") == Look(italic=True, bold=True)
    assert look(sheet, class_="a b", id="x") == Look(italic=False, bold=True)
    assert look(sheet, class_="a b", style="font-weight: normal") == Look(italic=True, bold=False)
    assert look("p { font-style: italic !important } .a { font-style: normal }", class_="a") == Look(italic=True)


def test_selectors_that_are_not_simple_say_nothing() -> None:
    sheet = "p + p, div p, p:first-letter, p[title], .a > p { display: none } body .a, html body p.b { color: red; "

    assert look(sheet + "font-style: italic }", class_="a") == Look(italic=True)
    assert look(sheet + "font-style: italic }", class_="b") == Look(italic=True)
    assert look(sheet + "font-style: italic }") == PLAIN


def test_comments_strings_and_rules_of_other_media_are_passed_over() -> None:
    sheet = (
        '@charset "utf-8"; @import url("more.css"); @font-face { src: url(x) } /* p { display: none } */'
        "@media print { p { display: none } } @media screen { p { font-style: italic } } "
        '.a::before { content: "} p { display: none" } b { font-weight: normal }'
    )

    assert (look(sheet), look(sheet, "b")) == (Look(italic=True), Look(bold=False))
    assert Sheet(sheet).imports == ["more.css"]


@pytest.mark.parametrize(
    "sheet",
    [
        "p{" * 300_000,
        '"\\' * 400_000,
        "/*" * 400_000,
        "@media screen{" * 60_000,
        ".a" * 400_000 + "{display:none}",
        "p,".join([""] * 200_000) + "b{font-style:italic}",
        "".join(f".a.b{n}{{font-style:italic}}" for n in range(30_000)),
        "p{" + "font-style:italic;" * 50_000 + "}",
        "@import " * 100_000,
    ],
)
def test_a_hostile_sheet_takes_a_moment(sheet: str) -> None:
    began = time.process_time()
    styles = Styles([Sheet(sheet)])
    for number in range(5_000):
        styles.look("p", {"class": f"a b{number} " + "c " * 50})

    assert time.process_time() - began < 5
