"""What no reader waits for is done when no question is looked up: one after the other, and soon in any case."""

import asyncio

from books.chat.quiet import Quiet


async def done_in(quiet: Quiet, name: str, done: list[str]) -> None:
    async with quiet.turn():
        done.append(name)


async def test_work_waits_until_the_last_question_is_looked_up_and_keeps_its_order() -> None:
    quiet, done = Quiet(), list[str]()
    quiet.begin(1)
    quiet.begin(2)
    waiting = [asyncio.create_task(done_in(quiet, name, done)) for name in ("first", "second")]

    quiet.end(1)
    quiet.end(1)
    await asyncio.wait(waiting, timeout=0.3)
    assert done == []

    quiet.end(2)
    await asyncio.wait_for(asyncio.gather(*waiting), 2)
    assert done == ["first", "second"]


async def test_a_question_that_comes_before_the_quiet_has_settled_goes_first() -> None:
    quiet, done = Quiet(), list[str]()
    waiting = asyncio.create_task(done_in(quiet, "work", done))
    await asyncio.sleep(0)
    quiet.begin(1)

    await asyncio.wait([waiting], timeout=0.3)
    assert done == []

    quiet.end(1)
    await asyncio.wait_for(waiting, 2)


async def test_where_questions_never_end_work_has_its_turn_too() -> None:
    quiet, done = Quiet(longest_wait=0.1), list[str]()
    quiet.begin(1)
    await asyncio.wait_for(asyncio.gather(*(done_in(quiet, "work", done) for _ in range(3))), 2)
    assert done == ["work"] * 3


async def test_a_process_that_ends_waits_for_nothing() -> None:
    quiet, done = Quiet(longest_wait=60), list[str]()
    quiet.begin(1)
    waiting = asyncio.create_task(done_in(quiet, "work", done))
    await asyncio.sleep(0)

    quiet.rush()
    quiet.begin(2)

    await asyncio.wait_for(asyncio.gather(waiting, done_in(quiet, "more", done)), 2)
    assert done == ["work", "more"]
