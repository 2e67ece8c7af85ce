"""The configuration: every collection that we speak, and the requests that it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Final, Generic, TypeVar
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from gatebook.dialects.xprotect.resources import (
    analytics_events,
    cameras,
    event_types,
    groups,
    hardware,
    recorders,
    sites,
    state_groups,
    user_defined,
)
from gatebook.dialects.xprotect.resources.bodies import read_spelled
from gatebook.dialects.xprotect.resources.listing import LARGEST, PAGE_LIMIT, Wanted, read_wanted, told_of
from gatebook.dialects.xprotect.resources.resource import Body, Making, Resource, absent
from gatebook.dialects.xprotect.resources.wrapping import embedded, wrapped
from gatebook.dialects.xprotect.words.members import names_of
from gatebook.dialects.xprotect.words.shapes import Item
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput, NotFound
from gatebook.http import Request, Response
from gatebook.http import dialect as parts
from gatebook.http.dialect import Handler, Operation, Reply, Shape, principal
from gatebook.http.wire import json_reply
from gatebook.services import Services
from gatebook.services.devices import READERS
from gatebook.services.rooms import need

ROOT: Final = "/api/rest/v1"
MEMBERS: Final = names_of(Body)
MANAGES: Final = (Scope.DEVICES_MANAGE,)
RESOURCES: Final[tuple[Resource, ...]] = tuple(
    module.RESOURCE
    for module in (
        sites, recorders, hardware, cameras, event_types, groups, state_groups, user_defined, analytics_events,
    )
)  # fmt: skip
T = TypeVar("T")
"""An object of a collection: see `shapes`."""
NAMES: Final = {one.name.lower(): one for one in RESOURCES}
ELSEWHERE: Final = {
    "outputs": "Output", "microphones": "Microphone", "speakers": "Speaker", "metadata": "Metadata",
    "inputevents": "InputEvent",
}  # fmt: skip
"""Collections of the vendor's that stand below hardware alone.  Source: Configuration API OpenAPI 2025 R2."""
HOLD_NOTHING: Final = {"cameras": frozenset({"ptzpresets"}), "hardware": frozenset(ELSEWHERE)}
"""Collections of the vendor's below objects that we have none of: no camera here is turned, no hardware has others.
Source: mipsdk-samples-protocol, RestfulCommunicationPython, which asks for the tasks of presets; Configuration API
OpenAPI 2025 R2, hardware."""
BESIDE_NOTHING: Final = frozenset({"noData", "tasks"})
"""What can be told beside the members of those."""


class OneQuery(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is told of one object."""

    include_children: str | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET
    resources: bool | UnsetType = UNSET
    tasks: bool | UnsetType = UNSET
    no_data: bool | UnsetType = UNSET
    definitions: bool | UnsetType = UNSET


class Query(OneQuery, frozen=True, kw_only=True, rename="camel"):
    """Beside filters on every displayed property, such as `name=contains:'door'`; without `page` and `size` the answer
    is whole."""

    page: Annotated[int, Meta(ge=0, le=PAGE_LIMIT)] | UnsetType = UNSET
    size: Annotated[int, Meta(ge=1, le=LARGEST)] | UnsetType = UNSET


class Array(Struct, Generic[T], frozen=True, kw_only=True):
    """A collection."""

    array: list[T] | UnsetType = UNSET


class Data(Struct, Generic[T], frozen=True, kw_only=True):
    """One object."""

    data: T | UnsetType = UNSET


class Made(Struct, Generic[T], frozen=True, kw_only=True):
    """What was made, with its `state` and `path`."""

    result: T


class Done(Struct, frozen=True, kw_only=True):
    """What was asked has been done."""

    state: str = "Success"


def _of(wrapper: Shape, shape: type[Item]) -> Shape:
    """The wrapper around objects of this shape."""
    return wrapper[shape]


def operations(services: Services) -> Sequence[Operation]:
    """All requests of all collections."""
    return [
        made
        for one in RESOURCES
        for made in (*_reading(services, one), *(() if one.making is None else _writing(services, one, one.making)))
    ]


def _reading(services: Services, one: Resource) -> Sequence[Operation]:
    async def listing(request: Request) -> Response:
        who, wanted = asked(request, one)
        return await answer(services, who, one, await one.every(services, who, wanted.disabled), wanted)

    async def getting(request: Request) -> Response:
        who, wanted = asked(request, one)
        return await single(services, who, one, await one.one(services, who, id_in(request, "id")), wanted)

    path = f"{ROOT}/{one.name}"
    return [
        _reads(path, listing, f"List {one.name}", one, _of(Array, one.shape)),
        _reads(f"{path}/{{id}}", getting, f"Get one of {one.name}", one, _of(Data, one.shape), OneQuery),
        *(each for name in one.children for each in _below(services, one, name)),
        *_below(services, one, None),
    ]


def _below(services: Services, one: Resource, name: str | None) -> Sequence[Operation]:
    """What stands below an object of the collection, by its name; None: under any other name, to be refused."""

    async def children(request: Request) -> Response:
        child, who, wanted, found = await _found_below(services, request, one, name)
        return await answer(services, who, child, found, wanted)

    async def child(request: Request) -> Response:
        below, who, wanted, found = await _found_below(services, request, one, name)
        id = str(id_in(request, "inner"))
        item = next((item for item in found if item.relations.self_.id == id), None)
        if item is None:
            raise absent()
        return await single(services, who, below, item, wanted)

    path = f"{ROOT}/{one.name}/{{id}}/{name or '{child}'}"
    told, shape = name or "what is not there", (NAMES[name.lower()] if name else one).shape
    return [
        _reads(path, children, f"List {told} below one of {one.name}", one, _of(Array, shape)),
        _reads(
            f"{path}/{{inner}}", child, f"Get one of {told} below one of {one.name}", one, _of(Data, shape), OneQuery
        ),
    ]


def _reads(
    path: str, handler: Handler, summary: str, one: Resource, shape: Shape, query: type[Struct] = Query
) -> Operation:
    return Operation(
        method="GET", path=path, handler=handler, summary=summary, query=query, replies={200: Reply(shape=shape)},
        tags=(one.name,),
    )  # fmt: skip


def _writing(services: Services, one: Resource, making: Making) -> Sequence[Operation]:
    async def adding(request: Request) -> Response:
        who, _wanted = asked(request, one)
        made = told_of(await making.add(services, who, await read_spelled(request, Body, MEMBERS)))
        path = {"type": one.single, "id": made["id"]}
        return json_reply({"result": {**made, "state": "Success", "path": path}}, 201)

    async def changing(request: Request) -> Response:
        who, wanted = asked(request, one)
        body = await read_spelled(request, Body, MEMBERS)
        return await single(services, who, one, await making.change(services, who, id_in(request, "id"), body), wanted)

    async def removing(request: Request) -> Response:
        who, _wanted = asked(request, one)
        await making.remove(services, who, id_in(request, "id"))
        return json_reply(Done())

    path, tags, data = f"{ROOT}/{one.name}", (one.name,), _of(Data, one.shape)
    body = parts.Body(shape=Body, example='{"name":"Fire drill"}')
    return [
        Operation(method="POST", path=path, handler=adding, summary=f"Make one of {one.name}", body=body,
                  replies={201: Reply(shape=_of(Made, one.shape))}, scopes=MANAGES, tags=tags),
        *(
            Operation(method=method, path=f"{path}/{{id}}", handler=changing, summary=f"Change one of {one.name}",
                      description="What is not given stays as it is.", body=body, replies={200: Reply(shape=data)},
                      scopes=MANAGES, tags=tags)
            for method in ("PUT", "PATCH")
        ),
        Operation(method="DELETE", path=f"{path}/{{id}}", handler=removing, summary=f"Remove one of {one.name}",
                  replies={200: Reply(shape=Done)}, scopes=MANAGES, tags=tags),
    ]  # fmt: skip


async def _found_below(
    services: Services, request: Request, one: Resource, known: str | None
) -> tuple[Resource, Principal, Wanted, Sequence[Item]]:
    """The collection that the path names below an object, and what of it belongs there."""
    name, id = known or str(request.path_params["child"]), id_in(request, "id")
    lowered = name.lower()
    if lowered in HOLD_NOTHING.get(one.name, ()):
        who, wanted = asked(request, one)
        await one.one(services, who, id)
        return one, who, replace(wanted, flags=wanted.flags & BESIDE_NOTHING), ()
    if lowered not in NAMES and lowered not in ELSEWHERE:
        need(principal(request), *READERS)
        raise NotFound(f"Unknown resource: {name[:100]}")
    child = NAMES.get(lowered)
    who, wanted = asked(request, child or one)
    await one.one(services, who, id)
    parent_of = one.children.get(known or "")
    if child is None or parent_of is None:
        folder = ELSEWHERE[lowered] if child is None else child.single[:1].upper() + child.single[1:]
        raise BadInput("", f"Invalid parent. {one.name}/{id}/{folder}Folder", "")
    every = await child.every(services, who, wanted.disabled)
    return child, who, wanted, [item for item in every if parent_of(item) == str(id)]


def asked(request: Request, one: Resource) -> tuple[Principal, Wanted]:
    """Who asks, and what; Forbidden for who may not know of devices, BadInput for tasks, of which there are none."""
    who = principal(request)
    need(who, *READERS)
    wanted = read_wanted(request, one.shape)
    if wanted.task is not None:
        raise BadInput("task", "Bad request: Unknown request", "")
    return who, wanted


def id_in(request: Request, name: str) -> UUID:
    """The id in the path; NotFound for what is none."""
    try:
        return UUID(str(request.path_params[name]))
    except ValueError as error:
        raise absent() from error


async def answer(services: Services, who: Principal, one: Resource, items: Sequence[Item], wanted: Wanted) -> Response:
    """A collection: filtered, and of that one page; what is embedded is fetched for the page alone."""
    page = [items[at] for at in wanted.picked(items)]
    found = await embedded(services, who, one, page, wanted, NAMES)
    return json_reply(wrapped(one, "array", found, wanted, NAMES))


async def single(services: Services, who: Principal, one: Resource, item: Item, wanted: Wanted) -> Response:
    """One object."""
    found = await embedded(services, who, one, [item], wanted, NAMES)
    return json_reply(wrapped(one, "data", found[0], wanted, NAMES))
