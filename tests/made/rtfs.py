"""Rich text, written here in code: rtf(r"\\pard Words.\\par") -> bytes."""

STYLES = r"{\stylesheet{\snext0 Normal;}{\s1\sbasedon0 heading 1;}{\s2 heading 2;}{\s3\sbasedon2 My own;}{\s4 Quote;}}"


def rtf(body: str | bytes, *, page: int = 1252, fonts: str = r"{\f0\fnil\fcharset0 Times;}", info: str = "") -> bytes:
    """Return a rich text file: `fonts` and `info` are what its tables hold."""
    head = rf"{{\rtf1\ansi\ansicpg{page}\deff0\deflang1033{{\fonttbl{fonts}}}{STYLES}{{\info{info}}}"
    return head.encode("ascii") + b"\n" + (body.encode("ascii") if isinstance(body, str) else body) + b"}"


def escaped(text: str, encoding: str) -> str:
    """Return every byte of a text as \\'xx."""
    return "".join(f"\\'{byte:02x}" for byte in text.encode(encoding))


def unicode(text: str) -> str:
    """Return every character as \\uN with a question mark for programs without Unicode."""
    units = text.encode("utf-16-le")
    numbers = [int.from_bytes(units[at : at + 2], "little", signed=True) for at in range(0, len(units), 2)]
    return "".join(f"\\u{number}?" for number in numbers)


def p(text: str, *, form: str = "") -> str:
    """Return a paragraph."""
    return rf"\pard {form} {text}\par" + "\n"


def tale() -> bytes:
    """Return a plain document in two chapters."""
    words = "The sea was calm that day, and nobody came. " * 80
    return rtf(p("One", form=r"\s1") + p(words) + p("Two", form=r"\s1") + p(words))
