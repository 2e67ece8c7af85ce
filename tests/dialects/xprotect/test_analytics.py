"""Analytics events: their data are read strictly, stored as sent, and returned whole."""

from __future__ import annotations

import json
from base64 import b64encode
from uuid import UUID

import pytest

from gatebook.domain.access import Scope
from gatebook.domain.places import DeviceKind
from tests.dialects.xprotect.asking import READS_AND_WRITES, REST, ask, service_token
from tests.houses import House

MEMBERS = READS_AND_WRITES | {Scope.DEVICES_MANAGE, Scope.PEOPLE_READ}
COLOR = {"a": 255, "r": 1, "g": 2, "b": 3}
POLYGON = {"closed": True, "color": COLOR, "fillColor": COLOR, "points": [{"x": 0, "y": 0.5}, {"x": 1, "y": 1}]}
WHOLE = {
    "description": "Somebody fell",
    "startTime": "2023-02-28T18:10:12.4786334Z",
    "endTime": None,
    "location": "Hall",
    "count": 2,
    "rules": [{"id": "1", "name": "Fall", "type": "fall", "polygons": [POLYGON]}],
    "objects": [{"name": "Person", "id": 7, "type": "person", "value": "fallen", "confidence": 0.93,
                 "alarmTrigger": True, "removed": False, "size": {"cm": 1}, "speed": 3, "color": COLOR,
                 "polygon": POLYGON,
                 "boundingBox": {"top": 0.1, "left": 0.2, "bottom": 0.3, "right": 0.4}}],
    "references": [{"fqid": {"objectId": "x"}}],
    "snapshots": [{"timeOffset": -40, "width": 64, "height": 48, "sizeInBytes": 4, "path": "",
                   "image": b64encode(b"\xff\xd8\xff\xd9").decode(), "hasOverlay": False}],
    "vendor": {"name": "Acme", "customData": {"any": ["thing", 1.50]}},
    "beyond": "what is known",
}  # fmt: skip


@pytest.fixture(scope="module")
def token(house: House) -> str:
    """Of a service that sees people's data."""
    return service_token(house, "analyst", MEMBERS)


@pytest.fixture(scope="module")
def fall(house: House, token: str) -> str:
    """The id of an analytics event."""
    told = ask(house, "POST", "analyticsEvents", token, {"name": "Fall"}).json()
    return str(told["result"]["id"])


@pytest.fixture(scope="module")
def camera(house: House) -> UUID:
    return house.device("Hall", kind=DeviceKind.CAMERA).id


def post(
    house: House, token: str, type: str, camera: UUID, data: str, datatype: str = '"analytics"'
) -> tuple[int, str]:
    """The status, and the event's id or what is told to be wrong; `data` byte for byte."""
    body = f'{{"type":"{type}","source":"cameras/{camera}","datatype":{datatype},"data":{data}}}'
    answer = house.client.post(f"{REST}/events", content=body, headers={"Authorization": f"Bearer {token}"})
    told = answer.json()
    return answer.status_code, told["data"]["id"] if "data" in told else told["error"]["details"][0]["property"]


@pytest.mark.parametrize(
    "data", [json.dumps(WHOLE, indent=3), "{}", '{"description" : "ä\\u00e4" }', '{"Objects":[{"ALARMTRIGGER":true}]}']
)
def test_data_come_back_byte_for_byte(house: House, token: str, fall: str, camera: UUID, data: str) -> None:
    """Forum 12990: AnalyticsData with its snapshots; Events REST API, `include=data`."""
    status, id = post(house, token, fall, camera, data)

    assert status == 202
    listed = ask(house, "GET", f"events?include=data&id={id}", token)
    for text in (ask(house, "GET", f"events/{id}?include=data", token).text, listed.text):
        assert f'"data":{data}' in text
    without = ask(house, "GET", f"events/{id}", token).json()["data"]
    assert without["datatype"] == "analytics"
    assert "data" not in without


def test_fourteen_mebibytes_of_snapshots_are_taken(house: House, token: str, fall: str, camera: UUID) -> None:
    """Forum 12990: snapshots are part of the data."""
    image = b64encode(bytes(10 << 20)).decode()

    status, id = post(house, token, fall, camera, json.dumps({"snapshots": [{"image": image}]}))

    assert status == 202
    told = ask(house, "GET", f"events/{id}?include=data", token).json()["data"]
    assert told["data"]["snapshots"][0]["image"] == image
    assert post(house, token, fall, camera, json.dumps({"location": "x" * (15 << 20)}))[0] == 413


@pytest.mark.parametrize(
    ("data", "named"),
    [({"count": -1}, "data.count"), ({"startTime": "soon"}, "data.startTime"), ({"objects": {}}, "data.objects"),
     ({"objects": [{"confidence": 1.1}]}, "data.objects[0].confidence"),
     ({"rules": [{"polygons": [{"points": [{"x": 2, "y": 0}]}]}]}, "data.rules[0].polygons[0].points[0].x"),
     ({"snapshots": [{"image": "no base64!"}]}, "data.snapshots[0].image"), ([], "data"), ("text", "data"),
     ({"Objects": [{"Confidence": 1.1}]}, "data.objects[0].confidence")],
)  # fmt: skip
def test_a_wrong_member_is_named(house: House, token: str, fall: str, camera: UUID, data: object, named: str) -> None:
    """mipsdk-samples-protocol, AnalyticsEvent.xsd: what each member may hold."""
    status, told = post(house, token, fall, camera, json.dumps(data))

    assert status == 400
    assert told.replace("[...]", "[0]") == named


def test_data_go_with_analytics_events_alone(house: House, token: str, fall: str, camera: UUID) -> None:
    """Events REST API, "Create and trigger a new event", datatype: user defined events do not support data."""
    drill = ask(house, "POST", "userDefinedEvents", token, {"name": "No data"}).json()["result"]["id"]

    assert post(house, token, drill, camera, "{}") == (400, "data")
    assert post(house, token, drill, camera, "null", "null")[0] == 202
    assert post(house, token, fall, camera, "{}", '"none"') == (400, "datatype")
    assert post(house, token, fall, camera, "{}", "null")[0] == 202


def test_data_are_hidden_from_who_may_not_know_of_people(house: House, token: str, fall: str, camera: UUID) -> None:
    """Data of analytics events are personal: they need `people:read`."""
    _status, id = post(house, token, fall, camera, json.dumps(WHOLE))
    blind = service_token(house, "blind")

    told = ask(house, "GET", f"events/{id}?include=data", blind).json()["data"]

    assert (told["datatype"], told["data"]) == ("analytics", None)
