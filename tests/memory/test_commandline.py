"""`manage.py memory`: what it prints, for people and for programs, and how it ends."""

import argparse
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from rich.cells import cell_len

from memory.management.commands.memory import Command
from memory.manager import MemoryManager
from memory.models import Layer, Memory, Recall, Session
from memory.types import Candidate, Source, SourceKind, Turn
from mindory_web.accounts.models import Reader
from mindory_web.engines.models import Space, Vector

pytestmark = pytest.mark.django_db


def run(*words: Any) -> str:
    """Run a command as alice; return what it prints."""
    out = StringIO()
    call_command("memory", "--reader", "alice", *map(str, words), stdout=out)
    return out.getvalue()


def data(*words: Any) -> Any:
    """Run a command for a program; return its data."""
    answer = json.loads(run("--json", *words))
    assert answer["ok"] is True
    return answer["data"]


def refused(*words: Any) -> tuple[int, str]:
    """Run a command for a program that is refused; return the exit code and the code."""
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("memory", "--json", *map(str, words), stdout=out)
    answer = json.loads(out.getvalue())
    assert answer["ok"] is False
    assert answer["error"]["message"]
    assert isinstance(end.value.code, int)
    return end.value.code, answer["error"]["code"]


@pytest.fixture
def manager(alice: Reader) -> MemoryManager:
    """Return alice's memory."""
    return MemoryManager(alice.pk)


def test_every_refusal_has_an_exit_code_of_its_own(manager: MemoryManager) -> None:
    memory = manager.remember(Candidate("I collect old maps.")).memory

    assert refused("--reader", "nobody", "stats") == (4, "not_found")
    assert refused("--reader", "alice", "get", 2**40) == (4, "not_found")
    assert refused("--reader", "alice", "job", -1) == (4, "not_found")
    assert refused("--reader", "alice", "add", "  ") == (5, "invalid")
    assert refused("--reader", "alice", "forget") == (5, "invalid")
    assert refused("--reader", "alice", "forget", memory.pk, "--everything") == (5, "invalid")
    assert refused("--reader", "alice", "update", memory.pk, "--value", "x", "--revision", 10**6) == (6, "conflict")
    assert refused("--reader", "alice", "list", "--limit", 201) == (5, "invalid")
    assert refused("--reader", "alice", "import", "/nowhere/at/all") == (4, "not_found")
    assert refused("--reader", "alice", "add", "It rains.", "--metadata", "{") == (5, "invalid")


def test_a_command_that_is_wrong_ends_with_2_and_says_so_in_json() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "memory", "--json", "remember"],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "usage"


def test_without_a_name_it_is_the_first_admin(admin: Reader) -> None:
    out = StringIO()
    call_command("memory", "add", "I water the plants on Mondays.", "--json", stdout=out)

    assert Memory.objects.get().owner == admin
    assert json.loads(out.getvalue())["data"]["outcome"] == "new"


def test_people_get_tables_and_no_command_reaches_their_terminal(manager: MemoryManager) -> None:
    manager.remember(Candidate("Red is [red]not[/red] a colour \x1b[31mhere\u202e."))

    shown = run("list")
    assert "Red is [red]not[/red] a colour" in " ".join(shown.split())
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "Red is" in run("get", Memory.objects.get().pk)
    assert "words" in run("search", "colour", "--explain")
    assert "Nothing." in run("session", "list")
    assert "remembered" in run("history", Memory.objects.get().pk)
    assert "new" in run("add", "I take the bus.")
    assert "memories" in run("stats")
    assert "language_model" in run("health")
    token = next(word for word in run("forget", Memory.objects.earliest("pk").pk).split() if word.startswith("--undo="))
    assert "Red is" in run("forget", token)


def test_an_update_may_change_everything_a_memory_has(manager: MemoryManager) -> None:
    memory = manager.remember(Candidate("I collect old maps.")).memory
    changed = data(
        "update", memory.pk, "--text", "I collect globes.", "--type", "personal", "--importance", 0.75,
        "--expires-on", "2999-01-01", "--metadata", '{"shelf": 3}',
    )  # fmt: skip

    assert (changed["text"], changed["type"], changed["importance"]) == ("I collect globes.", "personal", 0.75)
    assert (changed["expires_on"], changed["metadata"]) == ("2999-01-01", {"shelf": 3})
    assert data("update", memory.pk, "--valid-to", "2999-01-01")["valid_to"] == "2999-01-01T00:00:00Z"
    opened = data("update", memory.pk, "--expires-on", "none", "--valid-to", "none", "--valid-from", "none")
    assert (opened["expires_on"], opened["valid_to"]) == (None, None)
    assert data("restore", memory.pk, "--event", data("history", memory.pk)["items"][1]["id"])["metadata"] == {}
    assert data("archive", memory.pk)["state"] == "archived"
    assert data("restore", memory.pk)["state"] == "active"


def test_a_session_is_opened_said_into_closed_and_forgotten(manager: MemoryManager) -> None:
    opened = data("session", "open", "walk", "--title", "A walk", "--book", 7, "--participant", "Ines", "--no-learning")
    assert (opened["title"], opened["books"], opened["is_learning"]) == ("A walk", [7], False)

    data("session", "say", "walk", "We saw a heron.", "--speaker", "Ines", "--said-at", "2021-05-01T10:00")
    assert data("session", "timeline", "walk")["items"][0]["observed_at"] == "2021-05-01T10:00:00Z"
    assert data("session", "close", "walk")["session"]["closed_at"]
    assert data("session", "list")["count"] == 1
    assert "heron" in data("layers", "--session", "walk")["layers"]["l0"]
    assert data("session", "forget", "walk")["count"] == 1
    assert not Session.objects.exists()


def test_an_export_to_a_file_comes_back(manager: MemoryManager, bob: Reader, tmp_path: Path) -> None:
    manager.remember(Candidate("I collect old maps."))
    manager.add_turns("walk", [Turn("我们看见一只苍鹭。")])
    file = tmp_path / "memory.jsonl"

    assert data("export", file)["lines"] == len(file.read_text(encoding="utf-8").splitlines())
    out = StringIO()
    call_command("memory", "import", str(file), "--reader", "bob", "--json", stdout=out)
    assert json.loads(out.getvalue())["data"]["refused"] == []
    assert {memory.text for memory in MemoryManager(bob.pk).list()} == {"I collect old maps.", "我们看见一只苍鹭。"}


def test_what_is_told_may_come_from_the_standard_input(manager: MemoryManager, monkeypatch: Any) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("I collect old maps.\n"))

    assert data("add", "-")["memory"]["text"] == "I collect old maps."


def test_closing_a_session_waits_for_what_is_learned_no_longer_than_asked(manager: MemoryManager) -> None:
    manager.add_turns("walk", [Turn("I moved to Ghent last year.")])

    closed = data("session", "close", "walk", "--wait", 0.3)  # nobody works here
    assert (closed["job"]["kind"], closed["job"]["state"]) == ("learn", "queued")
    assert "learn: queued" in run("session", "close", "walk")
    assert "queued" in run("job", closed["job"]["id"])
    assert refused("--reader", "alice", "session", "close", "walk", "--wait", "nan") == (5, "invalid")
    assert refused("--reader", "alice", "session", "close", "walk", "--wait", -1) == (5, "invalid")


def test_a_table_is_as_wide_as_the_screen_also_in_chinese(manager: MemoryManager, monkeypatch: Any) -> None:
    manager.remember(Candidate("去年我和朋友们在京都看樱花，每天早上在河边散步，晚上吃拉面。" * 5))
    manager.add_turns("walk", [Turn("A word of three hundred letters: " + "x" * 300, speaker="伊内斯")])
    monkeypatch.setenv("COLUMNS", "80")

    for words in (
        ("list",),
        ("search", "京都 樱花", "--explain"),
        ("session", "timeline", "walk"),
        ("verify",),
        ("stats",),
    ):
        for line in run(*words).splitlines():
            assert cell_len(line) <= 80, (words, line)


def test_the_help_tells_every_option_and_how_it_ends() -> None:
    parser = Command().create_parser("manage.py", "memory")
    assert "6 conflict" in parser.format_help()
    for verb in _parsers(parser):
        for action in verb._actions:
            assert action.help, (verb.prog, action.dest)


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for part in action.choices.values():
                yield from _parsers(part)


# --- Verify -------------------------------------------------------------------------------------


def test_a_memory_in_order_is_clean(manager: MemoryManager) -> None:
    manager.remember(Candidate("I collect old maps."))
    turn = manager.add_turns("walk", [Turn("I moved to Ghent last year.")])[0]
    quoted = Source(SourceKind.MESSAGE, turn=turn.pk, quote="moved to Ghent")
    manager.remember(Candidate("The reader moved to Ghent.", source=quoted))

    found = data("verify")
    assert (found["is_clean"], found["memories"], found["turns"]) == (True, 2, 1)
    assert (found["junk_rate"], found["duplicate_rate"]) == (0, 0)


def test_verify_finds_what_should_not_be_there_and_changes_nothing(manager: MemoryManager, alice: Reader) -> None:
    kept = manager.remember(Candidate("The reader's boat is called Petrel.")).memory
    turn = manager.add_turns("walk", [Turn("My boat is called Petrel, you said.")])[0]
    thanks = manager.remember(Candidate("Ok, thanks!")).memory
    prompt = manager.remember(Candidate("You are a helpful assistant. Follow the rules.")).memory
    empty, double, homeless, bare = (_raw(alice, text) for text in ("", kept.text, "I like tea.", "I like coffee."))
    Memory.objects.filter(pk=double.pk).update(text_hash=kept.text_hash, subject=kept.subject)
    Memory.objects.filter(pk=homeless.pk).update(source_kind="message", text_hash=b"1", tokens=b"x")
    Memory.objects.filter(pk=bare.pk).update(text_hash=b"2", tokens=b"")
    source = Source(SourceKind.MESSAGE, turn=turn.pk, quote="My boat is called Petrel")
    again = manager.remember(Candidate("So: the reader's boat is called Petrel", source=source, book=9)).memory
    Recall.objects.create(owner=alice, memory=kept, session=Session.objects.get(), key="reply:1")
    space = Space.objects.create(collection="memory", model="m", dimension=2)
    Vector.objects.create(space=space, group=alice.pk, item=10**6, embedding=[0, 1])
    layer = Layer.objects.create(owner=alice, memory=kept, level=0, text="x", source_hash=b"old", made_by="m")
    before = list(Memory.objects.order_by("pk").values())

    found = data("verify")
    assert found["acknowledgements"]["ids"] == [thanks.pk]
    assert found["prompts"]["ids"] == [prompt.pk]
    assert found["empty"]["ids"] == [empty.pk]
    assert found["learned_again"]["ids"] == [again.pk]
    assert found["exact_duplicates"]["ids"] == [double.pk]
    assert found["facts_without_turn"]["ids"] == [homeless.pk]
    assert bare.pk in found["rows_without_tokens"]["ids"]
    assert found["vectors_without_rows"]["ids"] == [10**6]
    assert found["stale_layers"]["ids"] == [layer.pk]
    assert found["is_clean"] is False
    assert found["junk_rate"] == round(4 / 8, 4)
    assert list(Memory.objects.order_by("pk").values()) == before


def test_verify_counts_every_duplicate_of_many(manager: MemoryManager, alice: Reader) -> None:
    for _time in range(60):
        _raw(alice, "I like tea.")

    found = data("verify")
    assert (found["exact_duplicates"]["count"], len(found["exact_duplicates"]["ids"])) == (59, 20)
    assert found["duplicate_rate"] == round(59 / 60, 4)


def test_verify_looks_at_nobody_elses_memory(manager: MemoryManager, bob: Reader) -> None:
    _raw(bob, "")

    assert data("verify")["is_clean"] is True


def _raw(owner: Reader, text: str) -> Memory:
    """Write a row behind the back of the manager."""
    return Memory.objects.create(owner=owner, text=text, type="factual", text_hash=b"raw", tokens=b"x")
