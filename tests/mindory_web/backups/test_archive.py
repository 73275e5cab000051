"""The file of a backup: whole or not there, checked before it is believed, and never a way out of the directory."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from mindory_web.backups.archive import MANIFEST, BackupError, Manifest, Reader, Writer, place


def manifest() -> Manifest:
    return Manifest(version="0.1.0", schema=1, made_at="2026-11-22", migrations=["books.0001_initial"], counts={})


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    (tmp_path / "tale").write_bytes(b"Once upon a time")
    with Writer(tmp_path / "saved.tar") as out:
        out.add(tmp_path / "tale", "file", path="books/ab/abcd")
        out.finish(manifest())
    return tmp_path / "saved.tar"


def rewritten(path: Path, *, parts: dict[str, bytes] | None = None, **changed: Any) -> Path:
    """Return a copy with other bytes in some members, or other words in the manifest."""
    with tarfile.open(path) as tar:
        found = {info.name: tar.extractfile(info).read() for info in tar.getmembers()}  # type: ignore[union-attr]
    told = json.loads(found[MANIFEST]) | changed
    found |= {MANIFEST: json.dumps(told).encode(), **(parts or {})}
    copy = path.with_name("copy.tar")
    with tarfile.open(copy, "w") as tar:
        for name, text in found.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
    return copy


def test_what_was_written_is_read_again(saved: Path) -> None:
    with Reader(saved) as archive:
        archive.check()
        [member] = archive.of_kind("file")
        assert b"".join(archive.blocks(member)) == b"Once upon a time"
        assert member.path == "books/ab/abcd"
    assert saved.stat().st_mode & 0o077 == 0


def test_a_backup_that_was_broken_off_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "tale").write_bytes(b"Once upon a time")
    with Writer(tmp_path / "saved.tar") as out:
        out.add(tmp_path / "tale", "file", path="books/ab/abcd")
    assert [path.name for path in tmp_path.iterdir()] == ["tale"]


def test_changed_bytes_are_seen(saved: Path) -> None:
    changed = rewritten(saved, parts={"00000000": b"Once upon a tide"})
    with Reader(changed) as archive, pytest.raises(BackupError, match="is not what was saved"):
        archive.check()


@pytest.mark.parametrize("kept", [0, 300, 700, 1500])
def test_a_file_whose_end_is_missing_is_no_backup(saved: Path, kept: int) -> None:
    saved.write_bytes(saved.read_bytes()[:kept])
    with pytest.raises(BackupError, match="is not a backup of Mindory, or its end is missing"):
        Reader(saved)


def test_a_missing_part_is_seen(saved: Path) -> None:
    told = [{"name": "00000007", "kind": "file", "size": 1, "digest": "", "path": "books/ab/abcd"}]
    changed = rewritten(saved, members=told)
    with Reader(changed) as archive, pytest.raises(BackupError, match="its part 00000007 is missing"):
        archive.check()


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "books/../../key",
        "books//x",
        "",
        ".",
        "books/.hidden",
        "a\\b",
        "a\x00b",
        "a\n",
    ],
)
def test_no_path_leads_out_of_the_directory(saved: Path, path: str) -> None:
    with pytest.raises(BackupError, match="cannot be a book's place"):
        place(path)
    with Reader(saved) as archive:
        told = [{**json.loads(archive._bytes(MANIFEST))["members"][0], "path": path}]
    with Reader(rewritten(saved, members=told)) as archive, pytest.raises(BackupError):
        archive.check()


def test_a_link_in_the_archive_is_no_member(saved: Path, tmp_path: Path) -> None:
    with tarfile.open(saved, "a") as tar:
        link = tarfile.TarInfo("00000000")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with Reader(saved) as archive:
        archive.check()


def test_a_backup_of_a_later_format_is_refused(saved: Path) -> None:
    with pytest.raises(BackupError, match="made by a newer Mindory"):
        Reader(rewritten(saved, format=2))
