"""Cut a rich text file into its tokens, one after the other."""

import re
from binascii import unhexlify
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    rb"\\(?P<word>[A-Za-z]{1,32})(?P<number>-?[0-9]{1,10})?[ ]?"
    rb"|(?P<bytes>(?:\\'[0-9A-Fa-f]{2})+)"
    rb"|\\(?P<sign>[^A-Za-z'])"
    rb"|(?P<brace>[{}])"
    rb"|(?P<text>[^\\{}\r\n\0]+)"
    rb"|(?P<nothing>[\r\n\0]+|\\)"
)


@dataclass(slots=True)  # not frozen: there are hundreds of thousands
class Token:
    """One token. `kind`: "word" (\\par, number None when it has none), "text" (bytes), "sign" (\\~), "{" or "}"."""

    kind: str
    word: str = ""
    number: int | None = None
    data: bytes = b""
    is_raw: bool = False  # bytes of a picture, not of a text


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
        elif kind == "text":
            yield Token("text", data=found["text"])
        elif kind == "bytes":
            yield Token("text", data=unhexlify(found["bytes"].replace(b"\\'", b"")))
        elif kind == "sign":
            yield Token("sign", found["sign"].decode("latin-1"))
        elif kind == "brace":
            yield Token(found["brace"].decode("ascii"))
