"""Measure search: `python -m bench.retrieval PATH [SET...]`, through the code that readers use.

PATH holds `fairytaleqa/`, `xquad/` and `cmrc2018/` as published (see docs/retrieval.md); sets that are not there
are left out. Starts a Postgres and an embedding process of its own. nDCG@10 of words alone, of vectors alone and
of both, and the milliseconds that one search takes.

`python -m bench.retrieval --sizes 600,1000,1500 --overlaps 0,100,200,300 PATH [SET...]` joins the passages of each
article or story and cuts them anew in every size, as books are cut, and searches by words alone. So that the rows
can be compared, nDCG@10 ranks the published passages, each where the first new one stands that holds half of it;
"seen" is the share of what was asked for that stands in the first 8,000 letters found (3,200 of Chinese).
"""

import argparse
import csv
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.machine import machine, table
from bench.vectors import scratch_postgres
from books import splitting
from mindory_web.embedded.processes import Child, Program

K = 10
SEEN = {"zh": 3_200}  # characters of the best passages that a model is shown
USUALLY_SEEN = 8_000
Part = tuple[int, int, int]  # [start, end) of a published passage


@dataclass
class Question:
    """A question and the numbers of the passages that answer it, in one of the texts."""

    text: str
    gold: set[int]
    source: int


@dataclass
class Collection:
    """Texts in passages, and questions. `is_library`: every question is asked of all texts at once.

    `chapters`: how many passages follow each other in one article or story, for every text.
    `parts`: when a text was cut anew, what of which published passages each new one holds.
    """

    name: str
    language: str
    texts: list[list[str]] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    is_library: bool = False
    chapters: list[list[int]] = field(default_factory=list)
    parts: list[list[list[Part]]] = field(default_factory=list)

    def cut(self, *, size: int, overlap: int) -> "Collection":
        """Return the same texts in other passages."""
        made = Collection(f"{self.name} {size}/{overlap}", self.language, [], self.questions, self.is_library)
        for text, chapters in zip(self.texts, self.chapters, strict=True):
            pieces = list(_cut(text, chapters, size=size, overlap=overlap))
            made.texts.append([words for words, _ in pieces])
            made.parts.append([parts for _, parts in pieces])
        return made


def _cut(text: Sequence[str], chapters: Iterable[int], *, size: int, overlap: int) -> Iterator[tuple[str, list[Part]]]:
    """Yield new passages of one text, each with the parts of old ones that it holds."""
    first = 0
    for count in chapters:
        old = text[first : first + count]
        edges = [0]
        for passage in old:
            edges.append(edges[-1] + len(passage) + 2)
        whole = "\n\n".join(old)
        for start, end in splitting.passages(whole, size=size, overlap=overlap):
            held = [(n, max(start - edge, 0), min(end - edge, len(old[n]))) for n, edge in enumerate(edges[:-1])]
            yield whole[start:end], [(first + n, at, to) for n, at, to in held if at < to]
        first += count


def fairytales(root: Path, split: str, *, is_library: bool = False) -> Collection:
    """Read FairytaleQA: sections are passages, local questions are asked."""
    made = Collection(
        f"FairytaleQA {split}" + (", all stories" if is_library else ", one story"), "en", is_library=is_library
    )
    for story in sorted((root / "section-stories" / split).glob("*-story.csv")):
        with story.open(newline="", encoding="utf-8") as lines:
            sections = {row["section"].strip(): row["text"] for row in csv.DictReader(lines)}
        numbers = {name: number for number, name in enumerate(sections)}
        asked = root / "questions" / split / story.name.replace("-story.csv", "-questions.csv")
        with asked.open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                gold = {numbers[name.strip()] for name in row["cor_section"].split(",") if name.strip() in numbers}
                if row["local-or-sum"] == "local" and gold:
                    made.questions.append(Question(row["question"], gold, len(made.texts)))
        made.texts.append(list(sections.values()))
        made.chapters.append([len(sections)])
    return made


def squad(path: Path, name: str, language: str) -> Collection:
    """Read a set in the format of SQuAD: every paragraph is a passage of one text."""
    made = Collection(name, language, [[]], chapters=[[]])
    loaded = json.loads(path.read_text(encoding="utf-8"))
    for article in loaded["data"]:
        made.chapters[0].append(len(article["paragraphs"]))
        for paragraph in article["paragraphs"]:
            number = len(made.texts[0])
            made.texts[0].append(paragraph["context"])
            for asked in paragraph["qas"]:
                made.questions.append(Question(asked["question"], {number}, 0))
    return made


def collections(root: Path, wanted: Sequence[str]) -> Iterator[Collection]:
    """Yield the sets that are there, and wanted."""
    readers: dict[str, tuple[Path, Callable[[Path], Collection]]] = {
        "fairytale": (root / "fairytaleqa", lambda path: fairytales(path, "val")),
        "fairytales": (root / "fairytaleqa", lambda path: fairytales(path, "val", is_library=True)),
        "fairytale-train": (root / "fairytaleqa", lambda path: fairytales(path, "train")),
        "xquad-en": (root / "xquad" / "xquad.en.json", lambda path: squad(path, "XQuAD en", "en")),
        "xquad-zh": (root / "xquad" / "xquad.zh.json", lambda path: squad(path, "XQuAD zh", "zh")),
        "cmrc": (root / "cmrc2018" / "cmrc2018_trial.json", lambda path: squad(path, "CMRC 2018 trial", "zh")),
    }
    for name, (path, read) in readers.items():
        if path.exists() and (name in wanted or (not wanted and name != "fairytale-train")):
            yield read(path)


@contextmanager
def embedder() -> Iterator[None]:
    """Run an embedding process in the scratch directory that the environment names."""
    data = Path(os.environ["MINDORY_DATA"])
    address = data / "run" / "embedder.sock"
    address.parent.mkdir(parents=True, exist_ok=True)
    os.environ["MINDORY_EMBEDDER"] = str(address)
    command = [sys.executable, "-m", "mindory_web.engines.embedder", "--address", str(address), "--data", str(data)]
    child = Child(Program("embedder", command, data / "logs" / "embedder.log", is_ready=address.exists))
    try:
        child.wait_ready(120)
        yield
    finally:
        child.stop()


def shelve(collection: Collection, reader: Any, *, has_vectors: bool = True) -> list[int]:
    """Put the texts on the reader's shelf, indexed and embedded; return the ids of the books."""
    from books.models import Book, Passage, Section
    from books.retrieval import lexical, vector
    from mindory_web.engines.embedding import embedding_engine

    ids = []
    for text in collection.texts:
        book = Book.objects.create(
            owner=reader, digest=f"{Book.objects.count():064x}", file_name="-", file_size=0, title="-",
            language=collection.language, passage_count=len(text), is_askable=True, is_embedded=True,
        )  # fmt: skip
        Section.objects.bulk_create(Section(book=book, number=n, text=passage) for n, passage in enumerate(text))
        Passage.objects.bulk_create(
            Passage(book=book, number=n, section=n, start=0, end=len(passage)) for n, passage in enumerate(text)
        )
        lexical.index_passages(book.pk, list(enumerate(text)), language=collection.language)
        if has_vectors and (engine := embedding_engine()).has_vote(collection.language):
            windows = list(vector.missing_windows(book.pk))
            vector.keep(book.pk, windows, engine.embed([window.text for window in windows]))
            Book.objects.filter(pk=book.pk).update(window_count=len(windows))
        ids.append(book.pk)
    return ids


def ndcg(found: Sequence[tuple[int, int]], gold: set[tuple[int, int]]) -> float:
    """Return nDCG@10 of a ranking when every gold passage is worth the same."""
    gain = sum(1 / math.log2(rank + 2) for rank, key in enumerate(found[:K]) if key in gold)
    return gain / sum(1 / math.log2(rank + 2) for rank in range(min(K, len(gold))))


def measured(collection: Collection, reader: Any) -> list[str]:
    """Return the row of one set."""
    from books.retrieval import Scope, lexical, passages_about, vector
    from mindory_web.engines.embedding import embedding_engine
    from mindory_web.lib.languages import language_of

    ids, engine = shelve(collection, reader), embedding_engine()
    scores: dict[str, list[float]] = {"words": [], "vector": [], "both": []}
    times: list[float] = []
    for asked in collection.questions:
        scope = ids if collection.is_library else [ids[asked.source]]
        gold = {(ids[asked.source], number) for number in asked.gold}
        start = time.perf_counter()
        both = passages_about(asked.text, reader_id=reader.pk, scope=Scope(tuple(scope)), k=K)
        times.append((time.perf_counter() - start) * 1000)
        scores["both"].append(ndcg([(e.place.book, e.place.section) for e in both if e.place], gold))
        words = lexical.best_passages(asked.text, books=dict.fromkeys(scope, collection.language), k=K)
        scores["words"].append(ndcg([(hit.book, hit.number) for hit in words], gold))
        if engine.has_vote(collection.language) and engine.has_vote(language_of(asked.text)):
            question = engine.embed([asked.text], is_urgent=True)[0]
            near = vector.nearest_passages(question, books=scope, k=100, engine=engine)
            scores["vector"].append(ndcg(sorted(near, key=lambda key: -near[key]), gold))
    times.sort()
    means = [f"{sum(part) / len(part):.3f}" if part else "no vote" for part in scores.values()]
    speed = [f"{times[len(times) // 2]:.1f}", f"{times[int(len(times) * 0.95)]:.1f}"]
    passages = sum(map(len, collection.texts))
    return [collection.name, str(passages), str(len(collection.questions)), *means, *speed]


def by_size(collection: Collection, reader: Any, *, size: int, overlap: int) -> list[str]:
    """Return the row of one set in passages of one size, found by their words alone."""
    from books.retrieval import lexical

    made = collection.cut(size=size, overlap=overlap)
    ids, scores, shares = shelve(made, reader, has_vectors=False), [], []
    texts = {pk: number for number, pk in enumerate(ids)}
    for asked in made.questions:
        scope = ids if made.is_library else [ids[asked.source]]
        hits = lexical.best_passages(asked.text, books=dict.fromkeys(scope, made.language), k=5 * K)
        found = [(texts[hit.book], hit.number) for hit in hits]
        gold = {(asked.source, number) for number in asked.gold}
        scores.append(ndcg(list(dict.fromkeys(_held(collection, made, found))), gold))
        shares.append(_seen(collection, made, found, gold))
    passages = sum(map(len, made.texts))
    letters = sum(len(passage) for text in made.texts for passage in text) / passages
    per_text = f"{passages / len(made.texts):.1f}"
    means = [f"{sum(part) / len(part):.3f}" for part in (scores, shares)]
    return [collection.name, str(size), str(overlap), per_text, f"{letters:.0f}", *means]


def _held(old: Collection, new: Collection, found: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield (text, published passage) for each that a found passage holds half of, or that holds most of it."""
    for text, number in found:
        parts = new.parts[text][number]
        most = max(end - start for _, start, end in parts)
        for one, start, end in parts:
            if end - start == most or 2 * (end - start) >= len(old.texts[text][one]):
                yield text, one


def _seen(old: Collection, new: Collection, found: Iterable[tuple[int, int]], gold: set[tuple[int, int]]) -> float:
    """Return how much of the passages asked for stands in the first of the found ones."""
    room, covered = (
        SEEN.get(new.language, USUALLY_SEEN),
        {key: bytearray(len(old.texts[key[0]][key[1]])) for key in gold},
    )
    for text, number in found:
        room -= len(new.texts[text][number])
        if room < 0:
            break
        for one, start, end in new.parts[text][number]:
            if (text, one) in covered:
                covered[text, one][start:end] = b"\1" * (end - start)
    return sum(sum(seen) / len(seen) for seen in covered.values()) / len(covered)


def rows_of(root: Path, wanted: Sequence[str], shapes: Sequence[tuple[int, int]]) -> Iterator[list[str]]:
    """Yield the rows of the table: one a set, or one a set and shape of passages."""
    from mindory_web.accounts.models import Reader

    for number, collection in enumerate(collections(root, wanted)):
        reader = Reader.objects.create_user(f"reader{number}", f"reader{number}@example.org")
        if not shapes:
            yield measured(collection, reader)
        for size, overlap in shapes:
            yield by_size(collection, reader, size=size, overlap=overlap)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(prog="bench.retrieval")
    asked.add_argument("path", type=Path)
    asked.add_argument("sets", nargs="*")
    asked.add_argument("--sizes", default="")
    asked.add_argument("--overlaps", default="200")
    told = asked.parse_intermixed_args()
    sizes = [int(size) for size in told.sizes.split(",") if size]
    shapes = [(size, int(overlap)) for size in sizes for overlap in told.overlaps.split(",")]
    with scratch_postgres(), nullcontext() if shapes else embedder():
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        rows = []
        for row in rows_of(told.path, told.sets, shapes):
            rows.append(row)
            print(" ".join(row), file=sys.stderr, flush=True)
    columns = ["set", "passages", "questions", "words", "vector", "both", "p50 ms", "p95 ms"]
    by_shape = ["set", "size", "overlap", "passages a text", "characters each", "words, nDCG@10", "seen"]
    print(table(by_shape if shapes else columns, rows))
    print(machine("django", "onnxruntime", "PyStemmer", "pgvector"))


if __name__ == "__main__":
    main()
