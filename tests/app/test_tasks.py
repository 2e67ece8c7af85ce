"""Background tasks: run with the server, seen to fail, started again, ended with it."""

import asyncio
import logging

import pytest

from gatebook.app.tasks import SETTLED_S, Tasks


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_a_task_that_fails_is_logged_seen_and_started_again(caplog: pytest.LogCaptureFixture) -> None:
    runs, again, clock = 0, asyncio.Event(), Clock()

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise RuntimeError("the ladder fell")
        again.set()
        await asyncio.Event().wait()

    tasks = Tasks({"ladder": work}, clock=clock)
    with caplog.at_level(logging.ERROR):
        async with tasks.running():
            await asyncio.wait_for(again.wait(), 10)
            failing = tasks.states()
            clock.now += SETTLED_S
            settled = tasks.states()

    assert "the ladder fell" in caplog.text
    assert failing == {"ladder": False}
    assert settled == {"ladder": True}


async def test_a_task_that_ends_by_itself_is_a_failure_too(caplog: pytest.LogCaptureFixture) -> None:
    ended = asyncio.Event()

    async def work() -> None:
        ended.set()

    tasks = Tasks({"short": work})
    async with tasks.running():
        await asyncio.wait_for(ended.wait(), 10)
        await asyncio.sleep(0)
        states = tasks.states()

    assert states == {"short": False}
    assert "short ended" in caplog.text


async def test_one_that_fails_leaves_the_others_alone() -> None:
    quiet = asyncio.Event()

    async def bad() -> None:
        raise RuntimeError

    async def good() -> None:
        quiet.set()
        await asyncio.Event().wait()

    tasks = Tasks({"bad": bad, "good": good})
    async with tasks.running():
        await asyncio.wait_for(quiet.wait(), 10)
        await asyncio.sleep(0)
        states = tasks.states()

    assert states == {"bad": False, "good": True}


async def test_on_leaving_each_is_cancelled_and_waited_for() -> None:
    begun, tidied = asyncio.Event(), False

    async def work() -> None:
        nonlocal tidied
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            tidied = True

    async with Tasks({"tidy": work}).running():
        await asyncio.wait_for(begun.wait(), 10)

    assert tidied
