"""A log kept as a plain list beside the real one, and questions told twice: as a filter, and as a plain function."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4, uuid5

from hypothesis import strategies as st

from gatebook.domain.access import EVERYTHING, NOTHING, Grant
from gatebook.domain.events import Draft, Event, EventClass
from gatebook.domain.filters import EVERY, All, AnyOf, Condition, During, Field, Filter, Not, Operator
from gatebook.domain.kinds import NAMESPACE, Kind, Method, Reason
from gatebook.domain.places import Device, DeviceKind, Person, Site
from gatebook.domain.times import Instant, Window
from gatebook.store import Store, Transaction
from gatebook.store.contract import Appended

SECOND = 1_000_000_000
NEW_YEAR = 1_767_225_600 * SECOND
"""2026-01-01T00:00Z: a month, a day, a quarter of an hour and a minute begin here."""
ODD_TYPE = uuid5(NAMESPACE, "a type of our own")
CLASSES = (
    EventClass(Kind.ACCESS_GRANTED, Method.CARD),
    EventClass(Kind.ACCESS_GRANTED, Method.PLATE),
    EventClass(Kind.ACCESS_DENIED, Method.PIN, Reason.WRONG_PIN),
    EventClass(Kind.DOOR_OPENED),
    EventClass(Kind.EVENT_TRIGGERED, type=ODD_TYPE),
    EventClass(Kind.EVENT_TRIGGERED, type=ODD_TYPE, listed=False),
    EventClass(Kind.RECORD_SEARCHED),
)
SITES, DEVICES, PEOPLE = 3, 7, 2
Admit = Callable[[Event], bool]


@dataclass
class World:
    """One organisation of a real store, and what a careful clerk would have written down of it."""

    store: Store
    org: int
    sites: list[Site]
    devices: list[Device]
    people: list[Person]
    classes: dict[EventClass, int]
    organisation_stream: int = 1
    events: list[Event] = field(default_factory=list)
    site_of: dict[int, int | None] = field(default_factory=dict)
    """By device number, where it stands now."""

    @property
    def streams(self) -> list[int]:
        return [self.organisation_stream, *(device.stream for device in self.devices)]

    def device_of(self, event: Event) -> Device | None:
        return next((device for device in self.devices if device.stream == event.stream), None)

    def site_where(self, event: Event) -> int | None:
        device = self.device_of(event)
        return None if device is None else self.site_of[device.number]

    def append(self, drafts: Sequence[Draft]) -> None:
        outcomes = self.store.write_now(lambda tx: tx.append(self.org, drafts))
        by_number = {number: found for found, number in self.classes.items()}
        for draft, outcome in zip(drafts, outcomes, strict=True):
            assert isinstance(outcome, Appended)
            before = sum(event.stream == draft.stream for event in self.events)
            assert (outcome.seq, outcome.version) == (len(self.events) + 1, before + 1)
            kind, method, reason, type_, listed = by_number[draft.event_class]
            event = Event(
                seq=outcome.seq, id=outcome.id, stream=draft.stream, version=outcome.version, kind=kind, method=method,
                reason=reason, type=type_, listed=listed, occurred=draft.occurred, received=draft.received,
                reported=draft.reported, person=draft.person, person_name=draft.person_name,
                credential=draft.credential, tag=draft.tag, message=draft.message, data=draft.data, cause=draft.cause,
            )  # fmt: skip
            self.events.append(event)

    def follow(self, events: int) -> None:
        """The follower of the tallies takes the next so many events."""

        def step(tx: Transaction) -> None:
            after = tx.followed(self.org, "tallies")
            upto = tx.next_seq(self.org, after, events)
            if upto > after:
                tx.count_streams(self.org, after, upto)
                tx.follow_to(self.org, "tallies", upto)

        self.store.write_now(step)

    def move(self, index: int, site: int | None) -> None:
        number = self.devices[index].number

        def work(tx: Transaction) -> None:
            device = tx.device(self.org, number)
            assert device is not None
            tx.change_device(self.org, device, name=device.name, kind=device.kind, site=site)

        self.store.write_now(work)
        self.site_of[number] = site

    def answer(self, admit: Admit, *, descending: bool = True, ceiling: int | None = None) -> list[Event]:
        """Every event that is admitted, in order: a list comprehension, and a sort."""
        found = [event for event in self.events if admit(event) and (ceiling is None or event.seq <= ceiling)]
        return sorted(found, key=lambda event: (event.occurred, event.seq), reverse=descending)


def found_world(store: Store) -> World:
    """A new organisation with sites and devices; others in the same file must never be met."""

    def work(tx: Transaction) -> World:
        org = tx.add_organisation(uuid4(), "Works", "Europe/London")
        sites = [tx.add_site(org, uuid4(), f"Site {n}", "UTC") for n in range(SITES)]
        homes = [sites[0], sites[0], sites[1], sites[1], sites[1], None, sites[2]]
        devices = [
            tx.add_device(org, uuid4(), DeviceKind.DOOR, f"Door {n}", home.number if home else None)
            for n, home in enumerate(homes)
        ]
        people = [tx.add_person(org, uuid4(), f"Person {n}") for n in range(PEOPLE)]
        classes = {wanted: tx.class_of(org, wanted) for wanted in CLASSES}
        site_of = {device.number: device.site for device in devices}
        return World(store, org, sites, devices, people, classes, site_of=site_of)

    return store.write_now(work)


LEAPS = [
    0,
    0,
    0,
    1,
    SECOND,
    9 * SECOND,
    60 * SECOND,
    900 * SECOND,
    3_600 * SECOND,
    86_400 * SECOND,
    32 * 86_400 * SECOND,
]
moments = st.one_of(
    st.builds(lambda leap, back: NEW_YEAR + (-leap - 1 if back else leap), st.sampled_from(LEAPS), st.booleans()),
    st.integers(NEW_YEAR - 40 * 86_400 * SECOND, NEW_YEAR + 40 * 86_400 * SECOND),
    st.sampled_from([NEW_YEAR + 500, NEW_YEAR + 300 * SECOND]),
).map(Instant)
windows = st.builds(lambda one, other: Window(min(one, other), max(one, other)), moments, moments)
PLATES = ["AB12 CDE", "ab12 cde", "X1"]
TAGS = ["gate", "GATE", "yard"]
DATA = [None, b'{"level": 1}', b'{"level": 2, "who": "x"}']


def drafts(world: World) -> st.SearchStrategy[Draft]:
    return st.builds(
        Draft,
        stream=st.sampled_from(world.streams),
        event_class=st.sampled_from(sorted(world.classes.values())),
        occurred=moments,
        received=moments,
        reported=st.none() | moments,
        person=st.none() | st.sampled_from([person.number for person in world.people]),
        credential=st.none() | st.sampled_from(PLATES),
        tag=st.none() | st.sampled_from(TAGS),
        message=st.none() | st.just("the door stood open"),
        data=st.sampled_from(DATA),
        data_is_personal=st.booleans(),
    )


def grants(world: World) -> st.SearchStrategy[tuple[Grant, Admit]]:
    """A grant, and what it shows told plainly: nearly all devices often, since that is asked the other way round."""
    numbers = [device.number for device in world.devices]
    narrow = st.builds(
        Grant,
        sites=st.sets(st.sampled_from([site.number for site in world.sites])).map(frozenset),
        devices=st.sets(st.sampled_from(numbers)).map(frozenset),
    )
    nearly = st.sampled_from(numbers).map(lambda number: Grant(devices=frozenset(numbers) - {number}))

    def told(grant: Grant) -> tuple[Grant, Admit]:
        def shows(event: Event) -> bool:
            device = world.device_of(event)
            if device is None:
                return grant.everything
            return grant.everything or device.number in grant.devices or world.site_of[device.number] in grant.sites

        return grant, shows

    return st.one_of(st.sampled_from([EVERYTHING, NOTHING]), narrow, nearly).map(told)


def _is(field: Field, value: object) -> Condition:
    return Condition(field, Operator.EQUALS, (value,))  # type: ignore[arg-type]


def _leaves(world: World) -> st.SearchStrategy[tuple[Filter, Admit]]:
    devices, sites, people = world.devices, world.sites, world.people

    def some(
        field: Field, values: Sequence[object], of: Callable[[Event], object]
    ) -> st.SearchStrategy[tuple[Filter, Admit]]:
        def told(chosen: list[object]) -> tuple[Filter, Admit]:
            return Condition(field, Operator.ONE_OF, tuple(chosen)), lambda event: of(event) in chosen  # type: ignore[arg-type]

        return st.lists(st.sampled_from(values), min_size=1, max_size=3).map(told)

    def site_id(event: Event) -> UUID | None:
        number = world.site_where(event)
        return next((site.id for site in sites if site.number == number), None)

    def level(event: Event) -> object:
        return None if event.data is None else json.loads(event.data).get("level")

    def person_id(event: Event) -> UUID | None:
        return next((person.id for person in people if person.number == event.person), None)

    def same(one: str | None, other: str) -> bool:
        return one is not None and one.lower() == other.lower()

    def is_plate(event: Event) -> bool:
        return event.kind.value.startswith("plate.") or event.method == "plate"

    return st.one_of(
        windows.map(lambda w: (During(Field.OCCURRED, w), lambda e: w.since <= e.occurred < w.until)),
        windows.map(lambda w: (During(Field.RECEIVED, w), lambda e: w.since <= e.received < w.until)),
        some(Field.DEVICE, [d.number for d in devices], lambda e: (d := world.device_of(e)) and d.number),
        some(Field.DEVICE, [d.id for d in devices], lambda e: (d := world.device_of(e)) and d.id),
        some(Field.SITE, [s.number for s in sites], world.site_where),
        some(Field.SITE, [s.id for s in sites], site_id),
        some(Field.KIND, [c.kind for c in CLASSES], lambda e: e.kind),
        some(Field.METHOD, [Method.CARD, Method.PIN], lambda e: e.method),
        some(Field.REASON, [Reason.WRONG_PIN, Reason.LOCKDOWN], lambda e: e.reason),
        some(Field.TYPE, [ODD_TYPE, Kind.DOOR_OPENED.type], lambda e: e.type or e.kind.type),
        some(Field.LISTED, [True, False], lambda e: e.listed),
        some(Field.PERSON, [1, 2, 9], lambda e: e.person),
        some(Field.PERSON, [*(p.id for p in people), uuid4()], person_id),
        some(Field.CREDENTIAL, [*PLATES, "none such"], lambda e: e.credential),
        some(Field.SEQ, [1, 2, 3, 10, 99], lambda e: e.seq),
        st.sampled_from(PLATES).map(
            lambda text: (_is(Field.PLATE, text), lambda e: is_plate(e) and same(e.credential, text))
        ),
        st.sampled_from(TAGS).map(lambda tag: (_is(Field.TAG, tag), lambda e: same(e.tag, tag))),
        st.sampled_from([1, 2]).map(
            lambda n: (Condition(Field.DATA, Operator.EQUALS, (n,), ("level",)), lambda e: level(e) == n)
        ),
        st.just((Condition(Field.MESSAGE, Operator.CONTAINS, ("stood",)), lambda e: "stood" in (e.message or ""))),
    )  # fmt: skip


def asks(world: World) -> st.SearchStrategy[tuple[Filter, Admit]]:
    """A filter, and the same told plainly; most often a conjunction, as people ask."""

    def both(parts: list[tuple[Filter, Admit]]) -> tuple[Filter, Admit]:
        return All(tuple(part for part, _ in parts)), lambda event: all(admit(event) for _, admit in parts)

    def either(parts: list[tuple[Filter, Admit]]) -> tuple[Filter, Admit]:
        return AnyOf(tuple(part for part, _ in parts)), lambda event: any(admit(event) for _, admit in parts)

    leaves = _leaves(world)
    negated = leaves.map(lambda told: (Not(told[0]), lambda event: not told[1](event)))
    simple = leaves | negated
    alternatives = st.lists(simple, min_size=1, max_size=2).map(either)
    return st.just((EVERY, lambda _: True)) | st.lists(simple | alternatives, min_size=1, max_size=3).map(both)
