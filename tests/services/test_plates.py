"""Whatever a camera reads, in whatever order and however often: one arrival has one deciding row and opens once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gatebook.app.build import services_of
from gatebook.app.stores import Opened
from gatebook.domain.access import EVERYTHING, Principal, PrincipalKind, Scope
from gatebook.domain.gates import CameraLink, CameraSetting, Level, Passage
from gatebook.domain.kinds import Kind, Method
from gatebook.domain.places import Credential, Device, DeviceKind
from gatebook.domain.times import Instant
from gatebook.services import Services
from gatebook.services.arrivals import DecisionTold, ReadTold
from gatebook.services.directory import found_organisation, new_id
from gatebook.services.ingest import Report
from gatebook.store import Store, Transaction, open_store

PLATE = "AB12CDE"
START = 1_780_000_000 * 10**9


@dataclass
class Yard:
    """A gate without a device on its line; `now` is the clock that everything goes by."""

    store: Store
    services: Services
    admin: Principal
    camera: Device
    now: int = START
    taken: int = 0

    def read(self, plate: str, confidence: float, ago_s: float, vehicle: str | None) -> None:
        """A read comes in, and the follower takes it."""
        told = ReadTold(plate=plate, confidence=confidence, vehicle=vehicle)
        report = Report(
            kind=Kind.PLATE_READ.value, device=self.camera.number, occurred=Instant(self.now - int(ago_s * 1e9)),
            method=Method.PLATE, credential=plate, data=msgspec.json.encode(told),
        )  # fmt: skip
        asyncio.run(self.services.ingest.accept(self.admin, [report]))
        self.follow()

    def follow(self) -> None:
        org = self.admin.organisation
        head = self.store.read_now(self.store.history.head, org)
        after, self.taken = self.taken, head
        self.store.write_now(lambda tx: self.services.plates.follower.take(tx, org, after, head))

    def later(self, seconds: float) -> None:
        """Time passes; what is due is decided."""
        self.now += int(seconds * 1e9)

        async def a_moment() -> None:
            works = [asyncio.create_task(run()) for run in (self.services.plates.run, self.services.commands.run)]
            for _ in range(500):
                await asyncio.sleep(0.01)
                if self.settled():
                    break
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)

        asyncio.run(a_moment())

    def settled(self) -> bool:
        """Whether nothing is left that is due by now."""
        due = self.store.read_now(self.store.arrivals.next_due)
        overdue = [one for one in self.store.read_now(self.store.commands.open) if one.deadline <= self.now]
        return (due is None or due > self.now) and not overdue

    def told(self, after: int = 0) -> tuple[list[DecisionTold], int]:
        """The decisions beyond a seq, and how many commands were asked for."""
        page = self.store.read_now(self.store.history.log_after, self.admin.organisation, after, 10_000)
        rows = [one for one in page.events if one.kind is Kind.PLATE_DECIDED]
        asked = sum(one.kind is Kind.COMMAND_REQUESTED for one in page.events)
        return [msgspec.json.decode(one.data or b"", type=DecisionTold) for one in rows], asked

    @property
    def head(self) -> int:
        return self.store.read_now(self.store.history.head, self.admin.organisation)


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    path: Path = tmp_path_factory.mktemp("yard")
    store = open_store(str(path / "gatebook.db"))
    holder: list[Yard] = []
    services = services_of(Opened(store, b"s" * 32), now=lambda: Instant(holder[0].now if holder else START))

    def set_up(tx: Transaction) -> tuple[int, Device]:
        org = found_organisation(tx, "Acme", "UTC")
        camera = tx.add_device(org, new_id(), DeviceKind.CAMERA, "camera")
        lock = tx.add_device(org, new_id(), DeviceKind.LOCK, "gate")
        person = tx.add_person(org, new_id(), "Ada")
        one = Credential(number=1, id=new_id(), person=person.number, method=Method.PLATE, value=PLATE)
        tx.entities.credentials.insert(org, one)
        tx.gates.put_camera(org, CameraSetting(device=camera.number))
        tx.gates.insert_link(org, CameraLink(camera=camera.number, lock=lock.number))
        tx.gates.put_passage(org, Passage(person=person.number, device=lock.number))
        return org, camera

    org, camera = store.write_now(set_up)
    admin = Principal(
        organisation=org, kind=PrincipalKind.SERVICE, id=new_id(), name="t", scopes=frozenset(Scope), grant=EVERYTHING
    )
    holder.append(Yard(store, services, admin, camera))
    try:
        yield holder[0]
    finally:
        store.close()


ONE = st.tuples(
    st.sampled_from([PLATE, PLATE, PLATE, "AB12CDF", "A812CDE", "XX99XXX"]), st.sampled_from([0.79, 0.8, 0.99]),
    st.sampled_from([0.0, 1.0, 29.0, 31.0]), st.sampled_from(["v-1", "v-2", None]), st.sampled_from([0.0, 2.0, 11.0]),
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([(PLATE, 0.99, 0.0, None, 2.0), (PLATE, 0.8, 1.0, None, 11.0), (PLATE, 0.99, 0.0, None, 0.0)])
@example([(PLATE, 0.99, 0.0, "v-1", 2.0), (PLATE, 0.8, 1.0, "v-1", 11.0), (PLATE, 0.99, 0.0, "v-1", 0.0)])
@given(st.lists(ONE, min_size=1, max_size=6))
def test_an_arrival_has_one_deciding_row_one_repeat_and_one_opening(
    yard: Yard, reads: list[tuple[str, float, float, str | None, float]]
) -> None:
    yard.later(100_000)  # whoever was here has gone
    after, run = yard.head, yard.now
    arrivals: set[str] = set()
    unnamed: list[tuple[float, bool]] = []
    for plate, confidence, ago_s, vehicle, pause_s in reads:
        known = f"{vehicle}/{run}" if vehicle else None
        yard.read(plate, confidence, ago_s, known)
        arrivals.add(known or plate)
        if vehicle is None and plate == PLATE:
            unnamed.append((yard.now / 1e9 - ago_s, confidence >= 0.8 and ago_s <= 30))
        if pause_s:
            yard.later(pause_s)
    yard.later(30)

    rows, asked = yard.told(after)
    deciding = [row for row in rows if row.action != "repeat_read"]
    could_open = [one for one in reads if one[0] == PLATE and one[1] >= 0.8 and one[2] <= 30]
    no_id = [one for one in reads if one[3] is None]

    assert len(deciding) >= len(arrivals)
    assert len(deciding) <= len(arrivals) + len(no_id)  # without an id, reads far apart are several arrivals
    vehicles = {one[3] for one in could_open if one[3] is not None}
    assert asked <= len(vehicles) + passings(unnamed)
    assert asked <= len(deciding)
    assert all(row.matched_plate == PLATE for row in deciding if row.action in ("opened", "open_failed"))
    assert len(rows) - len(deciding) <= len(deciding)
    assert not any(row.action == "opened" for row in rows)  # nobody answered


def passings(reads: list[tuple[float, bool]]) -> int:
    """How many arrivals could open, of reads of one plate at these times: those within 30 s of another are one."""
    found: list[tuple[float, float, bool]] = []
    for at, opens in reads:
        near = [one for one in found if one[0] - 30 <= at <= one[1] + 30]
        if near:
            one = max(near, key=lambda each: each[1])
            found.remove(one)
            found.append((min(one[0], at), max(one[1], at), one[2] or opens))
        else:
            found.append((at, at, opens))
    return sum(opens for _first, _last, opens in found)


def test_a_read_that_is_taken_twice_by_a_follower_that_fell_back_opens_once(yard: Yard) -> None:
    yard.later(100_000)
    after = yard.head
    yard.read(PLATE, 0.95, 0, "again")
    yard.taken = after

    yard.follow()

    _rows, asked = yard.told(after)
    assert asked == 1


@pytest.mark.parametrize("texts", [(PLATE, "A812CDE"), ("A812CDE", PLATE), ("A812CDE", "AB12CDF", PLATE)])
def test_a_car_that_is_read_in_several_ways_which_all_mean_its_plate_opens_once(
    yard: Yard, texts: tuple[str, ...]
) -> None:
    org, camera = yard.admin.organisation, yard.camera.number
    yard.store.write_now(lambda tx: tx.gates.put_camera(org, CameraSetting(device=camera, level=Level.ONE_EDIT)))
    yard.later(100_000)
    after = yard.head

    for text in texts:
        yard.read(text, 0.95, 0, None)
    yard.later(11)

    yard.store.write_now(lambda tx: tx.gates.put_camera(org, CameraSetting(device=camera)))
    rows, asked = yard.told(after)
    assert asked == 1
    assert Counter(row.action for row in rows) == {"open_failed": 1, "repeat_read": 1}


def test_the_best_read_is_told_where_nothing_opens(yard: Yard) -> None:
    yard.later(100_000)
    after = yard.head
    for confidence in (0.3, 0.7, 0.5):
        yard.read(PLATE, confidence, 0, "dim")

    yard.later(11)

    rows, asked = yard.told(after)
    assert Counter((row.action, row.confidence) for row in rows) == {("low_confidence", 0.7): 1}
    assert asked == 0
