"""What it costs to draw an answer while it is written: `python -m bench.answers`.

Answers of 10,000 characters in batches of 25, as a fast model gives them at 60 ms a batch. The cost of a batch must not
grow with the answer: fifty answers are drawn by one process.
"""

import os
import sys
import time
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mindory_web.settings")

import django

django.setup()

from bench.machine import machine, table  # noqa: E402 (models need a set-up)
from books.chat.drawing import Drawing  # noqa: E402

LENGTH: Final = 10_000
BATCH: Final = 25
PARAGRAPH: Final = "It was a bright cold day in **April**, and the clocks [1] were striking thirteen. " * 4
ANSWERS: Final = {
    "paragraphs": "\n\n".join([PARAGRAPH] * 40),
    "one paragraph": PARAGRAPH * 40,
    "list": "\n".join(f"- {PARAGRAPH[:200]}" for _ in range(60)),
    "numbered list": "\n\n".join(f"{number}. {PARAGRAPH[:200]}" for number in range(1, 60)),
    "table": "| one | two | three |\n|---|---|---|\n" + "| a cell | another cell | the third |\n" * 300,
    "code": "```python\n" + "total = total + 1  # a comment\n" * 400,
    "hostile (brackets)": "[" * LENGTH,
}


def measured(name: str, text: str) -> list[str]:
    """Return the row of one answer."""
    drawing, seconds, sent = Drawing(), [], 0
    for at in range(0, LENGTH, BATCH):
        started = time.thread_time()
        change = drawing.draw(text[at : min(at + BATCH, LENGTH)])
        seconds.append(time.thread_time() - started)
        sent += sum(map(len, change["blocks"])) if change else 0
    started = time.thread_time()
    drawing.finish()
    whole = time.thread_time() - started
    half = len(seconds) // 2
    cells = [sum(seconds[:half]) / half, sum(seconds[half:]) / half, max(seconds), whole]
    return [name, *(f"{cell * 1000:.2f}" for cell in cells), f"{sent / 1000:.0f}"]


def main() -> None:
    """Print the table."""
    columns = [
        "10,000 characters",
        "a batch, first half (ms)",
        "second half (ms)",
        "slowest (ms)",
        "whole (ms)",
        "HTML (kB)",
    ]
    print(table(columns, [measured(name, text) for name, text in ANSWERS.items()]))
    print(machine("markdown-it-py"))


if __name__ == "__main__":
    main()
