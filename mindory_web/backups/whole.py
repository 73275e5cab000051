"""Save a whole installation into one file, and make an empty installation like the saved one."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from mindory_web import preparing
from mindory_web.backups import database
from mindory_web.backups.archive import BackupError, Manifest, Reader, Writer, place
from mindory_web.embedded import claim, leftovers, postgres, stamp
from mindory_web.embedded.processes import Child
from mindory_web.version import DATA_SCHEMA, VERSION

COUNTED = ("accounts_reader", "books_book", "books_conversation", "books_reply")


def save(path: Path) -> Manifest:
    """Write a backup to `path`, while Mindory runs or not. Either the whole file is there afterwards, or none.

    Books' files are kept before their rows are written and removed after the rows are, so what is linked before
    and after the database was copied holds every file the copy speaks of.
    """
    if path.exists():
        raise BackupError(f"{path} is there already: choose another name.")
    with (
        a_database(),
        tempfile.TemporaryDirectory(prefix=".backup-", dir=settings.DATA) as scratch,
        Writer(path) as out,
    ):
        links, dump = Path(scratch) / "files", Path(scratch) / "database"
        _link(Path(settings.MEDIA_ROOT), links)
        counted = database.counts(COUNTED)
        database.dump(dump)
        _link(Path(settings.MEDIA_ROOT), links)
        out.add(dump, "database")
        if settings.EMBEDDED:
            out.add(Path(settings.DATA) / "secret_key", "secret")
        for file in _files(links):
            out.add(file, "file", path=file.relative_to(links).as_posix())
        manifest = Manifest(
            VERSION, DATA_SCHEMA, timezone.now().isoformat(), sorted(preparing.applied_migrations()), counted
        )
        out.finish(manifest)
    return manifest


def restore(path: Path) -> Manifest:
    """Make this empty installation like the saved one. Everything is checked before anything is changed."""
    with Reader(path) as saved:
        _refuse_newer(saved.manifest)
        saved.check()
        with a_database(alone=True), tempfile.TemporaryDirectory(prefix=".backup-", dir=settings.DATA) as scratch:
            preparing.make_extension()
            _refuse_inhabited()
            dump = Path(scratch) / "database"
            for member in saved.of_kind("database"):
                _write(dump, saved.blocks(member))
            with ExitStack() as undo:
                undo.callback(shutil.rmtree, settings.MEDIA_ROOT, ignore_errors=True)
                _restore_files(saved)
                database.drop_tables()
                database.restore(dump)
                undo.pop_all()
            if settings.EMBEDDED:
                _take_over(saved)
    return saved.manifest


@contextmanager
def a_database(*, alone: bool = False) -> Iterator[None]:
    """Have a database to talk to: the embedded one is started for the moment, unless it runs.

    `alone`: nobody else may use it meanwhile.
    """
    if not settings.EMBEDDED:
        if alone and database.count_others():
            raise BackupError("The database is in use: stop every process of Mindory first.")
        yield
        return
    data = Path(settings.DATA)
    try:
        with claim.claimed(data, who="is making or restoring a backup"):
            leftovers.end(data)
            yield from _for_the_moment(data)
    except claim.AlreadyRunning as error:
        if alone:
            raise BackupError(f"{error} Stop it first.") from error
        yield


def _for_the_moment(data: Path) -> Iterator[None]:
    postgres.prepare(data)
    server = Child(postgres.program(data))
    note = leftovers.note(data, server)
    try:
        server.wait_ready()
        postgres.create_database(data)
        yield
    finally:
        connection.close()
        server.stop()
        note.unlink()


def _refuse_newer(manifest: Manifest) -> None:
    if manifest.schema > DATA_SCHEMA:
        raise BackupError(
            f"This backup was made by Mindory {manifest.version}, which is newer than this {VERSION}: "
            "restore it with that version or a later one."
        )
    preparing.refuse_newer(set(manifest.migrations))


def _refuse_inhabited() -> None:
    files = next(_files(Path(settings.MEDIA_ROOT)), None)
    if files or any(database.counts(COUNTED).values()):
        raise BackupError("This installation is not empty: restore into a new MINDORY_DATA or an empty database.")


def _restore_files(saved: Reader) -> None:
    root = Path(settings.MEDIA_ROOT)
    for member in saved.of_kind("file"):
        target = root / place(member.path)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(target, saved.blocks(member))


def _write(target: Path, blocks: Iterator[bytes]) -> None:
    """Write a new file that only we may read."""
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as out:  # noqa: PTH123
        for block in blocks:
            out.write(block)


def _take_over(saved: Reader) -> None:
    """Use the saved secret, so that keys and links made with it go on working; let the next start prepare anew."""
    data = Path(settings.DATA)
    for member in saved.of_kind("secret"):
        fresh = data / f".secret_key.{secrets.token_hex(4)}"
        _write(fresh, saved.blocks(member))
        fresh.replace(data / "secret_key")
    stamp.forget(data)


def _files(root: Path) -> Iterator[Path]:
    """Yield the files and pictures of books below `root` in a fixed order; unfinished uploads are nobody's yet."""
    for path in sorted([*root.glob("books/**/*"), *root.glob("pictures/**/*")]):
        if path.is_file() and not path.is_symlink():
            yield path


def _link(root: Path, links: Path) -> None:
    """Hold every file of `root` under the same name in `links`; a file that is held stays when its name goes."""
    for path in _files(root):
        held = links / path.relative_to(root)
        held.parent.mkdir(parents=True, exist_ok=True)
        if held.exists():
            continue
        try:
            os.link(path, held)
        except FileNotFoundError:  # deleted this moment: so is its row
            continue
        except OSError:  # another disk, or one without links
            shutil.copyfile(path, held)
