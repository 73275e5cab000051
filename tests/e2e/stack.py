"""A whole Mindory of its own: `manage.py up` in a scratch directory, as a new user would start it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 240.0  # seconds to start or to end, where much else runs
# What the other tests put into the environment to share their services; a new user has none of it.
SHARED = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")


class Stack:
    """Start with `with Stack(directory) as stack`; `stack.url` is its address, `stack.setup` the first-visit link."""

    def __init__(self, directory: Path, environment: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {k: v for k, v in os.environ.items() if k not in SHARED and not k.startswith("MINDORY_")}
        own = {"MINDORY_DATA": str(directory / "data"), "MINDORY_PORT": str(self.port)}
        self.environment = kept | own | dict(environment or {})
        self.host: Any = None  # what the admin's browser remembers, once there is one
        self.guests = 0  # readers whom they invited

    def __enter__(self) -> "Stack":
        self.directory.mkdir(parents=True, exist_ok=True)
        self.output = self.directory / "output.txt"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait_until_it_serves(PATIENCE)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    @property
    def said(self) -> str:
        """What it printed so far."""
        return self.output.read_text(errors="replace")

    @property
    def setup(self) -> str:
        """The one-time link that makes the first admin."""
        found = re.search(r"https?://\S+/setup/\?token=\S+", self.said)
        assert found, self.said
        return self.url + "/setup/?" + found.group().partition("?")[2]

    def _wait_until_it_serves(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while True:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            try:
                with urlopen(f"{self.url}/health/ready", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (URLError, OSError):
                pass  # not yet, or not everything yet
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
