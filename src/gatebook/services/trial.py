"""Tries a rule on history: when it would have fired, and why; nothing is written but the record of the search.

The stored events are taken in order of `seq`, as the rule would have met them, by the same code that follows the log.
What they are read by is narrowed in SQL to the kinds that can matter and to what the principal's grant shows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from functools import partial
from zoneinfo import ZoneInfo

import apsw

from gatebook.domain.access import Principal, Scope
from gatebook.domain.admits import Place
from gatebook.domain.errors import BadInput, NotFound
from gatebook.domain.events import Event
from gatebook.domain.filters import AnyOf, Field
from gatebook.domain.places import Person
from gatebook.domain.rules import Firing, Group, Rule, Watch
from gatebook.domain.times import Instant, Window
from gatebook.domain.windows import Memory
from gatebook.services.audit import Audit
from gatebook.services.names import new_id
from gatebook.services.rooms import need
from gatebook.services.rule_forms import Body
from gatebook.services.rule_reading import looked_at, needed, rule_of
from gatebook.services.rule_rights import Active, need_for
from gatebook.store import Store
from gatebook.store.contract import Chosen, Position
from gatebook.store.rules import Definition
from gatebook.store.sqlite import directory
from gatebook.store.sqlite.known import Known
from gatebook.store.sqlite.reading import read_events
from gatebook.store.sqlite.rights import granted
from gatebook.store.sqlite.rules import part_end, span_of, tried

BATCH = 5_000
REACH = 200_000
"""Places in the log that one batch goes over at the most, however few of them matter."""
PART = 500_000
"""Events that are counted in one go."""
NOTHING = Chosen(frozenset(), but=False)
MOST = 1_000
"""Firings that are told; all are counted."""
Told = Callable[[int, int], None]
"""`told(done, of)` after each batch, for a progress bar."""


def _silent(_done: int, _of: int) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class TriedFiring:
    """When it would have fired, for which group, and the events that led to it, in order of time."""

    at: Instant
    group: str
    events: tuple[Event, ...]
    places: tuple[Place, ...]


@dataclass(slots=True)
class Tried:
    """What came of it.  `looked`: events that were looked at, of `of`; fewer where the time was up."""

    looked: int = 0
    of: int = 0
    matched: int = 0
    """Events that pass a condition of the rule."""
    fired: int = 0
    quiet: int = 0
    """How often it would have fired and was kept quiet."""
    took_s: float = 0.0
    firings: list[TriedFiring] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """False where it was stopped before the end."""
        return self.looked >= self.of


class Trial:
    """Drafts on history."""

    def __init__(self, store: Store, audit: Audit, *, now: Callable[[], Instant]) -> None:
        """Reads this store; `audit` learns of a search for somebody before it is made."""
        self._store = store
        self._audit = audit
        self._now = now

    async def run(
        self,
        principal: Principal,
        body: Body,
        window: Window,
        *,
        most: int = MOST,
        limit_s: float | None = None,
        told: Told = _silent,
    ) -> Tried:
        """Tries the rule on what occurred in the window; `limit_s`: stops after so many seconds."""
        need(principal, Scope.ALARMS_MANAGE)
        org, begun = principal.organisation, time.monotonic()
        zone = await self._zone(org)
        active = self._draft(principal, body, zone)
        if body.at is not None:
            raise BadInput("at", "has it fire by the clock alone", "try a rule that looks at events")
        need_for(principal, active.rule, body)
        await self._audit.searched(principal, AnyOf(active.rule.steps))
        scene = await self._store.read(partial(self._scene, principal=principal, active=active, window=window))
        await self._measure(scene)
        found = Tried(of=scene.of)
        until = Instant(min(self._now(), window.until + 2 * active.rule.pattern.lateness_ns
                            + active.rule.pattern.within_ns + 1))  # fmt: skip
        firings: list[Firing] = []
        while not scene.is_done() and not (limit_s and time.monotonic() - begun > limit_s):
            await self._store.read(scene.batch, found, firings, most)
            if scene.is_done():
                found.looked = scene.of
            told(found.looked, scene.of)
        if found.is_whole:
            scene.end(until, found, firings, most)
        found.firings = [await self._store.read(scene.told, firing) for firing in firings]
        found.took_s = time.monotonic() - begun
        return found

    async def _zone(self, org: int) -> tzinfo:
        found = await self._store.read(directory.organisation, org)
        if found is None:
            raise NotFound("no such organisation")
        return ZoneInfo(found.zone)

    def _draft(self, principal: Principal, body: Body, zone: tzinfo) -> Active:
        rule = rule_of(body, new_id(), 1, zone)
        definition = Definition(
            id=rule.id, name="draft", enabled=True, body="", author_kind=principal.kind, author=principal.id,
            author_key=principal.key, reach=principal.grant, since=0, changed=self._now(),
        )  # fmt: skip
        return Active(definition, body, rule, needed(rule, body.actions), looked_at(rule))

    def _scene(self, connection: apsw.Connection, *, principal: Principal, active: Active, window: Window) -> Scene:
        known = self._store.history.memory.known(connection, principal.organisation)
        numbers = {number for number, one in known.classes.items() if active.rule.interests(one)}
        streams, classes = granted(principal.grant, known), Chosen(frozenset(numbers), but=False)
        zones: dict[int | None, tzinfo] = {
            one.number: ZoneInfo(one.zone) for one in directory.sites(connection, known.org)
        }
        zones[None] = ZoneInfo(known.zone)
        return Scene(principal, active, known, window, streams, classes, zones)

    async def _measure(self, scene: Scene) -> None:
        """How much there is to look at, part by part: none takes longer than a reader may."""
        since = scene.window.since
        while scene.classes != NOTHING and since < scene.window.until:
            rest = Window(since, scene.window.until)
            end = await self._store.read(part_end, scene.org, rest, PART)
            await self._store.read(scene.measure, Window(since, end))
            since = end


class Scene:
    """What one trial walks over, and what it remembers."""

    def __init__(
        self, principal: Principal, active: Active, known: Known, window: Window, streams: Chosen, classes: Chosen,
        zones: Mapping[int | None, tzinfo],
    ) -> None:  # fmt: skip
        self.of = 0
        self.org, self.window, self.classes = known.org, window, classes
        self._principal, self._active, self._known, self._streams = principal, active, known, streams
        self._after, self._upto = 0, 0
        self._sees_all = active.looks_everywhere(principal)
        self._memories: dict[Group, Memory] = {}
        self._watch = Watch([active.rule], lambda place: zones[place.site], self._remember)

    def is_done(self) -> bool:
        """Whether all was looked at."""
        return self._after >= self._upto

    def measure(self, connection: apsw.Connection, part: Window) -> None:
        """Counts what is in a part of the window, and where in the log it lies."""
        first, last, n = span_of(connection, self.org, part, self._streams, self.classes)
        if first is not None and last is not None:
            self._after = min(self._after, first - 1) if self.of else first - 1
            self._upto, self.of = max(self._upto, last), self.of + n

    def batch(self, connection: apsw.Connection, found: Tried, firings: list[Firing], most: int) -> None:
        """Takes the next events."""
        reach = min(self._upto, self._after + REACH)
        events = tried(connection, self._known, self.window, self._streams, self.classes, self._after, reach, BATCH)
        rule = self._active.rule
        people: Mapping[int, Person] = {}
        if Field.PERSON in self._active.fields:
            numbers = sorted({one.person for one in events if one.person is not None})
            people = directory.people_numbered(connection, self._known.org, numbers)
        for event in events:
            if self._watch.is_awaited(event.received):
                self._note(self._watch.until(event.received), found, firings, most)
            place = self._known.places.get(event.stream) or Place(stream=event.stream)
            if event.person is not None and event.person in people:
                place = replace(place, person_id=people[event.person].id)
            if self._sees_all or self._active.looks_at(event.kind, event.method, place, self._principal):
                steps = self._watch.steps(rule, event, place)
                if steps:
                    self._take(rule, event, place, steps, found, firings, most)
        self._after = events[-1].seq if len(events) == BATCH else reach
        found.looked += len(events)

    def end(self, clock: int, found: Tried, firings: list[Firing], most: int) -> None:
        """Time goes on after the last event."""
        self._note(self._watch.until(clock), found, firings, most)

    def told(self, connection: apsw.Connection, firing: Firing) -> TriedFiring:
        """The firing with its events."""
        places = [Position(Instant(0), seq) for seq in firing.events]
        events = read_events(connection, self._known.org, places, self._known.classes)
        stood = (self._known.places.get(one.stream) or Place(stream=one.stream) for one in events)
        return TriedFiring(firing.at, firing.key, tuple(events), tuple(stood))

    def _take(
        self, rule: Rule, event: Event, place: Place, steps: int, found: Tried, firings: list[Firing], most: int
    ) -> None:
        found.matched += 1
        firing = self._watch.take(rule, event, place, steps)
        if firing is not None:
            self._note([firing], found, firings, most)

    def _note(self, fired: Iterable[Firing], found: Tried, firings: list[Firing], most: int) -> None:
        for firing in fired:
            found.quiet += firing.quiet
            found.fired += not firing.quiet
            if not firing.quiet and len(firings) < most:
                firings.append(firing)

    def _remember(self, group: Group) -> Memory:
        return self._memories.setdefault(group, Memory())
