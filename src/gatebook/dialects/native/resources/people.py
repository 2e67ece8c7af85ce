"""`/v1/people`: made known, listed, looked up, changed, and removed without a word of history being lost."""

from __future__ import annotations

from collections.abc import Sequence

from gatebook.dialects.native.resources import shown, wanted
from gatebook.dialects.native.resources.entities import Resource
from gatebook.domain.access import Principal, Scope
from gatebook.domain.places import Person
from gatebook.http.dialect import Operation
from gatebook.services import Services
from gatebook.services.forms import NewPerson, PersonChange

GONE = "Credentials go with the person; history stays, and the person can still be had by UUID."


def operations(services: Services) -> Sequence[Operation]:
    """People."""
    room = services.entities.people
    people: Resource[Person] = Resource(
        services=services, room=room, path="/v1/people", tag="people", shape=shown.Person, page=shown.People,
        shown=people_of, one="a person, by UUID or integer", manages=(Scope.PEOPLE_MANAGE,),
    )  # fmt: skip

    async def add(who: Principal, form: NewPerson) -> tuple[Person, None]:
        return await room.add(who, form), None

    return (
        people.adding(wanted.PersonWanted, NewPerson, add, example='{"name":"Ada Example"}'),
        people.listing(),
        people.getting(),
        people.changing(wanted.PersonChanged, PersonChange, example='{"name":"Ada Sample"}'),
        people.removing(GONE),
    )


async def people_of(_who: Principal, found: Sequence[Person]) -> list[shown.Person]:
    """People on the wire."""
    return [shown.Person(id=one.id, number=one.number, name=one.name, removed=one.removed) for one in found]
