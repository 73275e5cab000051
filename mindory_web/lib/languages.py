"""Which language a question is in, as far as its script tells."""

import re
from typing import Final

# The first script that is met decides, kana before Han: Japanese is written with both.
SCRIPTS: Final = (
    ("ja", re.compile("[\u3040-\u30ff\u31f0-\u31ff]")),
    ("ko", re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff]")),
    ("zh", re.compile("[\u3100-\u312f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")),
    ("ru", re.compile("[\u0400-\u052f]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f]")


def language_of(text: str) -> str:
    """Return the language whose script most of the letters of `text` are in; "" for Latin letters or none."""
    counts = {language: len(script.findall(text)) for language, script in SCRIPTS}
    if counts["ja"]:
        counts["ja"] += counts.pop("zh")
    language, count = max(counts.items(), key=lambda item: item[1])
    # A Chinese question may hold a foreign name: one Han character says as much as three Latin letters.
    return language if count and count * 3 >= len(LATIN.findall(text)) else ""
