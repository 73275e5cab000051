"""Everything Mindory says is also said in Chinese, and the compiled catalogues are those of the readable ones."""

import re
from pathlib import Path

import polib
import pytest

LOCALE = Path(__file__).resolve().parent.parent / "frontend" / "locale"
CATALOGUES = sorted(LOCALE.rglob("*.po"))
HOLE = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")


def said(entry: polib.POEntry) -> list[str]:
    """Every translation of one message: several where it counts something."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_message_is_translated(path: Path) -> None:
    entries = polib.pofile(str(path))

    assert [entry.msgid for entry in entries if not entry.translated() or entry.fuzzy] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_translation_has_the_holes_of_its_message(path: Path) -> None:
    for entry in polib.pofile(str(path)):
        for words in said(entry):
            assert set(HOLE.findall(words)) <= set(HOLE.findall(entry.msgid + entry.msgid_plural)), entry.msgid


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_the_compiled_catalogue_is_up_to_date(path: Path) -> None:
    compiled = {(entry.msgctxt, entry.msgid): said(entry) for entry in polib.mofile(str(path.with_suffix(".mo")))}

    assert compiled == {(entry.msgctxt, entry.msgid): said(entry) for entry in polib.pofile(str(path))}
