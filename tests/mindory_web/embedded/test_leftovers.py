"""What a killed supervisor left behind is ended; a stranger with the same number never is."""

import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from mindory_web.embedded import leftovers
from mindory_web.embedded.processes import Child, Program

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(600)",
]


def started(tmp_path: Path, command: list[str]) -> Child:
    return Child(Program("sleeper", command, tmp_path / "log"))


def test_a_process_that_was_written_down_is_ended(tmp_path: Path) -> None:
    child = started(tmp_path, SLEEPER)
    leftovers.note(tmp_path, child)
    assert leftovers.end(tmp_path) == ["sleeper"]
    assert child.process.wait(5) == -signal.SIGTERM
    assert not list((tmp_path / "pids").iterdir())


def test_a_process_that_does_not_listen_is_killed_in_the_end(tmp_path: Path) -> None:
    child = Child(Program("deaf", DEAF, tmp_path / "log", is_ready=lambda: bool((tmp_path / "log").read_bytes())))
    child.wait_ready()
    leftovers.note(tmp_path, child)
    assert leftovers.end(tmp_path, patience=0.2) == ["deaf"]
    assert child.process.wait(5) == -signal.SIGKILL


def test_a_stranger_with_the_same_number_lives_on(tmp_path: Path) -> None:
    child = started(tmp_path, SLEEPER)
    path = leftovers.note(tmp_path, child)
    trace = json.loads(path.read_text())
    path.write_text(json.dumps(trace | {"started": trace["started"] + "1"}))
    assert leftovers.end(tmp_path) == []
    assert child.process.poll() is None
    child.kill()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_a_half_written_note_is_forgotten(tmp_path: Path, text: str) -> None:
    (tmp_path / "pids").mkdir()
    (tmp_path / "pids" / "1.json").write_text(text)
    assert leftovers.end(tmp_path) == []
    assert not list((tmp_path / "pids").iterdir())


def test_a_process_that_is_gone_already_is_no_leftover(tmp_path: Path) -> None:
    child = started(tmp_path, SLEEPER)
    leftovers.note(tmp_path, child)
    child.kill()
    assert leftovers.end(tmp_path) == []


def test_a_note_is_a_trace(tmp_path: Path) -> None:
    child = started(tmp_path, SLEEPER)
    trace = leftovers.Trace(**json.loads(leftovers.note(tmp_path, child).read_text()))
    assert (trace.name, trace.pid, trace.stop_signal) == ("sleeper", child.process.pid, signal.SIGTERM)
    assert trace.started
    assert set(asdict(trace)) == {"name", "pid", "started", "stop_signal"}
    child.kill()
