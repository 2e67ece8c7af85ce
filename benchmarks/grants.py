"""What rights cost: pages and totals under narrow grants against none, and the hidden against the absent."""

from __future__ import annotations

import random
import shutil
import time
from dataclasses import replace
from http.client import HTTPConnection
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
from gatebook.domain.times import Instant
from gatebook.services.keys import make_key
from gatebook.simulation.bulk import append_all, count_streams, know
from gatebook.simulation.feed import fed
from gatebook.store import Store
from gatebook.store.contract import Asked

DEVICES = (3, 200, 1_000, 1_900)
SITES = 2
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
        page = store.read_now(store.history.page, asked(stage, EVERYTHING))
        event = page.events[0]
        place = page.places[event.stream]
        device = store.read_now(store.directory.device, stage.org, place.device or 0)
        assert device is not None
        others = frozenset({1, 2, 3} - {device.number})
        now = Instant(time.time_ns())
        scopes = frozenset({Scope.EVENTS_READ})
        key = store.write_now(
            lambda tx: make_key(tx, stage.org, "narrow", scopes, now=now, grant=Grant(devices=others))
        )
    absent = uuid4()
    pairs = (
        ("native", "event", f"/v1/events/{event.id}", f"/v1/events/{absent}"),
        ("native", "events of a device", f"/v1/events?device={device.id}", f"/v1/events?device={absent}"),
        ("smartphonekey", "history of a lock", f"/locks/{device.number}/history", f"/locks/{ABSENT}/history"),
        ("doorflow", "event", f"/api/3/events/{event.seq}", f"/api/3/events/{ABSENT}"),
        ("xprotect", "event", f"/api/rest/v1/events/{event.id}", f"/api/rest/v1/events/{absent}"),
        ("doordeck", "log of a device", f"/device/{device.id}/log", f"/device/{absent}/log"),
    )
    with serving(stage.store) as server:
        settled(stage, server)
        tokens = {name: {"Authorization": f"Bearer {token_of(server, key, name)}"} for name, *_ in pairs}
        return [told_apart(stage, server.port, tokens[name], f"{name}: {what}", *paths) for name, what, *paths in pairs]


def told_apart(stage: Stage, port: int, headers: dict[str, str], what: str, there: str, absent: str) -> Row:
    """Both in turns, on one connection; the first answers are not counted."""
    told: dict[str, list[float]] = {there: [], absent: []}
    answers: dict[str, tuple[int, int]] = {}
    connection = HTTPConnection("127.0.0.1", port)
    for turn in range(20 + stage.options.samples):
        for path in (there, absent):
            begun = time.perf_counter()
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answers[path] = answer.status, len(answer.read())
            if turn >= 20:
                told[path].append(time.perf_counter() - begun)
    connection.close()
    if answers[there][0] != answers[absent][0] or answers[there][0] == 401:
        raise ValueError(f"{what}: {answers}")
    ratio = percentile(told[there], 0.5) / percentile(told[absent], 0.5)
    return Row(what=f"{what}, hidden against absent", load=stage.load, figure=times(told[there]),
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
