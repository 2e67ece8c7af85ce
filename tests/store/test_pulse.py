"""Requests of one turn of the event loop share a look at the rights; what comes after a change is never behind it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw
import pytest

from gatebook.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "gate.db"))


def changed_elsewhere(path: Path) -> None:
    """As another process would."""
    with apsw.Connection(str(path)) as connection:
        connection.execute("UPDATE access SET revision = revision + 1")


@pytest.mark.anyio
async def test_a_change_by_another_process_is_seen_in_the_next_turn(store: Store, tmp_path: Path) -> None:
    for _ in range(20):
        before = store.pulse.access_revision()
        changed_elsewhere(tmp_path / "gate.db")
        await asyncio.sleep(0)

        assert store.pulse.access_revision() == before + 1


@pytest.mark.anyio
async def test_a_change_by_this_process_is_seen_when_it_is_acknowledged(store: Store, tmp_path: Path) -> None:
    before = store.pulse.access_revision()
    await store.write(lambda _tx: changed_by(store))

    assert store.pulse.access_revision() == before + 1


def test_what_one_loop_saw_is_not_remembered_in_the_next(store: Store, tmp_path: Path) -> None:
    async def look() -> int:
        return store.pulse.access_revision()

    before = asyncio.run(look())
    changed_elsewhere(tmp_path / "gate.db")

    assert asyncio.run(look()) == store.pulse.access_revision() == before + 1


def changed_by(store: Store) -> None:
    """Within the writer's transaction."""
    store.writer._connection.execute("UPDATE access SET revision = revision + 1")
