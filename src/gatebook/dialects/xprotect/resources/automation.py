"""`rules`, `alarmDefinitions` and `timeProfiles`: the requests that they answer; each has a module for its bodies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from gatebook.dialects.xprotect.errors import fault_of
from gatebook.dialects.xprotect.resources import alarm_definitions, configuration, rules, time_profiles
from gatebook.dialects.xprotect.resources.bodies import read_spelled
from gatebook.dialects.xprotect.resources.configuration import Array, Data, Done, Made, Query, id_in
from gatebook.dialects.xprotect.resources.listing import told_of
from gatebook.dialects.xprotect.resources.portrayed import found
from gatebook.dialects.xprotect.resources.resource import Resource
from gatebook.dialects.xprotect.resources.rule_shapes import AlarmDefinitionForm, RuleForm, TimeProfileForm
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput
from gatebook.http import Request, Response
from gatebook.http.dialect import Body, Handler, Operation, Reply, Shape
from gatebook.http.wire import decode_json, json_reply
from gatebook.services import Services
from gatebook.services.names import new_id
from gatebook.services.rule_forms import NewRule
from gatebook.services.rule_portrayals import Telling, need_for_hours

MANAGES: Final = (Scope.ALARMS_MANAGE,)
TellingOf = Callable[[Services, Principal, Mapping[str, object], UUID], Awaitable[Telling]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """One of the three."""

    resource: Resource
    form: type[Struct]
    """What may be said, for the documentation."""
    members: Mapping[str, str]
    """Names as they are told, by their lower-case names."""
    telling_of: TellingOf
    example: str

    @property
    def is_hours(self) -> bool:
        """Whether it holds hours, and no rules."""
        return self.resource is time_profiles.RESOURCE


COLLECTIONS: Final = (
    Collection(
        resource=rules.RESOURCE, form=RuleForm, members=rules.MEMBERS, telling_of=rules.telling_of,
        example='{"name":"Note motion","startRuleType":"Event","startEventType":"6eb95dd6-7ccc-4bce-99f8-af0d0b582d77",'
        '"startActions":"CreateLogEntry","start.CreateLogEntry.Text":"Something moved"}',
    ),
    Collection(
        resource=alarm_definitions.RESOURCE, form=AlarmDefinitionForm, members=alarm_definitions.MEMBERS,
        telling_of=alarm_definitions.telling_of,
        example='{"name":"Motion","eventType":"6eb95dd6-7ccc-4bce-99f8-af0d0b582d77",'
        '"priority":"8188ff24-b5da-4c19-9ebf-c1d8fc2caa75"}',
    ),
    Collection(
        resource=time_profiles.RESOURCE, form=TimeProfileForm, members=time_profiles.MEMBERS,
        telling_of=time_profiles.telling_of, example='{"name":"Office hours"}',
    ),
)  # fmt: skip


def operations(services: Services) -> Sequence[Operation]:
    """All requests of all three."""
    return [made for one in COLLECTIONS for made in (*_reading(services, one), *_writing(services, one))]


def _reading(services: Services, one: Collection) -> Sequence[Operation]:
    resource = one.resource

    async def listing(request: Request) -> Response:
        who, wanted = configuration.asked(request, resource)
        items = await resource.every(services, who, wanted.disabled)
        return await configuration.answer(services, who, resource, items, wanted)

    async def getting(request: Request) -> Response:
        who, wanted = configuration.asked(request, resource)
        item = await resource.one(services, who, id_in(request, "id"))
        return await configuration.single(services, who, resource, item, wanted)

    path = f"/api/rest/v1/{resource.name}"
    return [
        _reads(path, listing, f"List {resource.name}", one, Array[resource.shape]),  # type: ignore[name-defined]
        _reads(f"{path}/{{id}}", getting, f"Get one of {resource.name}", one, Data[resource.shape]),  # type: ignore[name-defined]
    ]


def _reads(path: str, handler: Handler, summary: str, one: Collection, shape: Shape) -> Operation:
    return Operation(
        method="GET", path=path, handler=handler, summary=summary, query=Query, replies={200: Reply(shape=shape)},
        scopes=MANAGES, tags=(one.resource.name,),
    )  # fmt: skip


def _writing(services: Services, one: Collection) -> Sequence[Operation]:
    resource = one.resource

    async def adding(request: Request) -> Response:
        who, _wanted = configuration.asked(request, resource)
        given = await read_spelled(request, dict[str, object], one.members)
        id_ = id_of(given) or new_id()
        if one.is_hours:
            need_for_hours(who)
        try:
            made = await services.portrayals.add(who, await read(services, who, one, given, id_), id_)
        except rules.Incomplete as fault:
            told = {"error": msgspec.to_builtins(fault_of(request, fault)), "params": fault.params}
            return json_reply(told, 400)
        item = told_of(await resource.one(services, who, made.portrayal.id))
        path = {"type": resource.single, "id": item["id"]}
        return json_reply({"result": {**item, "state": "Success", "path": path}}, 201)

    async def changing(request: Request) -> Response:
        who, wanted = configuration.asked(request, resource)
        before = await found(services, who, resource.name, id_in(request, "id"))
        given = await read_spelled(request, dict[str, object], one.members)
        whole = {**told_of(await resource.one(services, who, before.portrayal.id)), **given}
        telling = await read(services, who, one, whole, before.portrayal.id)
        if one.is_hours:
            hours = time_profiles.hours_of(telling)
            await services.portrayals.change_hours(who, before, telling, hours)
        else:
            await services.portrayals.change(who, before, telling)
        item = await resource.one(services, who, before.portrayal.id)
        return await configuration.single(services, who, resource, item, wanted)

    async def removing(request: Request) -> Response:
        who, _wanted = configuration.asked(request, resource)
        kept = await found(services, who, resource.name, id_in(request, "id"))
        if one.is_hours:
            need_for_hours(who)
        await services.portrayals.remove(who, resource.name, kept.portrayal.id)
        return json_reply(Done())

    path, tags = f"/api/rest/v1/{resource.name}", (resource.name,)
    body, data = Body(shape=one.form, example=one.example), Data[resource.shape]  # type: ignore[name-defined]
    made = Made[resource.shape]  # type: ignore[name-defined]
    return [
        Operation(method="POST", path=path, handler=adding, summary=f"Make one of {resource.name}", body=body,
                  replies={201: Reply(shape=made)}, scopes=MANAGES, tags=tags),
        *(
            Operation(method=method, path=f"{path}/{{id}}", handler=changing,
                      summary=f"Change one of {resource.name}", description="What is not given stays as it is.",
                      body=body, replies={200: Reply(shape=data)}, scopes=MANAGES, tags=tags)
            for method in ("PUT", "PATCH")
        ),
        Operation(method="DELETE", path=f"{path}/{{id}}", handler=removing, summary=f"Remove one of {resource.name}",
                  replies={200: Reply(shape=Done)}, scopes=MANAGES, tags=tags),
    ]  # fmt: skip


async def read(services: Services, who: Principal, one: Collection, given: Mapping[str, object], id: UUID) -> Telling:
    """What the body says, with its rules as they would be sent natively; BadInput for what no rule may hold."""
    telling = await one.telling_of(services, who, given, id)
    for rule in telling.rules:
        decode_json(msgspec.json.encode(rule), NewRule)
    return telling


def id_of(given: Mapping[str, object]) -> UUID | None:
    """The id that the client chose; None where it left that to us."""
    text = given.get("id")
    if not text:
        return None
    try:
        return UUID(str(text))
    except ValueError as error:
        raise BadInput("id", f"got {str(text)[:60]!r}", "give a GUID, or leave it out") from error
