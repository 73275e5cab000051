"""The rules under which a zip archive is opened, and what of a damaged one can be saved.

A zip tells sizes that may be lies, so every limit is checked on the bytes that really come out.
Nothing is ever written to a disk.
"""

import mmap
import re
import stat
import struct
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO, Final

from books.errors import DamagedBook, LockedBook, TooDemanding
from books.formats.limits import Limits

_CHUNK: Final = 256 * 1024
_FREE: Final = 1024 * 1024  # bytes that a member may unpack to whatever its ratio
_LOCAL: Final = struct.Struct("<4s5H3I2H")  # the header in front of each member
_LOCAL_MARK: Final = b"PK\x03\x04"
_END: Final = struct.Struct("<4s4H2IH")  # the record at the end
_END_MARK: Final = b"PK\x05\x06"
_FAR: Final = struct.Struct("<4sQ2H2I4Q")  # the same in 64 bits, followed by where it is
_LOCATOR: Final = 20
_ENTRY: Final = 46  # bytes of an entry in the directory, at least
_LONG_ENTRY: Final = 1_000  # bytes of an entry with a long name and a comment
_STORED, _DEFLATED = 0, 8
_LOCKED, _SIZE_FOLLOWS, _UTF8 = 1, 8, 0x800  # flags of a member


@dataclass(frozen=True, slots=True)
class _Member:
    """One file of the archive, as its directory tells; `packed` is how many bytes it has at most."""

    name: str
    method: int
    flags: int
    crc: int | None
    packed: int
    header: int
    mode: int = 0


class Archive:
    """A zip archive, read member by member in memory.

    When its directory is damaged, the headers in front of the members serve. A member that is damaged itself
    gives what comes out of it before the damage.
    """

    def __init__(self, file: BinaryIO, *, limits: Limits | None = None) -> None:
        self._file = file
        self._limits = limits or Limits()
        self._size = file.seek(0, 2)
        self._damaged = False
        found = self._listed()
        if len(found) > self._limits.members:
            raise TooDemanding("This book is refused: its archive holds too many files.")
        self._members = _by_name(found)
        _refuse_overlaps(self._members.values())
        self._folded = {_folded(name): name for name in reversed(self._members)}
        self._read = 0
        self._is_text = True
        self.seconds = 0.0  # spent on unpacking

    def _listed(self) -> list[_Member]:
        """Return the members of the directory, or of the headers when there is no directory."""
        if _directory_size(self._file, self._size) > self._limits.members * _LONG_ENTRY:
            raise TooDemanding("This book is refused: its archive holds too many files.")
        try:
            with zipfile.ZipFile(self._file) as archive:
                found = [_member(info) for info in archive.infolist()]
            if all(self._is_placed(member) for member in found):
                return found
        except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, NotImplementedError, struct.error):
            pass
        self._damaged = True
        saved = list(_saved(self._file, most=self._limits.members))
        if not saved:
            raise DamagedBook("This file is damaged: it is an archive that cannot be opened.")
        return saved

    def _is_placed(self, member: _Member) -> bool:
        self._file.seek(member.header)
        return self._file.read(4) == _LOCAL_MARK

    @property
    def names(self) -> list[str]:
        """Return the names of the members, in the order of the archive."""
        return list(self._members)

    @property
    def warnings(self) -> list[str]:
        """Return what is wrong with the archive, for people."""
        return ["This file is damaged; what could be saved of it is shown."] if self._damaged else []

    def begin_pictures(self) -> None:
        """Count what is read from now on as pictures."""
        self._read, self._is_text = 0, False

    def find(self, name: str) -> str | None:
        """Return the member of this name, forgiving upper and lower case and the form of accents."""
        return name if name in self._members else self._folded.get(_folded(name))

    def read(self, name: str) -> bytes:
        """Return a member's bytes, counted as they come out."""
        found = self.find(name)
        if found is None:
            raise DamagedBook("This book is damaged: one of its parts is missing.", part=_shown(name))
        member = self._members[found]
        if member.flags & _LOCKED:
            raise LockedBook("This book is locked with a password. Upload a copy without one.")
        began = time.perf_counter()
        chunks: list[bytes] = []
        problem: Exception | None = None
        try:
            for chunk in self._counted(member):
                chunks.append(chunk)
        except (zlib.error, EOFError, struct.error, OSError, ValueError) as error:
            problem = error
        body = b"".join(chunks)
        self.seconds += time.perf_counter() - began
        if problem is None and (member.crc is None or zlib.crc32(body) == member.crc):
            return body
        self._damaged = True
        if not body:
            raise DamagedBook(
                "This book is damaged: one of its parts cannot be unpacked.", part=_shown(name)
            ) from problem
        return body

    def _counted(self, member: _Member) -> Iterator[bytes]:
        """Yield the bytes of a member; TooDemanding as soon as they are too many."""
        limits = self._limits
        most, largest = (limits.unpacked, limits.member) if self._is_text else (limits.pictures, limits.picture)
        packed = min(member.packed, self._size)
        size = 0
        for chunk in self._unpacked(member):
            size += len(chunk)
            self._read += len(chunk)
            is_bomb = size > _FREE and size > limits.ratio * max(packed, 1)
            if is_bomb or size > largest or self._read > most:
                raise TooDemanding("This book is refused: it unpacks to far more than a book holds.")
            yield chunk

    def _unpacked(self, member: _Member) -> Iterator[bytes]:
        """Yield the bytes of a member, 256 kB at a time; EOFError when its end is missing."""
        self._file.seek(member.header)
        mark, *_, name, extra = _LOCAL.unpack(self._file.read(_LOCAL.size))
        if mark != _LOCAL_MARK or member.method not in {_STORED, _DEFLATED}:
            raise ValueError("not a member we can unpack")
        self._file.seek(name + extra, 1)
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        left = member.packed
        while left:
            data = self._file.read(min(_CHUNK, left))
            if not data:
                raise EOFError
            left -= len(data)
            if member.method == _STORED:
                yield data
                continue
            while data and not unpacker.eof:
                chunk = unpacker.decompress(data, _CHUNK)
                if chunk:
                    yield chunk
                data = unpacker.unconsumed_tail
            if unpacker.eof:
                return
        while member.method == _DEFLATED and not unpacker.eof:
            chunk = unpacker.decompress(unpacker.unconsumed_tail, _CHUNK)
            if not chunk:
                raise EOFError
            yield chunk


def _member(info: zipfile.ZipInfo) -> _Member:
    return _Member(
        info.orig_filename.partition("\0")[0],
        info.compress_type,
        info.flag_bits,
        info.CRC,
        info.compress_size,
        info.header_offset,
        info.external_attr >> 16,
    )


def _by_name(found: Iterable[_Member]) -> dict[str, _Member]:
    """Return the members by their names, which must stay inside the archive and differ; a copy of one is no harm."""
    members: dict[str, _Member] = {}
    for member in found:
        _check_name(member)
        first = members.setdefault(member.name, member)
        if first is not member and (first.crc, first.packed) != (member.crc, member.packed):
            raise DamagedBook("This book is refused: its archive holds two files of the same name.")
    return members


def _check_name(member: _Member) -> None:
    name = member.name
    is_outside = name.startswith("/") or "\\" in name or ".." in name.split("/") or re.match(r"[A-Za-z]:", name)
    if is_outside or stat.S_ISLNK(member.mode):
        raise DamagedBook("This book is refused: its archive names files outside itself.")


def _refuse_overlaps(members: Iterable[_Member]) -> None:
    """Refuse an archive whose members share their bytes: a few of them would unpack to very many."""
    placed = sorted(members, key=lambda member: member.header)
    for before, after in pairwise(placed):
        if before.packed and before.header + _LOCAL.size + before.packed > after.header:
            raise TooDemanding("This book is refused: it unpacks to far more than a book holds.")


def _directory_size(file: BinaryIO, size: int) -> int:
    """Return how many bytes the directory takes by what the end of the file says; 0 when it says nothing."""
    start = max(size - 65_536 - _END.size, 0)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(_END_MARK)
    if at < 0 or at + _END.size > len(tail):
        return 0
    entries, length = _END.unpack_from(tail, at)[4:6]
    if length == 0xFFFFFFFF and at >= _FAR.size:  # too long for 32 bits: the record before says how long
        length = _FAR.unpack_from(tail, at - _FAR.size - _LOCATOR)[8] if at >= _FAR.size + _LOCATOR else size
    return max(int(length), int(entries) * _ENTRY if entries != 0xFFFF else 0)


def _saved(file: BinaryIO, *, most: int) -> Iterator[_Member]:
    """Yield the members whose headers can be found, in a file without a directory."""
    body = _whole(file)
    at = body.find(_LOCAL_MARK)
    count = 0
    while at >= 0 and count <= most:
        if at + _LOCAL.size > len(body):
            return
        _, _, flags, method, _, _, crc, packed, _, name_size, extra_size = _LOCAL.unpack_from(body, at)
        start = at + _LOCAL.size + name_size + extra_size
        following = start + packed
        if flags & _SIZE_FOLLOWS or not (following == len(body) or body[following : following + 2] == b"PK"):
            found = body.find(_LOCAL_MARK, start)
            following = found if found >= 0 else len(body)
            crc = None if flags & _SIZE_FOLLOWS else crc
            packed = max(following - start, 0)
        raw = body[at + _LOCAL.size : at + _LOCAL.size + name_size]
        name = raw.decode("utf-8" if flags & _UTF8 else "cp437", errors="replace").partition("\0")[0]
        if name and method in {_STORED, _DEFLATED}:
            count += 1
            yield _Member(name, method, flags, crc, packed, at)
        at = body.find(_LOCAL_MARK, max(following, at + 4))


def _whole(file: BinaryIO) -> "bytes | mmap.mmap":
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        file.seek(0)
        return file.read()


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _shown(name: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in name)[-80:]
