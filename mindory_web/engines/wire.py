"""What the embedding process and its clients say to each other. Works without Django and numpy.

A message is two lengths (4 bytes each, big-endian), a JSON object, and raw bytes (little-endian float32 rows).
Nothing is ever unpickled, and both lengths are checked before a byte is read.

    server  {"mindory": "embedder", "nonce": "..."}                 at once
    client  {"do": "hello", "proof": HMAC-SHA256(key, nonce)}       -> {}
    client  {"do": "status"}                                        -> {"model", "dimension", "is_loaded", "waiting"}
    client  {"do": "describe"}                                      -> {"model", "dimension"}
    client  {"do": "embed", "texts": [...], "is_urgent": false}     -> {"model", "rows", "dimension"} + bytes
    server  {"error": "a sentence", "is_retryable": true}           instead of any answer
"""

import hashlib
import hmac
import json
import socket
import struct
import time
from typing import Any, Final

LENGTHS: Final = struct.Struct("!II")
HEADER_AT_MOST: Final = 8 * 1024 * 1024
BODY_AT_MOST: Final = 8 * 1024 * 1024
TEXTS_AT_MOST: Final = 512
CHARACTERS_AT_MOST: Final = 4000  # 256 tokens of any language are fewer; the rest would not be seen anyway

Address = str | tuple[str, int]


class BadMessage(Exception):
    """The other side does not speak this protocol, or says more than is allowed."""


class Gone(Exception):
    """The other side closed the connection."""


def address(written: str) -> Address:
    """Return a unix socket's path, or (host, port) of "host:port"."""
    if "/" in written or ":" not in written:
        return written
    host, _, port = written.rpartition(":")
    if not port.isdigit():
        raise ValueError(f"{written!r} is neither the path of a socket nor host:port.")
    return host.strip("[]"), int(port)


def connect(where: Address, *, seconds: float) -> socket.socket:
    """Return a connected socket, or raise OSError."""
    if isinstance(where, tuple):
        made = socket.create_connection(where, timeout=seconds)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made
    made = socket.socket(socket.AF_UNIX)
    made.settimeout(seconds)
    try:
        made.connect(where)
    except OSError:
        made.close()
        raise
    return made


def send(link: socket.socket, header: dict[str, Any], body: bytes | memoryview = b"") -> None:
    """Send one message."""
    head = json.dumps(header, ensure_ascii=False).encode("utf-8", "replace")
    link.sendall(LENGTHS.pack(len(head), len(body)) + head)
    if body:
        link.sendall(body)


def receive(link: socket.socket, *, header_at_most: int = HEADER_AT_MOST, body_at_most: int = 0) -> tuple[Any, bytes]:
    """Return (header, body) of the next message. The header is any JSON object; its fields are not checked here.

    The whole message must come within the connection's timeout.
    """
    deadline = time.monotonic() + (link.gettimeout() or 1e9)
    head_length, body_length = LENGTHS.unpack(_exactly(link, LENGTHS.size, deadline))
    if head_length > header_at_most or body_length > body_at_most:
        raise BadMessage(f"a message of {head_length} + {body_length} bytes is too long")
    try:
        header = json.loads(_exactly(link, head_length, deadline))
    except (ValueError, RecursionError) as error:
        raise BadMessage("a message that is not JSON") from error
    if not isinstance(header, dict):
        raise BadMessage("a message that is not a JSON object")
    return header, _exactly(link, body_length, deadline)


def proof(key: str, nonce: str) -> str:
    """Return what shows that one knows the key, without saying it."""
    return hmac.new(key.encode(), nonce.encode(), hashlib.sha256).hexdigest()


def _exactly(link: socket.socket, length: int, deadline: float) -> bytes:
    """Read `length` bytes. Memory grows with what really came, never with what was announced."""
    found = bytearray()
    while len(found) < length:
        if time.monotonic() > deadline:
            raise TimeoutError("a message came too slowly")
        some = link.recv(min(length - len(found), 262_144))
        if not some:
            raise Gone("the connection was closed")
        found += some
    return bytes(found)
