"""Sessions of the events socket that are dropped and resumed: nothing is missed and nothing comes twice."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from gatebook.app.build import services_of
from gatebook.app.issuers import Signs
from gatebook.app.stores import Opened
from gatebook.dialects.native import DIALECT as NATIVE
from gatebook.dialects.xprotect import DIALECT
from gatebook.domain.access import Grant
from gatebook.domain.places import Device, DeviceKind
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.http.mount import mount
from tests.dialects.xprotect.asking import user, user_token
from tests.dialects.xprotect.listening import Client, ending, talking
from tests.houses import House, house_in
from tests.http.serving import serve

EVENTS = 120
CAMERAS = [{"modifier": "include", "resourceTypes": ["cameras"]}]


@contextmanager
def restarted(house: House, ahead_s: float = 0) -> Iterator[House]:
    """The same store under a server that knows nothing of the one before; its clock is `ahead_s` seconds later."""

    def clock() -> Instant:
        return Instant(time.time_ns() + int(ahead_s * SECOND_NS))

    signs = Signs(issuers={"xprotect": DIALECT.issuer or ""}, audiences={"xprotect": False, "native": False})
    services = services_of(Opened(house.store, b"s" * 32), signs=signs, now=clock)

    @asynccontextmanager
    async def life() -> AsyncIterator[None]:
        services.live.listen()
        await services.tokens.signing.ensure()
        yield

    with serve(mount([DIALECT, NATIVE], services), life) as url:
        yield replace(house, url=url, services=services)


class Reporter(threading.Thread):
    """Reports one event after the other, to a camera or to a door."""

    def __init__(self, house: House, camera: Device, door: Device, seed: int) -> None:
        super().__init__()
        self.house, self.camera, self.door, self.chance = house, camera, door, random.Random(seed)
        self.due: list[str] = []

    def run(self) -> None:
        for n in range(EVENTS):
            device = self.chance.choice([self.camera, self.camera, self.door])
            minute, kind = self.chance.randrange(60), ("motion.started", "motion.stopped")[n % 2]
            sent = self.house.report(device, kind, occurred=f"2026-05-29T12:{minute:02}:00Z")
            if device is self.camera:
                self.due.append(sent["id"])
            time.sleep(self.chance.choice([0, 0, 0.005, 0.02]))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_client_that_drops_and_resumes_at_random_misses_and_repeats_nothing(tmp_path: Path, seed: int) -> None:
    """mipsdk-samples-protocol, ess_api.py: resuming recovers lost events."""
    with house_in(tmp_path, NATIVE, DIALECT) as house, restarted(house) as again:
        token, chance = user_token(house, "dropper"), random.Random(seed)
        camera, door = house.device("yard", kind=DeviceKind.CAMERA), house.device("gate")
        reporter, heard, session = Reporter(house, camera, door, seed), list[str](), ""
        with talking(house, token) as client:
            session = client.start()["sessionId"]
            client.listen(CAMERAS)
        reporter.start()

        while reporter.is_alive() or len(heard) < len(reporter.due):
            with talking(chance.choice([house, again]), token) as client:
                told = client.start(session, heard[-1] if heard else "")
                assert (told["status"], told["sessionId"]) == (200, session)
                heard += heard_until(client, chance.uniform(0.01, 0.3), abrupt=chance.random() < 0.5)
            assert len(heard) <= EVENTS
        reporter.join()

    assert heard == reporter.due


def heard_until(client: Client, seconds: float, *, abrupt: bool) -> list[str]:
    deadline = time.monotonic() + seconds
    with suppress(TimeoutError, ConnectionClosed):
        while (left := deadline - time.monotonic()) > 0:
            client.events += json.loads(client.socket.recv(timeout=left)).get("events", ())
    if abrupt:
        client.socket.socket.close()
    return [event["id"] for event in client.events]


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return user_token(house, "resumer")


def test_a_session_that_nobody_resumed_in_time_is_another_and_has_no_subscriptions(house: House, token: str) -> None:
    """mipsdk-samples-protocol, EventsAndState: 201 is a new session, and the client subscribes again."""
    door = house.device("late")
    with talking(house, token) as client:
        session = client.start()["sessionId"]
        client.listen()

    with restarted(house, ahead_s=25) as soon, talking(soon, token) as client:
        in_time = client.start(session)
    with restarted(house, ahead_s=25 + 41) as late, talking(late, token) as client:
        told = client.start(session)
        house.report(door)
        client.say("getState")

    assert (in_time["status"], in_time["sessionId"]) == (200, session)
    assert told["status"] == 201
    assert told["sessionId"] != session
    assert client.events == []


@pytest.mark.parametrize("event", ["not an id", "00000000-0000-7000-8000-000000000000"])
def test_an_event_that_is_not_there_begins_another_session(house: House, token: str, event: str) -> None:
    """Events and State WebSocket API: a failed resume is a 201 with another sessionId."""
    with talking(house, token) as client:
        session = client.start()["sessionId"]
        again = client.start(session, event)

    assert (again["status"], again["sessionId"] != session) == (201, True)


def test_an_event_that_may_not_be_seen_is_not_there(house: House) -> None:
    """Our own promise: hidden and absent are alike."""
    shown, hidden = house.device("seen"), house.device("unseen")
    token = user_token(house, "prober", grant=Grant(devices=frozenset({shown.number})))
    secret = house.report(hidden)["id"]

    with talking(house, token) as client:
        session = client.start()["sessionId"]
        told = [client.start(session, event) for event in (secret, "00000000-0000-7000-8000-000000000000")]

    assert [answer["status"] for answer in told] == [201, 201]


def test_a_session_of_somebody_else_is_not_resumed(house: House, token: str) -> None:
    """Our own promise: a session belongs to who began it."""
    other = user_token(house, "thief")
    with talking(house, token) as client, talking(house, other) as thief:
        session = client.start()["sessionId"]

        assert thief.start(session)["status"] == 201


def test_a_session_that_is_resumed_while_its_old_connection_hangs_moves_over(house: House, token: str) -> None:
    """mipsdk-samples-protocol, ess_api.py: sessionId and eventId resume a session."""
    door = house.device("moved over")
    with talking(house, token) as old, talking(house, token) as new:
        session = old.start()["sessionId"]
        old.listen()

        told = new.start(session)
        sent = house.report(door)

        assert told["status"] == 200
        assert new.until(sent["id"])[-1]["id"] == sent["id"]
        assert ending(old) == 1008
        assert old.events == []


def test_a_token_that_is_revoked_ends_the_connection_and_a_narrowed_grant_narrows_it(house: House) -> None:
    """Our own: rights count at once; the vendor checks a token at the handshake alone (forum 12990)."""
    kept, lost = house.device("kept"), house.device("lost")
    login = user(house, "fired", grant=Grant(devices=frozenset({kept.number, lost.number})))

    async def issued() -> Any:
        holder = await house.services.access.principal_of_user(login.id)
        return await house.services.tokens.issue(holder, "xprotect")

    text, token = asyncio.run(issued())
    with talking(house, text) as client:
        client.start()
        client.listen()
        narrowed = replace(login, grant=Grant(devices=frozenset({kept.number})))
        house.store.write_now(lambda tx: tx.accounts.users.change(house.org, narrowed))
        house.report(lost)
        sent = house.report(kept)
        heard = [event["id"] for event in client.until(sent["id"])]
        asyncio.run(house.services.tokens.revoke(token))
        since = time.monotonic()
        house.report(kept)

        assert ending(client) == 1008

    assert heard == [sent["id"]]
    assert time.monotonic() - since < 5


def test_a_slow_reader_is_waited_for_and_a_large_backlog_comes_in_frames_that_libraries_take(
    house: House, token: str
) -> None:
    """TCS-NetMon: frames over 1 MiB break on the default of common libraries."""
    camera = house.device("flood", kind=DeviceKind.CAMERA)
    big = {"text": "x" * 400_000}
    with talking(house, token) as client:
        session = client.start()["sessionId"]
        client.listen([{"modifier": "include", "sourceIds": [str(camera.id)]}])
    sent = [house.report(camera, "motion.started", data=big)["id"] for _ in range(60)]

    with talking(house, token, max_queue=1, max_size=2**20) as client:
        assert client.start(session)["status"] == 200
        time.sleep(0.5)
        heard = [event["id"] for event in client.until(sent[-1])]

    assert heard == sent


def test_a_newer_token_on_an_open_connection_goes_on_without_a_gap(house: House) -> None:
    """Forum 12990 asks for it: the vendor has no re-authentication on a live socket."""
    login, door = user(house, "renewing"), house.device("renewed")

    async def issued() -> Any:
        holder = await house.services.access.principal_of_user(login.id)
        return await house.services.tokens.issue(holder, "xprotect")

    (first, old), (second, _) = [asyncio.run(issued()) for _ in range(2)]
    with talking(house, first) as client:
        client.start()
        client.listen()
        sent = [house.report(door)["id"]]
        renewed = client.say("authenticate", token=f"Bearer {second}")
        asyncio.run(house.services.tokens.revoke(old))
        sent.append(house.report(door)["id"])
        heard = [event["id"] for event in client.until(sent[-1])]

    assert renewed["status"] == 200
    assert heard == sent
