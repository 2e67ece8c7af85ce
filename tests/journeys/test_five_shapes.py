"""One admission, reported once, is told by every dialect in its own words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from gatebook.dialects import doordeck, doorflow, native, smartphonekey, xprotect
from gatebook.domain.access import Scope
from tests.dialects.doordeck.house import V2
from tests.dialects.doorflow.asking import listed
from tests.dialects.xprotect.asking import ask, user, user_token
from tests.houses import NOON, House, house_in

SCOPES = frozenset({Scope.EVENTS_READ, Scope.PEOPLE_READ})
NOON_S = int(datetime.fromisoformat(NOON).timestamp())
ALL = (native, smartphonekey, doorflow, doordeck, xprotect)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("house")
    with house_in(folder, *(one.DIALECT for one in ALL)) as found:
        yield found


def answered(house: House, path: str, **headers: str) -> Any:
    """What a dialect answers to whoever sends these headers alone."""
    told = httpx.get(house.url + path, headers=headers, timeout=20)
    assert told.status_code == 200, (path, told.text)
    return told.json()


def test_an_admission_reported_once_stands_in_the_history_of_each_dialect(house: House) -> None:
    key = f"Bearer {house.key}"
    device, person = house.device("Front door"), house.person("Ada Example")

    receipt = house.report(device, "access.granted", method="card", person=person.number)

    one = answered(house, f"/v1/events/{receipt['id']}", Authorization=key)
    assert (one["kind"], one["method"]) == ("access.granted", "card")

    [row] = answered(house, f"/locks/{device.number}/events", **{"X-API-Key": house.key})["events"]
    assert (row["version"], row["type"]) == (1, "access.granted"), "there is no word of the vendor's for it"

    rows = listed(house, channels=device.number)
    assert [(found["event_code"], found["event_label"]) for found in rows] == [(10, "Admitted (Card/fob)")]

    user(house, "reader@example.com", SCOPES)
    signed = house.client.post("/auth/token", json={"email": "reader@example.com", "password": "correct horse battery"})
    trail = answered(
        house, f"/device/{device.id}/log?start={NOON_S}&end={NOON_S}", Accept=V2,
        Authorization=f"Bearer {signed.json()['authToken']}",
    )  # fmt: skip
    assert [found["type"] for found in trail] == ["DOOR_UNLOCK"]

    token = user_token(house, "operator@example.com")
    told = ask(house, "GET", f"events/{receipt['id']}", token).json()["data"]
    assert (told["id"], told["source"]) == (receipt["id"], f"hardware/{device.id}")
