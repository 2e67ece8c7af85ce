"""What rights cost: pages and totals under narrow grants against none, and the hidden against the absent."""

from __future__ import annotations

import random
import shutil
import time
from dataclasses import replace
from http.client import HTTPConnection
from typing import NamedTuple
from uuid import uuid4

from benchmarks.dialects import token_of
from benchmarks.options import SERVER_CORE, pinned
from benchmarks.pages import SIZE, settled
from benchmarks.rows import Row, percentile, times
from benchmarks.running import serving
from benchmarks.stage import STORE, Stage
from gatebook.app.founding import found
from gatebook.app.secrets import derived
from gatebook.app.settings import Store as StoreSettings
from gatebook.app.stores import made
from gatebook.domain.access import EVERYTHING, Grant, Scope
from gatebook.domain.events import Event
from gatebook.domain.places import Device
from gatebook.domain.times import Instant
from gatebook.services.keys import make_key
from gatebook.simulation.bulk import append_all, count_streams, know
from gatebook.simulation.feed import fed
from gatebook.store import Store
from gatebook.store.contract import Asked

DEVICES = (3, 200, 1_000, 1_900)
SITES = 2
DIALECTS = ("native", "smartphonekey", "doorflow", "xprotect", "doordeck")
TWELVE = 12
TWELVE_EVENTS = 1_000_000
ABSENT = 2_000_000_000
"""A number that nothing has."""


def cost(stage: Stage) -> list[Row]:
    """For each grant the first page, a page in the middle and the total, each beside the same without a grant."""
    rows: list[Row] = []
    with stage.opened() as store, pinned(SERVER_CORE):
        for name, grant in grants_of(stage, store):
            rows += priced(stage, store, name, grant)
    return rows


def of_twelve(stage: Stage) -> list[Row]:
    """The same for two sites of twelve, in a store of its own with the same devices on twelve sites."""
    options = replace(stage.options, events=min(stage.options.events, TWELVE_EVENTS))
    settings = replace(options.simulation(stage.load), sites=TWELVE)
    folder = stage.store.parent / "twelve"
    folder.mkdir()
    try:
        begun_with = made(StoreSettings(url=str(folder / STORE)))
        try:
            store, secret = begun_with.store, derived(begun_with.secret, "source keys")
            org = found(store, "Twelve sites", "Europe/London").organisation
            with fed(settings, know(store, org, settings), secret) as batches:
                append_all(store, org, batches)
            count_streams(store, org)
            with pinned(SERVER_CORE):
                return priced(replace(stage, options=options, org=org), store, *two_sites(store, org))
        finally:
            begun_with.store.close()
    finally:
        shutil.rmtree(folder)


def priced(stage: Stage, store: Store, name: str, grant: Grant) -> list[Row]:
    """What one grant costs."""
    n = store.read_now(store.history.count, asked(stage, grant)).n
    deep = {"offset": n // 2}
    return [
        beside(stage, store, f"page 1 of 50, {name}", asked(stage, grant), asked(stage, EVERYTHING)),
        beside(
            stage,
            store,
            f"page {n // 2 // SIZE:,} of 50, {name}",
            asked(stage, grant, **deep),
            asked(stage, EVERYTHING, **deep),
        ),
        total(stage, store, f"exact total, {name}", grant),
    ]


def hidden(stage: Stage) -> list[Row]:
    """What may not be seen against what is not there, over HTTP in every dialect: nobody should tell them apart."""
    with stage.opened() as store:
        page = store.read_now(store.history.page, replace(asked(stage, EVERYTHING), limit=1_000))
        numbers = {page.places[event.stream].device or 0 for event in page.events}
        devices = {n: store.read_now(store.directory.device, stage.org, n) for n in numbers}
        last = store.read_now(store.directory.devices_after, stage.org, EVERYTHING, max(numbers), 1)
        others = frozenset(one.number for one in last) | ({1} - numbers)
        now, scopes = Instant(time.time_ns()), frozenset({Scope.EVENTS_READ})
        key = store.write_now(
            lambda tx: make_key(tx, stage.org, "narrow", scopes, now=now, grant=Grant(devices=others))
        )
    told = [(event, devices[page.places[event.stream].device or 0]) for event in page.events]
    with serving(stage.store) as server:
        settled(stage, server)
        wide, narrow = (
            {name: {"Authorization": f"Bearer {token_of(server, one, name)}"} for name in DIALECTS}
            for one in (stage.key, key)
        )
        pairs = next(
            pairs
            for event, device in told
            if device is not None
            for pairs in [pairs_of(event, device)]
            if all(status(server.port, pair.there, wide[pair.dialect]) == 200 for pair in pairs)
        )
        return [told_apart(stage, server.port, narrow[pair.dialect], pair) for pair in pairs]


class Pair(NamedTuple):
    """The path of what is there, and of what is not."""

    dialect: str
    what: str
    there: str
    absent: str


def pairs_of(event: Event, device: Device) -> list[Pair]:
    """An event and its device, as each dialect has them."""
    absent = uuid4()
    return [
        Pair("native", "event", f"/v1/events/{event.id}", f"/v1/events/{absent}"),
        Pair("native", "events of a device", f"/v1/events?device={device.id}", f"/v1/events?device={absent}"),
        Pair("smartphonekey", "events of a lock", f"/locks/{device.number}/events", f"/locks/{ABSENT}/events"),
        Pair("doorflow", "event", f"/api/3/events/{event.seq}", f"/api/3/events/{ABSENT}"),
        Pair("xprotect", "event", f"/api/rest/v1/events/{event.id}", f"/api/rest/v1/events/{absent}"),
        Pair("doordeck", "log of a device", f"/device/{device.id}/log", f"/device/{absent}/log"),
    ]


def status(port: int, path: str, headers: dict[str, str]) -> int:
    """What one request is answered."""
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers=headers)
    found = connection.getresponse().status
    connection.close()
    return found


def told_apart(stage: Stage, port: int, headers: dict[str, str], pair: Pair) -> Row:
    """Both in turns, on one connection; the first answers are not counted."""
    there, absent = pair.there, pair.absent
    told: dict[str, list[float]] = {there: [], absent: []}
    answers: dict[str, tuple[int, int]] = {}
    connection = HTTPConnection("127.0.0.1", port)
    for turn in range(20 + stage.options.samples):
        for path in (there, absent) if turn % 2 else (absent, there):
            begun = time.perf_counter()
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answers[path] = answer.status, len(answer.read())
            if turn >= 20:
                told[path].append(time.perf_counter() - begun)
    connection.close()
    if answers[there][0] != answers[absent][0] or answers[there][0] not in (200, 404):
        raise ValueError(f"{pair}: {answers}")
    ratio = percentile(told[there], 0.5) / percentile(told[absent], 0.5)
    return Row(what=f"{pair.dialect}: {pair.what}, hidden against absent", load=stage.load, figure=times(told[there]),
               limit=times(told[absent]), ratio=ratio, note="the same status and bytes; ratio of p50")  # fmt: skip


def grants_of(stage: Stage, store: Store) -> list[tuple[str, Grant]]:
    """Devices picked from a fixed random seed, as many as there are; and two sites."""
    every = EVERYTHING
    numbers = [device.number for device in store.read_now(store.directory.devices_after, stage.org, every, 0, 10**6)]
    chance = random.Random(5)
    chosen = [(f"a grant of {n:,} devices", Grant(devices=frozenset(chance.sample(numbers, n))))
              for n in DEVICES if n < len(numbers)]  # fmt: skip
    return [*chosen, two_sites(store, stage.org)]


def two_sites(store: Store, org: int) -> tuple[str, Grant]:
    """The first two, of however many there are."""
    sites = [site.number for site in store.read_now(store.directory.sites, org)]
    return f"a grant of {SITES} of {len(sites)} sites", Grant(sites=frozenset(sites[:SITES]))


def asked(stage: Stage, grant: Grant, *, offset: int = 0) -> Asked:
    """A page without its total."""
    return Asked(organisation=stage.org, grant=grant, offset=offset, limit=SIZE, with_total=False)


def beside(stage: Stage, store: Store, what: str, narrow: Asked, wide: Asked) -> Row:
    """Two questions in turns, in process."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(min(200, stage.options.samples)):
        ours.append(seconds(store, narrow))
        theirs.append(seconds(store, wide))
    return row(stage, what, ours, theirs)


def total(stage: Stage, store: Store, what: str, grant: Grant) -> Row:
    """The total under a grant beside the total without one."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(min(200, stage.options.samples)):
        begun = time.perf_counter()
        store.read_now(store.history.count, asked(stage, grant))
        ours.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        store.read_now(store.history.count, asked(stage, EVERYTHING))
        theirs.append(time.perf_counter() - begun)
    return row(stage, what, ours, theirs)


def row(stage: Stage, what: str, ours: list[float], theirs: list[float]) -> Row:
    """Medians, and what the grant costs more."""
    ratio = percentile(ours, 0.5) / percentile(theirs, 0.5)
    return Row(what=what, load=stage.load, figure=times(ours), limit=times(theirs), ratio=ratio,
               note="limit: the same without a grant, in turns, in process")  # fmt: skip


def seconds(store: Store, question: Asked) -> float:
    """How long one page takes."""
    begun = time.perf_counter()
    store.read_now(store.history.page, question)
    return time.perf_counter() - begun
