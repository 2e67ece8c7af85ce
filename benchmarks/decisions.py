"""What a page of a camera's plate history costs to a client of SmartphoneKey: its first, and page 100,000.

A camera that decides so often is nowhere in the made-up history, so one is given as many decisions as the deep page
needs, spread over the time of all other events.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from benchmarks.pages import against_first, settled, timed
from benchmarks.rows import Row
from benchmarks.running import serving
from benchmarks.stage import Stage
from gatebook.domain.access import EVERYTHING
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.filters import Condition, Field, Operator, all_of
from gatebook.domain.kinds import Kind, Method
from gatebook.domain.places import Device, DeviceKind
from gatebook.domain.times import Instant
from gatebook.services.arrivals import Action, DecisionTold
from gatebook.simulation.bulk import count_streams
from gatebook.store import Store, Transaction
from gatebook.store.contract import Asked

DEFAULT = 20
"""Rows of a page, where the client says nothing."""
BATCH = 10_000


def lpr(stage: Stage) -> list[Row]:
    """A page of one row as deep as page 100,000, and of the default size as deep as these rows go."""
    wanted = stage.options.deep
    with stage.opened() as store:
        camera = _camera(stage, store)
        there = store.read_now(store.history.count, _decisions(stage, camera)).n
        for first in range(there, wanted, BATCH):
            numbers = range(first, min(wanted, first + BATCH))
            store.write_now(partial(_decide, stage, camera, numbers, wanted))
        count_streams(store, stage.org)
    path = f"/cameras/{camera.id}/lpr-events?pageSize="
    rows = []
    with serving(stage.store) as server:
        settled(stage, server)
        for size in (1, DEFAULT):
            deep = wanted // size
            found = timed(stage, server, {"first": f"{path}{size}&page=1", "deep": f"{path}{size}&page={deep}"})
            rows.append(
                against_first(stage, f"SmartphoneKey: plates page {deep:,} of {size}", found["deep"], found["first"])
            )
    return rows


def _camera(stage: Stage, store: Store) -> Device:
    """The first camera of the made-up world."""
    made = next(one for one in stage.world.devices if one.kind is DeviceKind.CAMERA)
    found = store.read_now(store.directory.device, stage.org, made.id)
    assert found is not None
    return found


def _decisions(stage: Stage, camera: Device) -> Asked:
    wanted = all_of(
        Condition(Field.DEVICE, Operator.EQUALS, (camera.number,)),
        Condition(Field.KIND, Operator.EQUALS, (Kind.PLATE_DECIDED.value,)),
    )
    return Asked(organisation=stage.org, grant=EVERYTHING, filter=wanted)


def _decide(stage: Stage, camera: Device, numbers: Sequence[int], of: int, transaction: Transaction) -> None:
    decided = transaction.class_of(stage.org, EventClass(Kind.PLATE_DECIDED, Method.PLATE))
    told = DecisionTold(plate="AB12CDE", normalised="AB12CDE", confidence=0.93, action=Action.NO_MATCH, read="")
    data = msgspec.json.encode(told)
    drafts = []
    for number in numbers:
        at = Instant(stage.settings.start + stage.settings.span_ns * number // of)
        drafts.append(
            Draft(stream=camera.stream, event_class=decided, occurred=at, received=at, credential=told.plate, data=data,
                  data_is_personal=True)
        )  # fmt: skip
    transaction.append_history(stage.org, drafts)
