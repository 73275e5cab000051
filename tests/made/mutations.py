"""Files that somebody broke: bytes changed, lost or there twice, and members of archives exchanged. Always the same."""

import io
import random
import zipfile
import zlib
from collections.abc import Iterator

_PIECES = (b"\0" * 40, b"\xff" * 40, b"<" * 40, b"&#x0;", b"<!DOCTYPE", b"]]>", b"endobj", b"9" * 20, b"-1 0 R")


def mutations(data: bytes, *, count: int, seed: int = 0) -> Iterator[bytes]:
    """Yield the file `count` times with some of it changed; the same changes for the same seed."""
    dice = random.Random(f"{seed}:{len(data)}:{zlib.crc32(data)}")
    bodies = _members(data)
    for number in range(count):
        if bodies and number % 2:
            yield _zipped(_changed_members(dict(bodies), dice))
        else:
            yield _changed(data, dice)


def _changed(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 5, 20))):
        dice.choice(_CHANGES)(changed, dice)
    return bytes(changed)


def _flip(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 4, 32))):
        if data:
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def _cut(data: bytearray, dice: random.Random) -> None:
    if len(data) > 64:
        del data[dice.randrange(len(data) // 4, len(data)) :]


def _drop(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(data) + 1)
    del data[at : at + dice.choice((1, 10, 500, 5000))]


def _repeat(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(data) + 1)
    data[at:at] = data[at : at + dice.choice((1, 10, 500, 5000))] * dice.choice((1, 2, 20))


def _overwrite(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(data) + 1)
    piece = dice.choice(_PIECES)
    data[at : at + len(piece)] = piece


_CHANGES = (_flip, _flip, _cut, _drop, _repeat, _overwrite)


def _members(data: bytes) -> dict[str, bytes]:
    """Return the members of an archive; none of any other file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return {}


def _changed_members(bodies: dict[str, bytes], dice: random.Random) -> dict[str, bytes]:
    """Change members below their compression, exchange two of them, or lose one."""
    for _ in range(dice.choice((1, 2, 3))):
        names = list(bodies)
        one, other = dice.choice(names), dice.choice(names)
        what = dice.random()
        if what < 0.15:
            bodies[one], bodies[other] = bodies[other], bodies[one]
        elif what < 0.2:
            bodies[one] = b""
        elif what < 0.25 and len(names) > 1:
            del bodies[one]
        else:
            bodies[one] = _changed(bodies[one], dice)
    return bodies


def _zipped(bodies: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in bodies.items():
            archive.writestr(zipfile.ZipInfo(name), body, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()
