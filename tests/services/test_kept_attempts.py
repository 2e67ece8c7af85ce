"""The doorkeeper's memory: a restart, whatever it does to the clocks, opens no door and keeps none shut for longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatebook.domain.errors import LockedOut
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.services.attempts import Attempts
from gatebook.services.kept_attempts import KEPT_NS, KeptAttempts
from gatebook.store import Store, open_store

WALL = 1_800_000_000.0
ADDRESS = "192.0.2.1"


class Machine:
    """A server's clocks, which stand at any number when it starts, and its doorkeeper."""

    def __init__(self, store: Store, *, up_s: float, wall_s: float) -> None:
        self.up_s, self.wall_s = up_s, wall_s
        self.attempts = Attempts(clock=lambda: self.up_s, sleep=self.sleep, key=b"k" * 32)
        self.kept = KeptAttempts(self.attempts, store, now=lambda: Instant(int(self.wall_s * SECOND_NS)))

    async def sleep(self, seconds: float) -> None:
        self.up_s += seconds
        self.wall_s += seconds

    async def tried(self, name: str = "ada", times: int = 1, address: str = ADDRESS) -> int:
        """How many of so many wrong passwords were looked at."""
        done = 0
        for _ in range(times):
            try:
                await self.attempts.attempt(name, address)
            except LockedOut:
                continue
            done += 1
        return done


async def restarted(machine: Machine, store: Store, *, after_s: float) -> Machine:
    """The machine was off for so long, and its own clock begins at 3."""
    await machine.kept.write()
    following = Machine(store, up_s=3.0, wall_s=machine.wall_s + after_s)
    await following.kept.load()
    return following


@pytest.fixture
async def store(tmp_path: Path):  # type: ignore[no-untyped-def]
    store = open_store(str(tmp_path / "gatebook.db"))
    yield store
    await store.aclose()


@pytest.mark.parametrize("up_s", [50.0, 4_000_000.0], ids=["a young machine", "an old one"])
async def test_a_door_that_was_shut_stays_shut_for_the_rest_of_its_time(store: Store, up_s: float) -> None:
    before = Machine(store, up_s=up_s, wall_s=WALL)
    assert await before.tried(times=8) == 5

    early = await restarted(before, store, after_s=100)
    late = await restarted(before, store, after_s=301)

    with pytest.raises(LockedOut) as refusal:
        await early.attempts.attempt("ada", ADDRESS)
    assert 190 <= refusal.value.retry_after_s <= 200
    assert await late.tried() == 1
    assert await early.tried("grace") == 1


async def test_wrong_passwords_of_all_names_from_a_network_are_not_forgotten(store: Store) -> None:
    before = Machine(store, up_s=9.0, wall_s=WALL)
    for n in range(101):
        await before.tried(f"name {n}")

    after = await restarted(before, store, after_s=2)

    assert await after.tried("another") == 0
    assert await after.tried("another", address="198.51.100.1") == 1


async def test_a_right_password_wipes_it_out_on_the_disk_too(store: Store) -> None:
    before = Machine(store, up_s=9.0, wall_s=WALL)
    await before.tried(times=4)
    await before.kept.write()
    before.attempts.succeeded("ada", ADDRESS)

    after = await restarted(before, store, after_s=2)

    assert await after.tried(times=9) == 5


async def test_the_store_knows_neither_names_nor_networks_and_forgets_in_time(store: Store) -> None:
    before = Machine(store, up_s=9.0, wall_s=WALL)
    await before.tried("correct horse battery", times=3)
    await before.kept.write()
    since = Instant(0)
    kept = store.read_now(store.record.attempts, since, 10)

    before.wall_s += KEPT_NS / SECOND_NS + 1
    before.up_s += KEPT_NS / SECOND_NS + 1
    await before.tried("somebody else", address="198.51.100.1")
    await before.kept.write()

    assert [len(one.key) for one in kept] == [16, 16]
    assert "horse" not in str(kept)
    assert not {one.key for one in kept} & {one.key for one in store.read_now(store.record.attempts, since, 10)}
