"""Measure what the memory finds: `python -m bench.memory --data FILE`, a file in the format of LoCoMo.

Every conversation becomes the memory of one reader, turn by turn through MemoryManager, in a Postgres and with an
embedding process of its own. Every question is asked through search(); recall@k is the mean share of the turns that a
question's evidence names among the first k. `--words` leaves the engine off.

Below the table stands how far the figures may be off by the choice of questions alone (nine tenths of 2,000
resamplings lie within), and how much the conversations differ.
"""

import argparse
import json
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bench.machine import machine, table
from bench.retrieval import embedder
from bench.vectors import scratch_postgres

KS: Final = (5, 10, 25, 50)
SESSIONS: Final = 10
CATEGORIES: Final = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop", 5: "adversarial"}
RESAMPLINGS: Final = 2_000
DATE: Final = "%I:%M %p on %d %B %Y"


@dataclass(frozen=True, slots=True)
class Asked:
    """How one question went. `recalls` are those at KS."""

    category: int
    recalls: tuple[float, ...]
    sessions: float
    milliseconds: float
    top: float
    is_unsure: bool


def load(conversation: Mapping[str, Any], owner: int) -> dict[str, int]:
    """Remember a conversation; return the memory of each turn by its name in the file."""
    from memory.manager import MemoryManager
    from memory.types import Turn

    manager, ids = MemoryManager(owner, actor="bench"), {}
    for name in (f"session_{number}" for number in range(1, 1000)):
        if f"{name}_date_time" not in conversation:
            break
        begun = datetime.strptime(conversation[f"{name}_date_time"].replace(",", ""), DATE).replace(tzinfo=UTC)
        said = conversation.get(name) or []
        turns = [
            Turn(
                text=turn["text"] or turn.get("blip_caption") or "-",
                speaker=turn["speaker"],
                caption=turn.get("blip_caption", ""),
                key=turn["dia_id"],
                said_at=begun + timedelta(seconds=30 * number),
            )
            for number, turn in enumerate(said)
        ]
        for turn, row in zip(turns, manager.add_turns(name, turns), strict=True):
            ids[turn.key] = row.pk
    return ids


def embed() -> None:
    """Do the jobs that make vectors."""
    from memory import jobs
    from memory.models import Job

    while job := Job.objects.filter(kind=Job.Kind.EMBED, state=Job.State.QUEUED).first():
        jobs.run(job.pk)
        job.refresh_from_db()
        if job.state != Job.State.DONE:
            raise SystemExit(f"Vectors could not be made: {job.error}")


def ask(questions: Sequence[Mapping[str, Any]], ids: Mapping[str, int], owner: int) -> Iterator[Asked]:
    """Ask every question that has evidence."""
    from memory.models import Memory
    from memory.search import search

    session_of = dict(Memory.objects.filter(owner_id=owner).values_list("pk", "session_id"))
    for question in questions:
        named = {found for one in question.get("evidence", ()) for found in re.findall(r"D\d+:\d+", one)}
        evidence = {ids[name] for name in named if name in ids}
        if not evidence:
            continue
        started = time.perf_counter()
        found = search(owner, question["question"], limit=max(KS))
        milliseconds = (time.perf_counter() - started) * 1000
        hits = [hit.memory for hit in found.hits]
        wanted = {session_of[pk] for pk in evidence}
        met = wanted & {hit.session for hit in found.sessions[:SESSIONS]}
        yield Asked(
            int(question["category"]),
            tuple(len(evidence & set(hits[:k])) / len(evidence) for k in KS),
            len(met) / len(wanted),
            milliseconds,
            found.hits[0].score if found.hits else 0.0,
            found.is_unsure,
        )


def rows_of(asked: Sequence[Asked]) -> list[list[str]]:
    """Return the rows of the table: each category, and all."""
    groups: dict[str, list[Asked]] = defaultdict(list)
    for category, name in CATEGORIES.items():
        groups[name] = [one for one in asked if one.category == category]
    groups["all but adversarial"] = [one for one in asked if one.category != 5]
    groups["all"] = list(asked)
    rows = []
    for name, some in groups.items():
        if some:
            recalls = [f"{100 * sum(one.recalls[at] for one in some) / len(some):.1f}" for at in range(len(KS))]
            sessions = f"{100 * sum(one.sessions for one in some) / len(some):.1f}"
            rows.append([name, str(len(some)), *recalls, sessions])
    return rows


def interval(values: Sequence[float]) -> str:
    """Return between what the mean lies in nine tenths of the resamplings of these values, in a hundred."""
    drawn = random.Random(0)
    means = sorted(sum(drawn.choices(values, k=len(values))) / len(values) for _ in range(RESAMPLINGS))
    return f"{100 * means[RESAMPLINGS // 20]:.1f}-{100 * means[-RESAMPLINGS // 20]:.1f}"


def intervals_of(asked: Sequence[Asked]) -> list[list[str]]:
    """Return the rows of the table of intervals: each category, and all."""
    groups = {name: [one for one in asked if one.category == category] for category, name in CATEGORIES.items()}
    return [
        [name, *(interval([one.recalls[at] for one in some]) for at in range(len(KS))),
         interval([one.sessions for one in some])]
        for name, some in [*groups.items(), ("all", list(asked))] if some
    ]  # fmt: skip


def measure(path: Path, *, has_engine: bool) -> None:
    """Load, ask and print."""
    from mindory_web.accounts.models import Reader

    by_conversation: list[list[Asked]] = []
    foreign: list[Asked] = []
    conversations = json.loads(path.read_text(encoding="utf-8"))
    readers = []
    for number, one in enumerate(conversations):
        reader = Reader.objects.create_user(f"reader{number}", f"reader{number}@example.org")
        readers.append((reader.pk, load(one["conversation"], reader.pk), one["qa"]))
        print(f"loaded {number + 1} of {len(conversations)}", file=sys.stderr, flush=True)
    if has_engine:
        embed()
    for owner, ids, questions in readers:
        by_conversation.append(list(ask(questions, ids, owner)))
    asked = [one for some in by_conversation for one in some]
    for at, (owner, ids, _) in enumerate(readers):  # what was told to another: nothing here answers it
        others = readers[(at + 1) % len(readers)][2]
        some_id = next(iter(ids))
        foreign += ask([{**one, "evidence": [some_id]} for one in others], ids, owner) if len(readers) > 1 else []
    figures = [*(f"R@{k}" for k in KS), f"sessions@{SESSIONS}"]
    print(table(["questions", "n", *figures], rows_of(asked)))
    print("\n" + table(["nine tenths lie within", *figures], intervals_of(asked)))
    apart = [[f"{at}", *rows_of(some)[-1][1:]] for at, some in enumerate(by_conversation, 1)]
    print("\n" + table(["conversation", "n", *figures], apart))
    times = sorted(one.milliseconds for one in asked)
    print(f"\nsearch: p50 {times[len(times) // 2]:.1f} ms, p95 {times[int(len(times) * 0.95)]:.1f} ms")
    if foreign:
        wrong, right = (sum(one.is_unsure for one in some) / len(some) for some in (asked, foreign))
        print(f"unsure: {100 * right:.0f} % of questions about another's life, {100 * wrong:.0f} % of its own")
        for name, some in (("own", asked), ("other", foreign)):
            tops = sorted(one.top for one in some)
            print(
                f"top score, {name}: "
                + ", ".join(f"p{p} {tops[len(tops) * p // 100]:.2f}" for p in (5, 25, 50, 75, 95))
            )


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(prog="bench.memory")
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--words", action="store_true")
    told = asked.parse_args()
    with scratch_postgres(), nullcontext() if told.words else embedder():
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure(told.data, has_engine=not told.words)
    print("\n" + machine("django", "numpy", "onnxruntime", "PyStemmer"))


if __name__ == "__main__":
    main()
