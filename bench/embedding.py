"""Measure the bundled model on a book: `python -m bench.embedding FILE [WINDOWS]` (the first 2,000 by default).

Both precisions take turns, three times; the best round of each counts, because machines are shared. Memory is
that of a process of its own which has embedded the windows once.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.machine import machine, table
from books.formats import sandbox
from books.splitting import passages, windows
from mindory_web.engines import bundled

ROUNDS = 3


def windows_of(book: Path, at_most: int) -> list[str]:
    """Return the first windows of a book, cut as the ingest cuts them."""
    found: list[str] = []
    for section in sandbox.parse(book, limits=sandbox.Limits(), suffix=book.suffix).sections:
        for start, end in passages(section.text, size=1000, overlap=0):
            found += [section.text[a:b] for a, b in windows(section.text, start, end)]
        if len(found) >= at_most:
            break
    return found[:at_most]


def measured(data: Path, precision: str, texts: list[str]) -> dict[str, float]:
    """Load and run the model in this process; return seconds and bytes."""
    import psutil

    start = time.perf_counter()
    from mindory_web.engines.encoder import Encoder, cores

    model = bundled.prepare(data, precision=precision)
    encoder = Encoder(model.graph, model.tokenizer, threads=cores())
    encoder.encode(["A first sentence."])
    loaded = time.perf_counter() - start
    start = time.perf_counter()
    encoder.encode(texts)
    took = time.perf_counter() - start
    questions = []
    for text in texts[:50]:
        start = time.perf_counter()
        encoder.encode([text[:60]])
        questions.append(time.perf_counter() - start)
    tokens = sum(len(ids) for ids in encoder.tokens(texts))
    resident = psutil.Process().memory_info().rss
    return {"load": loaded, "took": took, "tokens": tokens, "rss": resident, "question": sorted(questions)[25]}


def main() -> None:
    """Measure both precisions in turn, each time in a fresh process, and print the table."""
    texts = windows_of(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2000)
    rounds: dict[str, list[dict[str, float]]] = {"fp32": [], "int8": []}
    with tempfile.TemporaryDirectory(prefix="mindory-bench-") as scratch:
        start = time.perf_counter()
        chosen = bundled.prepare(Path(scratch) / "auto")
        prepared = time.perf_counter() - start
        for precision in rounds:
            bundled.prepare(Path(scratch) / precision, precision=precision)
        for _ in range(ROUNDS):
            for precision, found in rounds.items():
                found.append(_in_its_own_process(Path(scratch) / precision, precision, texts))
    rows = [_row(precision, found, len(texts)) for precision, found in rounds.items()]
    columns = ["precision", "windows/s", "tokens/s", "a question", "import + load", "resident memory"]
    print(table(columns, rows))
    print(f"\nSet-up {prepared:.1f} s; this machine chose {chosen.precision}: {chosen.measured}")
    print(machine("onnxruntime", "tokenizers", "numpy"))


def _row(precision: str, found: list[dict[str, float]], count: int) -> list[str]:
    best: dict[str, Any] = {name: min(one[name] for one in found) for name in found[0]}
    return [
        precision,
        f"{count / best['took']:.0f}",
        f"{best['tokens'] / best['took']:,.0f}",
        f"{best['question'] * 1000:.1f} ms",
        f"{best['load']:.2f} s",
        f"{best['rss'] / 1e6:.0f} MB",
    ]


def _in_its_own_process(data: Path, precision: str, texts: list[str]) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.embedding", "--one", str(data), precision]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measured(Path(sys.argv[2]), sys.argv[3], json.load(sys.stdin))))
    else:
        main()
