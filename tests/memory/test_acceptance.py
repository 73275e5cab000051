"""What was promised, tried by somebody who has only read the handbook."""

import json
from typing import Any

import pytest

from memory.models import Memory
from mindory_web.accounts.models import Reader
from tests.memory.doors import CommandDoor, Door, PythonDoor, RestDoor, refused
from tests.memory.mcp_door import McpDoor

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[PythonDoor, RestDoor, CommandDoor, McpDoor], ids=lambda each: each.name)
def door(request: pytest.FixtureRequest, alice: Reader) -> Door:
    """Return each of alice's doors."""
    opened: Door = request.param(alice)
    return opened


# --- What goes in -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [PythonDoor, RestDoor, McpDoor], ids=lambda each: each.name)
def test_no_type_at_all_is_no_filter_and_forgets_nothing(kind: type[Door], alice: Reader) -> None:
    door = kind(alice)
    kept = door.remember(text="I collect old maps.")["memory"]["id"]

    with refused("invalid"):
        door.forget_all(type=[])
    assert door.get(kept)["text"] == "I collect old maps."


@pytest.mark.parametrize("day", ["2020-01-01", "0001-01-01"])
def test_what_would_be_gone_at_once_is_not_taken_in(door: Door, day: str) -> None:
    with refused("invalid"):
        door.remember(text="The parking code is 4711.", expires_on=day)
    kept = door.remember(text="The parking code is 4712.", expires_on="2999-01-01")["memory"]["id"]
    with refused("invalid"):
        door.update(kept, {"expires_on": day})
    assert [memory["expires_on"] for memory in door.listed()] == ["2999-01-01"]


def test_what_nobody_can_see_says_nothing(door: Door) -> None:
    for text in ("\u202e\u202d", "\u200b\u2060 \ufeff", "\u00a0\u3000"):
        with refused("invalid"):
            door.remember(text=text)
    assert door.remember(text="🎉")["memory"]["text"] == "🎉"


def test_what_metadata_may_hold_comes_back_as_it_was_and_can_be_taken_along(alice: Reader, bob: Reader) -> None:
    door, his = RestDoor(alice), RestDoor(bob)
    told: dict[str, Any] = {
        "small": 1e-300,
        "half": 0.5,
        "one": 1.0,
        "most": 2**63 - 1,
        "deep": [{"a": None}],
        "字": "值",
    }
    for large in (1e20, 1e308, 2**63):
        with refused("invalid"):
            door.remember(text="It rains.", metadata={"large": large})

    assert door.remember(text="It rains.", metadata=told)["memory"]["metadata"] == told
    lines = door.take_along()
    assert his.bring_in(lines) == len([line for line in lines if line["line"] == "memory"]) == 1
    assert json.dumps(his.take_along()) == json.dumps(lines)
    assert Memory.objects.get(owner=bob).metadata == told
