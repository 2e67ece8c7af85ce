"""The doorkeeper: what it remembers, for whom, and how much."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count, repeat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.domain.attempts import most_guesses
from gatebook.domain.errors import LockedOut
from gatebook.services.attempts import Attempts


class Clock:
    """Time that passes only where somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Door:
    """A doorkeeper on a clock of its own."""

    def __init__(self, remembered: int = 100) -> None:
        self.clock = Clock()
        self.attempts = Attempts(clock=self.clock, sleep=self.clock.sleep, remembered=remembered)

    async def guess(self, name: str = "ada", address: str = "192.0.2.1") -> bool:
        """Whether a guess is let through."""
        try:
            await self.attempts.attempt(name, address)
        except LockedOut:
            return False
        return True

    async def guesses(self, number: int, name: str = "ada", address: str = "192.0.2.1") -> int:
        """How many of so many are let through."""
        return sum([await self.guess(name, address) for _ in range(number)])


@pytest.mark.anyio
async def test_guesses_side_by_side_are_no_cheaper_than_one_after_another() -> None:
    clock, let_through = Clock(), 0
    gate = asyncio.Event()

    async def wait(_seconds: float) -> None:
        await gate.wait()

    attempts = Attempts(clock=clock, sleep=wait)

    async def one() -> None:
        nonlocal let_through
        await attempts.attempt("ada", "192.0.2.1")
        let_through += 1

    guesses = [asyncio.create_task(one()) for _ in range(50)]
    await asyncio.sleep(0)
    gate.set()
    ended = await asyncio.gather(*guesses, return_exceptions=True)

    assert let_through == 5
    assert sum(isinstance(one, LockedOut) for one in ended) == 45


@pytest.mark.anyio
async def test_the_refusal_tells_when_to_come_back() -> None:
    door = Door()
    await door.guesses(6)

    with pytest.raises(LockedOut) as refusal:
        await door.attempts.attempt("ada", "192.0.2.1")

    assert refusal.value.retry_after_s == 300
    assert refusal.value.status == 429


@pytest.mark.anyio
async def test_a_right_password_wipes_out_the_wrong_ones() -> None:
    door = Door()
    await door.guesses(5)

    door.attempts.succeeded("ada", "192.0.2.1")

    assert await door.guesses(5) == 5


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["ADA", " ada", "\uff21da"])
async def test_a_name_written_otherwise_is_the_same_name(name: str) -> None:
    door = Door()

    await door.guesses(5)

    assert not await door.guess(name)


@pytest.mark.anyio
async def test_a_neighbour_in_the_network_is_shut_out_too_and_another_network_or_name_is_not() -> None:
    door = Door()

    await door.guesses(5)

    assert not await door.guess(address="192.0.2.200")
    assert await door.guess(address="192.0.3.1")
    assert await door.guess("grace")


@pytest.mark.anyio
async def test_no_more_is_remembered_than_there_is_room_for() -> None:
    door = Door(remembered=10)

    for number in range(200):
        await door.guess(f"name {number}", "192.0.2.1")

    assert len(door.attempts) == 10


@pytest.mark.anyio
async def test_a_name_of_a_megabyte_is_remembered_in_sixteen_bytes() -> None:
    door = Door()

    await door.guesses(5, "x" * 1_000_000)

    assert not await door.guess("x" * 1_000_000)
    assert {len(key) for key in door.attempts._records} == {16}


@pytest.mark.anyio
async def test_one_password_tried_at_many_names_is_stopped_for_its_network_alone() -> None:
    door = Door(remembered=1000)

    tried = [await door.guess(f"name {number}") for number in range(150)]

    assert sum(tried) == 101
    assert not await door.guess("somebody else", "192.0.2.99")
    assert await door.guess("somebody else", "198.51.100.1")


@pytest.mark.anyio
async def test_a_building_that_signs_in_rightly_is_never_stopped() -> None:
    door = Door(remembered=1000)

    for number in range(1000):
        assert await door.guess(f"name {number}")
        door.attempts.succeeded(f"name {number}", "192.0.2.1")


async def guessed_in_a_day(door: Door, names: Iterator[str]) -> int:
    """How many guesses are looked at, made as fast as the door opens."""
    looked_at, until = 0, door.clock.now + 86_400
    for name in names:
        if door.clock.now >= until:
            break
        try:
            await door.attempts.attempt(name, "192.0.2.1")
        except LockedOut as shut:
            door.clock.now += shut.retry_after_s
        else:
            looked_at += 1
    return looked_at


@pytest.mark.anyio
async def test_a_day_of_guesses_is_what_the_documentation_says() -> None:
    one_name = await guessed_in_a_day(Door(), repeat("ada"))
    many = await guessed_in_a_day(Door(remembered=100_000), map(str, count()))

    assert (one_name, many) == (31, 17_380)
    page = (Path(__file__).parents[2] / "docs" / "security.md").read_text()
    assert "31 guesses at a name in a day" in page
    assert "17,380 in a day" in page


@given(st.integers(1, 6), st.lists(st.floats(0.0, 3000.0), max_size=40))
@settings(max_examples=100, deadline=None)
def test_an_attacker_with_some_networks_gets_no_more_guesses_than_the_bound(networks: int, gaps: list[float]) -> None:
    async def attack() -> tuple[int, float]:
        door, let_through = Door(remembered=1000), 0
        begun = door.clock.now
        for gap in gaps:
            door.clock.now += gap
            for network in range(networks):
                let_through += await door.guesses(7, address=f"198.51.{network}.1")
        return let_through, door.clock.now - begun

    let_through, seconds = asyncio.run(attack())

    assert let_through <= most_guesses(networks, seconds)
