"""Measure how the memory bears size: `python -m bench.memory_scale [--sizes 1000,100000] [--readers 100,1] [--quick]`.

Every size is measured twice: spread over 100 readers, and all with one; each row of the table is printed when it is
measured (100,000: some four minutes a row on two idle cores). The texts are made here: sentences of common
and rare words, in sessions of 20 turns, with vectors of topics; every search brings its vector, so that no model's
speed is in the figures. Adding goes through MemoryManager, one memory each. Searches a second are those of 1, 4 and 16
clients in two processes of search() (`store`), and over HTTP with keys, in two processes of the site (`HTTP`).
Readers with equally many memories, few of them and many, are then set against each other: searches of both take turns
in one process, so that what else the machine does meets both (rows of the table are minutes apart).
"""

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import psutil
from numpy.typing import NDArray

from bench.machine import machine
from bench.vectors import made, scratch_postgres
from mindory_web.embedded import redis
from mindory_web.embedded.processes import Child, Program
from mindory_web.embedded.site import LEAN, answers

READERS: Final = (100, 1)
SIZES: Final = (1_000, 10_000, 100_000)
CLIENTS: Final = (1, 4, 16)
ADDED: Final = 200
ASKED: Final = 1_000
TURNS: Final = 20  # blocks of 100 searches each, where equal readers are compared
SECONDS: Final = 4.0
SITES: Final = 2  # processes
WORDS: Final = 30_000
PATIENCE: Final = 120.0  # seconds for one answer: where many wait for two cores, an index takes its time
COLUMNS: Final = (
    "readers    ", "memories", "add p50/p95/p99 ms ", "of it CPU", "search p50/p95/p99 ms", "of it CPU",
    "first search ms", "index MB", "store: searches/s of 1/4/16 (MB)", "HTTP: searches/s of 1/4/16 (MB)", "load",
)  # fmt: skip


class Synthetic:
    """An engine whose vectors cost nothing and mean nothing."""

    model, dimension = "synthetic", 384

    def has_vote(self, language: str) -> bool:
        """Say yes."""
        return True

    def embed(self, texts: Sequence[str], *, is_urgent: bool = False) -> NDArray[np.float32]:
        """Return any unit vectors."""
        return made(len(texts), seed=len(texts[0]) if texts else 0)


class Luck:
    """Texts with words as common and as rare as those of people, the same in every run."""

    def __init__(self, seed: int) -> None:
        self._luck = random.Random(seed)
        letters = random.Random(1)
        syllables = ["ka", "lo", "mi", "ter", "ran", "su", "vel", "dor", "pin", "gos", "hal", "ure", "bas", "nor"]
        self._words = ["".join(letters.choices(syllables, k=letters.choice((2, 3, 3, 4)))) for _ in range(WORDS)]
        self._weights = [1 / (rank + 3) for rank in range(WORDS)]  # Zipf
        self._weights = list(np.cumsum(self._weights))

    def words(self, count: int) -> list[str]:
        """Return some words."""
        return self._luck.choices(self._words, cum_weights=self._weights, k=count)

    def sentence(self) -> str:
        """Return what somebody says: about as long as a turn of a chat."""
        return " ".join(self.words(self._luck.randint(8, 40))).capitalize() + "."

    def question(self) -> str:
        """Return a question."""
        return "What did we say of " + " ".join(self.words(self._luck.randint(3, 6))) + "?"


def fill(owners: Sequence[int], total: int, luck: Luck) -> None:
    """Write `total` turns as rows, with vectors. Not through MemoryManager: that is measured apart."""
    from django.db import connection

    from memory import indexing
    from memory.models import Memory, Mind, Session
    from memory.wording import text_hash
    from mindory_web.engines.models import Space

    space, _ = Space.objects.get_or_create(collection="memory", model="synthetic", defaults={"dimension": 384})
    each, begun = total // len(owners), datetime(2026, 1, 1, tzinfo=UTC)
    for owner in owners:
        rows = []
        for first in range(0, each, 20):
            session = Session.objects.create(owner_id=owner, key=f"session {first}", turn_count=20)
            for number in range(min(20, each - first)):
                text, at = luck.sentence(), begun + timedelta(minutes=first + number)
                row = Memory(
                    owner_id=owner, revision=1, type="conversational", text=text, session=session, number=number,
                    role="user", speaker=("Ana", "Ben")[number % 2], observed_at=at,
                    text_hash=text_hash(text), space=space.pk,
                )  # fmt: skip
                row.tokens = indexing.tokens_of(row)
                rows.append(row)
        Memory.objects.bulk_create(rows, batch_size=2_000)
        vectors = made(len(rows), seed=owner)
        with (
            connection.cursor() as cursor,
            cursor.copy('COPY engines_vector (space_id, "group", item, part, embedding) FROM STDIN') as copy,
        ):
            for row, vector in zip(rows, vectors, strict=True):
                written = ",".join([f"{number:.3f}" for number in vector.tolist()])
                copy.write(f"{space.pk}\t{owner}\t{row.pk}\t0\t[{written}]\n")
        Mind.objects.update_or_create(reader_id=owner, defaults={"revision": 1})


def timed(act: Callable[[int], object], count: int) -> np.ndarray:
    """Return the milliseconds of each of some acts."""
    times = []
    for number in range(count):
        start = time.perf_counter()
        act(number)
        times.append((time.perf_counter() - start) * 1000)
    return np.array(times)


def spread(times: np.ndarray) -> str:
    """Return p50 / p95 / p99."""
    return " / ".join(f"{value:.1f}" for value in np.percentile(times, [50, 95, 99]))


def searching(owners: Sequence[int], seed: int) -> Callable[[int], object]:
    """Return a search of some reader."""
    from memory.search import search

    luck, vectors = Luck(seed), made(64, seed=seed)
    questions = [luck.question() for _ in range(256)]

    def act(number: int) -> object:
        owner = owners[(number * 7 + seed) % len(owners)]
        return search(owner, questions[number % 256], vector=vectors[number % 64])

    return act


def compared(few: Sequence[int], many: Sequence[int]) -> str:
    """Return how long searches of few readers take, those of many, and how often longer: p50, p95, processor time."""
    found = []
    acts = [searching(owners, 5) for owners in (few, many)]
    for act in acts:
        timed(act, 2 * len(many))  # every index is read before
    blocks = [_block(acts[turn % 2], first=100 * turn) for turn in range(2 * TURNS)]
    for times, spent in (zip(*blocks[at::2], strict=True) for at in (0, 1)):
        found.append([*np.percentile(np.concatenate(times), [50, 95]), sum(spent) / len(spent)])
    cells = zip(("p50", "p95", "CPU"), *found, strict=True)
    return ", ".join(f"{name} {one:.2f} / {other:.2f} ms = {other / one:.2f}" for name, one, other in cells)


def _block(act: Callable[[int], object], *, first: int) -> tuple[np.ndarray, float]:
    """Return the milliseconds of each of 100 searches, and those of the processor for one of them."""
    began = time.process_time()
    times = timed(lambda number: act(first + number), 100)
    return times, (time.process_time() - began) * 1000 / 100


def child(owners: Sequence[int], clients: int, seconds: float) -> None:
    """Search in some threads for a while, and print how many were done. Run as a process of its own."""
    import django

    django.setup()
    act = searching(owners, os.getpid() % 1000)
    for number in range(len(owners)):
        act(number)
    print("ready", flush=True)
    sys.stdin.readline()
    done = [0] * clients
    until = time.monotonic() + seconds

    def go(at: int) -> None:
        number = at * 1_000
        while time.monotonic() < until:
            act(number)
            number += 1
            done[at] += 1

    threads = [threading.Thread(target=go, args=(at,)) for at in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sum(done), memory_of(os.getpid()), flush=True)


def store_rate(owners: Sequence[int], clients: int) -> tuple[float, float]:
    """Return the searches a second of some clients in at most two processes, and the MB of one."""
    shares = [clients - clients // 2, clients // 2] if clients > 1 else [1]
    command = [sys.executable, "-m", "bench.memory_scale", "--child", ",".join(map(str, owners))]
    children = [
        subprocess.Popen([*command, str(share)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for share in shares
    ]
    for one in children:
        assert one.stdout
        if one.stdout.readline() != "ready\n":
            raise SystemExit(f"a process that searches ended ({one.wait()}); what it said is above")
    for one in children:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    ended = [one.communicate(timeout=SECONDS + PATIENCE)[0].split() for one in children]
    return sum(int(count) for count, _ in ended) / SECONDS, max(float(size) for _, size in ended)


def http_rate(keys: Sequence[str], clients: int, addresses: Sequence[tuple[str, int]]) -> float:
    """Return the searches a second of some clients, each on a connection of its own."""
    luck = Luck(9)
    requests = [request(key, luck.question()) for key in keys for _ in range(max(1, 64 // len(keys)))]
    done, until = [0] * clients, time.monotonic() + SECONDS

    def go(at: int) -> None:
        address, number = addresses[at % len(addresses)], at * 13
        with socket.create_connection(address, timeout=PATIENCE) as link, link.makefile("rb") as answer:
            while time.monotonic() < until:
                link.sendall(requests[number % len(requests)])
                read(answer)
                number += 1
                done[at] += 1

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(go, range(clients)))
    return sum(done) / SECONDS


def request(key: str, question: str) -> bytes:
    """Return a search as it goes over the wire. Made beforehand: the clients share the cores with the site."""
    body = json.dumps({"query": question}).encode()
    head = (
        "POST /api/v1/memory/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def read(answer: BinaryIO) -> None:
    """Read one answer to its end; any but 200 ends the measurement."""
    first, length = answer.readline(), 0
    while line := answer.readline().strip().lower():
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    body = answer.read(length)
    if b" 200 " not in first:
        raise SystemExit(f"the site answered {first.decode().strip()}: {body[:300].decode()}")


@contextmanager
def site() -> Iterator[dict[tuple[str, int], Child]]:
    """Run the site's processes, each at an address of its own, so that clients are shared out evenly."""
    logs = Path(os.environ["MINDORY_DATA"]) / "logs"
    with ExitStack() as stack:
        children = {}
        for at in range(SITES):
            door = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=256))
            command = (sys.executable, "-m", "mindory_web.embedded.web", str(door.fileno()))
            log = logs / f"web{at}.log"
            child = Child(Program(f"web {at}", command, log, fds=(door.fileno(),), is_ready=answers(door)))
            stack.callback(child.stop)
            children[door.getsockname()] = child
        for child in children.values():
            child.wait_ready(PATIENCE)
        yield children


def http_rates(owners: Sequence[int]) -> str:
    """Return the searches a second over HTTP of some numbers of clients, and the MB of a process of the site."""
    from mindory_web.accounts import keys
    from mindory_web.accounts.models import Reader

    secrets = [keys.make(reader, "bench")[1] for reader in Reader.objects.filter(pk__in=owners)]
    with site() as children:
        addresses = list(children)
        for _ in range(2):  # the site's processes read the indexes
            http_rate(secrets, 4, addresses)
        rates = [http_rate(secrets, clients, addresses) for clients in CLIENTS]
        size = max(memory_of(child.process.pid) for child in children.values())
    return " / ".join(f"{rate:,.0f}" for rate in rates) + f" ({size:.0f} MB)"


def memory_of(pid: int) -> float:
    """Return the MB that are a process's own."""
    return float(psutil.Process(pid).memory_full_info().uss) / 2**20


def measured(name: str, owners: Sequence[int], total: int, *, is_quick: bool) -> list[str]:
    """Return the row of one size."""
    from django.db import connection

    from memory.hot import HOT
    from memory.manager import MemoryManager
    from memory.types import Candidate

    luck = Luck(total + len(owners))
    fill(owners, total, luck)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    HOT.clear()
    act = searching(owners, 5)
    cold = timed(lambda number: act(number), min(len(owners), 20))
    for number in range(len(owners)):
        act(number)
    began = time.process_time()
    times = timed(act, ASKED)
    spent = (time.process_time() - began) * 1000 / ASKED
    held = HOT.nbytes() / 1e6
    began = time.process_time()
    added = timed(
        lambda number: MemoryManager(owners[number % len(owners)]).remember(Candidate(text=luck.sentence())), ADDED
    )
    adding = (time.process_time() - began) * 1000 / ADDED
    HOT.clear()  # the processes that come need the room
    rates = [] if is_quick else [store_rate(owners, clients) for clients in CLIENTS]
    size = max((size for _, size in rates), default=0.0)
    by_store = " / ".join(f"{rate:,.0f}" for rate, _ in rates) + f" ({size:.0f} MB)"
    return [
        name, f"{total:,}", spread(added), f"{adding:.1f}", spread(times), f"{spent:.2f}", f"{np.median(cold):.0f}",
        f"{held:.0f}", "-" if is_quick else by_store, "-" if is_quick else http_rates(owners),
        f"{os.getloadavg()[0]:.1f}",
    ]  # fmt: skip


def line(cells: Sequence[str]) -> str:
    """Return a line of the table."""
    return "| " + " | ".join(cell.ljust(len(name)) for cell, name in zip(cells, COLUMNS, strict=True)) + " |"


@contextmanager
def services() -> Iterator[None]:
    """Run a Postgres and a Redis that are gone afterwards, and set Django up for them."""
    with scratch_postgres():
        server = Child(redis.program(Path(os.environ["MINDORY_DATA"])))
        try:
            server.wait_ready(PATIENCE)
            os.environ |= LEAN | {"MINDORY_MEMORY_INDEX_MB": "512"}  # for the processes that come, as `make run` has it
            os.environ["DJANGO_SETTINGS_MODULE"] = "bench.memory_settings"
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            yield
        finally:
            server.stop()


def main() -> None:
    """Measure and print, a row at a time."""
    asked = argparse.ArgumentParser(prog="bench.memory_scale")
    asked.add_argument("--sizes", default=",".join(map(str, SIZES)))
    asked.add_argument("--readers", default=",".join(map(str, READERS)))
    asked.add_argument("--quick", action="store_true", help="without searches a second")
    asked.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    told = asked.parse_args()
    if told.child:
        child([int(one) for one in told.child[0].split(",")], int(told.child[1]), SECONDS)
        return
    with services():
        from mindory_web.accounts.models import Reader

        print(line(COLUMNS))
        print("|" + "|".join("-" * (len(name) + 2) for name in COLUMNS) + "|", flush=True)
        equal: dict[int, list[list[int]]] = {}
        for total in map(int, told.sizes.split(",")):
            for count in map(int, told.readers.split(",")):
                names = [f"r{total}-{count}-{at}" for at in range(count)]
                owners = [Reader.objects.create_user(name, f"{name}@example.org").pk for name in names]
                name = f"{count} readers" if count > 1 else "1 reader"
                print(line(measured(name, owners, total, is_quick=told.quick)), flush=True)
                equal.setdefault(total // count, []).append(owners)
        for each, groups in equal.items():
            few, many = min(groups, key=len), max(groups, key=len)
            if len(few) < len(many):
                print(
                    f"\n{each:,} memories each, {len(few)} and {len(many)} readers: {compared(few, many)}", flush=True
                )
    print(f"\n{machine('django', 'numpy', 'psycopg', 'pgvector')}")


if __name__ == "__main__":
    main()
