"""Small programs of our own under a real supervisor in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from mindory_web.embedded import leftovers
from mindory_web.embedded.site import BASE

pytestmark = pytest.mark.faults

# Two programs that write down their start and end; told sentences go to stdout.
STAGE = '''
import sys
from pathlib import Path
from mindory_web.embedded.processes import Program
from mindory_web.embedded.supervisor import Supervisor

data = Path(sys.argv[1])
ACTOR = """
import os, signal, sys, time
def say(word):
    with open("diary", "a") as diary: diary.write(f"{sys.argv[1]} {word} {os.getpid()}\\\\n")
def leave(*_):
    say("ends"); sys.exit(0)
signal.signal(signal.SIGTERM, leave)
say("begins")
while True: time.sleep(600)
"""
supervisor = Supervisor(data, tell=lambda sentence: print(sentence, flush=True))
with supervisor.listening():
    for name in ("first", "second"):
        begun = lambda: (data / "diary").exists() and name in (data / "diary").read_text()
        actor = Program(name, [sys.executable, "-c", ACTOR, name], data / "log", is_ready=begun, cwd=data)
        supervisor.wait(supervisor.spawn(actor))
    print("ready", flush=True)
    supervisor.watch()
'''


class Stage:
    """A supervisor with two actors, and the diary that they keep."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [sys.executable, "-c", STAGE, str(data)], cwd=BASE, stdout=subprocess.PIPE, text=True
        )
        until(lambda: len(self.diary()) == 2)

    def diary(self) -> list[tuple[str, str, int]]:
        path = self.data / "diary"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(name, word, int(pid)) for name, word, pid in (line.split() for line in lines)]

    def pid(self, name: str) -> int:
        return [pid for who, word, pid in self.diary() if (who, word) == (name, "begins")][-1]

    def said(self) -> str:
        return self.process.communicate(timeout=15)[0]


def until(question: Callable[[], bool], *, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    if stage.process.poll() is None:
        stage.process.kill()
    stage.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all_in_reverse_order(stage: Stage, number: signal.Signals) -> None:
    stage.process.send_signal(number)
    said = stage.said()
    assert stage.process.returncode == 0, said
    assert [(name, word) for name, word, _ in stage.diary()] == [
        ("first", "begins"),
        ("second", "begins"),
        ("second", "ends"),
        ("first", "ends"),
    ]
    assert not list((stage.data / "pids").iterdir())


def test_a_child_that_dies_is_told_and_started_again(stage: Stage) -> None:
    killed = stage.pid("first")
    os.kill(killed, signal.SIGKILL)
    until(lambda: stage.pid("first") != killed)
    os.kill(stage.pid("first"), signal.SIGKILL)
    until(lambda: len(stage.diary()) == 4)
    stage.process.terminate()
    said = stage.said()
    assert "The first process ended (killed by SIGKILL); starting it again in 1 s." in said
    assert "starting it again in 2 s." in said
    assert not is_alive(stage.pid("first"))


def test_after_a_kill_of_the_supervisor_no_child_lives_on(stage: Stage) -> None:
    stage.process.kill()
    stage.process.wait()
    leftovers.end(stage.data)  # what the next start does first; on Linux the kernel was faster
    until(lambda: [word for _, word, _ in stage.diary()].count("ends") == 2)
    until(lambda: not is_alive(stage.pid("first")) and not is_alive(stage.pid("second")))
