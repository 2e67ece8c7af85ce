"""What it costs XProtect's clients to keep up: polls of a full event session, and the state of many cameras."""

from __future__ import annotations

import json
import shutil
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from benchmarks.dialects import token_of
from benchmarks.options import CLIENT_CORE, SERVER_CORE, pinned
from benchmarks.pages import settled
from benchmarks.rows import Row, below, percentile, times
from benchmarks.running import Running, get, post, sent, serving
from benchmarks.stage import STORE, Stage
from benchmarks.triggering import JSON, KIND, TYPE
from gatebook.app.founding import Founded, found
from gatebook.app.settings import Store as StoreSettings
from gatebook.app.stores import made
from gatebook.domain.access import EVERYTHING
from gatebook.domain.places import Device, DeviceKind
from gatebook.services.event_sessions import MOST_EVENTS
from gatebook.services.names import new_id
from gatebook.services.states import STATEFUL
from gatebook.store import Store, open_store

REST = "/api/rest/v1"
PAGE = 2_000
CAMERAS = 2_000
BATCH = 1_000
MOST_SAMPLES = 200
"""Replies of half a megabyte each."""
GIVEN_UP_MS = 3_000
"""Source: mipsdk-samples-protocol 3f42081, EventsAndStateWebSocketJavaScript, commandTimeout."""


def session(stage: Stage) -> list[Row]:
    """A session of the 10,000 newest events: its first poll, then polls that tell one more and none.

    The limits are the list of the same events: the pages that hold the set, and a page of the newest one.
    """
    with serving(stage.store) as server:
        settled(stage, server)
        token = token_of(server, stage.key, "xprotect")
        first, pages, id_, size = _filled(stage, server, token)
        camera = _asked(server, token, "GET", "cameras?size=1")["array"][0]["id"]
        body = json.dumps({"type": TYPE, "source": f"cameras/{camera}"}).encode()
        poll = f"{REST}/eventSessions/{id_}/events"
        turn = [
            post(f"{REST}/events", "", body, JSON, token=token),
            get(poll, label="one", token=token),
            get(f"{REST}/events?size=1&orderBy=desc:'time'", label="newest", token=token),
            get(poll, label="none", token=token),
        ]
        sent(server.port, [turn * 20])
        told = sent(server.port, [turn * stage.options.samples]).times_s
    newest = "limit: the newest event as the list has it, in the same turns; ratio of p50"
    return [
        _beside(stage, f"XProtect: first poll of a session, {size:,} events", first, pages,
                f"limit: the same events on pages of {PAGE:,} of the list; ratio of p50"),
        _beside(stage, f"XProtect: poll that tells one event, {size:,} in the set", told["one"], told["newest"],
                newest),
        _beside(stage, f"XProtect: poll that tells nothing, {size:,} in the set", told["none"], told["newest"], newest),
    ]  # fmt: skip


def states(stage: Stage) -> list[Row]:
    """`getState` where each of 2,000 cameras (200 in a quick run) is in a state, in a store of their own."""
    cameras = 200 if stage.options.quick else CAMERAS
    samples = min(MOST_SAMPLES, stage.options.samples)
    folder = stage.store.parent / "cameras"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        founded, devices = _founded(folder / STORE, cameras)
        with serving(folder / STORE) as server:
            _moved(server, founded.key, devices)
            store = open_store(str(folder / STORE))
            try:
                _followed(store, founded.organisation)
                bare = _bare(store, founded.organisation, samples)
            finally:
                store.close()
            token = token_of(server, founded.key, "xprotect")
            empty = sent(server.port, [[get("/healthz", label="empty")] * samples]).times_s["empty"]
            found_s, size = _states(server, token, cameras, samples)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    limit = percentile(bare, 0.5) + percentile(empty, 0.5)
    told = f"limit: p50 of what the store reads for it, in process, and of an empty answer; a reply of {size:,} bytes"
    return [
        Row(what=f"XProtect: getState over {cameras:,} cameras", load=stage.load, figure=times(found_s),
            limit=f"{limit * 1e3:.2f} ms", ratio=percentile(found_s, 0.5) / limit,
            **below(percentile(found_s, 0.99) * 1e3, GIVEN_UP_MS, "ms"),
            note=f"{told}; the goal is where the vendor's sample gives a command up")
    ]  # fmt: skip


# -- a session -------------------------------------------------------------------------------------------------------


def _filled(stage: Stage, server: Running, token: str) -> tuple[list[float], list[float], str, int]:
    """Seconds of first polls that tell the whole set, and of as many events of the list; the last session, its size."""
    first: list[float] = []
    pages: list[float] = []
    id_, size = "", 0
    for _ in range(stage.options.rounds):
        if id_:
            _asked(server, token, "DELETE", f"eventSessions/{id_}")
        id_ = _asked(server, token, "POST", "eventSessions", {"filterBy": [], "orderBy": []})["id"]
        begun = time.perf_counter()
        size = len(_asked(server, token, "GET", f"eventSessions/{id_}/events?maxSize={MOST_EVENTS}")
                   ["data"]["addedToSession"])  # fmt: skip
        between = time.perf_counter()
        for page in range(-(-size // PAGE)):
            _asked(server, token, "GET", f"events?orderBy=desc:'time'&size={PAGE}&page={page}")
        first.append(between - begun)
        pages.append(time.perf_counter() - between)
    return first, pages, str(id_), size


def _asked(server: Running, token: str, method: str, path: str, body: object = None) -> dict[str, Any]:
    """What one request is answered with; empty where there is no body."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    sending = None if body is None else json.dumps(body)
    connection.request(method, f"{REST}/{path}", sending, {"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status >= 300:
        raise ConnectionError(f"{path}: {answer.status} {text[:300]!r}")
    told: dict[str, Any] = json.loads(text) if text else {}
    return told


def _beside(stage: Stage, what: str, ours: list[float], theirs: list[float], note: str) -> Row:
    ratio = percentile(ours, 0.5) / percentile(theirs, 0.5)
    return Row(what=what, load=stage.load, figure=times(ours), limit=times(theirs), ratio=ratio, note=note)


# -- states ----------------------------------------------------------------------------------------------------------


def _founded(path: Path, cameras: int) -> tuple[Founded, list[Device]]:
    """An organisation of cameras alone."""
    begun = made(StoreSettings(url=str(path)))
    founded = found(begun.store, "Benchmark", "Europe/London")
    devices = begun.store.write_now(
        lambda tx: [
            tx.add_device(founded.organisation, new_id(), DeviceKind.CAMERA, f"Camera {n}") for n in range(cameras)
        ]
    )
    begun.store.close()
    return founded, devices


def _moved(server: Running, key: str, devices: list[Device]) -> None:
    """Every camera has seen something move."""
    reports = [{"kind": KIND, "device": str(device.id)} for device in devices]
    sent(server.port, [[post("/v1/events", key, json.dumps(reports[start : start + BATCH]).encode(), JSON)
                        for start in range(0, len(reports), BATCH)]])  # fmt: skip


def _followed(store: Store, org: int) -> None:
    """Back when the follower of the states has come to the end of the log."""
    until = time.monotonic() + 60
    while store.read_now(store.history.followed, org, "states") < store.read_now(store.history.head, org):
        if time.monotonic() > until:
            raise TimeoutError("the follower of the states did not come to the end")
        time.sleep(0.05)


def _bare(store: Store, org: int, samples: int) -> list[float]:
    found_s: list[float] = []
    with pinned(SERVER_CORE):
        for _ in range(samples):
            begun = time.perf_counter()
            store.read_now(store.states.latest, org, EVERYTHING, STATEFUL)
            found_s.append(time.perf_counter() - begun)
    return found_s


def _states(server: Running, token: str, cameras: int, samples: int) -> tuple[list[float], int]:
    """Seconds from a command to the whole of its reply, which is of so many bytes."""
    found_s: list[float] = []
    url, headers = f"ws://127.0.0.1:{server.port}/api/ws/events/v1", {"Authorization": f"Bearer {token}"}
    with pinned(CLIENT_CORE), connect(url, additional_headers=headers, max_size=None, compression=None) as socket:
        reply = _state(socket)
        if len(json.loads(reply)["states"]) != cameras:
            raise ValueError(f"not the states of {cameras} cameras: {reply[:300]!r}")
        for _ in range(samples):
            begun = time.perf_counter()
            _state(socket)
            found_s.append(time.perf_counter() - begun)
    return found_s, len(reply)


def _state(socket: ClientConnection) -> bytes:
    socket.send('{"command":"getState","commandId":1}')
    return socket.recv(timeout=60, decode=False)
