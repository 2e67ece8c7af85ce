"""An event that was reported elsewhere, in XProtect's words, and where it is fetched."""

from __future__ import annotations

import asyncio
from uuid import UUID

import msgspec
import pytest

from gatebook.dialects.xprotect import DIALECT
from gatebook.domain.places import DeviceKind
from tests.dialects.xprotect.asking import ask, service_token
from tests.houses import House

PATHS = {
    DeviceKind.CAMERA: "cameras", DeviceKind.DOOR: "hardware", DeviceKind.LOCK: "hardware",
    DeviceKind.READER: "hardware", DeviceKind.HUB: "recordingServers", DeviceKind.RECORDER: "recordingServers",
}  # fmt: skip


@pytest.mark.parametrize("kind", PATHS, ids=str)
def test_every_source_and_type_can_be_fetched(house: House, kind: DeviceKind) -> None:
    """mipsdk-samples-protocol, Events sample: looks up `{source}` and `eventTypes/{type}` of what it gets."""
    token = service_token(house, f"fetcher of {kind}")
    device = house.device(f"a {kind}", kind=kind)
    receipt = house.report(device, "tamper.detected")

    told = ask(house, "GET", f"events/{receipt['id']}", token).json()["data"]

    assert told["source"] == f"{PATHS[kind]}/{device.id}"
    assert ask(house, "GET", told["source"], token).json()["data"]["displayName"] == device.name
    assert ask(house, "GET", f"eventTypes/{told['type']}", token).json()["data"]["displayName"] == "Tampering Detected"


def test_the_shape_of_an_event_is_what_its_url_answers(house: House) -> None:
    """One event, five shapes."""
    token = service_token(house, "shaper")
    receipt = house.report(house.device("a shaped door"), "access.granted", method="card")
    assert DIALECT.shape_of is not None
    assert DIALECT.url_of is not None

    page = asyncio.run(house.services.history.event(house.admin, UUID(receipt["id"])))
    shape = asyncio.run(DIALECT.shape_of(house.services, house.admin, page.events[0]))
    url = asyncio.run(DIALECT.url_of(house.services, house.admin, page.events[0]))

    assert url is not None
    assert ask(house, "GET", url, token).json() == {"data": msgspec.to_builtins(shape)}
