"""Rules follow the log: what fires is done in the transaction that saves how far they have come.

A stop at any point therefore neither skips nor doubles an alarm or a derived event.  Time passes for rules by the
receipt of events; where none comes, a tick brings the clock forward, to the same outcome: see `domain.windows`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from gatebook.domain.access import EVERYTHING, Principal
from gatebook.domain.admits import Place, admits
from gatebook.domain.events import Event
from gatebook.domain.places import Person
from gatebook.domain.rules import Firing, Group, Rule, Watch, key_of
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.domain.windows import Memory, Seen
from gatebook.services.followers import Follower
from gatebook.services.raising import clear_alarm
from gatebook.services.rule_acts import Occasion, act, is_in, tell_time
from gatebook.services.rule_rights import GONE, Active, author_of, read
from gatebook.store import Store, Transaction
from gatebook.store.contract import Page
from gatebook.store.sqlite.history import History
from gatebook.store.sqlite.known import Memory as KnownMemory
from gatebook.store.sqlite.reading import head

log = logging.getLogger(__name__)
NAME = "rules"
BATCH = 1_000
TICK_S = 1.0
SLACK_NS = 2 * SECOND_NS
"""The tick stays so far behind the wall clock: a report may have its time of receipt and still wait to be written."""


class RuleRuns:
    """The follower, and the tick."""

    def __init__(self, store: Store, *, now: Callable[[], Instant]) -> None:
        """Follows this store's log."""
        self._store = store
        self._now = now
        self._known: dict[tuple[UUID, int, str], Active | str] = {}
        self._log = History(KnownMemory())
        self._upto: dict[int, int] = {}

    @property
    def follower(self) -> Follower:
        """To be run with the others."""
        return Follower(name=NAME, take=self.take, batch=BATCH)

    def take(self, transaction: Transaction, org: int, after: int, upto: int) -> None:
        """Everything that follows from the events in `(after, upto]`."""
        if self._upto.get(org) != after:
            self._log = History(KnownMemory())  # what was remembered may be of a transaction that was undone
        self._upto[org] = upto
        active = self._active(transaction, org)
        if not active:
            return
        page = self._log.log_after(transaction.connection, org, after, upto - after)
        events = [event for event in page.events if event.seq <= upto]
        run = Run(transaction, org, active, page, self._now(), max((one.received for one in events), default=0))
        spared = transaction.rules.unruled(org, after, upto)
        run.log = self._log
        run.chains = transaction.rules.derived(org, after, upto)
        for event in events:
            run.take(event, spared=event.seq in spared)
        run.keep()

    async def run(self) -> None:
        """Brings the clock forward where nothing is reported, until it is cancelled."""
        while True:
            await asyncio.sleep(TICK_S)
            await self.tick()

    async def tick(self) -> None:
        """Tells the absences that have become facts by now."""
        clock = self._now() - SLACK_NS
        for org in await self._store.read(self._store.rules.organisations_due, clock):
            await self._store.write(partial(self.pass_time, org=org, clock=clock))

    def pass_time(self, transaction: Transaction, org: int, clock: int) -> None:
        """The same for one organisation; not while events wait, which carry the time themselves."""
        if transaction.followed(org, NAME) < head(transaction.connection, org):
            return
        active = self._active(transaction, org)
        page = History(KnownMemory()).log_after(transaction.connection, org, transaction.followed(org, NAME), 1)
        run = Run(transaction, org, active, page, self._now(), clock)
        run.pass_time(clock)
        run.keep()

    def _active(self, transaction: Transaction, org: int) -> list[Active]:
        definitions = transaction.rules.active(org)
        if not definitions:
            return []
        zone = transaction.rules.zone(org)
        found: list[Active] = []
        for one in definitions:
            known = self._known.get((one.id, one.revision, zone))
            if known is None:
                if len(self._known) >= 10_000:
                    self._known.clear()
                known = self._known[one.id, one.revision, zone] = read(one, ZoneInfo(zone))
            if isinstance(known, Active):
                found.append(replace(known, definition=one))
            else:
                seq = transaction.followed(org, NAME)
                transaction.rules.log_refusal(org, one.id, one.revision, why=known, cause=seq, now=self._now())
        return found


class Run:
    """One batch of one organisation, within its transaction."""

    def __init__(
        self, transaction: Transaction, org: int, active: Sequence[Active], page: Page, now: Instant, until: int
    ) -> None:
        """`page` holds the batch and what the directory says; `until`: the greatest clock that will be met."""
        self.chains: Mapping[int, bytes] = {}
        self.log = History(KnownMemory())
        self._transaction = transaction
        self._org = org
        self._active = {one.rule.id: one for one in active}
        self._page = page
        self._now = now
        self._zones: dict[int | None, tzinfo] = {}
        self._authors: dict[UUID, Principal | None] = {}
        self._memories: dict[Group, tuple[Memory, list[Seen]]] = {}
        clock = transaction.rules.clock(org)
        self._watch = Watch([one.rule for one in active], self._zone_of, self._remember, clock)
        for due, group in transaction.rules.due(org, max(clock, until)):
            self._watch.expect(group, due)

    def take(self, event: Event, *, spared: bool) -> None:
        """One event, in order of seq; one that is `spared` moves the clock and no rule."""
        self.pass_time(event.received)
        rules = [] if spared else self._watch.interested(event.event_class)
        if not rules:
            return
        place = place_of(self._page, event)
        chain = self._chain(event)
        for rule in rules:
            one = self._active[rule.id]
            if event.seq > one.definition.since and not is_in(rule.id, chain):
                self._look(one, event, place, chain)

    def pass_time(self, clock: int) -> None:
        """The clock goes on: absences become facts."""
        for firing in self._watch.until(clock):
            seq = firing.cause or self._time_told(firing)
            found = None if seq is None else self._page_of(seq)
            if found is not None:
                event = found.events[0]
                self._fire(firing._replace(cause=event.seq), event, place_of(found, event), b"")

    def _time_told(self, firing: Firing) -> int | None:
        """What fires by the clock begins with an event of its own; None where it may not, or was told before."""
        one = self._active[firing.rule.id]
        why = one.forbidden(self._author(one), Place())
        if why is not None:
            self._refuse(firing.rule, why, 0)
            return None
        seq = tell_time(self._transaction, self._org, firing, one.definition, self._now)
        if seq is not None:
            self._derived(range(seq, seq + 1), b"", firing.rule.id)
        return seq

    def keep(self) -> None:
        """Writes what is remembered, and the clock."""
        rules = self._transaction.rules
        for group in sorted(self._watch.touched):
            memory, before = self._memories[group]
            rules.keep(self._org, group, memory, memory.due(self._active[group.rule].rule.pattern), before)
        rules.set_clock(self._org, self._watch.clock)

    # -- one rule and one event --------------------------------------------------------------------------------------

    def _look(self, one: Active, event: Event, place: Place, chain: bytes) -> None:
        rule, author = one.rule, self._author(one)
        if not one.looks_at(event.kind, event.method, place, author):
            return
        steps = self._watch.steps(rule, event, place)
        clears = rule.clear is not None and admits(rule.clear, event, place)
        if not steps and not clears:
            return
        why = one.forbidden(author, place)
        if why is not None:
            self._refuse(rule, why, event.seq)
            return
        if clears:
            self._clear(one, event, place, chain)
        if steps:
            firing = self._watch.take(rule, event, place, steps)
            if firing is not None:
                self._fire(firing, event, place, chain)

    def _fire(self, firing: Firing, event: Event, place: Place, chain: bytes) -> None:
        if firing.quiet:
            return
        one = self._active[firing.rule.id]
        author = self._author(one)
        why = one.forbidden(author, place)
        if why is not None or author is None:
            self._refuse(firing.rule, why or GONE, event.seq)
            return
        occasion = Occasion(
            org=self._org, active=one, firing=firing, event=event, place=place, author=author,
            chain=chain + firing.rule.id.bytes,
            clock=max(self._watch.clock, event.received), now=self._now,
        )  # fmt: skip
        connection = self._transaction.connection
        before = head(connection, self._org)
        done = act(self._transaction, occasion)
        self._derived(range(before + 1, head(connection, self._org) + 1), chain, firing.rule.id)
        self._transaction.rules.log_firing(
            self._org, firing.rule.id, firing.rule.revision, cause=event.seq, group=firing.key, at=firing.at,
            fired=self._now, events=msgspec.json.encode(firing.events).decode(),
            done=msgspec.json.encode(done).decode(),
        )  # fmt: skip

    def _clear(self, one: Active, event: Event, place: Place, chain: bytes) -> None:
        key = key_of(one.rule.by, event, place)
        if key is None:
            return
        connection = self._transaction.connection
        before = head(connection, self._org)
        clear_alarm(
            self._transaction, self._org, one.rule.id, event.stream, key, cause=event.seq, at=event.occurred,
            now=self._now,
        )  # fmt: skip
        self._derived(range(before + 1, head(connection, self._org) + 1), chain, one.rule.id)

    def _derived(self, seqs: range, chain: bytes, rule: UUID) -> None:
        if seqs:
            self._transaction.rules.derive(self._org, seqs, chain + rule.bytes)

    def _refuse(self, rule: Rule, why: str, seq: int) -> None:
        self._transaction.rules.log_refusal(self._org, rule.id, rule.revision, why=why, cause=seq, now=self._now)

    # -- what is looked up -------------------------------------------------------------------------------------------

    def _chain(self, event: Event) -> bytes:
        """The rules that led to an event, or to what caused it, such as the command that it answers."""
        chain = self.chains.get(event.seq)
        if chain is None and event.cause is not None:
            chain = self._transaction.rules.chain_of(self._org, event.cause)
            if chain:
                self._transaction.rules.derive(self._org, [event.seq], chain)
        return chain or b""

    def _author(self, one: Active) -> Principal | None:
        id_ = one.rule.id
        if id_ not in self._authors:
            self._authors[id_] = author_of(self._transaction, self._org, one.definition, self._now)
        return self._authors[id_]

    def _remember(self, group: Group) -> Memory:
        found = self._memories.get(group)
        if found is None:
            memory = self._transaction.rules.memory(self._org, group)
            found = self._memories[group] = (memory, list(memory.seen))
        return found[0]

    def _zone_of(self, place: Place) -> tzinfo:
        zone = self._zones.get(place.site)
        if zone is None:
            site = None if place.site is None else self._transaction.site(self._org, place.site)
            name = self._transaction.rules.zone(self._org) if site is None else site.zone
            zone = self._zones[place.site] = ZoneInfo(name)
        return zone

    def _page_of(self, seq: int) -> Page | None:
        """An event that waited, with its place; None where it was removed meanwhile."""
        return self.log.one(self._transaction.connection, self._org, EVERYTHING, seq, records=True)


def place_of(page: Page, event: Event) -> Place:
    """Where the event happened, and of whom it tells."""
    place = page.places.get(event.stream) or Place(stream=event.stream)
    person: Person | None = None if event.person is None else page.people.get(event.person)
    return place if person is None else replace(place, person_id=person.id)
