"""Beyond the credential: when it was last used, and what a parent may read of a child."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gatebook.domain.access import EVERYTHING, Grant, Principal, Scope, reading
from gatebook.domain.errors import GatebookError, NotFound
from gatebook.services.forms import (
    NewKey,
    NewOrganisation,
)
from gatebook.services.passwords import Passwords
from tests.services.offices import Office

READS = frozenset({Scope.EVENTS_READ})
PASSWORD = "correct horse battery"


def test_a_use_costs_no_commit_and_is_written_once_for_many(office: Office) -> None:
    made = office.run(office.entities.keys.add(office.root, NewKey(name="K", scopes=READS)))
    office.run(office.access.uses.write())
    commits, revision = office.store.writer.measures.commits, office.store.pulse.access_revision()

    for _ in range(50):
        office.clock.pass_days(1)
        office.run(office.access.principal_of_key(made.secret))
    unwritten = office.run(office.entities.keys.get(office.root, made.account.id)).last_used
    assert office.store.writer.measures.commits == commits
    office.run(office.access.uses.write())
    office.run(office.access.uses.write())

    kept = office.run(office.entities.keys.get(office.root, made.account.id))
    assert (unwritten, kept.last_used, kept.revision) == (None, office.clock(), 1)
    assert office.store.writer.measures.commits == commits + 1
    assert office.store.pulse.access_revision() == revision


def test_the_last_uses_are_written_when_the_server_stops(office: Office) -> None:
    made = office.run(office.entities.keys.add(office.root, NewKey(name="K", scopes=READS)))

    async def serve_and_stop() -> None:
        writing = asyncio.create_task(office.access.uses.run())
        await asyncio.sleep(0)  # so that it has begun
        await office.access.principal_of_key(made.secret)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)

    office.run(serve_and_stop())

    assert office.run(office.entities.keys.get(office.root, made.account.id)).last_used == office.clock()


def test_a_parents_principals_read_a_child_and_change_nothing(office: Office) -> None:
    founded = office.run(office.entities.organisations.add(office.root, NewOrganisation(name="Child", zone="UTC")))
    child = founded.organisation

    reader = office.run(office.access.reading(office.root, child.number))

    assert (reader.organisation, reader.grant, reader.id) == (child.number, EVERYTHING, office.root.id)
    assert not any(reader.may(scope) for scope in Scope if not scope.endswith(":read"))
    assert office.run(office.access.reading(office.root, None)) is office.root
    assert office.run(office.access.reading(office.root, office.org)) == office.root


def test_nobody_else_reads_a_child(office: Office) -> None:
    founded = office.run(office.entities.organisations.add(office.root, NewOrganisation(name="Child", zone="UTC")))
    child = founded.organisation
    own = office.run(office.access.principal_of_key(founded.key))
    narrow = replace(office.root, grant=Grant(devices=frozenset({1})))
    grandchild = office.run(office.entities.organisations.add(own, NewOrganisation(name="Below", zone="UTC")))

    cases: list[tuple[Principal, int]] = [
        (narrow, child.number),
        (own, office.org),
        (office.root, grandchild.organisation.number),
        (office.root, 99),
    ]

    for principal, number in cases:
        with pytest.raises(NotFound, match=r"^no such organisation$"):
            office.run(office.access.reading(principal, number))


def test_reading_gives_no_more_than_is_held(office: Office) -> None:
    founded = office.run(office.entities.organisations.add(office.root, NewOrganisation(name="Child", zone="UTC")))
    principal = office.principal(Scope.EVENTS_READ, Scope.EVENTS_WRITE)

    reader = reading(principal, founded.organisation)

    assert reader
    assert reader.scopes == {Scope.EVENTS_READ}


def test_the_queue_for_passwords_is_bounded(office: Office) -> None:
    passwords = Passwords(passes=1, memory_kib=64, at_once=1)
    passwords._limit = 0

    with pytest.raises(GatebookError, match="too many are signing in"):
        office.run(passwords.check("x", None))
