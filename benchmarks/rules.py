"""What rules cost: how many events a second they follow, how far behind they are, and how fast a draft is tried."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace

import msgspec

from benchmarks.ingest import BATCH, CONNECTIONS, NDJSON
from benchmarks.options import SERVER_CORE, pinned
from benchmarks.rows import Row, at_least, rate, ratio_of_pairs
from benchmarks.running import answered, post, sent, serving
from benchmarks.stage import Stage
from gatebook.app.build import services_of
from gatebook.app.stores import Opened
from gatebook.cli.desk import operator_of
from gatebook.domain.times import ALWAYS, Window
from gatebook.services import Services
from gatebook.services.followers import advance
from gatebook.services.rule_forms import NewRule
from gatebook.store import Store
from gatebook.store.contract import Page

RULES = 100
COUNTED = {"when": {"kind": "access.denied"}, "by": "device", "count": {"times": 5, "within_s": 60}}


def followed(stage: Stage) -> list[Row]:
    """A hundred rules, of which one in ten fires by counting and the rest watch one device each, without a server."""
    events = 5_000 if stage.options.quick else 50_000
    rates: list[float] = []
    with stage.opened() as store, pinned(SERVER_CORE):
        services = services_of(Opened(store, stage.secret))
        caught_up(stage, store, services)
        asyncio.run(made(stage, store, services))
        for _ in range(stage.options.rounds):
            _, drafts = stage.more(events)
            store.write_now(lambda tx, told=drafts: tx.append(stage.org, told), len(drafts))  # type: ignore[misc]
            begun = time.perf_counter()
            taken = caught_up(stage, store, services)
            rates.append(taken / (time.perf_counter() - begun))
        asyncio.run(unmade(stage, store, services))
    return [Row(what=f"events that {RULES} rules follow", load=stage.load, figure=rate(rates),
                note="a batch of 1,000 in one transaction, what they derive included")]  # fmt: skip


def lag(stage: Stage) -> list[Row]:
    """How far a hundred rules are behind when batches have come as fast as they are taken, and when they are level."""
    per_turn = (4 if stage.options.quick else 40) * CONNECTIONS
    with stage.opened() as store:
        services = services_of(Opened(store, stage.secret))
        caught_up(stage, store, services)
        asyncio.run(made(stage, store, services))
    with serving(stage.store) as server:
        lines, _ = stage.more(per_turn * BATCH)
        requests = [post("/v1/events", stage.key, b"\n".join(lines[at : at + BATCH]), NDJSON)
                    for at in range(0, len(lines), BATCH)]  # fmt: skip
        report = sent(server.port, [requests[n::CONNECTIONS] for n in range(CONNECTIONS)])
        behind, begun = behind_at(server.port, stage.key), time.perf_counter()
        while behind_at(server.port, stage.key):
            time.sleep(0.05)
        level_s = time.perf_counter() - begun
    with stage.opened() as store:
        asyncio.run(unmade(stage, store, services_of(Opened(store, stage.secret))))
    return [Row(what=f"lag of {RULES} rules after full ingest", load=stage.load, figure=f"{behind:,} events",
                note=f"{len(lines):,} events in {report.took_s:.1f} s; level {level_s:.1f} s later")]  # fmt: skip


def trial(stage: Stage) -> list[Row]:
    """A draft that looks at every event, beside reading the same events and doing nothing; once over all history.

    The turns are over the newest tenth, so that they take turns on the same warm pages.
    """
    ours: list[float] = []
    theirs: list[float] = []
    draft = msgspec.convert({"name": "draft", "when": {"tag": "no such tag"}}, NewRule)
    kinds = msgspec.convert({"name": "draft", **COUNTED}, NewRule)
    with stage.opened() as store, pinned(SERVER_CORE):
        services = services_of(Opened(store, stage.secret))
        who = operator_of(store.read_now(store.directory.organisations)[0])
        start = store.read_now(store.history.head, stage.org) * 9 // 10
        part = Window(read(stage, store, start).events[0].occurred, ALWAYS.until)
        for _ in range(stage.options.rounds):
            found = asyncio.run(services.trial.run(who, draft, part))
            ours.append(found.looked / found.took_s)
            theirs.append(scanned(stage, store, start))
        whole = asyncio.run(services.trial.run(who, draft, ALWAYS))
        narrow = asyncio.run(services.trial.run(who, kinds, ALWAYS))
    note = (
        f"limit: the same events read and not looked at; all {whole.looked:,} in {whole.took_s:.0f} s, "
        f"a count of one kind over them in {narrow.took_s:.0f} s"
    )
    return [Row(what="a rule tried on history, events", load=stage.load, figure=rate(ours), limit=rate(theirs),
                **at_least(ratio_of_pairs(ours, theirs), 0.5), note=note)]  # fmt: skip


def scanned(stage: Stage, store: Store, after: int) -> float:
    """Events a second that are read in order of seq, beyond `after`."""
    events, begun = 0, time.perf_counter()
    while (page := read(stage, store, after)).events:
        after, events = page.events[-1].seq, events + len(page.events)
    return events / (time.perf_counter() - begun)


def read(stage: Stage, store: Store, after: int) -> Page:
    """The next 5,000."""
    return store.read_now(store.history.log_after, stage.org, after, 5_000)


async def made(stage: Stage, store: Store, services: Services) -> None:
    """The rules."""
    who = replace(operator_of(store.read_now(store.directory.organisations)[0]), organisation=stage.org)
    for number in range(RULES):
        told = COUNTED if number % 10 == 0 else {"when": {"device": str(1 + number), "kind": "door.forced"}}
        action = {"actions": [{"event": {"tag": "derived"}}]}
        await services.rules.add(who, msgspec.convert({"name": f"rule {number}", **told, **action}, NewRule))


async def unmade(stage: Stage, store: Store, services: Services) -> None:
    """Without them again."""
    who = replace(operator_of(store.read_now(store.directory.organisations)[0]), organisation=stage.org)
    for one in await services.rules.list(who, limit=RULES):
        await services.rules.remove(who, one.id)


def caught_up(stage: Stage, store: Store, services: Services) -> int:
    """Has the rules follow to the end; over how many events."""
    follower = services.rule_runs.follower
    before = store.read_now(store.history.followed, stage.org, follower.name)
    while store.write_now(lambda tx: advance(tx, follower, stage.org, follower.batch), follower.batch):
        pass
    return store.read_now(store.history.followed, stage.org, follower.name) - before


def behind_at(port: int, key: str) -> int:
    """How many events the rules are behind."""
    told = json.loads(answered(port, "/v1/followers", {"X-API-Key": key}))
    return int(next(one["lag"] for one in told["items"] if one["name"] == "rules"))
