"""What rights cost: pages and totals under narrow grants against none, and the hidden against the absent."""

from __future__ import annotations

import random
import time
from http.client import HTTPConnection
from uuid import uuid4

from benchmarks.options import SERVER_CORE, pinned
from benchmarks.pages import SIZE, settled
from benchmarks.rows import Row, percentile, times
from benchmarks.running import serving
from benchmarks.stage import Stage
from gatebook.domain.access import EVERYTHING, Grant, Scope
from gatebook.domain.times import Instant
from gatebook.services.keys import make_key
from gatebook.store import Store
from gatebook.store.contract import Asked

DEVICES = (3, 200, 1_000, 1_900)
SITES = 2


def cost(stage: Stage) -> list[Row]:
    """For each grant the first page, a page in the middle and the total, each beside the same without a grant."""
    found: list[Row] = []
    with stage.opened() as store, pinned(SERVER_CORE):
        for name, grant in grants_of(stage, store):
            n = store.read_now(store.history.count, asked(stage, grant)).n
            found += [
                beside(stage, store, f"page 1 of 50, {name}", asked(stage, grant), asked(stage, EVERYTHING)),
                beside(
                    stage,
                    store,
                    f"page {n // 2 // SIZE:,} of 50, {name}",
                    asked(stage, grant, offset=n // 2),
                    asked(stage, EVERYTHING, offset=n // 2),
                ),
                total(stage, store, f"exact total, {name}", grant),
            ]
    return found


def hidden(stage: Stage) -> list[Row]:
    """An event that may not be seen against one that is not there, over HTTP: nobody should tell them apart."""
    with stage.opened() as store:
        page = store.read_now(store.history.page, asked(stage, EVERYTHING))
        event = page.events[0]
        place = page.places[event.stream]
        others = frozenset({1, 2, 3} - {place.device})
        now = Instant(time.time_ns())
        scopes = frozenset({Scope.EVENTS_READ})
        key = store.write_now(
            lambda tx: make_key(tx, stage.org, "narrow", scopes, now=now, grant=Grant(devices=others))
        )
    told: dict[str, list[float]] = {"hidden": [], "absent": []}
    with serving(stage.store) as server:
        settled(stage, server)
        connection = HTTPConnection("127.0.0.1", server.port)
        for turn in range(20 + stage.options.samples):
            for name, id_ in (("hidden", event.id), ("absent", uuid4())):
                begun = time.perf_counter()
                connection.request("GET", f"/v1/events/{id_}", headers={"X-API-Key": key})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 404:
                    raise ValueError(f"{name}: {answer.status}")
                if turn >= 20:
                    told[name].append(time.perf_counter() - begun)
        connection.close()
    ratio = percentile(told["hidden"], 0.5) / percentile(told["absent"], 0.5)
    return [
        Row(what="an event by id: hidden against absent", load=stage.load, figure=times(told["hidden"]),
            limit=times(told["absent"]), ratio=ratio, note="the same status and bytes; ratio of p50")
    ]  # fmt: skip


def grants_of(stage: Stage, store: Store) -> list[tuple[str, Grant]]:
    """Devices picked from a fixed random seed, as many as there are; and two sites."""
    every = EVERYTHING
    numbers = [device.number for device in store.read_now(store.directory.devices_after, stage.org, every, 0, 10**6)]
    sites = [site.number for site in store.read_now(store.directory.sites, stage.org)]
    chance = random.Random(5)
    chosen = [(f"a grant of {n:,} devices", Grant(devices=frozenset(chance.sample(numbers, n))))
              for n in DEVICES if n < len(numbers)]  # fmt: skip
    two = frozenset(sites[:SITES])
    return [*chosen, (f"a grant of {SITES} of {len(sites)} sites", Grant(sites=two))]


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
