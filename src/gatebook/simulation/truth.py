"""What really happened, beside what was reported of it: the simulation knows, and whoever examines a log may ask."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from gatebook.domain.times import Instant, rfc3339
from gatebook.simulation.happenings import Happening
from gatebook.simulation.marks import Mark
from gatebook.simulation.scenes import Scenes
from gatebook.simulation.wire import Wire
from gatebook.simulation.world import World


class Truth(Struct, frozen=True, kw_only=True):
    """One report; what it says itself is `told`, and what was answered stands in `status` and `id`."""

    key: str
    device: str
    brand: str
    kind: str
    method: str | None
    reason: str | None
    happened: str
    told: str
    arrives: str
    """When it was due to arrive."""
    person: UUID | None
    plate: str | None
    """That of the car that was there."""
    read: str | None
    """What the camera read."""
    marks: tuple[str, ...]
    """`late`, `lost`, `ahead`, `again`, `misread`, `unsure`: what is odd about it."""
    status: int | None = None
    """None: it was not sent over the network."""
    id: str | None = None


class Truths:
    """Tells the truth about the happenings of one simulation."""

    def __init__(self, world: World, scenes: Scenes, wire: Wire) -> None:
        """`wire` knows the keys."""
        self._world = world
        self._classes = scenes.classes
        self._wire = wire

    def of(self, one: Happening, status: int | None = None, id: str | None = None) -> Truth:
        """One report, with what was answered to it."""
        made = self._world.devices[one.device]
        kind, method, reason, _, _ = self._classes[one.event_class]
        return Truth(
            key=self._wire.key(one.serial), device=made.vendor_id, brand=made.brand.name, kind=kind, method=method,
            reason=reason, happened=written(one.happened), told=written(one.occurred), arrives=written(one.received),
            person=self._world.people[one.person].id if one.person >= 0 else None,
            plate=self._world.cars[one.car].plate if one.car >= 0 else None,
            read=one.credential if one.car >= 0 else None,
            marks=tuple(mark.name.lower() for mark in Mark(one.marks) if mark.name), status=status, id=id,
        )  # fmt: skip


def written(at: int) -> str:
    """An instant, to the nanosecond."""
    return rfc3339(Instant(at), 9)
