"""What a parser's child does to itself before it looks at the file.

| measure | what is gone afterwards | where |
|---|---|---|
| limits of resources | memory, CPU time, files that grow, open files, further processes | everywhere |
| Landlock | every file but Python, its packages, the system's libraries and our code; signals to others | Linux 5.13 |
| seccomp | network, programs, processes, writing, calls that have nothing to do with parsing | Linux, x86-64 and ARM |

Each measure stands alone: where the system does not offer one, the others hold.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from books.formats import seccomp

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_READ: Final = 1 << 2 | 1 << 3  # READ_FILE, READ_DIR
_READ_FILE: Final = 1 << 2
# How many kinds of access each version of Landlock knows: what is not known cannot be taken away.
_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15}
_LATEST_FILE_RIGHTS: Final = 16
_CODE: Final = Path(__file__).resolve().parents[2]
# Besides Python itself: what libraries look at when they are loaded.
_SYSTEM: Final = (
    "/usr/lib", "/lib", "/lib64", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/dev/null", "/dev/urandom",
    "/proc/cpuinfo", "/sys/devices/system/cpu", "/usr/share/fonts", "/usr/local/share/fonts",
)  # fmt: skip


def confine(
    *, memory: int, seconds: int, parent: int, most_seconds: int | None = None, is_threaded: bool = False
) -> None:
    """Give up what a parser does not need.

    `seconds` of CPU can be raised up to `most_seconds` later. `parent`: the process whose end must be ours too.
    """
    limits = [
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, seconds, max(seconds, most_seconds or 0) + 1),  # at the second one there is no word left
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_NOFILE, 32, 32),
        (resource.RLIMIT_CORE, 0, 0),
    ]
    if not is_threaded:  # the system counts threads and processes together; seccomp tells them apart
        limits.append((resource.RLIMIT_NPROC, 0, 0))
    for limit, soft, hard in limits:
        _lower(limit, soft, hard)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _close_files(libc)
        seccomp.refuse_calls(libc)
    if os.getppid() != parent:  # it ended before we could ask to be told
        os._exit(1)


def allow_cpu(seconds: int) -> None:
    """Raise the limit of CPU time, as far as `confine` left it open."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds if hard == resource.RLIM_INFINITY else min(seconds, hard), hard))


def _lower(limit: int, soft: int, hard: int) -> None:
    _, highest = resource.getrlimit(limit)
    if highest != resource.RLIM_INFINITY:
        soft, hard = min(soft, highest), min(hard, highest)
    try:
        resource.setrlimit(limit, (soft, hard))
    except (ValueError, OSError):  # macOS refuses RLIMIT_AS
        return


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def _close_files(libc: ctypes.CDLL) -> None:
    """Leave only those files readable, and none writable, that a library may still have to load (Landlock)."""
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return
    ruleset = _Ruleset(files=(1 << _FILE_RIGHTS.get(version, _LATEST_FILE_RIGHTS)) - 1)
    size = 8
    if version >= 4:
        ruleset.network, size = 0b11, 16  # bind, connect
    if version >= 6:
        ruleset.scoped, size = 0b11, 24  # sockets without a name in the file system; signals
    rules = libc.syscall(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if rules < 0:
        return
    for path in _readable():
        _allow(libc, rules, path)
    libc.syscall(_RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint32(0))
    os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: str) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    allowed = _READ if Path(path).is_dir() else _READ_FILE
    rule = _Beneath(allowed=allowed, parent=place)
    libc.syscall(_ADD_RULE, ctypes.c_int(rules), ctypes.c_int(1), ctypes.byref(rule), ctypes.c_uint32(0))
    os.close(place)


def _readable() -> Iterable[str]:
    """Return the directories and files a parser may read: those of Python and of the system's libraries, our code."""
    packages = [place for place in sys.path if place]
    if str(_CODE) in packages:  # put there by our parent: beside the code may lie what is not code
        packages.remove(str(_CODE))
    ours = (_CODE / "books", _CODE / "mindory_web" / "__init__.py", _CODE / "mindory_web" / "lib")
    return dict.fromkeys([*packages, f"{sys.base_prefix}/lib", *map(str, ours), *_SYSTEM])
