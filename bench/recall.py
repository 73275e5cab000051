"""How much of a book's words a parser finds: `python bench/recall.py BOOK TRUTH` prints recall and precision.

TRUTH is the same text as plain UTF-8. Words are counted as a multiset, upper and lower case told apart; a word is
letters and figures, with apostrophes and hyphens inside it.
"""

import argparse
import re
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from books.formats import sandbox

WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
SHOWN = 12  # missing and invented words


def words_of(text: str) -> Counter[str]:
    """Count the words of a text."""
    return Counter(word.replace("’", "'") for word in WORD.findall(text))


def main() -> None:
    """Compare one book with its truth."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("book", type=Path)
    arguments.add_argument("truth", type=Path)
    wanted = arguments.parse_args()
    book = sandbox.parse(wanted.book, limits=sandbox.Limits(), suffix=wanted.book.suffix)
    truth = wanted.truth.read_text(encoding="utf-8-sig")
    text = "\n\n".join(section.text for section in book.sections)
    found, there = words_of(text), words_of(truth)
    shared = (found & there).total()
    print(f"recall     {shared / max(there.total(), 1):.4f}   {shared:,} of {there.total():,} words")
    print(f"precision  {shared / max(found.total(), 1):.4f}   {shared:,} of {found.total():,} words")
    blocks = sum(block.end > block.start for section in book.sections for block in section.blocks)
    stretches = len(re.split(r"\n\s*\n", truth.strip()))
    print(f"paragraphs {blocks:,}, in the truth {stretches:,}")
    for name, words in (("missing", there - found), ("invented", found - there)):
        print(f"{name:<10} " + ", ".join(f"{word} {count}" for word, count in words.most_common(SHOWN)))


if __name__ == "__main__":
    main()
