"""One data directory belongs to one running Mindory, and only to one that understands it."""

import errno
from pathlib import Path

import pytest

from mindory_web.embedded.claim import MEGABYTE, check_room, claimed, sentence
from mindory_web.embedded.processes import StartFailed
from mindory_web.version import DATA_SCHEMA, VERSION


def test_a_claimed_directory_says_who_wrote_there(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with claimed(data, who="answers at http://localhost:8000"):
        told = (data / "VERSION").read_text()
    assert told == f"{DATA_SCHEMA}, Mindory {VERSION}\n"
    assert data.stat().st_mode & 0o777 == 0o700


def test_the_second_claim_says_who_holds_the_first(tmp_path: Path) -> None:
    with (
        claimed(tmp_path, who="answers at http://localhost:8000"),
        pytest.raises(StartFailed, match=r"already running on .*answers at http://localhost:8000"),
        claimed(tmp_path, who="never"),
    ):
        pass
    with claimed(tmp_path, who="free again"):
        pass


@pytest.mark.parametrize("version", [f"{DATA_SCHEMA + 1}, Mindory 9.0\n", "not a number", ""])
def test_data_of_a_newer_mindory_is_refused_and_left_as_it_is(tmp_path: Path, version: str) -> None:
    (tmp_path / "VERSION").write_text(version)
    with pytest.raises(StartFailed, match="made by a newer Mindory"), claimed(tmp_path, who=""):
        pass
    assert (tmp_path / "VERSION").read_text() == version
    assert [path.name for path in tmp_path.iterdir()] == ["VERSION"]


def test_a_directory_with_other_things_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    with pytest.raises(StartFailed, match="holds other things"), claimed(tmp_path, who=""):
        pass


def test_a_file_in_the_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StartFailed, match="is not a directory"), claimed(tmp_path / "data", who=""):
        pass


def test_a_nearly_full_disk_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="has 12 MB free and Mindory needs 300 MB to start"):
        check_room(tmp_path / "data", free=lambda _: 12 * MEGABYTE)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "is full"), (errno.EDQUOT, "is full"), (errno.EACCES, "may not write"), (errno.EIO, "I/O error")],
)
def test_what_the_system_refuses_is_said_in_one_sentence(tmp_path: Path, number: int, words: str) -> None:
    told = sentence(OSError(number, "I/O error", str(tmp_path / "redis")), tmp_path)
    assert words in told
    assert "\n" not in told
