"""`/v1/people`: made known, and looked up."""

from __future__ import annotations

from collections.abc import Sequence

from gatebook.dialects.native.resources.making import MADE, made_known
from gatebook.dialects.native.resources.schemas import Person, PersonWanted
from gatebook.domain.access import Scope
from gatebook.http import Request, Response
from gatebook.http.dialect import Body, Operation, Reply, principal
from gatebook.http.wire import json_reply, read_json
from gatebook.services import Services


def operations(services: Services) -> Sequence[Operation]:
    """People."""
    directory = services.directory

    async def add_person(request: Request) -> Response:
        wanted = await read_json(request, PersonWanted)
        made = await directory.add_person(principal(request), name=wanted.name, id=wanted.id, number=wanted.number)
        return made_known(request, Person(made.id, made.number, made.name), f"/v1/people/{made.id}")

    async def person(request: Request) -> Response:
        found = await directory.person(principal(request), request.path_params["ref"])
        return json_reply(Person(found.id, found.number, found.name))

    return (
        Operation(
            method="POST",
            path="/v1/people",
            handler=add_person,
            summary="Make a person known",
            body=Body(shape=PersonWanted, example='{"name":"Ada Example"}'),
            replies={201: Reply(shape=Person, headers=MADE)},
            scopes=(Scope.PEOPLE_MANAGE,),
            tags=("directory",),
        ),
        Operation(
            method="GET",
            path="/v1/people/{ref}",
            handler=person,
            summary="One person, by UUID or integer",
            replies={200: Reply(shape=Person)},
            scopes=(Scope.PEOPLE_READ,),
            tags=("directory",),
        ),
    )
