"""The events socket and event sessions against every sort of caller: each gets what their own grant shows."""

from __future__ import annotations

import itertools
import json
from uuid import UUID

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.leaks.test_streams import READERS
from tests.leaks.town import Caller, Town

PATH = "/api/ws/events/v1"
LIVE = "/v1/events/live"
SESSIONS = "/api/rest/v1/eventSessions"
ANY = [{"modifier": "include"}]


def due(caller: Caller) -> set[str]:
    return {
        str(one.id)
        for one in caller.works.happenings
        if caller.sees(next(device for device in caller.works.devices if device.number == one.device))
    }


def from_the_beginning(town: Town, session: str) -> None:
    """The session hears all that ever happened, as if it had begun before."""

    def work(tx: object) -> None:
        connection = tx.connection  # type: ignore[attr-defined]
        [(text,)] = connection.execute("SELECT subscriptions FROM listeners WHERE uuid = ?", (UUID(session).bytes,))
        kept = [{**one, "since": 0} for one in json.loads(text)]
        connection.execute(
            "UPDATE listeners SET begun = 0, subscriptions = ? WHERE uuid = ?",
            (json.dumps(kept).encode(), UUID(session).bytes),
        )

    town.app.store.write_now(work)


@pytest.mark.parametrize("name", READERS)
def test_a_session_of_the_socket_tells_each_what_their_own_grant_shows(town: Town, name: str) -> None:
    caller = town.callers[name]
    wanted, told, text = due(caller), set[str](), ""
    url, headers = town.url.replace("http", "ws") + PATH, town.signature(caller, "/api/rest")
    numbers = itertools.count()

    with connect(url, additional_headers=headers, max_size=None) as socket:

        def say(command: str, **members: object) -> None:
            socket.send(json.dumps({"command": command, "commandId": next(numbers), **members}))

        say("startSession", sessionId="", eventId="")
        session = json.loads(socket.recv(timeout=10))["sessionId"]
        say("addSubscription", filters=ANY)
        socket.recv(timeout=10)
        from_the_beginning(town, session)
        say("startSession", sessionId=session, eventId="")
        say("getState")
        try:
            while True:
                text += (frame := str(socket.recv(timeout=1.5)))
                told |= {event["id"] for event in json.loads(frame).get("events", ())}
        except TimeoutError:
            pass

    assert told == wanted
    assert [what for what, one in town.hidden(caller).items() if one.lower() in text.lower()] == []


@pytest.mark.parametrize("name", READERS)
def test_an_event_session_tells_each_what_their_own_grant_shows(town: Town, name: str) -> None:
    caller = town.callers[name]
    wanted, told, text = due(caller), set[str](), ""
    body = {"filterBy": [], "orderBy": [{"target": "source.name"}, {"target": "tag"}]}
    session = town.request(caller, "POST", SESSIONS, body).json()["id"]

    while True:
        answer = town.request(caller, "GET", f"{SESSIONS}/{session}/events?maxSize=50&include=data")
        added = {event["id"] for event in answer.json()["data"]["addedToSession"]}
        told, text = told | added, text + answer.text
        if not added:
            break

    assert told == wanted
    assert [what for what, one in town.hidden(caller).items() if one.lower() in text.lower()] == []
    assert town.request(caller, "DELETE", f"{SESSIONS}/{session}").status_code == 204


def test_nobody_polls_or_ends_the_session_of_another(town: Town) -> None:
    session = town.request(town.callers["everything"], "POST", SESSIONS, {"filterBy": [], "orderBy": []}).json()["id"]

    for name in ("admin", "one site", "another organisation", "the parent"):
        for method in ("GET", "DELETE"):
            there = town.request(town.callers[name], method, f"{SESSIONS}/{session}")
            nowhere = town.request(town.callers[name], method, f"{SESSIONS}/{UUID(int=7)}")
            assert (there.status_code, there.content) == (nowhere.status_code, nowhere.content)
            assert there.status_code == 404

    town.request(town.callers["everything"], "DELETE", f"{SESSIONS}/{session}")


@pytest.mark.parametrize("name", ["expired", "revoked"])
def test_who_is_nobody_gets_no_socket(town: Town, name: str) -> None:
    headers = town.signature(town.callers[name], "/api/rest")

    with (
        pytest.raises(InvalidStatus) as refused,
        connect(town.url.replace("http", "ws") + PATH, additional_headers=headers),
    ):
        pass

    assert refused.value.response.status_code == 401


@pytest.mark.parametrize("name", READERS)
def test_the_live_line_tells_each_what_their_own_grant_shows(town: Town, name: str) -> None:
    caller = town.callers[name]
    told, text = set[str](), ""
    url, headers = town.url.replace("http", "ws") + LIVE, town.signature(caller, LIVE)

    with connect(f"{url}?cursor={town.start}", additional_headers=headers, max_size=None) as socket:
        try:
            while True:
                text += (frame := str(socket.recv(timeout=1.5)))
                events = json.loads(frame)["events"]
                told |= {event["id"] for event in events if not event["kind"].startswith("record.")}
        except TimeoutError:
            pass

    assert told == due(caller)
    assert [what for what, one in town.hidden(caller).items() if one.lower() in text.lower()] == []


@pytest.mark.parametrize("name", ["another organisation", "the parent"])
def test_a_cursor_opens_no_live_line_in_another_organisation(town: Town, name: str) -> None:
    url, headers = town.url.replace("http", "ws") + LIVE, town.signature(town.callers[name], LIVE)

    with connect(f"{url}?cursor={town.start}", additional_headers=headers) as socket, pytest.raises(ConnectionClosed):
        socket.recv(timeout=5)

    assert socket.protocol.close_code == 1008
