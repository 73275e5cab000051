"""Which encoding a file is in, as far as its bytes tell."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from books.errors import BadEncoding
from books.formats import language
from books.formats.decoding.names import BYTE_ORDER_MARKS, ENCODINGS, MULTIBYTE, codec_of, known, mark_of
from books.formats.decoding.scores import score
from books.formats.decoding.stretches import Stretch, parted, unmixed

_SINGLE: Final = ("windows-1251", "koi8-r", "ibm866", "iso-8859-5", "koi8-u", "windows-1253", "windows-1255",
                  "windows-1256", "windows-874")  # fmt: skip
_LEGACY: Final = ("gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "windows-1252", *_SINGLE)
_WIDE: Final = ("utf-16-le", "utf-16-be")
# Where the letters of these languages stand, if not in windows-1252.
_HOMES: Final = {
    **dict.fromkeys(("pl", "cs", "hu", "ro"), "windows-1250"), "tr": "windows-1254",
}  # fmt: skip
_SAMPLE: Final = 20_000  # bytes, on which the hopeless encodings are sorted out
_WHOLE: Final = 8_000_000  # bytes, on which the others are compared; of a larger file, eight million from all over it
_MARGIN: Final = 0.3  # an encoding that scores this much less on the sample is hopeless
_SURE: Final = 0.15  # below this, no old encoding makes sense of the bytes
_STRONG: Final = 0.5  # above this, one does, however many bytes are torn
_MOST_BROKEN: Final = 0.001  # share of characters that may be unreadable: files in the wild have a few torn ones
_OVERRULED: Final = 0.3  # what a file says of itself is believed unless another encoding scores so much better
_ODD: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_ZEROS: Final = 4096
_BINARY: Final = (b"%PDF", b"PK\x03\x04", b"\x7fELF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"Rar!")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The characters of a file, without its byte order mark.

    `encoding` is one of ENCODINGS, that of most bytes; `replaced` is how many characters could not be read and are
    U+FFFD now; `stretches` say where which encoding is, when there is more than one.
    """

    text: str
    encoding: str
    replaced: int = 0
    stretches: tuple[Stretch, ...] = ()

    @property
    def label(self) -> str:
        """Return the encoding, or the encodings, as people know them."""
        names = dict.fromkeys([self.encoding, *(stretch.encoding for stretch in self.stretches)])
        return " + ".join(_short(name) for name in names)

    def details(self) -> dict[str, object]:
        """Return what a ParsedBook says about its encoding."""
        found: dict[str, object] = {"encoding": self.label}
        if self.replaced:
            found |= {"had_lossy": True, "replaced": self.replaced}
        if self.stretches:
            found["stretches"] = [[_short(at.encoding), at.start, at.end] for at in self.stretches]
        return found


def _short(name: str) -> str:
    return ENCODINGS[name].partition(" (")[0]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An encoding that a file may be in, and how much its characters then look like a language."""

    encoding: str
    score: float


def decoded(data: bytes, *, chosen: str = "", said: str = "") -> Decoded | None:
    """Return the characters, or None when this is no text.

    `chosen`: the reader wants this encoding, and gets it. `said`: the file claims to be in this one, which is
    believed if it reads as a language.
    """
    if chosen:
        return _as_chosen(data, chosen)
    if mark := mark_of(data):
        return _marked(data, *mark)
    if b"\x1b$" in data[:100_000] and b"\x1b(" in data and (japanese := _strict(data, "iso-2022-jp")):
        return japanese
    if (
        b"~{" in data[:100_000]
        and data.isascii()
        and (found := _strict(data, "hz"))
        and score(found.text, "hz") > _STRONG
    ):
        return found
    if (wide := _utf_16(data)) or _is_binary(data):
        return wide
    if whole := _strict(data, "utf-8"):
        return whole
    if (name := known(said)) and (believed := _believed(data, name)):
        return believed
    return _without_mark(data)


def _as_chosen(data: bytes, chosen: str) -> Decoded:
    name = known(chosen)
    if not name:
        raise BadEncoding("Mindory does not know this encoding. Choose one of the list.")
    mark = mark_of(data)
    if mark and (mark[1] == name or (name.startswith("utf-16") and mark[1] == "utf-16")):
        data = data[len(mark[0]) :] if name != "utf-16" and name != "utf-32" else data
    return _lossy(data, name)


def _lossy(data: bytes, name: str) -> Decoded:
    text = data.decode(codec_of(name), errors="replace")
    return Decoded(text.removeprefix("\ufeff"), name, text.count("\ufffd"))


def _strict(data: bytes, name: str) -> Decoded | None:
    """Return the text when every byte fits. A U+FFFD that the file itself has is not ours."""
    try:
        text = data.decode(codec_of(name))
    except UnicodeDecodeError:
        return None
    return Decoded(text, name) if _is_text(text) else None


def _is_text(text: str) -> bool:
    return len(_ODD.findall(text)) <= len(text) / 1000


def _is_binary(data: bytes) -> bool:
    return data.count(b"\0", 0, _ZEROS) > 4


def _marked(data: bytes, mark: bytes, name: str) -> Decoded | None:
    if name != "utf-8":
        return _lossy(data, name)
    data = data[len(mark) :]
    found = _strict(data, "utf-8") or _mixed(data, offset=len(mark)) or _lossy(data, "utf-8")
    return found if _is_text(found.text) else None


def _utf_16(data: bytes) -> Decoded | None:
    """Recognise UTF-16 without a mark: it holds zeros, and only one of its two readings is a language."""
    start = data[: _ZEROS & ~1]
    if b"\0" not in start or len(data) < 4:
        return None
    ratings = {name: _rated(start[: len(start) & ~1], name) for name in _WIDE}
    best = max(ratings, key=lambda name: ratings[name])
    if ratings[best] < 0.5:
        return None
    found = _lossy(data, best)
    return found if _is_text(found.text) else None


def _rated(data: bytes, name: str) -> float:
    """Return the share of letters and everyday characters in UTF-16, ASCII among them."""
    text = data.decode(codec_of(name), errors="replace")
    plain = sum(" " <= character <= "~" or character in "\r\n\t" for character in text)
    beyond = sum(character > "\x7f" for character in text)
    return (plain + max(score(text, name), 0) * beyond) / max(len(text), 1)


def _believed(data: bytes, name: str) -> Decoded | None:
    """Return the text in the encoding a file says it is in, unless that is plainly wrong."""
    if name in {"utf-8", "utf-16", "utf-32", *_WIDE}:
        return None
    found = _lossy(data, name)
    if found.replaced > max(len(found.text) * _MOST_BROKEN, 3) or not _is_text(found.text):
        return None
    sample = sampled(data)
    ranked = _ranked(sample)
    is_worse = ranked and ranked[0].score > score(sample.decode(codec_of(name), "replace"), name) + _OVERRULED
    return None if is_worse and ranked[0].encoding != name else found


def _without_mark(data: bytes) -> Decoded | None:
    found = _mixed(data) or _legacy(data)
    if found is None:
        found = _lossy(data, "utf-8")
    return found if _is_text(found.text) else None


def _mixed(data: bytes, *, offset: int = 0) -> Decoded | None:
    """Return a text that has UTF-8 in it, and what else; None when there is no UTF-8."""
    parts = unmixed(data)
    if all(part.encoding != "utf-8" for part in parts):
        return None
    other = b"\n".join(data[part.start : part.end] for part in parts if part.encoding != "utf-8")
    ranked = _ranked(sampled(other)) if other else []
    name = ranked[0].encoding if ranked and ranked[0].score > _SURE else "utf-8"
    named = [Stretch(part.encoding or name, part.start, part.end) for part in parts]
    return _joined(data, named, offset=offset)


def _joined(data: bytes, parts: list[Stretch], *, offset: int = 0) -> Decoded:
    """Decode stretch by stretch."""
    texts = [data[part.start : part.end].decode(codec_of(part.encoding), errors="replace") for part in parts]
    text = "".join(texts)
    sizes: dict[str, int] = {}
    kept: list[Stretch] = []
    for part in parts:
        sizes[part.encoding] = sizes.get(part.encoding, 0) + part.end - part.start
        if kept and kept[-1].encoding == part.encoding:
            kept[-1] = Stretch(part.encoding, kept[-1].start, part.end + offset)
        else:
            kept.append(Stretch(part.encoding, part.start + offset, part.end + offset))
    most = max(sizes, key=lambda name: sizes[name])
    return Decoded(text, most, text.count("\ufffd"), tuple(kept) if len(sizes) > 1 else ())


def _legacy(data: bytes) -> Decoded | None:
    """Return the text in the old encoding that makes most sense, judged on the whole file."""
    ranked = _ranked(sampled(data))
    close = [found for found in ranked if found.score > ranked[0].score - _MARGIN][:4]
    if not close or close[0].score < _SURE:
        return None
    if len(close) > 1:
        whole = [
            Candidate(at.encoding, score(data.decode(codec_of(at.encoding), "replace"), at.encoding)) for at in close
        ]
        close = sorted(whole, key=lambda found: -found.score)
    best = close[0].encoding
    if best in {"gb18030", "big5", "shift_jis", "euc-jp", "euc-kr"} and (parts := parted(data, best)):
        return _joined(data, parts)
    for candidate in close:
        name = _home(data, candidate.encoding)
        found = _lossy(data, name)
        if found.replaced <= max(len(found.text) * _MOST_BROKEN, 3):
            return found
    return _lossy(data, best) if close[0].score > _STRONG else None


def _home(data: bytes, name: str) -> str:
    """Return the encoding of a Latin text's language."""
    if name != "windows-1252":
        return name
    sample = sampled(data)
    home = _HOMES.get(language.of(sample.decode("cp1250", errors="replace")), name)
    is_same = sample.decode(codec_of(home), errors="replace") == sample.decode(codec_of(name), errors="replace")
    return name if is_same else home


@lru_cache(maxsize=4)
def _ranked(sample: bytes, names: tuple[str, ...] = ()) -> list[Candidate]:
    """Return encodings, the most likely first: all old ones, and UTF-16 where it may be that it shows no zeros."""
    found = []
    for name in names or (*_LEGACY, *(() if b"\n" in sample[:2000] else _WIDE)):
        text = sample.decode(codec_of(name), errors="replace")
        found.append(Candidate(name, round(score(text, name), 4)))
    return sorted(found, key=lambda candidate: -candidate.score)


def sampled(data: bytes, *, size: int = _SAMPLE, places: int = 8) -> bytes:
    """Return lines from all over a file, cut at line ends so that no character is torn."""
    if len(data) <= size:
        return data
    size //= places
    parts = []
    for number in range(places):
        start = (len(data) - size) * number // (places - 1)
        part = data[start : start + size]
        if number and b"\n" in part:
            part = part.partition(b"\n")[2]
        parts.append(part.rpartition(b"\n")[0] or part)
    return b"\n".join(parts)


def candidates(data: bytes, *, said: str = "") -> list[Candidate]:
    """Return the encodings a reader may want to choose: the detected one first, then others by their scores."""
    found = decoded(data, said=said)
    first = found.encoding if found else "utf-8"
    ranked = [at for at in _ranked(sampled(data)) if at.encoding != first]
    sample = sampled(data)
    own = score(sample.decode(codec_of(first), errors="replace"), first)
    usual = [Candidate(name, 0.0) for name in ("utf-8", "utf-16-le") if name != first]
    # A Chinese file that was taken for the wrong one is Chinese all the same: Thai letters cannot be what it means.
    alike = [at for at in ranked if at.encoding in MULTIBYTE and first in MULTIBYTE]
    return [Candidate(first, round(own, 4)), *alike, *usual, *(at for at in ranked if at not in alike)]


def looks_like_text(start: bytes) -> bool:
    """Say whether a file that begins like this may be text."""
    if start.startswith(tuple(mark for mark, _ in BYTE_ORDER_MARKS)):
        return True
    if start.startswith(_BINARY):
        return False
    odd = sum(byte < 9 or 13 < byte < 27 for byte in start)
    return odd <= len(start) / 100 or decoded(start[: len(start) // 4 * 4]) is not None
