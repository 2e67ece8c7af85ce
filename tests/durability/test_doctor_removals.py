"""What was removed by Gatebook itself is no fault to the doctor; a range that says so and is wrong is one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from gatebook.domain.access import EVERYTHING, Principal, PrincipalKind, Scope
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import DAY_NS, Instant
from gatebook.services.followers import TALLIES, advance
from gatebook.services.keeping import Keeping
from gatebook.store.sqlite.store import SqliteStore
from gatebook.store.sqlite.transaction import Transaction
from tests.durability.test_doctor import change, faults

START = 1_780_000_000_000_000_000 // DAY_NS * DAY_NS
LATE = Instant(START + 100 * DAY_NS)
ADMIN = Principal(
    organisation=1, kind=PrincipalKind.KEY, id=uuid4(), name="admin", scopes=frozenset({Scope.ADMIN}), grant=EVERYTHING
)


def made(transaction: Transaction) -> None:
    """Two doors; at each, old events with a young one among them; the newest of the second door are old ones."""
    org = transaction.add_organisation(uuid4(), "Test", "UTC")
    streams = [transaction.add_device(org, uuid4(), DeviceKind.DOOR, "a door").stream for _ in range(2)]
    number = transaction.class_of(org, EventClass(Kind.DOOR_OPENED))
    young = {0: (4, 9), 1: (2,)}
    transaction.append(
        org,
        [
            Draft(
                stream=streams[door], event_class=number, received=LATE, message="hello",
                occurred=Instant(LATE - DAY_NS if version in young[door] else START + version),
                key=f"{door}/{version}".encode(), body=b"12345678",
            )
            for version in range(1, 11)
            for door in (0, 1)
        ],
    )  # fmt: skip


@pytest.fixture
def pruned(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    store = SqliteStore(path)
    store.write_now(made)
    store.write_now(lambda transaction: advance(transaction, TALLIES, 1, 1_000))

    async def run() -> None:
        keeping = Keeping(store, now=lambda: LATE)
        await keeping.put_rule(ADMIN, name="old", days=30)
        [verdict] = await keeping.run(ADMIN)
        assert verdict.due.n == 17

    asyncio.run(run())
    store.close()
    return path


def test_removals_are_no_fault(pruned: Path) -> None:
    assert [fault for fault in faults(pruned) if fault.check in ("numbers", "references", "tallies")] == []


PLANTED = {
    "an event that no removal names": ("DELETE FROM events WHERE seq = 7", "seq"),
    "a removal that nobody remembers": ("DELETE FROM removed WHERE stream = 0 AND first = 1", "missing"),
    "a removal that is shorter than the gap": ("UPDATE removed SET last = last - 1 WHERE stream = 0", "missing"),
    "a range that is still in the log": ("UPDATE removed SET last = last + 1 WHERE stream = 0", "is in the log"),
    "versions that are still in the log": ("UPDATE removed SET first = first - 1 WHERE first > 1", "is in the log"),
    "a newest version that nobody removed": ("DELETE FROM removed WHERE stream = 3 AND last = 10", "ahead of the log"),
    "a head ahead of what was removed": ("UPDATE heads SET last = last + 1 WHERE stream = 3", "ahead of the log"),
}


@pytest.mark.parametrize(("sql", "told"), PLANTED.values(), ids=list(PLANTED))
def test_what_removals_do_not_explain_is_told(pruned: Path, sql: str, told: str) -> None:
    change(pruned, sql)

    assert any(told in fault.what for fault in faults(pruned) if fault.check == "numbers")
