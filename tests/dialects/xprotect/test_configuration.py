"""The configuration as XProtect's clients read it, one recorded fact after another."""

from __future__ import annotations

from uuid import UUID

import pytest

from gatebook.dialects.xprotect.words.estate import hardware_id
from gatebook.domain.access import Grant, Scope
from gatebook.domain.places import DeviceKind
from tests.dialects.xprotect.asking import ask, user_token
from tests.houses import House

NULL_DATE = "0001-01-01T00:00:00.0000000"


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return user_token(house, "configurator", frozenset({Scope.EVENTS_READ, Scope.DEVICES_MANAGE}))


def listed(house: House, token: str, path: str) -> list[dict[str, object]]:
    answer = ask(house, "GET", path, token)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["array"]
    return found


def test_a_camera_is_told_whole(house: House, token: str) -> None:
    """Configuration REST API, cameras, as cns-live recorded it from 2025 R1."""
    camera = house.device("Gate camera", kind=DeviceKind.CAMERA)

    told = ask(house, "GET", f"cameras/{camera.id}", token).json()["data"]

    assert list(told) == [
        "displayName", "enabled", "id", "name", "channel", "description", "createdDate", "lastModified", "gisPoint",
        "shortName", "icon", "coverageDirection", "coverageDepth", "coverageFieldOfView",
        "recordingFramerate", "recordKeyframesOnly", "recordOnRelatedDevices", "ptzEnabled", "recordingEnabled",
        "prebufferEnabled", "prebufferInMemory", "prebufferSeconds", "edgeStorageEnabled",
        "edgeStoragePlaybackEnabled", "manualRecordingTimeoutEnabled", "manualRecordingTimeoutMinutes",
        "recordingStorage", "failoverSetting", "relations",
    ]  # fmt: skip
    assert (told["displayName"], told["enabled"], told["createdDate"]) == ("Gate camera", True, NULL_DATE)
    assert told["relations"] == {
        "parent": {"type": "hardware", "id": str(hardware_id(camera.id))},
        "self": {"type": "cameras", "id": str(camera.id)},
    }


def test_the_chain_of_parents_of_a_camera_ends_at_the_management_server(house: House, token: str) -> None:
    """Configuration API 2025 R2, relations: cameras → hardware → recordingServers → sites."""
    camera = house.device("Chained", kind=DeviceKind.CAMERA)
    met, path = [], f"cameras/{camera.id}"

    while path:
        answer = ask(house, "GET", path, token)
        assert answer.status_code == 200, (path, answer.text)
        told = answer.json()["data"]
        met.append(path.partition("/")[0])
        parent = told["relations"].get("parent")
        path = f"{parent['type']}/{parent['id']}" if parent else ""

    assert met == ["cameras", "hardware", "recordingServers", "sites"]


def test_whatever_reports_can_be_fetched_by_the_path_of_its_source(house: House, token: str) -> None:
    """Our own: what a device is to each."""
    where = {
        DeviceKind.LOCK: "hardware", DeviceKind.DOOR: "hardware", DeviceKind.READER: "hardware",
        DeviceKind.CAMERA: "cameras", DeviceKind.HUB: "recordingServers", DeviceKind.RECORDER: "recordingServers",
        DeviceKind.EVENT: "userDefinedEvents",
    }  # fmt: skip
    devices = {kind: house.device(f"a {kind}", kind=kind) for kind in DeviceKind}

    for kind, device in devices.items():
        for path in sorted(set(where.values())):
            answer = ask(house, "GET", f"{path}/{device.id}", token)

            assert answer.status_code == (200 if path == where[kind] else 404), (kind, path)


def test_a_collection_holds_its_own_kinds_alone(house: House, token: str) -> None:
    """Our own: what a device is to each."""
    kinds = ("cameras", "hardware", "recordingServers", "userDefinedEvents")
    door, camera = house.device("Sole door"), house.device("Sole camera", kind=DeviceKind.CAMERA)

    found = {name: {one["id"] for one in listed(house, token, f"{name}?name=startsWith:sole")} for name in kinds}

    assert found == {
        "cameras": {str(camera.id)}, "hardware": {str(door.id), str(hardware_id(camera.id))},
        "recordingServers": set(), "userDefinedEvents": set(),
    }  # fmt: skip


def test_the_management_server_is_the_first_site_and_tells_its_version(house: House, token: str) -> None:
    """Configuration API 2025 R2, sites, and `/.well-known/uris`, ProductVersion."""
    site = house.site("Harbour", "Europe/Athens")

    first, *others = listed(house, token, "sites")

    assert list(first) == [
        "displayName", "id", "name", "description", "lastModified", "timeZone", "computerName", "domainName",
        "lastStatusHandshake", "physicalMemory", "platform", "processors", "serviceAccount",
        "synchronizationStatus", "masterSiteAddress", "version", "relations",
    ]  # fmt: skip
    assert first["version"] == house.client.get("/api/.well-known/uris").json()["ProductVersion"]
    [harbour] = [one for one in others if one["id"] == str(site.id)]
    assert (harbour["name"], harbour["timeZone"]) == ("Harbour", "Europe/Athens")
    assert [one["id"] for one in listed(house, token, f"sites/{first['id']}/sites")] == [one["id"] for one in others]


def test_what_was_decommissioned_is_listed_where_the_disabled_are_asked_for(house: House, token: str) -> None:
    """Configuration API 2025 R2: the flag `disabled`: by default only what is enabled is listed."""
    camera = house.device("Old camera", kind=DeviceKind.CAMERA)
    assert house.client.delete(f"/v1/devices/{camera.number}").status_code == 204

    plain = listed(house, token, "cameras?name='Old camera'")
    whole = listed(house, token, "cameras?name='Old camera'&disabled")

    assert plain == []
    assert [(one["id"], one["enabled"]) for one in whole] == [(str(camera.id), False)]
    assert ask(house, "GET", f"cameras/{camera.id}", token).json()["data"]["enabled"] is False


def test_collections_below_an_object_hold_what_belongs_to_it(house: House, token: str) -> None:
    """Configuration API 2025 R2: two URI levels at most."""
    first, other = (house.device(name, kind=DeviceKind.CAMERA) for name in ("One", "Two"))
    below = f"hardware/{hardware_id(first.id)}/cameras"

    assert [one["id"] for one in listed(house, token, below)] == [str(first.id)]
    assert ask(house, "GET", f"{below}/{first.id}", token).json()["data"]["name"] == "One"
    assert ask(house, "GET", f"{below}/{other.id}", token).status_code == 404
    assert ask(house, "GET", f"{below}/{first.id}/x", token).status_code == 404


@pytest.mark.parametrize(
    ("child", "status", "text"),
    [
        ("outputs", 400, "Invalid parent. cameras/{id}/OutputFolder"),
        ("hardware", 400, "Invalid parent. cameras/{id}/HardwareFolder"),
        ("recordings", 404, "Unknown resource: recordings"),
    ],
)
def test_a_collection_that_is_not_below_an_object_is_refused(
    house: House, token: str, child: str, status: int, text: str
) -> None:
    """cns-live, recorded from 2025 R1: `Invalid parent.` and `Unknown resource:`."""
    camera = house.device("Childless", kind=DeviceKind.CAMERA)

    answer = ask(house, "GET", f"cameras/{camera.id}/{child}", token)

    expected = {"httpCode": status, "details": [{"errorText": text.format(id=camera.id)}]}
    assert (answer.status_code, answer.json()["error"]) == (status, expected)


def test_a_camera_has_no_presets_and_no_tasks_that_would_fetch_them(house: House, token: str) -> None:
    """mipsdk-samples-protocol, RestfulCommunicationPython: `get_child_item_tasks` of `ptzpresets`, and a task."""
    path = f"cameras/{house.device('Unturned', kind=DeviceKind.CAMERA).id}/ptzpresets"

    assert ask(house, "GET", f"{path}?tasks&noData", token).json() == {"tasks": []}
    assert ask(house, "GET", path, token).json() == {"array": []}
    assert ask(house, "GET", f"{path}/{UUID(int=1)}", token).status_code == 404
    assert ask(house, "GET", f"cameras/{UUID(int=1)}/ptzPresets", token).status_code == 404
    started = ask(house, "POST", f"{path}?task=GetDevicePresets", token, json={"sessionDataId": 0})
    assert started.json()["error"]["details"] == [{"errorText": "Bad request: Unknown request"}]


@pytest.mark.parametrize("child", ["outputs", "microphones", "speakers", "metadata", "inputEvents"])
def test_hardware_has_none_of_the_devices_that_we_do_not_know(house: House, token: str, child: str) -> None:
    """Configuration API 2025 R2: these stand below hardware, and nowhere else in what we serve."""
    path = f"hardware/{hardware_id(house.device('Alone', kind=DeviceKind.CAMERA).id)}/{child}"

    assert ask(house, "GET", path, token).json() == {"array": []}
    assert ask(house, "GET", child, token).json()["error"]["details"] == [{"errorText": f"Unknown resource: {child}"}]


@pytest.mark.parametrize("name", ["cameras", "hardware", "recordingServers", "sites", "eventTypes", "stateGroups"])
@pytest.mark.parametrize("id", ["00000000-0000-4000-8000-000000000000", "nonsense"])
def test_an_unknown_id_is_told_in_the_recorded_words(house: House, token: str, name: str, id: str) -> None:
    """Configuration API 2025 R2, the sample of schema error404."""
    answer = ask(house, "GET", f"{name}/{id}", token)

    assert answer.json()["error"]["details"] == [{"errorText": "Not Found, the requested id does not exist"}]
    assert answer.status_code == 404


def test_a_verb_that_a_collection_does_not_have_is_an_unknown_request(house: House, token: str) -> None:
    """cns-live, recorded from 2025 R1: known resource, unsupported verb."""
    for method, path in (("POST", "cameras"), ("DELETE", f"eventTypes/{UUID(int=1)}"), ("GET", "sites?task=X")):
        answer = ask(house, method, path, token)

        assert answer.status_code == 400
        assert answer.json()["error"]["details"][0]["errorText"] == "Bad request: Unknown request"


@pytest.mark.parametrize("path", ["Hardware", "HARDWARE/", "/API/rest/v1/hardware", "/api/REST/v1/hardware/"])
def test_names_of_collections_are_known_in_any_letter_case(house: House, token: str, path: str) -> None:
    """milestonexprotectrestPython and mipsdk-samples-protocol: paths are case-insensitive, a trailing slash is
    accepted.
    """
    assert ask(house, "GET", path, token).json() == ask(house, "GET", "hardware", token).json()


def test_flags_without_a_value_say_what_stands_beside_the_data(house: House, token: str) -> None:
    """Configuration API 2025 R2: query flags: tasks, resources, definitions, noData."""
    organisation = listed(house, token, "sites")[0]["id"]

    told = ask(house, "GET", f"sites/{organisation}?tasks&resources&definitions&noData", token).json()

    assert list(told) == ["tasks", "resources", "definitions"]
    assert {"type": "recordingServers", "displayName": "Recording servers"} in told["resources"]
    assert told["definitions"]["lastModified"] == {"canSet": "false", "valueType": "dateTime"}
    assert told["definitions"]["physicalMemory"] == {"canSet": "false", "valueType": "int"}


def test_children_are_embedded_by_name_at_every_depth(house: House, token: str) -> None:
    """Configuration API 2025 R2: `includeChildren=a,b` embeds children."""
    camera = house.device("Embedded", kind=DeviceKind.CAMERA)

    servers = listed(house, token, "recordingServers?includeChildren=hardware,cameras&disabled")

    found = [
        inner["id"]
        for server in servers
        for hardware in server["hardware"]  # type: ignore[attr-defined]
        for inner in hardware["cameras"]
    ]
    assert str(camera.id) in found


def test_pages_are_counted_from_zero_and_hold_up_to_ten_thousand(house: House, token: str) -> None:
    """Configuration API 2025 R2: `page=0&size=100` on any collection; `size=10000` accepted by a real server."""
    for number in range(5):
        house.device(f"Paged {number}")
    whole = listed(house, token, "hardware")

    pages = [listed(house, token, f"hardware?page={page}&size=2") for page in range(len(whole) // 2 + 2)]

    assert [one for page in pages for one in page] == whole
    assert listed(house, token, "hardware?size=10000") == whole
    for wrong in ("size=0", "size=10001", "page=-1", "page=x"):
        refused = ask(house, "GET", f"hardware?{wrong}", token)
        assert (refused.status_code, refused.json()["error"]["details"][0]["property"]) == (400, wrong.split("=")[0])


def test_a_parameter_that_is_no_property_is_ignored_and_listed(house: House, token: str) -> None:
    """Our own: wrong guesses that clients are known to make."""
    answer = ask(house, "GET", "hardware?$top=1&fromTime=x", token)

    assert answer.json() == ask(house, "GET", "hardware", token).json()
    assert answer.headers["Gatebook-Ignored"] == "%24top, fromTime"


def test_a_narrow_grant_sees_its_own_and_nothing_of_the_rest(house: House) -> None:
    """Our own: hidden and absent answer with the same bytes."""
    mine, theirs = (house.device(name, kind=DeviceKind.CAMERA) for name in ("Mine", "Theirs"))
    recorder = house.device("Their recorder", kind=DeviceKind.RECORDER)
    narrow = user_token(house, "narrow", grant=Grant(devices=frozenset({mine.number})))

    assert [one["id"] for one in listed(house, narrow, "cameras")] == [str(mine.id)]
    assert [one["id"] for one in listed(house, narrow, "hardware")] == [str(hardware_id(mine.id))]
    assert str(recorder.id) not in ask(house, "GET", f"hardware/{hardware_id(mine.id)}", narrow).text
    for path, hidden in (
        ("cameras", theirs.id), ("hardware", hardware_id(theirs.id)), ("recordingServers", recorder.id),
    ):  # fmt: skip
        seen, missing = (ask(house, "GET", f"{path}/{id}", narrow) for id in (hidden, UUID(int=7)))
        assert (seen.status_code, seen.content) == (missing.status_code, missing.content) == (404, missing.content)
