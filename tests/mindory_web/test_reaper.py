"""The reaper looks after every part, whatever becomes of one of them."""

from collections.abc import Callable

import pytest
from django.core.management import call_command

from mindory_web.management.commands.reaper import REAPS


@pytest.mark.django_db
def test_a_fault_in_one_part_does_not_keep_the_others_from_being_looked_after() -> None:
    looked: list[str] = []
    before = dict(REAPS)

    def broken() -> int:
        raise ZeroDivisionError

    def whole() -> int:
        looked.append("whole")
        return 0

    parts: dict[str, Callable[[], int]] = {"broken": broken, "whole": whole}
    try:
        REAPS.clear()
        REAPS.update(parts)
        call_command("reaper", once=True)
    finally:
        REAPS.clear()
        REAPS.update(before)

    assert looked == ["whole"]
