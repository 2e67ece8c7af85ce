"""Reports in each maker's form: what goes to which path of the native API, for one device at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from urllib.parse import urlencode

from gatebook.domain.kinds import Kind
from gatebook.domain.times import SECOND_NS
from gatebook.simulation.brands import Form
from gatebook.simulation.happenings import Happening
from gatebook.simulation.scenes import Scenes
from gatebook.simulation.truth import written
from gatebook.simulation.wire import Wire
from gatebook.simulation.world import World

EVENTS: Final = "/v1/events"
READS: Final = "/v1/plate-reads"
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
CLOUD_BATCH: Final = "application/cloudevents-batch+json"
FORM: Final = "application/x-www-form-urlencoded"
AT_ONCE: Final = 1_000
"""Reports in one request."""


class Letter(NamedTuple):
    """One request; `told` are the happenings it reports, in the order of the answers."""

    path: str
    media: str
    body: bytes
    device: int
    told: tuple[Happening, ...]
    in_path: bool = False
    """Whether the device's token goes at the end of the path, since its reader can send no header."""


class Forms:
    """Writes letters."""

    def __init__(self, world: World, scenes: Scenes, wire: Wire) -> None:
        """Of one simulation."""
        self._world = world
        self._wire = wire
        self._classes = scenes.classes

    def letters(self, told: Sequence[Happening]) -> Iterator[Letter]:
        """Each device's reports, as it sends them itself; those of one device stay in order."""
        by_device: dict[int, list[Happening]] = {}
        for one in told:
            by_device.setdefault(one.device, []).append(one)
        for device, reports in by_device.items():
            yield from self._of_device(device, reports)

    def gathered(self, told: Sequence[Happening]) -> Iterator[Letter]:
        """The same from something that speaks for all devices: lines, and plates in the neutral form."""
        for at in range(0, len(told), AT_ONCE):
            part = told[at : at + AT_ONCE]
            reads = tuple(one for one in part if self.is_read(one))
            others = tuple(one for one in part if not self.is_read(one))
            if others:
                yield self._lines(others)
            if reads:
                body = [self.neutral(one, named=True) for one in reads]
                yield Letter(READS, JSON, json.dumps(body).encode(), reads[0].device, reads)

    def is_read(self, one: Happening) -> bool:
        """Whether it is a number plate that can be told as one."""
        return self._classes[one.event_class].kind is Kind.PLATE_READ and one.data is not None

    def _of_device(self, device: int, told: Sequence[Happening]) -> Iterator[Letter]:
        form = self._world.devices[device].brand.form
        if form is Form.LINES and len(told) > 1:
            for at in range(0, len(told), AT_ONCE):
                yield self._lines(tuple(told[at : at + AT_ONCE]))
        elif form is Form.CLOUD:
            for at in range(0, len(told), AT_ONCE):
                part = tuple(told[at : at + AT_ONCE])
                body = b"[%b]" % b",".join(map(self.cloud, part))
                yield Letter(EVENTS, CLOUD_BATCH, body, device, part)
        else:
            for one in told:
                yield self._read(one, form) if self.is_read(one) else self._single(one)

    def _lines(self, told: tuple[Happening, ...]) -> Letter:
        return Letter(EVENTS, NDJSON, b"\n".join(map(self._wire.line, told)), told[0].device, told)

    def _single(self, one: Happening) -> Letter:
        return Letter(EVENTS, JSON, self._wire.line(one), one.device, (one,))

    def _read(self, one: Happening, form: Form) -> Letter:
        if form is Form.HOOK:
            body = urlencode({"json": json.dumps(self.hook(one))})
            return Letter(f"{READS}/{form}", FORM, body.encode(), one.device, (one,), True)
        if form is Form.TRACKED:
            return Letter(f"{READS}/{form}", JSON, json.dumps(self.tracked(one)).encode(), one.device, (one,), True)
        return Letter(READS, JSON, json.dumps(self.neutral(one)).encode(), one.device, (one,))

    def cloud(self, one: Happening) -> bytes:
        """A CloudEvent.  Source: CloudEvents 1.0.2, JSON Event Format."""
        made = self._world.devices[one.device]
        kind, method, reason, _, _ = self._classes[one.event_class]
        person = None if one.person < 0 else str(self._world.people[one.person].id)
        said = {
            "specversion": "1.0", "source": made.vendor_id, "type": kind, "id": self._wire.key(one.serial),
            "time": written(one.occurred), "subject": person, "method": method, "reason": reason,
            "credential": one.credential,
        }  # fmt: skip
        text = json.dumps({name: value for name, value in said.items() if value is not None})
        return (text if one.data is None else f'{text[:-1]}, "data": {one.data.decode()}}}').encode()

    def neutral(self, one: Happening, *, named: bool = False) -> dict[str, object]:
        """A read as `POST /v1/plate-reads` documents it; `named`: it says which camera."""
        plate, confidence = seen(one)
        camera = {"camera": self._world.devices[one.device].vendor_id} if named else {}
        return {**camera, "plate": plate, "confidence": confidence, "captured": written(one.occurred),
                "id": self._wire.key(one.serial)}  # fmt: skip

    def hook(self, one: Happening) -> dict[str, object]:
        """Source: guides.platerecognizer.com, "Webhooks and Outputs", heading Webhooks: plates in lower case."""
        plate, confidence = seen(one)
        bare = plate.replace(" ", "").lower()
        result = {
            "plate": bare, "score": confidence, "region": {"code": "gb", "score": 0.9},
            "candidates": [{"plate": bare, "score": confidence}],
        }  # fmt: skip
        made = self._world.devices[one.device]
        data = {"timestamp": written(one.occurred), "filename": f"{one.serial}.jpg", "camera_id": made.vendor_id,
                "results": [result]}  # fmt: skip
        return {"hook": {"event": "recognition", "id": made.vendor_id}, "data": data}

    def tracked(self, one: Happening) -> dict[str, object]:
        """Source: docs.frigate.video, "MQTT", heading frigate/tracked_object_update, type `lpr`."""
        plate, confidence = seen(one)
        return {"type": "lpr", "id": f"{one.occurred / SECOND_NS:.6f}-{one.serial % 1_000_000:06}", "name": None,
                "plate": plate.replace(" ", ""), "score": confidence,
                "camera": self._world.devices[one.device].name, "timestamp": one.occurred / SECOND_NS}  # fmt: skip


def seen(one: Happening) -> tuple[str, float]:
    """What a camera read, and how sure it was."""
    assert one.data is not None  # as `is_read` has found
    told = json.loads(one.data)
    return str(told["plate"]), float(told["confidence"])
