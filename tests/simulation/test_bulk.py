"""History that is loaded in bulk is the history that the same reports make when they are sent."""

from collections import Counter
from dataclasses import replace
from itertools import chain
from multiprocessing import active_children
from uuid import uuid4

import msgspec
import pytest

from gatebook.domain.access import EVERYTHING, Principal, PrincipalKind, Scope
from gatebook.domain.errors import Broken
from gatebook.domain.events import Event
from gatebook.domain.kinds import Method, Reason
from gatebook.domain.times import Instant, parse_instant
from gatebook.services.ingest import Accepted, Ingest, Report
from gatebook.simulation import Settings, happenings, world_of
from gatebook.simulation.bulk import count_streams, load
from gatebook.simulation.feed import TRANSACTION, fed
from gatebook.simulation.scenes import scenes_of
from gatebook.simulation.wire import Wire
from gatebook.store import Store, open_store
from gatebook.store.contract import Asked

SECRET = b"s" * 32
SETTINGS = Settings(seed=3, events=TRANSACTION + 2_000, sites=3, devices=40, people=90, days=2, repeated=0.02)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return open_store(str(tmp_path_factory.mktemp("bulk") / "gate.db"))


@pytest.fixture(scope="module")
def org(store: Store) -> int:
    return store.write_now(lambda transaction: transaction.add_organisation(uuid4(), "Made up", "Europe/London"))


def all_events(store: Store, org: int) -> list[Event]:
    found: list[Event] = []
    while page := store.read_now(store.history.log_after, org, found[-1].seq if found else 0, 5_000).events:
        found += page
    return found


def test_every_report_but_the_repeats_is_there_once_in_order(store: Store, org: int) -> None:
    world, classes = world_of(SETTINGS), scenes_of(SETTINGS).classes
    told = {one.serial: one for one in reversed(list(chain.from_iterable(happenings(SETTINGS, world))))}
    seen: list[int] = []

    loaded = load(store, org, SETTINGS, SECRET, seen.append)

    assert loaded.events == len(told) == seen[-1]
    assert loaded.events + loaded.repeats == SETTINGS.events
    assert seen == sorted(seen)
    expected = sorted(told.values())
    events = all_events(store, org)
    assert [one.seq for one in events] == list(range(1, len(expected) + 1))
    for event, one in zip(events, expected, strict=True):
        assert event.event_class == classes[one.event_class]
        assert (event.reported or event.occurred, event.received) == (one.occurred, one.received)
        assert event.stream == loaded.known.streams[one.device]
        assert event.person == (loaded.known.people[one.person] if one.person >= 0 else None)
        assert (event.credential, event.data) == (one.credential, one.data)


def test_a_second_load_writes_nothing(store: Store, org: int) -> None:
    load(store, org, SETTINGS, SECRET)
    before = store.read_now(store.history.head, org)

    again = load(store, org, SETTINGS, SECRET)

    assert (again.events, again.repeats) == (0, SETTINGS.events)
    assert store.read_now(store.history.head, org) == before


def test_streams_are_counted_to_the_end(store: Store, org: int) -> None:
    loaded = load(store, org, SETTINGS, SECRET)

    count_streams(store, org)

    assert store.read_now(store.history.followed, org, "tallies") == store.read_now(store.history.head, org)
    of_stream = Counter(event.stream for event in all_events(store, org))
    assert sum(of_stream.values()) == store.read_now(store.history.count, Asked(organisation=org, grant=EVERYTHING)).n
    assert set(of_stream) <= set(loaded.known.streams)


async def test_the_same_reports_sent_to_the_door_are_repeats(store: Store, org: int) -> None:
    load(store, org, SETTINGS, SECRET)
    world = world_of(SETTINGS)
    wire = Wire(SETTINGS, world)
    told = next(happenings(SETTINGS, world))[:500]
    ingest = Ingest(store, now=lambda: Instant(told[-1].received), secret=SECRET)
    principal = Principal(organisation=org, kind=PrincipalKind.SERVICE, id=uuid4(), name="test",
                          scopes=frozenset({Scope.EVENTS_WRITE}), grant=EVERYTHING)  # fmt: skip

    answers = await ingest.accept(principal, [reported(wire.line(one)) for one in told])

    assert [type(answer) for answer in answers] == [Accepted] * len(told)
    assert all(answer.outcome.repeat for answer in answers)


def test_a_simulation_that_is_cut_short_is_not_taken_for_whole(store: Store, org: int) -> None:
    known = load(store, org, SETTINGS, SECRET).known
    long = replace(SETTINGS, events=1_000_000)

    with fed(long, known, SECRET) as batches:
        next(batches)
        (process,) = active_children()
        process.kill()

        with pytest.raises(Broken, match="ended early"):
            list(batches)


def reported(line: bytes) -> Report:
    """The report that the native API reads from a line."""
    sent = msgspec.json.decode(line)
    data = msgspec.json.decode(line, type=Sent).data
    method, reason = sent.get("method"), sent.get("reason")
    return Report(kind=sent["kind"], device=sent["device"], occurred=parse_instant(sent["occurred"], None, "occurred"),
                  method=method and Method(method), reason=reason and Reason(reason), person=sent.get("person"),
                  credential=sent.get("credential"), data=bytes(data), key=sent["key"])  # fmt: skip


class Sent(msgspec.Struct):
    data: msgspec.Raw
