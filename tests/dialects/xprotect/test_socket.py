"""The events socket over real connections: its commands, its frames, and how it ends."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import uuid4

import pytest
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from gatebook.dialects.xprotect import DIALECT
from gatebook.dialects.xprotect.words.catalogue import OF_KIND
from gatebook.domain.access import Grant, Scope
from gatebook.domain.kinds import Kind
from gatebook.domain.places import DeviceKind
from gatebook.http.cors import Cors
from gatebook.http.mount import mount
from gatebook.services.states import STATEFUL
from tests.dialects.xprotect.asking import user_token
from tests.dialects.xprotect.listening import ANY, PATH, ending, followed, talking
from tests.houses import House
from tests.http.serving import serve

MOTION, NO_MOTION = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77", "6f55a7a7-d21c-4629-ac18-af1975e395a2"
MOTION_STATES = "720ef62a-78be-418a-8e4c-ee04ffca6429"
RECORDED = {
    "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-cache", "Pragma": "no-cache",
    "Expires": "-1", "X-Frame-Options": "SAMEORIGIN",
}  # fmt: skip


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return user_token(house, "listener")


def test_a_header_or_the_first_command_signs_in(house: House, token: str) -> None:
    """Events and State WebSocket API, authenticate; commandId 0 is valid (JS sample)."""
    with talking(house, token) as signed_in, talking(house, path="/API/WS/Events/V1/") as client:
        before = client.start()
        answers = [client.say("authenticate", token=f"Bearer {token}"), client.start(), signed_in.start()]

    assert before["status"] == 401
    assert answers[0] == {"commandId": 1, "status": 200}
    assert [answer["status"] for answer in answers[1:]] == [201, 201]
    assert signed_in.events == []
    assert {"sessionId", "inactiveTimeoutSeconds"} <= answers[2].keys()
    assert (answers[2]["commandId"], answers[2]["inactiveTimeoutSeconds"]) == (0, 30)


def test_a_handshake_with_a_token_that_does_not_hold_is_401(house: House, token: str) -> None:
    """Events and State WebSocket API, handshake: 401; 404 without the version segment (TCS-NetMon)."""
    blind = user_token(house, "blind", frozenset({Scope.EVENTS_WRITE}))

    for path, given, status in ((PATH, "x.y.z", 401), (PATH, blind, 403), ("/api/ws/events", token, 404)):
        with pytest.raises(InvalidStatus) as refused, talking(house, given, path):
            pass
        answer = refused.value.response
        assert answer.status_code == status
        assert json.loads(answer.body or b"")["error"]["httpCode"] == status
        assert {name: answer.headers[name] for name in RECORDED} == RECORDED
    assert "Unknown resource: ws" in (answer.body or b"").decode()


def test_a_token_that_does_not_hold_is_told_and_another_may_be_tried(house: House, token: str) -> None:
    """Events and State WebSocket API, authenticate."""
    with talking(house) as client:
        wrong, right = client.say("authenticate", token="Bearer x.y.z"), client.say("authenticate", token=token)
        stranger = client.say("authenticate", token=user_token(house, "somebody else"))

    assert (wrong["status"], right["status"], stranger["status"]) == (401, 200, 400)
    assert wrong["error"]["errorText"]


def test_a_page_of_another_origin_talks_where_it_is_let_in(house: House, token: str) -> None:
    """mipsdk-samples-protocol, EventsAndStateWebSocketJavaScript, CORS_Setup: a page of its own asks the gateway."""
    page = Origin("https://page.example")
    some = Cors(dialects=frozenset({"xprotect"}), origins=(page,))

    with serve(mount([DIALECT], house.services, cors=some)) as url:
        opened = replace(house, url=url)
        with talking(opened, origin=page) as client:
            assert client.say("authenticate", token=f"Bearer {token}")["status"] == 200
        with pytest.raises(InvalidStatus), talking(opened, origin=Origin("https://other.example")):
            pass
    with pytest.raises(InvalidStatus), talking(house, origin=page):
        pass


def test_the_subprotocol_is_accepted(house: House, token: str) -> None:
    """Some clients pass the subprotocol EventsAndStateWebSocketApi."""
    offered = [Subprotocol("EventsAndStateWebSocketApi")]

    with talking(house, token, subprotocols=offered) as client:
        assert client.socket.subprotocol == offered[0]
        assert client.start()["status"] == 201


@pytest.mark.parametrize("text", ["", "hello", "[]", '{"commandId":1}', '{"command":5,"commandId":1}',
                                  '{"command":"getState","commandId":"one"}'])  # fmt: skip
def test_what_is_no_command_closes_the_connection(house: House, token: str, text: str) -> None:
    """Events and State WebSocket API: a malformed command closes the connection."""
    with talking(house, token) as client:
        client.socket.send(text)

        assert ending(client) == 1008


def test_an_unknown_command_is_400_and_the_connection_stays(house: House, token: str) -> None:
    """TCS-NetMon sends `subscribe` without a commandId."""
    with talking(house, token) as client:
        unknown = client.say("subscribe")
        client.socket.send('{"command":"subscribe","data":{}}')
        unnumbered = client.reply(None)
        early = client.say("addSubscription", filters=ANY)

        assert client.start()["status"] == 201
    assert (unknown["status"], unnumbered["status"], early["status"]) == (400, 400, 400)
    assert "addSubscription" in unknown["error"]["errorText"]


def test_pipelined_commands_are_answered_in_their_order(house: House, token: str) -> None:
    """Clients pipeline startSession, addSubscription and getState without waiting."""
    with talking(house, token) as client:
        for number, command in ((7, "startSession"), (7, "addSubscription"), (7, "getState"), (0, "getState")):
            client.socket.send(json.dumps({"command": command, "commandId": number, "filters": ANY}))

        answers = [client.reply(number) for number in (7, 7, 7, 0)]

    assert [answer["status"] for answer in answers] == [201, 200, 200, 200]
    assert "sessionId" in answers[0]
    assert "subscriptionId" in answers[1]
    assert "states" in answers[2]


def test_events_come_as_items_with_the_group_of_their_states(house: House, token: str) -> None:
    """mipsdk-samples-protocol, EventsAndState: samples read id, source, type, time and stategroupid."""
    camera = house.device("batches", kind=DeviceKind.CAMERA)
    with talking(house, token) as client:
        client.start()
        client.listen()

        sent = [house.report(camera, "motion.started", tag="x"), house.report(camera, "exit.requested")]
        moved, other = [event for event in client.until(sent[1]["id"]) if event["source"].endswith(str(camera.id))]

    assert moved.pop("localId") < other["localId"]
    assert moved == {
        "specversion": "1.0", "type": MOTION, "source": f"cameras/{camera.id}", "time": "2026-05-29T12:00:00.0000000Z",
        "id": sent[0]["id"], "datatype": "none", "tag": "x", "stategroupid": MOTION_STATES,
    }  # fmt: skip
    assert "stategroupid" not in other


def test_a_subscription_without_filters_is_accepted_and_delivers_nothing(house: House, token: str) -> None:
    """TCS-NetMon, observed live."""
    door = house.device("unheard")
    with talking(house, token) as client:
        client.start()
        told = client.say("addSubscription")
        house.report(door)
        client.say("getState")

    assert told["status"] == 200
    assert client.events == []


def test_filters_include_and_exclude(house: House, token: str) -> None:
    """JS sample: the modifier in any letter case; clients leave lists out."""
    yard, gate = house.device("yard", kind=DeviceKind.CAMERA), house.device("gate")
    filters = [
        {"modifier": "Include", "resourceTypes": ["Cameras", "hardware"]},
        {"modifier": "EXCLUDE", "sourceIds": [str(yard.id).upper()], "eventTypes": [NO_MOTION]},
    ]
    with talking(house, token) as client:
        client.start()
        id_ = client.listen(filters)
        house.report(yard, "motion.stopped")
        sent = [house.report(yard, "motion.started"), house.report(gate, "door.opened")]
        client.until(sent[1]["id"])
        removed = client.say("removeSubscription", subscriptionId=id_)
        again = client.say("removeSubscription", subscriptionId=id_)
        client.listen([{"modifier": "include", "sourceIds": [f"hardware/{gate.id}"]}])
        house.report(yard, "motion.started")
        last = house.report(gate, "door.closed")

        heard = [event["id"] for event in client.until(last["id"])]

    assert heard == [sent[0]["id"], sent[1]["id"], last["id"]]
    assert (removed, again["status"]) == ({"commandId": removed["commandId"], "status": 200}, 400)


@pytest.mark.parametrize(
    "filters", [[{"modifier": "maybe"}], [{"sourceIds": ["door 1"]}], [{"eventTypes": ["motion"]}]]
)
def test_filters_that_cannot_be_read_are_400(house: House, token: str, filters: object) -> None:
    """Our own: a success that meant nothing helps nobody (TCS-NetMon)."""
    with talking(house, token) as client:
        client.start()

        assert client.say("addSubscription", filters=filters)["status"] == 400


def test_the_state_is_the_latest_event_of_each_source_and_group(house: House, token: str) -> None:
    """mipsdk-samples-component, EventAndStateViewer; a late event does not take the place of a newer one."""
    camera = house.device("stateful", kind=DeviceKind.CAMERA)
    house.report(camera, "motion.started", occurred="2026-05-29T12:00:00Z")
    newest = house.report(camera, "motion.stopped", occurred="2026-05-29T12:00:05Z")
    house.report(camera, "motion.started", occurred="2026-05-29T12:00:03Z")
    recording = house.report(camera, "recording.started", occurred="2026-05-29T11:00:00Z")
    followed(house)

    with talking(house, token) as client:
        client.start()
        client.listen([{"modifier": "include", "sourceIds": [str(camera.id)]}])
        told = client.say("getState")

    states = {state["stategroupid"]: state for state in told["states"]}
    assert {state["id"] for state in told["states"]} == {newest["id"], recording["id"]}
    moved = states[MOTION_STATES]
    assert moved.pop("localId") > 0
    assert moved == {
        "specversion": "1.0", "specVersion": "1.0", "type": NO_MOTION, "source": f"cameras/{camera.id}",
        "time": "2026-05-29T12:00:05.0000000Z", "id": newest["id"], "stategroupid": MOTION_STATES,
    }  # fmt: skip


def test_every_state_that_this_dialect_tells_is_followed() -> None:
    """Our own rule: what enters a state here is kept by the follower of the states."""
    assert {kind for kind, one in OF_KIND.items() if one.states is not None} == STATEFUL


def test_who_may_see_less_hears_and_is_told_less(house: House) -> None:
    """Events REST API, "user tokens are limited to the authorization grants of the specific user"."""
    shown, hidden = house.device("shown", kind=DeviceKind.CAMERA), house.device("hidden", kind=DeviceKind.CAMERA)
    narrow = user_token(house, "narrow", grant=Grant(devices=frozenset({shown.number})))
    with talking(house, narrow) as client:
        client.start()
        client.listen()
        house.report(hidden, "motion.started")
        last = house.report(shown, "motion.started")
        client.until(last["id"])
        followed(house)
        told = client.say("getState")

    assert [event["id"] for event in client.events] == [last["id"]]
    assert [state["id"] for state in told["states"]] == [last["id"]]


def test_the_record_of_who_looked_is_never_heard(house: House) -> None:
    """Our own: it is in no vendor's dialect, even for those who may read it elsewhere."""
    auditor = user_token(house, "auditor", frozenset({Scope.EVENTS_READ, Scope.AUDIT_READ}))
    door, ada = house.device("audited"), house.person("Ada")
    with talking(house, auditor) as client:
        client.start()
        client.listen()
        house.history(person=ada.number)
        last = house.report(door)

        heard = client.until(last["id"])

    assert [event["id"] for event in heard] == [last["id"]]
    assert house.history(kind=Kind.RECORD_SEARCHED)["total"]["n"] > 0


def test_what_is_not_listed_is_heard(house: House, token: str) -> None:
    """Events REST API, retention: an event of 0 days is followed, and not listed."""
    door, type_ = house.device("unlisted"), str(uuid4())
    made = house.client.post("/v1/event-types", json={
        "id": type_, "name": "passing", "kind": "event.triggered", "retention_days": 0,
    })  # fmt: skip
    assert made.status_code == 201, made.text
    with talking(house, token) as client:
        client.start()
        client.listen()
        sent = house.report(door, "event.triggered", type=type_)

        heard = client.until(sent["id"])

    assert heard[-1]["type"] == type_
