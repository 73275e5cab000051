"""A heart beats while the work goes on, tells of a loss, and outlives a database that is away."""

import threading

from django.db.utils import InternalError, OperationalError

from mindory_web.lib.heartbeat import Heartbeat

SOON = 0.001  # seconds
PATIENCE = 10


def test_it_beats_until_the_work_is_done() -> None:
    beats, third = [], threading.Event()

    def extend() -> bool:
        beats.append(threading.current_thread().name)
        if len(beats) == 3:
            third.set()
        return True

    heart = Heartbeat(extend, seconds=SOON, name="lease-7")
    with heart.beating():
        assert third.wait(PATIENCE)

    assert set(beats) == {"lease-7"}
    assert not heart.is_lost
    assert not [thread for thread in threading.enumerate() if thread.name == "lease-7"]


def test_whoever_works_is_told_that_the_lease_is_lost_and_nobody_asks_for_it_again() -> None:
    asked: list[threading.Thread] = []
    last = threading.Event()

    def extend() -> bool:
        asked.append(threading.current_thread())
        if len(asked) == 2:
            last.set()
        return len(asked) < 2

    heart = Heartbeat(extend, seconds=SOON, name="lease-8")
    with heart.beating():
        assert last.wait(PATIENCE)
        asked[0].join(PATIENCE)
        assert heart.is_lost

    assert len(asked) == 2


def test_a_database_that_is_away_is_no_loss() -> None:
    errors, back = iter([OperationalError("gone"), InternalError("broken")]), threading.Event()

    def extend() -> bool:
        for error in errors:
            raise error
        back.set()
        return True

    heart = Heartbeat(extend, seconds=SOON, name="lease-9")
    with heart.beating():
        assert back.wait(PATIENCE)

    assert not heart.is_lost


def test_it_ends_with_work_that_fails() -> None:
    heart = Heartbeat(lambda: True, seconds=3600, name="lease-10")
    try:
        with heart.beating():
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass

    assert not [thread for thread in threading.enumerate() if thread.name == "lease-10"]
