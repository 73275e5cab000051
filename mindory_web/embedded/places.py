"""Where the embedded programs live below MINDORY_DATA. Pure functions of the data directory.

Everything here works without Django, so that the supervisor stays small.
"""

import hashlib
import os
import secrets
import tempfile
from pathlib import Path
from urllib.parse import quote

LONGEST_SOCKET_PATH = 100  # the kernel's limit is 107 bytes on Linux, 103 on macOS


def run_dir(data: Path) -> Path:
    """Return the directory for sockets and pid files: `data/run`, or a short private one if that is too long."""
    near = data / "run"
    if len(os.fsencode(near)) + len("/postgres/.s.PGSQL.5432") <= LONGEST_SOCKET_PATH:
        return near
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"mindory-{os.getuid()}-{name}"


def postgres_socket_dir(data: Path) -> Path:
    """Return the directory that holds the embedded Postgres' socket."""
    return run_dir(data) / "postgres"


def postgres_url(data: Path) -> str:
    """Return the address of the embedded Postgres."""
    return f"postgresql://postgres@/mindory?host={quote(str(postgres_socket_dir(data)), safe='')}"


def redis_url(data: Path) -> str:
    """Return the address of the embedded Redis."""
    return f"unix://{run_dir(data) / 'redis.sock'}"


def embedder_socket(data: Path) -> Path:
    """Return the socket of the embedding process."""
    return run_dir(data) / "embedder.sock"


def secret(data: Path) -> str:
    """Return this installation's own secret key, made at the first call and kept with mode 0600."""
    path = data / "secret_key"
    if not path.exists():
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = data / f".secret_key.{os.getpid()}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(48))
        try:
            os.link(made, path)  # the first of two simultaneous starts wins; both read the same key
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text().strip()
