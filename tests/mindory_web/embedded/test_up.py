"""The whole of `make run` on a fresh data directory, with faults."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from mindory_web.embedded.site import BASE
from mindory_web.version import DATA_SCHEMA
from tests.mindory_web.embedded.test_supervisor import is_alive, until

pytestmark = pytest.mark.faults


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Home:
    """A data directory, and the Minderies started on it."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.output = data.parent / "output"
        self.started: list[subprocess.Popen[bytes]] = []

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {**kept, "MINDORY_DATA": str(self.data), "MINDORY_PORT": str(self.port), **more}

    def up(self, **more: str) -> subprocess.Popen[bytes]:
        """Start, and return when it serves."""
        with self.output.open("wb") as output:
            command = [sys.executable, "-m", "mindory_web.embedded.up"]
            process = subprocess.Popen(command, cwd=BASE, env=self.environment(**more), stdout=output, stderr=output)
        self.started.append(process)
        until(lambda: "ready at" in self.said() or process.poll() is not None, seconds=180)
        assert process.poll() is None, self.said()
        return process

    def refused(self, **more: str) -> str:
        """Start, and return the sentence it ends with."""
        done = subprocess.run(
            [sys.executable, "-m", "mindory_web.embedded.up"],
            cwd=BASE,
            env=self.environment(**more),
            check=False,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert done.returncode == 1
        told = done.stderr.strip()
        assert "\n" not in told
        return told

    def said(self) -> str:
        return self.output.read_text()

    def processes(self) -> list[psutil.Process]:
        """Return every process that works on this data directory."""
        found = []
        for process in psutil.process_iter():
            try:
                if str(self.data) in " ".join(process.cmdline()) or process.environ().get("MINDORY_DATA") == str(
                    self.data
                ):
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
                continue
        return found


@pytest.fixture
def home(scratch: Path) -> Iterator[Home]:
    home = Home(scratch / "data")
    yield home
    for process in home.started:
        if process.poll() is None:
            process.terminate()
        process.wait(60)


def test_it_serves_and_a_sigterm_leaves_no_process(home: Home) -> None:
    supervisor = home.up()
    assert b"200" in asked(home.port, "/health")
    assert len(home.processes()) > 5
    assert "already running" in home.refused(MINDORY_PORT=str(free_port()))
    supervisor.terminate()
    assert supervisor.wait(60) == 0
    assert home.processes() == []
    assert home.said().endswith("Stopping ...\n")


def test_after_kill_9_the_next_start_cleans_up_and_serves(home: Home) -> None:
    supervisor = home.up()
    before = {process.pid for process in home.processes()} - {supervisor.pid}
    supervisor.kill()
    supervisor.wait()
    again = home.up()
    assert b"200" in asked(home.port, "/health")
    assert not any(is_alive(pid) and pid in {process.pid for process in home.processes()} for pid in before)
    again.terminate()
    again.wait(60)
    assert home.processes() == []


def test_a_killed_web_process_comes_back_and_its_address_stays_open(home: Home) -> None:
    home.up()
    [web] = [process for process in home.processes() if "mindory_web.embedded.web" in " ".join(process.cmdline())]
    web.send_signal(signal.SIGKILL)
    assert b"200" in asked(home.port, "/health", seconds=90)  # the connection waits in the supervisor's socket
    assert "The web process ended (killed by SIGKILL); starting it again in 1 s." in home.said()


def test_a_killed_postgres_comes_back(home: Home) -> None:
    home.up()
    [server] = [process for process in home.processes() if f"-D {home.data}/postgres" in " ".join(process.cmdline())]
    server.send_signal(signal.SIGKILL)
    until(lambda: "The Postgres process ended (killed by SIGKILL)" in home.said())
    until(lambda: b'"database": "ok"' in asked(home.port, "/health/ready"), seconds=90)


def test_ctrl_c_during_the_first_start_leaves_no_process(home: Home) -> None:
    command = [sys.executable, "-m", "mindory_web.embedded.up"]
    process = subprocess.Popen(command, cwd=BASE, env=home.environment(), stderr=subprocess.PIPE)
    until(lambda: (home.data / "pids").exists() and any((home.data / "pids").iterdir()), seconds=60)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert home.processes() == []


def test_a_port_in_use_is_one_sentence(home: Home) -> None:
    with socket.create_server(("127.0.0.1", home.port)):
        assert f"Port {home.port} on 127.0.0.1 is in use" in home.refused()


def test_data_of_a_newer_version_is_one_sentence(home: Home) -> None:
    home.data.mkdir()
    (home.data / "VERSION").write_text(f"{DATA_SCHEMA + 1}, Mindory 9.0\n")
    assert "made by a newer Mindory (2, Mindory 9.0" in home.refused()


def test_a_wrong_setting_is_one_sentence_also_one_the_supervisor_does_not_read(home: Home) -> None:
    assert home.refused(MINDORY_PORT="many") == "MINDORY_PORT='many' must be a whole number from 1 to 65535."
    assert "MINDORY_SIGNUP='opne' is not known" in home.refused(MINDORY_SIGNUP="opne")
    assert home.processes() == []


def test_an_address_of_another_machine_is_one_sentence(home: Home) -> None:
    assert "set MINDORY_HOST to an address of this machine" in home.refused(MINDORY_HOST="192.0.2.1")


def test_a_missing_redis_is_one_sentence(home: Home) -> None:
    given = {"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}
    assert "Redis does not answer" in home.refused(**given)
    assert home.processes() == []


def test_a_missing_postgres_is_one_sentence(home: Home) -> None:
    given = {
        "DATABASE_URL": f"postgresql://nobody@127.0.0.1:{free_port()}/nothing",
        "MINDORY_SECRET_KEY": "a secret for tests only, longer than 32 characters",
    }
    assert "Postgres does not answer" in home.refused(**given)


def asked(port: int, path: str, *, seconds: float = 10) -> bytes:
    """Return the whole answer, or nothing when nobody answers in time."""
    answer, deadline = b"", time.monotonic() + seconds
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=seconds) as link:
            link.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
            while (block := link.recv(65536)) and time.monotonic() < deadline:
                answer += block
    except OSError:
        return b""
    return answer
