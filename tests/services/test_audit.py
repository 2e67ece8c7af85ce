"""The record of who looked: written before the answer, demanded where it is demanded, folded where it is the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from gatebook.domain.access import EVERYTHING, Principal, PrincipalKind, Scope, Visit
from gatebook.domain.errors import BadInput, Forbidden
from gatebook.domain.filters import EVERY, Condition, Field, Filter, Not, Operator, all_of
from gatebook.domain.kinds import Kind
from gatebook.domain.times import MINUTE_NS, SECOND_NS, Instant
from gatebook.services.audit import Audit
from gatebook.services.directory import found_organisation
from gatebook.services.history import History
from gatebook.services.records import Record
from gatebook.store import Store, open_store

NOON = Instant(1_790_000_040 * SECOND_NS)
BY_PERSON = Condition(Field.PERSON, Operator.EQUALS, (17,))
SEARCHES: dict[str, Filter] = {
    "a person": BY_PERSON,
    "a name": Condition(Field.PERSON_NAME, Operator.CONTAINS, ("Joe",)),
    "a credential": Condition(Field.CREDENTIAL, Operator.ONE_OF, ("1", "2")),
    "a plate": Condition(Field.PLATE, Operator.LIKE, ("B?12*",)),
    "nobody but one": Not(BY_PERSON),
    "a person among other things": all_of(Condition(Field.KIND, Operator.EQUALS, ("access.denied",)), BY_PERSON),
}


@dataclass
class House:
    """A store with one organisation, a clock set by hand, and the record of it."""

    store: Store
    now: Instant = NOON

    def __post_init__(self) -> None:
        self.audit = Audit(self.store, now=lambda: self.now)
        self.history = History(self.store, self.audit)
        self.officer = Principal(
            organisation=1,
            kind=PrincipalKind.USER,
            id=uuid4(),
            name="Officer",
            scopes=frozenset({Scope.ADMIN}),
            grant=EVERYTHING,
            visit=Visit(address="192.0.2.7", agent="curl/8", dialect="native", route="GET /v1/events"),
        )

    async def records(self) -> list[tuple[Kind, Record]]:
        page = await self.history.page(self.officer, descending=False, limit=1000)
        found = [event for event in page.events if event.kind.is_record]
        return [(event.kind, msgspec.json.decode(event.data or b"", type=Record)) for event in found]

    async def demand_a_purpose(self) -> None:
        await self.store.write(
            lambda tx: tx.connection.execute("UPDATE organisations SET purpose_required = 1 WHERE org = 1")
        )


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    store = open_store(str(tmp_path / "gatebook.db"))
    await store.write(lambda tx: found_organisation(tx, "Acme", "Europe/London"))
    yield House(store)
    await store.aclose()


@pytest.mark.parametrize("wanted", SEARCHES.values(), ids=list(SEARCHES))
async def test_a_search_for_somebody_is_on_record_with_who_and_from_where(house: House, wanted: Filter) -> None:
    await house.history.page(house.officer, wanted)

    [(kind, record)] = await house.records()

    assert kind is Kind.RECORD_SEARCHED
    assert (record.actor, record.name) == (f"user/{house.officer.id}", "Officer")
    assert (record.address, record.agent, record.route) == ("192.0.2.7", "curl/8", "GET /v1/events")
    assert str(getattr(wanted, "field", "person")) in record.filter


async def test_a_search_for_nobody_leaves_no_record(house: House) -> None:
    await house.history.page(house.officer, EVERY)
    await house.history.page(house.officer, Condition(Field.KIND, Operator.EQUALS, ("door.forced",)))

    assert await house.records() == []


async def test_counting_somebodys_events_is_a_search_too(house: House) -> None:
    await house.history.total(house.officer, BY_PERSON)

    assert [kind for kind, _ in await house.records()] == [Kind.RECORD_SEARCHED]


async def test_the_record_is_on_disk_before_the_answer_leaves(house: House) -> None:
    before = house.store.writer.measures.commits

    await house.history.page(house.officer, BY_PERSON)

    assert house.store.writer.measures.commits == before + 1


async def test_where_the_record_cannot_be_written_there_is_no_answer(house: House) -> None:
    house.store.writer.close()

    with pytest.raises(Exception, match="stopping"):
        await house.history.page(house.officer, BY_PERSON)


async def test_without_a_purpose_where_one_is_demanded_nothing_is_searched(house: House) -> None:
    await house.demand_a_purpose()

    with pytest.raises(BadInput, match="X-Purpose"):
        await house.history.page(house.officer, BY_PERSON)
    with pytest.raises(Forbidden):
        await house.history.page(house.officer, BY_PERSON, vendor=True)
    assert await house.records() == []


async def test_a_purpose_said_or_fixed_is_on_record(house: House) -> None:
    await house.demand_a_purpose()
    assert house.officer.visit is not None
    said = replace(house.officer, visit=replace(house.officer.visit, purpose="case 12"))
    fixed = replace(house.officer, purpose="visitor desk")

    await house.history.page(said, BY_PERSON)
    await house.history.page(fixed, BY_PERSON, vendor=True)

    assert [record.purpose for _, record in await house.records()] == ["case 12", "visitor desk"]


async def test_no_vendors_page_and_nobody_without_the_right_sees_a_record(house: House) -> None:
    await house.history.page(house.officer, BY_PERSON)
    reader = replace(house.officer, scopes=frozenset({Scope.EVENTS_READ}))

    for page in (
        await house.history.page(reader),
        await house.history.page(house.officer, vendor=True),
    ):
        assert page.events == []
        assert page.total is not None
        assert page.total.n == 0


async def test_refusals_of_one_minute_are_one_record_with_a_count(house: House) -> None:
    for _ in range(5):
        house.audit.refused(house.officer, "192.0.2.7", "GET /v1/audit", 403)
    house.audit.refused(house.officer, "192.0.2.8", "GET /v1/audit", 403)

    await house.audit.flush()
    assert await house.records() == []
    house.now = Instant(NOON + MINUTE_NS)
    await house.audit.flush()

    found = {(record.address, record.count) for kind, record in await house.records() if kind is Kind.RECORD_REFUSED}
    assert found == {("192.0.2.7", 5), ("192.0.2.8", 1)}


async def test_refusals_of_nobody_known_belong_to_the_installation(house: House) -> None:
    for _ in range(3):
        house.audit.refused(None, "192.0.2.9", "POST /idp/connect/token", 401)

    await house.audit.flush(everything=True)

    assert await house.records() == []
    [row] = await house.store.read(house.store.record.refusals, 10)
    assert (row.address, row.route, row.status, row.n) == ("192.0.2.9", "POST /idp/connect/token", 401, 3)


async def test_a_flood_of_different_refusals_is_counted_in_bounded_memory(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gatebook.services.audit.FOLDED_LIMIT", 10)
    for number in range(50):
        house.audit.refused(None, f"192.0.2.{number}", "GET /x", 401)

    await house.audit.flush(everything=True)

    rows = await house.store.read(house.store.record.refusals, 100)
    assert len(rows) == 11
    assert sum(row.n for row in rows) == 50
