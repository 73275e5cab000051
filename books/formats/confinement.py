"""What a parser's child does to itself before it looks at the file: limits, no new rights, no network.

Each measure stands alone: where the system does not offer one, the others hold.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | 1  # answer EPERM
# Calls no parser needs: network, other programs, other processes, changing the file system.
_REFUSED: Final = {
    "x86_64": (0xC000003E, (41, 42, 43, 44, 49, 50, 53, 57, 58, 59, 62, 82, 83, 84, 85, 86, 87, 88, 90, 92, 101, 161,
                            165, 263, 264, 265, 266, 288, 310, 311, 316, 321, 322, 425, 434)),
    "aarch64": (0xC00000B7, (33, 34, 35, 36, 37, 38, 40, 51, 52, 54, 117, 129, 198, 199, 200, 201, 202, 203,
                             221, 242, 270, 271, 276, 280, 281, 425, 434)),
}  # fmt: skip


def confine(*, memory: int, seconds: int, parent: int) -> None:
    """Give up what a parser does not need. `parent`: the process whose end must be ours too."""
    limits = [
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ]
    for limit, most in limits:
        _lower(limit, most)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _filter(libc)
    if os.getppid() != parent:  # it ended before we could ask to be told
        os._exit(1)


def _lower(limit: int, most: int) -> None:
    _, hard = resource.getrlimit(limit)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    try:
        resource.setrlimit(limit, (allowed, allowed))
    except (ValueError, OSError):  # macOS refuses RLIMIT_AS
        return


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _filter(libc: ctypes.CDLL) -> None:
    """Install a seccomp filter (classic BPF): the refused calls answer EPERM, every other one goes on."""
    known = _REFUSED.get(platform.machine())
    if known is None:
        return
    architecture, calls = known
    rules = [(0x20, 0, 0, 4), (0x15, 1, 0, architecture), (0x06, 0, 0, _ALLOW), (0x20, 0, 0, 0)]
    rules += [(0x15, len(calls) - number, 0, call) for number, call in enumerate(calls)]
    rules += [(0x06, 0, 0, _ALLOW), (0x06, 0, 0, _REFUSE)]
    packed = b"".join(struct.pack("=HBBI", *rule) for rule in rules)
    program = _Program(len(rules), packed)
    libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
