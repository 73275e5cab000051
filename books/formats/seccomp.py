"""Which calls to the kernel a parser's child is refused: a filter in classic BPF (Linux).

A refused call answers EPERM, so a library that tries one sees an error and goes on or gives up.
"""

import ctypes
import os
import struct
from dataclasses import dataclass
from typing import Final

_PR_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2
_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000
_REFUSE: Final = 0x00050000 | 1  # EPERM
_UNKNOWN: Final = 0x00050000 | 38  # ENOSYS: the C library then uses an older call, whose arguments we can see
_LOAD, _IS, _IS_AT_LEAST, _HAS_BITS, _ANSWER = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND, _THIRD = 0, 4, 16, 24, 32  # where they stand in what the filter sees
_OTHER_CALLS: Final = 0x40000000  # x32: the same calls under other numbers
_THREAD: Final = 0x00010000  # a flag of clone
_CHANGES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Since Linux 5.1 new calls have the same number everywhere: pidfd_send_signal, io_uring (3), open_tree, move_mount,
# fsopen, fsconfig, fsmount, fspick, pidfd_open, pidfd_getfd, process_madvise, mount_setattr, quotactl_fd,
# memfd_secret, process_mrelease, fchmodat2, setxattrat and removexattrat, open_tree_attr, file_setattr.
_NEW: Final = (424, 425, 426, 427, 428, 429, 430, 431, 432, 433, 434, 438, 440, 442, 443, 447, 448, 452, 463, 466,
               467, 469)  # fmt: skip
_CLONE3, _OPENAT2 = 435, 437


@dataclass(frozen=True, slots=True)
class _Calls:
    """The numbers of one architecture."""

    architecture: int
    refused: tuple[int, ...]
    clone: int
    tgkill: int
    prlimit: int
    openat: int
    open: int | None


# Network, other programs, other processes (signals, memory, priority, tracing), shared memory and queues, the file
# system (names, owners, times, mounts), the kernel (modules, keys, bpf, clocks, performance), user faults, aio.
_X86: Final = (
    29, 30, 31, 41, 42, 43, 44, 46, 48, 49, 50, 53, 54, 57, 58, 59, 62, 64, 65, 66, 67, 68, 69, 70, 71, 76, 77, 82,
    83, 84, 85, 86, 87, 88, 90, 91, 92, 93, 94, 101, 105, 106, 109, 112, 113, 114, 116, 117, 119, 122, 123, 126, 132,
    133, 134, 135, 136, 141, 142, 144, 153, 155, 156, 159, 161, 162, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172,
    173, 175, 176, 179, 188, 189, 190, 197, 198, 199, 200, 203, 206, 209, 212, 220, 227, 235, 237, 238, 240, 241, 242,
    243, 244, 245, 246, 248, 249, 250, 251, 253, 254, 256, 258, 259, 260, 261, 263, 264, 265, 266, 268, 272, 279, 280,
    288, 294, 297, 298, 300, 301, 303, 304, 305, 307, 308, 310, 311, 312, 313, 316, 319, 320, 321, 322, 323, 129,
)  # fmt: skip
_ARM: Final = (
    0, 2, 5, 6, 7, 14, 15, 16, 18, 26, 27, 30, 33, 34, 35, 36, 37, 38, 39, 40, 41, 45, 46, 51, 52, 53, 54, 55, 58, 60,
    81, 88, 89, 91, 92, 97, 104, 105, 106, 112, 117, 118, 119, 122, 129, 130, 138, 140, 142, 143, 144, 145, 146, 147,
    149, 151, 152, 154, 157, 159, 161, 162, 170, 171, 180, 181, 182, 183, 184, 185, 186, 187, 188, 189, 190, 191, 192,
    193, 194, 195, 196, 197, 198, 199, 200, 201, 202, 203, 206, 208, 211, 217, 218, 219, 221, 224, 225, 235, 237, 238,
    239, 240, 241, 242, 262, 263, 264, 265, 266, 268, 269, 270, 271, 272, 273, 276, 279, 280, 281, 282,
)  # fmt: skip
_KNOWN: Final = {
    "x86_64": _Calls(0xC000003E, (*_X86, *_NEW), clone=56, tgkill=234, prlimit=302, openat=257, open=2),
    "aarch64": _Calls(0xC00000B7, (*_ARM, *_NEW), clone=220, tgkill=131, prlimit=261, openat=56, open=None),
}

_Rule = tuple[int, int, int, int]  # operation, steps further when true, when false, operand


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def refuse_calls(libc: ctypes.CDLL) -> None:
    """Install the filter; nothing happens on an architecture we do not know."""
    calls = _KNOWN.get(os.uname().machine)
    if calls is None:
        return
    rules = list(_rules(calls))
    program = _Program(len(rules), b"".join(struct.pack("=HBBI", *rule) for rule in rules))
    libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0)


def _rules(calls: _Calls) -> list[_Rule]:
    rules: list[_Rule] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IS, 1, 0, calls.architecture),
        (_ANSWER, 0, 0, _KILL),  # code of another architecture, whose numbers mean other calls
        (_LOAD, 0, 0, _NUMBER),
        (_IS_AT_LEAST, 0, 1, _OTHER_CALLS),
        (_ANSWER, 0, 0, _REFUSE),
    ]
    for call in (_CLONE3, _OPENAT2):
        rules += [(_IS, 0, 1, call), (_ANSWER, 0, 0, _UNKNOWN)]
    rules += _only(calls.clone, _FIRST, (_HAS_BITS, 0, 1, _THREAD))
    rules += _only(calls.tgkill, _FIRST, (_IS, 0, 1, os.getpid()))
    rules += _only(calls.prlimit, _FIRST, (_IS, 0, 1, 0))
    rules += _only(calls.openat, _THIRD, (_HAS_BITS, 1, 0, _CHANGES))
    if calls.open is not None:
        rules += _only(calls.open, _SECOND, (_HAS_BITS, 1, 0, _CHANGES))
    for call in sorted(calls.refused):
        rules += [(_IS, 0, 1, call), (_ANSWER, 0, 0, _REFUSE)]
    return [*rules, (_ANSWER, 0, 0, _ALLOW)]


def _only(call: int, argument: int, test: _Rule) -> list[_Rule]:
    """Return rules that allow a call if its argument passes the test: 0 steps lead to allow, 1 to refuse."""
    return [(_IS, 0, 4, call), (_LOAD, 0, 0, argument), test, (_ANSWER, 0, 0, _ALLOW), (_ANSWER, 0, 0, _REFUSE)]
