"""A parser's child that has been taken over: it reaches nothing, and it is ended at its limits."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from books.errors import BookError, ParserDied, TooDemanding
from books.formats import sandbox
from books.formats.limits import Limits
from books.formats.sandbox import OutOfMemory
from tests.books_made import pdf
from tests.made import hostile

ROOT = str(Path(sandbox.__file__).resolve().parents[2])
MEGABYTE = 1024 * 1024
CONFINED = """
import sys; sys.path.insert(0, {root!r})
import ctypes, os, signal, socket, subprocess, threading
from books.formats import confinement
parent = os.getppid()
confinement.confine(memory=1 << 30, seconds=10, parent=parent, is_threaded={threads})
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    if libc.syscall(*arguments) < 0:
        raise OSError(ctypes.get_errno(), "")
try:
    {act}
    print("done")
except OSError as error:
    print("refused", error.errno)
os._exit(0)
"""


def tried(act: str, *, threads: bool = False) -> str:
    """Return what a confined program says after it tried something."""
    code = CONFINED.format(root=ROOT, act=act, threads=threads)
    run = subprocess.run([sys.executable, "-u", "-I", "-c", code], capture_output=True, text=True, env={}, check=False)
    return run.stdout.strip() or run.stderr


@pytest.mark.parametrize(
    "act",
    [
        "open('/etc/passwd').read()",
        "open(f'/proc/{parent}/environ', 'rb').read()",
        "open(f'/proc/{parent}/mem', 'rb').read(1)",
        "open('/proc/self/environ').read()",
        f"open('{ROOT}/manage.py').read()",
        f"open('{ROOT}/.env').read()",
        f"os.listdir('{ROOT}')",
        "os.listdir('/')",
        "open('left-behind', 'w')",
        "os.open('/dev/null', os.O_WRONLY)",
        "os.mkdir('made')",
        "os.unlink('/tmp/anything')",
        "os.truncate('/tmp/anything', 0)",
        "os.symlink('/etc', 'link')",
        "os.memfd_create('hidden')",
        "socket.socket()",
        "socket.socket(socket.AF_UNIX)",
        "socket.socketpair()",
        "os.execv('/bin/true', ['true'])",
        "subprocess.run(['/bin/true'])",
        "os.fork()",
        "os.kill(parent, signal.SIGKILL)",
        "os.kill(parent, 0)",
        "os.killpg(os.getpgid(parent), signal.SIGTERM)",
        "os.setsid()",
        "os.setpriority(os.PRIO_PROCESS, parent, 19)",
        "os.sched_setaffinity(parent, {0})",
        "__import__('resource').prlimit(parent, 7, (0, 0))",
        "call({ptrace}, 16, parent, 0, 0)",
        "call({keyctl}, 0, -3, 0)",
        "call({unshare}, 0x10000000)",
        "call({process_vm_readv}, parent, 0, 0, 0, 0, 0)",
        "call({bpf}, 0, 0, 0)",
        "call({userfaultfd}, 0)",
        "call({shmget}, 1, 4096, 0o1600)",
        "call(425, 1, 0)",  # io_uring_setup
        "call(434, parent, 0)",  # pidfd_open
        "call(424, 0, 9, 0, 0)",  # pidfd_send_signal
        "call(437, -100, 0, 0, 0)",  # openat2
    ],
)
def test_a_child_that_was_taken_over_reaches_nothing(act: str) -> None:
    numbers = {
        "x86_64": {"ptrace": 101, "keyctl": 250, "unshare": 272, "process_vm_readv": 310, "bpf": 321,
                   "userfaultfd": 323, "shmget": 29},
        "aarch64": {"ptrace": 117, "keyctl": 219, "unshare": 97, "process_vm_readv": 270, "bpf": 280,
                    "userfaultfd": 282, "shmget": 194},
    }[os.uname().machine]  # fmt: skip
    for name, number in numbers.items():
        act = act.replace(f"{{{name}}}", str(number))
    assert tried(act).startswith("refused")


@pytest.mark.parametrize(
    "act",
    [
        "open(os.__file__).read()",
        "open('/dev/urandom', 'rb').read(1)",
        "import PIL.Image, lxml.etree, pypdfium2, encodings.gb18030",
        "os.kill(os.getpid(), 0) if False else os.getpid()",
        "libc.syscall(234 if os.uname().machine == 'x86_64' else 131, os.getpid(), os.getpid(), 0)",
    ],
)
def test_what_a_parser_needs_is_still_there(act: str) -> None:
    assert tried(act) == "done"


def test_only_a_task_that_was_given_threads_may_start_them() -> None:
    start = "thread = threading.Thread(target=int); thread.start(); thread.join()"
    assert tried(start, threads=True) == "done"


def test_calls_under_the_numbers_of_another_architecture_are_refused() -> None:
    if os.uname().machine == "x86_64":
        assert tried("call(0x40000000 | 41, 2, 1, 0)").startswith("refused")


class Fake:
    """A program that stands where the parser stood."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        self._patch, self._file = monkeypatch, tmp_path / "book"
        self._file.write_bytes(b"words")

    def run(self, program: str, *, limits: Limits) -> type[Exception]:
        """Return how the parent ends with such a child; nothing of it is left afterwards."""
        start = "import sys, os, time, signal; sys.path.insert(0, {root!r}); from books.formats import confinement\n"
        self._patch.setattr(sandbox, "_START", start + program.replace("{", "{{").replace("}", "}}"))
        before = _children()
        with pytest.raises((BookError, ParserDied)) as ended:
            sandbox.parse(self._file, limits=limits)
        assert _children() <= before
        return type(ended.value)


def _children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Fake:
    return Fake(monkeypatch, tmp_path)


@pytest.mark.parametrize(
    "program",
    [
        "while True: pass",
        "for name in signal.Signals:\n try: signal.signal(name, signal.SIG_IGN)\n except (OSError, ValueError): pass\n"
        "while True: time.sleep(1)",
        "while True: os.write(2, b'x' * 65536)",
        "os.fork()\nwhile True: time.sleep(1)",
        "while True: os.write(1, b'p' + (5).to_bytes(4, 'big') + b'[1,2]')",
    ],
)
def test_a_child_that_does_not_end_is_ended_at_the_limit(fake: Fake, program: str) -> None:
    began = time.monotonic()
    assert fake.run(program, limits=Limits(seconds=1, output=100 * MEGABYTE)) is TooDemanding
    assert time.monotonic() - began < 30


def test_a_child_that_closes_its_mouth_and_goes_on_is_ended(fake: Fake) -> None:
    began = time.monotonic()
    assert fake.run("os.close(1)\nwhile True: time.sleep(1)", limits=Limits()) is ParserDied
    assert fake.run("os.close(1); os.close(2)\nwhile True: time.sleep(1)", limits=Limits()) is ParserDied
    assert time.monotonic() - began < 30


def test_a_child_that_goes_on_after_its_answer_is_ended(fake: Fake) -> None:
    answer = "import struct\ndef say(k, b): os.write(1, k + struct.pack('>I', len(b)) + b)\n"
    answer += 'say(b\'e\', b\'{"code":"locked_book","message":"x","is_expected":true}\')\nwhile True: time.sleep(1)'
    began = time.monotonic()
    assert fake.run(answer, limits=Limits()).__name__ == "LockedBook"
    assert time.monotonic() - began < 30


def test_a_child_that_works_too_long_is_ended_by_the_system(fake: Fake) -> None:
    confined = "confinement.confine(memory=1 << 30, seconds=1, parent=os.getppid())\nwhile True: pass"
    assert fake.run(confined, limits=Limits(seconds=60)) is TooDemanding


def test_a_child_that_takes_memory_without_end_is_too_demanding(fake: Fake) -> None:
    confined = "confinement.confine(memory=1 << 29, seconds=30, parent=os.getppid())\nx = []\n"
    assert fake.run(confined + "while True: x.append(bytes(1 << 20))", limits=Limits()) is OutOfMemory


def test_a_child_that_says_without_end_is_too_demanding(fake: Fake) -> None:
    section = b'{"title":"","text":"x","blocks":[],"origins":[]}'
    program = f"f = b's' + (48).to_bytes(4, 'big') + {section!r}\nwhile True: os.write(1, f * 1000)"
    memory = psutil.Process().memory_info().rss
    assert fake.run(program, limits=Limits(output=2 * MEGABYTE)) is TooDemanding
    assert fake.run("while True: os.write(1, b's' + b'\\xff' * 65536)", limits=Limits()) is TooDemanding
    assert psutil.Process().memory_info().rss - memory < 64 * MEGABYTE


@pytest.mark.parametrize(
    "program",
    ["os.abort()", "os.kill(os.getpid(), signal.SIGSEGV)", "os._exit(0)", "os._exit(1)", "raise ValueError('no')",
     "os.write(1, b'z' + bytes(2)); os._exit(0)", "os.write(1, b'hello, this is no frame'); os._exit(0)"],
)  # fmt: skip
def test_a_child_that_dies_without_an_answer_is_told_apart_from_a_bad_book(fake: Fake, program: str) -> None:
    assert fake.run(program, limits=Limits()) in {ParserDied, OutOfMemory, TooDemanding}


# A worker that once needed 400 MB, and its child that breaks down after it said more than a pipe holds: by then its
# parent has looked at it.
LARGE_WORKER = """
import sys
from pathlib import Path
from books.formats import sandbox
once = b"x" * (400 << 20)
del once
sandbox._START = (
    "import os; had = b'x' * (SIZE << 20); said = bytes([112, 0, 0, 0, 5]) + b'[1,2]'\\n"
    "for _ in range(20_000): os.write(1, said)\\nos.abort()"
)
try:
    sandbox.parse(Path(sys.argv[1]), limits=sandbox.Limits(memory=512 << 20))
except Exception as error:
    print(type(error).__name__)
"""


@pytest.mark.parametrize(("size", "told"), [(1, "ParserDied"), (300, "OutOfMemory")])
def test_the_memory_of_a_large_worker_is_not_its_childs(size: int, told: str, tmp_path: Path) -> None:
    (tmp_path / "book").write_bytes(b"words")
    program = LARGE_WORKER.replace("SIZE", str(size))

    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "book")], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.stdout.strip() == told, done.stderr


def test_twenty_children_leave_no_trace(tmp_path: Path) -> None:
    file = tmp_path / "book"
    file.write_bytes(b"Some words.")
    files = len(list(Path("/dev/fd").iterdir()))
    for _ in range(20):
        sandbox.parse(file, limits=Limits())

    assert len(list(Path("/dev/fd").iterdir())) == files
    assert not [child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE]


def test_a_pdf_whose_page_becomes_a_gigabyte_is_too_demanding(tmp_path: Path) -> None:
    file = tmp_path / "book"
    file.write_bytes(hostile.pdf_bomb(pdf([["x"]]), megabytes=500))
    began = time.monotonic()
    with pytest.raises(TooDemanding):
        sandbox.parse(file, limits=Limits(seconds=60, memory=512 * MEGABYTE))
    assert time.monotonic() - began < 50


def test_a_mistake_in_a_parser_is_a_damaged_book_for_the_reader(fake: Fake) -> None:
    program = (
        "from books.formats import child, registry\n"
        "def fail(source): raise KeyError('a mistake')\n"
        "registry.chosen = fail\nchild.main()"
    )
    error = fake.run(program, limits=Limits())
    assert error is sandbox.Unforeseen
    assert error.code == "damaged_book"
