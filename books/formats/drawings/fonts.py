"""The fonts that words of drawings are set in: a few well-known ones, if this server has them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

FOLDERS: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts")
_EAST: Final = "\u2e80"  # Chinese, Japanese and Korean begin here

# Of each kind the first family that is there: its name, its files below one of the folders.
_SANS: Final = (
    ("DejaVu Sans", ("truetype/dejavu/DejaVuSans.ttf", "truetype/dejavu/DejaVuSans-Bold.ttf")),
    ("DejaVu Sans", ("dejavu/DejaVuSans.ttf", "dejavu/DejaVuSans-Bold.ttf")),
    ("DejaVu Sans", ("TTF/DejaVuSans.ttf", "TTF/DejaVuSans-Bold.ttf")),
    ("DejaVu Sans", ("dejavu-sans-fonts/DejaVuSans.ttf", "dejavu-sans-fonts/DejaVuSans-Bold.ttf")),
    ("Liberation Sans", ("truetype/liberation/LiberationSans-Regular.ttf",)),
    ("Noto Sans", ("truetype/noto/NotoSans-Regular.ttf", "truetype/noto/NotoSans-Bold.ttf")),
    ("Arial", ("Supplemental/Arial.ttf", "Supplemental/Arial Bold.ttf")),
)
_SERIF: Final = (
    ("DejaVu Serif", ("truetype/dejavu/DejaVuSerif.ttf", "truetype/dejavu/DejaVuSerif-Bold.ttf")),
    ("DejaVu Serif", ("dejavu/DejaVuSerif.ttf", "dejavu/DejaVuSerif-Bold.ttf")),
    ("DejaVu Serif", ("TTF/DejaVuSerif.ttf", "TTF/DejaVuSerif-Bold.ttf")),
    ("Liberation Serif", ("truetype/liberation/LiberationSerif-Regular.ttf",)),
    ("Noto Serif", ("truetype/noto/NotoSerif-Regular.ttf",)),
    ("Times New Roman", ("Supplemental/Times New Roman.ttf",)),
)
_MONO: Final = (
    ("DejaVu Sans Mono", ("truetype/dejavu/DejaVuSansMono.ttf",)),
    ("DejaVu Sans Mono", ("dejavu/DejaVuSansMono.ttf",)),
    ("DejaVu Sans Mono", ("TTF/DejaVuSansMono.ttf",)),
    ("Liberation Mono", ("truetype/liberation/LiberationMono-Regular.ttf",)),
    ("Courier New", ("Supplemental/Courier New.ttf",)),
)
_EASTERN: Final = (
    ("Noto Sans CJK SC", ("opentype/noto/NotoSansCJK-Regular.ttc",)),
    ("Noto Sans CJK SC", ("noto-cjk/NotoSansCJK-Regular.ttc",)),
    ("WenQuanYi Zen Hei", ("truetype/wqy/wqy-zenhei.ttc",)),
    ("WenQuanYi Micro Hei", ("truetype/wqy/wqy-microhei.ttc",)),
    ("Droid Sans Fallback", ("truetype/droid/DroidSansFallbackFull.ttf",)),
    ("Heiti SC", ("STHeiti Light.ttc",)),
)
_Family = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Fonts:
    """Files, and the names of the families in them; empty when there is none."""

    files: tuple[str, ...]
    sans: str
    serif: str
    mono: str
    is_enough: bool


def for_words(words: str) -> Fonts:
    """Return the fonts for these words, and whether they can be set in them."""
    is_eastern = any(letter >= _EAST for letter in words)
    sans, serif, mono = _first(_SANS), _first(_SERIF), _first(_MONO)
    eastern = _first(_EASTERN) if is_eastern else ("", ())
    named = [family for family, _ in (sans, serif, mono, eastern) if family]
    any_of_them = named[0] if named else ""
    return Fonts(
        files=(*sans[1], *serif[1], *mono[1], *eastern[1]),
        sans=sans[0] or any_of_them,
        serif=serif[0] or sans[0] or any_of_them,
        mono=mono[0] or any_of_them,
        is_enough=bool(eastern[0] if is_eastern else sans[0] or serif[0]) or not words.strip(),
    )


@cache
def _first(families: tuple[_Family, ...]) -> _Family:
    """Return the first family of which a file is there, with those that are."""
    for family, files in families:
        for folder in FOLDERS:
            if found := tuple(f"{folder}/{file}" for file in files if Path(folder, file).is_file()):
                return family, found
    return "", ()
