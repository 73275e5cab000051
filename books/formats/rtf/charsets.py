"""In which encoding the bytes of a rich text file are, by its code page and its fonts."""

from typing import Final

_BY_CHARSET: Final = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "big5hkscs",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_BY_PAGE: Final = {
    437: "cp437", 850: "cp850", 852: "cp852", 866: "cp866", 874: "cp874", 932: "cp932", 936: "gb18030", 949: "cp949",
    950: "big5hkscs", 1250: "cp1250", 1251: "cp1251", 1252: "cp1252", 1253: "cp1253", 1254: "cp1254", 1255: "cp1255",
    1256: "cp1256", 1257: "cp1257", 1258: "cp1258", 10000: "mac_roman", 54936: "gb18030", 65001: "utf-8",
}  # fmt: skip
_WIDE: Final = frozenset({"cp932", "gb18030", "cp949", "big5hkscs", "utf-8"})
USUAL: Final = "cp1252"


def of_page(number: int | None) -> str:
    """Return the codec of a code page."""
    return _BY_PAGE.get(number or 0, USUAL)


def of_charset(number: int | None) -> str:
    """Return the codec of a font's character set; empty when it is that of the document."""
    return _BY_CHARSET.get(number or 0, "") if number != 1 else ""


def decoded(data: bytes, font: str, document: str) -> str:
    """Decode bytes in a font; a Western font in an Asian document often holds that document's characters."""
    if data.isascii() and font != "utf-8":
        return data.decode("ascii")
    if font in {"", USUAL} and document in _WIDE:
        try:
            return data.decode(document)
        except UnicodeDecodeError:
            pass
    return data.decode(font or document, errors="replace")
