"""An organisation goes with everything of it, and only while nothing was ever reported to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatebook.domain.access import EVERYTHING, Grant, Principal, Visit
from gatebook.domain.errors import Conflict, Forbidden, NotFound, PreconditionFailed
from gatebook.domain.events import Draft, EventClass
from gatebook.domain.kinds import Kind
from gatebook.domain.places import DeviceKind
from gatebook.services.forms import NewOrganisation
from gatebook.services.names import new_id
from gatebook.store.sqlite.organisations import SQL
from tests.services.offices import START, Office


@pytest.fixture
def visitor(office: Office) -> Principal:
    return replace(office.root, visit=Visit(address="127.0.0.1"))


def founded(office: Office) -> int:
    form = NewOrganisation(name="North", zone="UTC", purpose_required=False)
    return office.run(office.entities.organisations.add(office.root, form)).organisation.number


def test_every_table_with_an_organisation_is_emptied(office: Office) -> None:
    tables = office.store.read_now(
        lambda connection: connection.execute(
            "SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c ON c.name = 'org' "
            "WHERE t.type = 'table'"
        ).fetchall()
    )

    assert {f"remove_{name}" for (name,) in tables} <= SQL.keys()
    assert len(tables) > 20


def test_a_child_without_a_log_goes_with_its_accounts_and_directory(office: Office, visitor: Principal) -> None:
    child = founded(office)
    office.store.write_now(lambda tx: tx.add_device(child, new_id(), DeviceKind.DOOR, "gate"))

    office.run(office.entities.organisations.remove(visitor, child))

    assert [one.number for one in office.run(office.entities.organisations.list(visitor))] == [office.org]
    left = {
        name: office.store.read_now(
            lambda connection, name=name: connection.execute(
                f"SELECT count(*) FROM {name} WHERE org = ?", (child,)
            ).fetchall()[0][0]
        )
        for name in (query.removeprefix("remove_") for query in SQL if query.startswith("remove_"))
        if name not in ("event_session_members", "alarm_session_members")
    }
    assert set(left.values()) == {0}, left
    assert founded(office) == child + 1


def test_one_with_a_log_stays(office: Office, visitor: Principal) -> None:
    child = founded(office)

    def report(tx):  # type: ignore[no-untyped-def]
        device = tx.add_device(child, new_id(), DeviceKind.DOOR, "gate")
        opened = tx.class_of(child, EventClass(Kind.DOOR_OPENED))
        tx.append(child, [Draft(stream=device.stream, event_class=opened, occurred=START, received=START)])

    office.store.write_now(report)

    with pytest.raises(Conflict, match="log"):
        office.run(office.entities.organisations.remove(visitor, child))


def test_a_parent_stays_and_nobody_removes_their_own_over_the_network(office: Office, visitor: Principal) -> None:
    founded(office)

    with pytest.raises(Forbidden):
        office.run(office.entities.organisations.remove(visitor, office.org))
    with pytest.raises(Conflict, match="parent"):
        office.run(office.entities.organisations.remove(office.root, office.org))


def test_a_narrow_grant_and_a_stale_revision_are_refused(office: Office, visitor: Principal) -> None:
    child = founded(office)

    with pytest.raises((Forbidden, NotFound)):
        office.run(office.entities.organisations.remove(replace(visitor, grant=Grant()), child))
    with pytest.raises(PreconditionFailed):
        office.run(office.entities.organisations.remove(visitor, child, expected=99))
    assert visitor.grant == EVERYTHING
