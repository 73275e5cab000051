"""Cut a rich text file into its tokens, one after the other."""

import re
from binascii import unhexlify
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_UNIT: Final = rb"\\u(-?[0-9]{1,6})[ ]?(\?|(?:\\'[0-9A-Fa-f]{2}){1,2})"
_UNITS: Final = re.compile(_UNIT)
_TOKEN: Final = re.compile(
    # Characters and what stands for each in old programs, a whole run at once: Asian texts are nothing else.
    rb"(?P<units>(?:\\u-?[0-9]{1,6}[ ]?(?:\?|(?:\\'[0-9A-Fa-f]{2}){1,2}))+)|"
    rb"\\(?P<word>[A-Za-z]{1,32})(?P<number>-?[0-9]{1,10})?[ ]?"
    rb"|(?P<bytes>(?:\\'[0-9A-Fa-f]{2})+)"
    rb"|\\(?P<sign>[^A-Za-z'])"
    rb"|(?P<brace>[{}])"
    rb"|(?P<text>[^\\{}\r\n\0]+)"
    rb"|(?P<nothing>[\r\n\0]+|\\)"
)


@dataclass(slots=True)  # not frozen: there are hundreds of thousands
class Token:
    """One token. `kind`: "word" (\\par, number None when it has none), "text" (bytes), "sign" (\\~), "{" or "}".

    "units" is a run of \\u: pairs of UTF-16 units and the bytes that stand for them elsewhere.
    """

    kind: str
    word: str = ""
    number: int | None = None
    data: bytes = b""
    is_raw: bool = False  # bytes of a picture, not of a text
    units: list[tuple[int, bytes]] | None = None


def tokens(data: bytes) -> Iterator[Token]:
    """Yield the tokens of a file."""
    at = 0
    while found := _TOKEN.match(data, at):
        at = found.end()
        kind = found.lastgroup
        if kind in {"word", "number"}:
            word = found["word"].decode("ascii")
            number = int(found["number"]) if found["number"] else None
            if word == "bin":
                length = max(number or 0, 0)
                yield Token("text", data=data[at : at + length], is_raw=True)
                at = min(at + length, len(data))
            else:
                yield Token("word", word, number)
        elif kind == "units":
            pairs = [(int(number) & 0xFFFF, _plain(other)) for number, other in _UNITS.findall(found["units"])]
            yield Token("units", units=pairs)
        elif kind == "text":
            yield Token("text", data=found["text"])
        elif kind == "bytes":
            yield Token("text", data=unhexlify(found["bytes"].replace(b"\\'", b"")))
        elif kind == "sign":
            yield Token("sign", found["sign"].decode("latin-1"))
        elif kind == "brace":
            yield Token(found["brace"].decode("ascii"))


def _plain(other: bytes) -> bytes:
    return other if other == b"?" else unhexlify(other.replace(b"\\'", b""))
