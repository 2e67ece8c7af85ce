"""Rules on a real store: cut anywhere, undone anywhere, doubled and late, they do what one pass over the log says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from gatebook.domain.access import EVERYTHING, Principal, PrincipalKind, Scope
from gatebook.domain.errors import NotFound, Unavailable
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import Device, DeviceKind
from gatebook.domain.rules import Group, Watch
from gatebook.domain.times import SECOND_NS, Instant, parse_instant
from gatebook.domain.windows import Memory
from gatebook.services.followers import advance
from gatebook.services.names import new_id
from gatebook.services.organisations import found_organisation
from gatebook.services.rule_effects import Outbox
from gatebook.services.rule_forms import NewRule
from gatebook.services.rule_runs import RuleRuns, place_of, read
from gatebook.services.rules import Rules
from gatebook.services.tail import Wakeup
from gatebook.store import Store, Transaction, open_store
from gatebook.store.rules import Definition, Effect

START = parse_instant("2026-05-29T12:00:00Z")
KINDS = (Kind.DOOR_OPENED, Kind.DOOR_CLOSED, Kind.ACCESS_DENIED, Kind.DOOR_HELD)
RULES: tuple[dict[str, Any], ...] = (
    {"when": {"kind": "door.opened"}, "quiet_s": 7, "by": "device"},
    {"when": {"kind": "access.denied"}, "count": {"times": 3, "within_s": 20}, "by": "device", "lateness_s": 10},
    {"when": {"kind": "access.denied"}, "count": {"times": 4, "within_s": 30}, "lateness_s": 30, "quiet_s": 15},
    {"when": {"kind": "door.opened"}, "sequence": {"then": [{"kind": "access.denied"}, {"kind": "door.closed"}],
                                                   "within_s": 25}, "by": "device", "lateness_s": 15},
    {"when": {"kind": "door.opened"}, "absence": {"of": {"kind": "door.closed"}, "within_s": 8}, "by": "device",
     "lateness_s": 5},
)  # fmt: skip


@dataclass
class Town:
    """One organisation with doors, and a clock that is told the time."""

    store: Store
    org: int
    doors: list[Device]
    who: Principal
    at: Instant = START
    keys: Iterator[int] = field(default_factory=count)

    def now(self) -> Instant:
        return self.at

    def draft(self, kind: Kind, door: int, occurred: int, received: int, key: int) -> Draft:
        number = self.store.write_now(lambda tx: tx.class_of(self.org, EventClass(kind)))
        return Draft(stream=self.doors[door].stream, event_class=number, occurred=Instant(occurred),
                     received=Instant(received), key=b"%016d" % key, body=b"%08d" % key)  # fmt: skip

    def happen(self, kind: Kind, door: int = 0) -> int:
        """Reported the moment it occurs; its seq."""
        draft = self.draft(kind, door, self.at, self.at, next(self.keys))
        return self.store.write_now(lambda tx: tx.append(self.org, [draft]))[0].seq

    def all(self, sql: str) -> list[Any]:
        return self.store.write_now(lambda tx: tx.connection.execute(sql).fetchall())


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    store = open_store(str(tmp_path / "log.db"), checkpoints=False)
    org = store.write_now(lambda tx: found_organisation(tx, "Acme", "UTC"))
    doors = [store.write_now(lambda tx: tx.add_device(org, new_id(), DeviceKind.DOOR, "a door")) for _ in range(2)]
    [acme] = store.read_now(store.directory.organisations)
    who = Principal(organisation=org, kind=PrincipalKind.SERVICE, id=acme.id, name="command line",
                    scopes=frozenset({Scope.ADMIN}), grant=EVERYTHING)  # fmt: skip
    yield Town(store, org, doors, who)
    store.close()


async def add(town: Town, **fields: Any) -> Definition:
    form = msgspec.convert({"actions": [{"event": {"tag": "derived"}}], "name": str(new_id()), **fields}, NewRule)
    return await Rules(town.store, now=town.now).add(town.who, form)


def caught_up(town: Town, runs: RuleRuns, batch: int = 100) -> None:
    while town.store.write_now(lambda tx: advance(tx, runs.follower, town.org, batch)):
        pass


class Undone(Exception):
    """The power goes off."""


def cut_and_undone(town: Town, random: Random) -> None:
    """Follows to the end in steps of any size, many of which are undone after all is written; new code each time."""
    runs, more = RuleRuns(town.store, now=town.now), True

    def step(tx: Transaction, batch: int, undo: bool) -> bool:
        moved = advance(tx, runs.follower, town.org, batch)
        if undo:
            raise Undone
        return moved

    while more:
        if random.random() < 0.2:
            runs = RuleRuns(town.store, now=town.now)
        batch, undo = random.choice([1, 2, 5, 40]), random.random() < 0.3
        try:
            more = town.store.write_now(lambda tx, b=batch, u=undo: step(tx, b, u))  # type: ignore[misc]
        except Undone:
            continue


def by_one_pass(town: Town, rules: list[Definition], end: int) -> set[tuple[Any, ...]]:
    """What fires when the whole log is taken once, with nothing written down in between."""
    actives = [read(one, ZoneInfo("UTC")) for one in rules]
    memories: dict[Group, Memory] = {}
    evaluated = [one.rule for one in actives if not isinstance(one, str)]
    watch = Watch(evaluated, lambda _place: ZoneInfo("UTC"), lambda group: memories.setdefault(group, Memory()))
    page = town.store.read_now(town.store.history.log_after, town.org, 0, 10_000)
    firings = []
    for event in page.events:
        firings += watch.until(event.received)
        place = place_of(page, event)
        for rule in watch.interested(event.event_class):
            steps = watch.steps(rule, event, place)
            firing = watch.take(rule, event, place, steps) if steps else None
            firings += [firing] if firing else []
    firings += watch.until(end)
    return {(one.rule.id.bytes, one.key, one.at, one.cause) for one in firings if not one.quiet}


@pytest.mark.parametrize("seed", range(6))
async def test_cut_undone_doubled_and_late_they_do_what_one_pass_says(town: Town, seed: int) -> None:
    random = Random(seed)
    rules = [await add(town, **fields) for fields in RULES]
    sent: list[Draft] = []
    at = int(START)
    for number in range(150):
        at += random.choice([0, 1, 1, 2, 6]) * SECOND_NS
        occurred = at - random.choice([0, 0, 0, 1, 4, 12, 40]) * SECOND_NS
        sent.append(town.draft(random.choice(KINDS), random.randrange(2), occurred, at, number))
    doubled = [one for draft in sent for one in random.choice([[draft], [draft], [draft, draft]])]
    for start in range(0, len(doubled), 20):
        town.store.write_now(lambda tx, at=start: tx.append(town.org, doubled[at : at + 20]))  # type: ignore[misc]
        if random.random() < 0.5:
            town.at = doubled[min(start + 19, len(doubled) - 1)].received
            cut_and_undone(town, random)
    town.at = Instant(at)
    cut_and_undone(town, random)
    end = Instant(town.at + 100 * SECOND_NS)
    town.store.write_now(lambda tx: RuleRuns(town.store, now=town.now).pass_time(tx, town.org, end))

    found = town.all("SELECT rule, grp, at, cause FROM rule_firings")
    derived = town.all("SELECT cause, count(*) FROM events WHERE tag = 'derived' GROUP BY cause, data")

    assert set(found) == by_one_pass(town, rules, end)
    assert len({rule for rule, *_ in found}) == len(rules), "each of them fires"
    assert len(found) == len(set(found)) == sum(n for _, n in derived)
    assert town.all("SELECT count(*) FROM parked") == [(0,)]


async def test_absences_are_told_by_ticks_as_by_events(town: Town) -> None:
    await add(town, when={"kind": "door.opened"}, absence={"of": {"kind": "door.closed"}, "within_s": 8}, lateness_s=2)
    runs = RuleRuns(town.store, now=town.now)
    opened = town.happen(Kind.DOOR_OPENED)
    due = Instant(START + 8 * SECOND_NS)

    fired = []
    for second in (0, 9, 11, 12, 13, 14, 20):
        town.at = Instant(START + second * SECOND_NS)
        await runs.tick()  # waits while the follower is behind, and two seconds for what is being written
        fired.append(town.all("SELECT cause, at FROM rule_firings"))
        caught_up(town, runs)

    assert fired == [[], [], [], [], [(opened, due)], [(opened, due)], [(opened, due)]]


async def test_what_is_to_trigger_no_rule_and_what_was_there_before_triggers_none(town: Town) -> None:
    town.happen(Kind.DOOR_OPENED)
    await add(town, when={"kind": "door.opened"})
    spared = town.happen(Kind.DOOR_OPENED)
    town.store.write_now(lambda tx: tx.rules.spare(town.org, [spared]))
    seen = town.happen(Kind.DOOR_OPENED)

    caught_up(town, RuleRuns(town.store, now=town.now))

    assert town.all("SELECT cause FROM rule_firings") == [(seen,)]


async def test_a_clearing_event_clears_the_alarm_that_was_raised(town: Town) -> None:
    alarm = {"alarm": {"clear": {"kind": "door.closed"}}}
    await add(town, when={"kind": "door.held"}, by="device", actions=[alarm])
    town.happen(Kind.DOOR_HELD, 0)
    town.happen(Kind.DOOR_HELD, 1)
    town.at = Instant(town.at + SECOND_NS)
    town.happen(Kind.DOOR_CLOSED, 1)

    caught_up(town, RuleRuns(town.store, now=town.now))

    cleared = dict(town.all("SELECT device, cleared FROM alarms"))
    assert cleared == {town.doors[0].number: None, town.doors[1].number: town.at}


class Receiver:
    """Takes commands, or fails as it is told."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.taken: list[Effect] = []

    async def __call__(self, effect: Effect) -> None:
        self.taken.append(effect)
        if self.faults:
            raise self.faults.pop(0)


async def test_a_command_is_sent_again_under_its_key_until_it_is_done(town: Town) -> None:
    await add(town, when={"kind": "door.held"}, actions=[{"command": {"deadline_s": 60}}])
    cause = town.happen(Kind.DOOR_HELD)
    caught_up(town, RuleRuns(town.store, now=town.now))
    receiver = Receiver(Unavailable("busy"))
    outbox = Outbox(town.store, Wakeup(), {"command": receiver}, now=town.now)

    for _ in range(4):
        await outbox.drain()
        town.at = Instant(town.at + 3 * SECOND_NS)

    assert len(receiver.taken) == 2
    assert replace_attempts(receiver.taken[0]) == replace_attempts(receiver.taken[1])
    assert (receiver.taken[0].seq, receiver.taken[0].target) == (cause, str(town.doors[0].number))
    assert town.all("SELECT state, attempts FROM outbox") == [("done", 2)]


def replace_attempts(effect: Effect) -> Effect:
    return effect._replace(attempts=0, due=START, error=None)


async def test_a_command_past_its_deadline_is_never_sent(town: Town) -> None:
    await add(town, when={"kind": "door.held"}, actions=[{"command": {"deadline_s": 5}}])
    town.happen(Kind.DOOR_HELD)
    town.at = Instant(town.at + 5 * SECOND_NS)  # the follower comes late: the deadline counts from the event
    caught_up(town, RuleRuns(town.store, now=town.now))
    receiver = Receiver()

    await Outbox(town.store, Wakeup(), {"command": receiver}, now=town.now).drain()

    assert receiver.taken == []
    assert town.all("SELECT state FROM outbox") == [("late",)]


async def test_what_fails_for_good_is_not_tried_again_and_what_nobody_sends_waits(town: Town) -> None:
    email = {"email": {"to": ["ada@example.org"], "subject": "held"}}
    await add(town, when={"kind": "door.held"}, actions=[{"webhook": {"webhook": str(new_id())}}, email])
    town.happen(Kind.DOOR_HELD)
    caught_up(town, RuleRuns(town.store, now=town.now))
    receiver = Receiver(NotFound("gone"))
    outbox = Outbox(town.store, Wakeup(), {"webhook": receiver}, now=town.now)

    for _ in range(3):
        await outbox.drain()
        town.at = Instant(town.at + 600 * SECOND_NS)

    assert len(receiver.taken) == 1
    assert town.all("SELECT kind, state, error FROM outbox ORDER BY kind") == [
        ("email", "waiting", None), ("webhook", "failed", "gone"),
    ]  # fmt: skip
