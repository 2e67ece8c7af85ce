"""`/api/3/people`: whom events name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import UNSET

from gatebook.dialects.doorflow import schemas
from gatebook.dialects.doorflow.resources.paging import HEADERS, Slice, flag, number_in, paged, slice_of
from gatebook.dialects.doorflow.schemas import KeyQuery, PeopleQuery
from gatebook.dialects.doorflow.tokens import PERSON_SCOPES, need_scope
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import NotFound
from gatebook.domain.gates import Contact
from gatebook.domain.places import Person
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation, Reply, principal
from gatebook.http.wire import json_reply, read_query
from gatebook.services import Services

BATCH: Final = 1_000


def operations(services: Services) -> Sequence[Operation]:
    """The list, and one person, by both of the names that the path has had."""

    async def people(request: Request) -> Response:
        query = read_query(request, PeopleQuery, unknown="ignore")
        need_scope(request, PERSON_SCOPES)
        wanted = slice_of(query.page, query.per_page, default=50, most=100)
        who = principal(request)
        if said := said_of(query):
            await services.audit.looked_up(who, said, vendor=True)
        found = await people_of(services, who)
        if query.system_id is not UNSET:
            found = [one for one in found if str(one.id) == query.system_id.lower()]
        part = "" if query.email is UNSET else query.email.strip().casefold()
        reached = await services.gates.contacts(who, [one.number for one in found]) if part else {}
        if part:
            found = [one for one in found if part in email_of(reached.get(one.number)).casefold()]
        if flag("skip_pagination", query.skip_pagination):
            wanted = Slice(1, max(1, len(found)))
        page = found[wanted.offset : wanted.offset + wanted.size]
        reached = reached or await services.gates.contacts(who, [one.number for one in page])
        return paged(found, wanted, lambda one: person_of(one, reached.get(one.number)))

    async def person(request: Request) -> Response:
        read_query(request, KeyQuery, unknown="ignore")
        need_scope(request, PERSON_SCOPES)
        number = number_in(request)
        if number is None:
            raise NotFound("no such person")
        who = principal(request)
        found = await services.entities.people.get(who, number)
        reached = await services.gates.contacts(who, [found.number])
        return json_reply(person_of(found, reached.get(found.number)))

    listing = Operation(
        method="GET", path="/api/3/people", handler=people, summary="List people", query=PeopleQuery,
        replies={200: Reply(shape=list[schemas.Person], headers=HEADERS)}, scopes=(Scope.PEOPLE_READ,),
        tags=("People",), example="/api/3/people?per_page=100",
    )  # fmt: skip
    return (
        listing,
        *(
            Operation(
                method="GET", path=path, handler=person, summary="Retrieve a person", query=KeyQuery,
                replies={200: Reply(shape=schemas.Person)}, scopes=(Scope.PEOPLE_READ,), tags=("People",),
            )
            for path in ("/api/3/people/{id}", "/api/3/person/{id}")
        ),
    )  # fmt: skip


def said_of(query: PeopleQuery) -> str:
    """Whom the query looks for, as the record tells it; empty where it is for everybody."""
    named = {"system_id=equals": query.system_id, "email=contains": query.email}
    return " ".join(f"{field}:{text}" for field, text in named.items() if text is not UNSET and text.strip())


async def people_of(services: Services, who: Principal) -> list[Person]:
    """Everybody who is not removed, by id."""
    found: list[Person] = []
    batch = await services.entities.people.list(who, limit=BATCH)
    while batch:
        found += batch
        batch = (
            await services.entities.people.list(who, after=batch[-1].number, limit=BATCH) if batch[BATCH - 1 :] else []
        )
    return found


def email_of(contact: Contact | None) -> str:
    """The address; empty where there is none."""
    return "" if contact is None or contact.email is None else contact.email


def person_of(person: Person, contact: Contact | None) -> schemas.Person:
    """A person as clients read it: the last word of a name is the last name."""
    first, _space, last = person.name.rpartition(" ")
    return schemas.Person(
        id=person.number,
        first_name=first or last,
        last_name=last if first else "",
        email=email_of(contact) or None,
        telephone=None if contact is None else contact.phone,
        system_id=str(person.id),
        enabled=not person.removed,
    )
