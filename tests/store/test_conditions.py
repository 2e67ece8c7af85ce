"""A filter asked of SQLite and the same filter asked in memory choose the same events, whatever both are asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatebook.domain.admits import Place, admits
from gatebook.domain.events import Event
from gatebook.domain.filters import PLACE_FIELDS, During, Field, Not, all_of, one_of
from gatebook.domain.kinds import NAMESPACE, Kind
from gatebook.domain.parts import normalise
from gatebook.domain.times import Instant
from gatebook.store.contract import Chosen
from gatebook.store.sqlite.conditions import classes_of, streams_of
from tests.store.sampled import Log, conditions, drafts, filters, open_log, rolled_back

exhaustive = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    opened = open_log(tmp_path_factory.mktemp("store") / "log.db")
    yield opened
    opened.connection.close()


@pytest.mark.parametrize("field", list(Field))
@settings(exhaustive)
@given(given_=st.data())
def test_each_comparison_means_in_sql_what_it_means_in_memory(log: Log, field: Field, given_: st.DataObject) -> None:
    with rolled_back(log):
        events = log.store(given_.draw(st.lists(drafts(log), min_size=1, max_size=6)))
        wanted = given_.draw(conditions(log, events, [field]))

        found = log.found(wanted)

        assert found == log.expected(wanted, events)
        assert log.found(Not(wanted)) == log.expected(Not(wanted), events)


@settings(exhaustive, max_examples=200)
@given(given_=st.data())
def test_any_filter_chooses_the_same_events(log: Log, given_: st.DataObject) -> None:
    with rolled_back(log):
        events = log.store(given_.draw(st.lists(drafts(log), min_size=1, max_size=8)))
        wanted = given_.draw(filters(log, events, list(Field)))

        found = log.found(wanted)

        assert found == log.expected(wanted, events)


@settings(exhaustive, max_examples=200)
@given(given_=st.data())
def test_the_parts_of_a_filter_choose_together_what_it_chooses(log: Log, given_: st.DataObject) -> None:
    with rolled_back(log):
        events = log.store(given_.draw(st.lists(drafts(log), min_size=1, max_size=8)))
        wanted = given_.draw(filters(log, events, list(Field)))

        parts = normalise(wanted)
        rest = all_of(During(Field.OCCURRED, parts.occurred), During(Field.RECEIVED, parts.received),
                      *parts.keys, *parts.indexed, *parts.rest)  # fmt: skip
        classes, streams = classes_of(parts.classes, log.directory), streams_of(parts.places, log.directory)
        number_of = {found: number for number, found in log.directory.classes.items()}
        inside = {e.seq for e in events if classes.holds(number_of[e.event_class]) and streams.holds(e.stream)}
        found = set() if parts.impossible else log.found(rest) & inside

        assert found == log.expected(wanted, events)


@settings(exhaustive)
@given(given_=st.data())
def test_streams_without_a_device_are_judged_as_nowhere(log: Log, given_: st.DataObject) -> None:
    wanted = given_.draw(filters(log, [], sorted(PLACE_FIELDS)))

    chosen = streams_of((wanted,), log.directory)

    for stream in range(1, log.directory.last_stream + 1):
        place = log.directory.places.get(stream, Place(stream=stream))
        assert chosen.holds(stream) == admits(wanted, _somewhere(stream), place)


def _somewhere(stream: int) -> Event:
    return Event(
        seq=1, id=NAMESPACE, stream=stream, version=1, kind=Kind.DOOR_OPENED, method=None, reason=None, type=None,
        listed=True, occurred=Instant(0), received=Instant(0), reported=None, person=None, person_name=None,
        credential=None, tag=None, message=None, data=None, cause=None,
    )  # fmt: skip


def test_no_condition_chooses_all_and_an_unknown_device_none(log: Log) -> None:
    unknown = one_of(Field.DEVICE, [NAMESPACE])

    assert classes_of((), log.directory) == streams_of((), log.directory) == Chosen()
    assert streams_of((unknown,), log.directory).is_none
    assert streams_of((Not(unknown),), log.directory).is_all
