"""Preparing is skipped exactly as long as nothing has changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mindory_web.embedded import stamp


def touched(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("changed")


@pytest.fixture
def code(tmp_path: Path) -> Path:
    touched(tmp_path / "code" / "books" / "models.py")
    return tmp_path / "code"


def test_the_same_state_has_the_same_word(tmp_path: Path, code: Path) -> None:
    first, second = (stamp.fingerprint(tmp_path, base=code, environment={"HOME": str(n)}) for n in range(2))
    assert first == second
    stamp.keep(tmp_path, "prepared", first)
    assert stamp.is_kept(tmp_path, "prepared", second)


def test_nothing_is_current_at_first(tmp_path: Path) -> None:
    assert not stamp.is_kept(tmp_path, "prepared", "")


@pytest.mark.parametrize(
    "change",
    [
        lambda data, code: touched(code / "books" / "migrations" / "0002_more.py"),
        lambda data, code: touched(code / "frontend" / "static" / "css" / "base.css"),
        lambda data, code: touched(code / "requirements.lock"),
        lambda data, code: touched(data / "postgres" / "PG_VERSION"),
        lambda data, code: (data / "static").mkdir(),
    ],
)
def test_changed_code_settings_or_database_are_prepared_anew(
    tmp_path: Path, code: Path, change: Callable[[Path, Path], None]
) -> None:
    before = stamp.fingerprint(tmp_path, base=code, environment={})
    change(tmp_path, code)
    assert stamp.fingerprint(tmp_path, base=code, environment={}) != before


def test_a_changed_setting_is_looked_at_and_its_value_not_kept(tmp_path: Path, code: Path) -> None:
    words = {
        stamp.fingerprint(tmp_path, base=code, environment={"MINDORY_LLM_API_KEY": key}) for key in ("secret", "other")
    }
    assert len(words) == 2
    assert not any("secret" in word for word in words)


def test_compiled_files_do_not_count(tmp_path: Path, code: Path) -> None:
    before = stamp.fingerprint(tmp_path, base=code, environment={})
    touched(code / "books" / "__pycache__" / "models.cpython-311.pyc")
    assert stamp.fingerprint(tmp_path, base=code, environment={}) == before
