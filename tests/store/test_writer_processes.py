"""Two processes write one file: numbers stay dense, and neither remembers what the other has changed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

from gatebook.domain.access import EVERYTHING
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import Instant
from gatebook.store import Transaction, open_store
from gatebook.store.contract import Asked, Total
from tests.store.oracle import CLASSES, found_world

OTHER_PROCESS = """
import sys
from uuid import uuid4
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import DeviceKind

from gatebook.store import open_store

path, org, stream, device, rounds = sys.argv[1], *map(int, sys.argv[2:])
store = open_store(path, checkpoints=False)
for turn in range(rounds):
    def work(tx):
        known = tx.device(org, device)
        tx.change_device(org, known, name=f"Name {turn}", kind=known.kind, site=known.site)
        made = tx.add_device(org, uuid4(), DeviceKind.DOOR, f"Made {turn}")
        kind = [Kind.LOCK_LOCKED, Kind.LOCK_UNLOCKED, Kind.DOOR_FORCED][turn % 3]
        class_ = tx.class_of(org, EventClass(kind))
        return tx.append(org, [Draft(stream=at, event_class=class_, occurred=turn, received=turn)
                               for at in (stream, made.stream)])
    store.write_now(work)
store.close()
"""


async def test_another_process_may_write_meanwhile_and_no_memory_is_stale(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "log.db"))
    world = found_world(store)
    rounds = 25
    device = world.devices[0]
    arguments = [str(store.path), str(world.org), str(device.stream), str(device.number), str(rounds)]
    other = await asyncio.to_thread(
        lambda: subprocess.Popen([sys.executable, "-c", OTHER_PROCESS, *arguments], stderr=subprocess.PIPE)
    )
    mine = 0
    while other.poll() is None or mine < rounds:

        def place(tx: Transaction) -> list[Draft]:
            known = tx.device(world.org, device.number)
            assert known is not None
            kind = [Kind.LOCK_UNLOCKED, Kind.DOOR_FORCED, Kind.LOCK_LOCKED][mine % 3]  # noqa: B023
            class_ = tx.class_of(world.org, EventClass(kind))
            return [Draft(stream=known.stream, event_class=class_, occurred=Instant(1), received=Instant(1))]

        await store.append(world.org, place, 1)
        mine += 1
        page = await store.read(store.history.page, Asked(organisation=world.org, grant=EVERYTHING))
        assert page.total == Total(page.ceiling)

    assert other.wait() == 0, other.stderr and other.stderr.read()
    assert other.stderr is not None
    other.stderr.close()
    rows = store.write_now(
        lambda tx: tx.connection.execute("SELECT seq, stream, version FROM events ORDER BY seq").fetchall()
    )
    assert [seq for seq, _, _ in rows] == list(range(1, mine + 2 * rounds + 1))
    assert [version for _, at, version in rows if at == device.stream] == list(range(1, mine + rounds + 1))
    classes = list(store.read_now(store.history.classes, world.org).values())
    assert len(classes) == len(set(classes)) == len(CLASSES) + 3
    known = store.write_now(lambda tx: tx.device(world.org, device.number))
    assert known is not None
    assert known.name == f"Name {rounds - 1}"
    made = store.write_now(lambda tx: tx.add_device(world.org, uuid4(), DeviceKind.DOOR, "Last"))
    assert made.number == len(world.devices) + rounds + 1
    store.close()
