"""The encodings that Mindory reads, and what they are called."""

import codecs
import re
from typing import Final

# Name -> how people know it. A reader may choose any of these, and nothing else.
ENCODINGS: Final[dict[str, str]] = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030 (GBK, GB2312)",
    "big5": "Big5",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32": "UTF-32",
    "hz": "HZ",
    "shift_jis": "Shift JIS",
    "euc-jp": "EUC-JP",
    "iso-2022-jp": "ISO-2022-JP",
    "euc-kr": "EUC-KR (CP949)",
    "windows-1252": "Windows-1252 (Latin 1)",
    "windows-1250": "Windows-1250 (Central European)",
    "windows-1251": "Windows-1251 (Cyrillic)",
    "windows-1253": "Windows-1253 (Greek)",
    "windows-1254": "Windows-1254 (Turkish)",
    "windows-1255": "Windows-1255 (Hebrew)",
    "windows-1256": "Windows-1256 (Arabic)",
    "windows-1257": "Windows-1257 (Baltic)",
    "windows-1258": "Windows-1258 (Vietnamese)",
    "iso-8859-2": "ISO 8859-2 (Central European)",
    "iso-8859-5": "ISO 8859-5 (Cyrillic)",
    "iso-8859-7": "ISO 8859-7 (Greek)",
    "iso-8859-15": "ISO 8859-15 (Latin 9)",
    "koi8-r": "KOI8-R",
    "koi8-u": "KOI8-U",
    "ibm866": "CP866 (Cyrillic, DOS)",
    "macintosh": "Mac Roman",
    "windows-874": "Windows-874 (Thai)",
}
# Those of Chinese, Japanese and Korean.
MULTIBYTE: Final = frozenset({"gb18030", "big5", "hz", "shift_jis", "euc-jp", "iso-2022-jp", "euc-kr", "utf-8"})
# The codec that reads all of it: a file that says GB2312 uses the larger sets of the same family.
_CODECS: Final = {
    "big5": "big5hkscs", "shift_jis": "cp932", "euc-jp": "euc_jis_2004", "iso-2022-jp": "iso2022_jp_3",
    "euc-kr": "cp949", "ibm866": "cp866", "macintosh": "mac_roman", "windows-874": "cp874",
    **{f"windows-{number}": f"cp{number}" for number in range(1250, 1259)},
}  # fmt: skip
_ALIASES: Final = {
    "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "hz-gb-2312": "hz", "cp950": "big5",
    "big5-hkscs": "big5", "big5hkscs": "big5", "sjis": "shift_jis", "shift-jis": "shift_jis", "x-sjis": "shift_jis",
    "ms932": "shift_jis", "cp932": "shift_jis", "windows-31j": "shift_jis", "ks-c-5601-1987": "euc-kr",
    "cp949": "euc-kr", "windows-949": "euc-kr", "uhc": "euc-kr", "ascii": "windows-1252", "us-ascii": "windows-1252",
    "iso-8859-1": "windows-1252", "latin1": "windows-1252", "latin-1": "windows-1252", "iso-8859-9": "windows-1254",
    "iso-8859-8": "windows-1255", "iso-8859-8-i": "windows-1255", "iso-8859-11": "windows-874",
    "tis-620": "windows-874", "cp866": "ibm866", "utf8": "utf-8", "utf-8-sig": "utf-8", "utf16": "utf-16",
    "unicode": "utf-16", "ucs-2": "utf-16", "mac-roman": "macintosh", "x-mac-roman": "macintosh",
    **{f"cp{number}": f"windows-{number}" for number in range(1250, 1259)},
}  # fmt: skip
BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def known(name: str) -> str:
    """Return our name of an encoding, whatever a file or a reader calls it; empty when we do not have it."""
    name = name.strip().lower()
    name = name if name in ENCODINGS else _ALIASES.get(name.replace("_", "-"), name.replace("_", "-"))
    return name if name in ENCODINGS else ""


def codec_of(name: str) -> str:
    """Return the name of Python's codec for one of ENCODINGS."""
    return _CODECS.get(name, name)


def mark_of(data: bytes) -> tuple[bytes, str] | None:
    """Return the byte order mark that `data` begins with, and its encoding."""
    return next(((mark, name) for mark, name in BYTE_ORDER_MARKS if data.startswith(mark)), None)


_SAID: Final = re.compile(
    rb"""(?:charset|encoding)\s{0,20}=\s{0,20}["']?\s{0,20}([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE
)


def said_in(data: bytes) -> str:
    """Return the encoding that a page names for itself, in an XML declaration or a meta element."""
    found = _SAID.search(data[:4096])
    return found.group(1).decode("ascii") if found else ""
