"""`/alarms` and what stands around them: listed, raised, worked, and everything that was done with each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from msgspec import UNSET

from gatebook.dialects.xprotect.resources import alarm_shapes as shapes
from gatebook.dialects.xprotect.resources.alarm_asking import Asked, read_asked
from gatebook.dialects.xprotect.resources.alarm_telling import Teller, act_of, picked, place_of, step_of, teller_of
from gatebook.dialects.xprotect.schemas import EventQuery
from gatebook.domain.access import Principal, Scope
from gatebook.domain.alarms import Priority
from gatebook.domain.errors import BadInput, NotFound
from gatebook.http import Request, Response
from gatebook.http.dialect import Body, Handler, Operation, Reply, Shape, principal
from gatebook.http.paging import same_path
from gatebook.http.wire import json_reply, read_json
from gatebook.services import Services
from gatebook.services.alarms import READS, AlarmsAsked
from gatebook.services.rooms import need

ROOT: Final = "/api/rest/v1"
PATH: Final = f"{ROOT}/alarms"
BATCH: Final = 1_000
MANAGES: Final = (Scope.ALARMS_MANAGE,)
READERS: Final = f"Needs one of the scopes {', '.join(READS)}."


def operations(services: Services) -> Sequence[Operation]:
    """Alarms, and the words they are told in."""

    async def listed(request: Request) -> Response:
        who, asked = principal(request), read_asked(request)
        number, size, teller = asked.page, asked.size, await teller_of(services, who)
        found = await page_of(teller, asked, number * size, size + 1)
        spelled = asked.spelled_page
        links = shapes.Links(
            prev=same_path(request, **{spelled: number - 1}) if number else UNSET,
            next=same_path(request, **{spelled: number + 1}) if len(found) > size else UNSET,
        )
        return json_reply(shapes.Alarms(links=links, array=found[:size]))

    async def one(request: Request) -> Response:
        asked = read_asked(request)
        return await answered(services, principal(request), id_of(request), data=asked.with_data)

    async def raised(request: Request) -> Response:
        who, wanted = principal(request), await read_json(request, shapes.NewAlarm, any_media=True)
        priority = picked("priority", wanted.priority, shapes.PRIORITIES) or Priority.MEDIUM
        made = await services.alarms.raise_(
            who, name=wanted.name, device=await place_of(services, who, wanted.source), message=wanted.message,
            priority=priority,
        )  # fmt: skip
        return await answered(services, who, made.id, 202)

    async def changed(request: Request) -> Response:
        who, wanted = principal(request), await read_json(request, shapes.AlarmPatch, any_media=True)
        before = await services.alarms.get(who, id_of(request))
        act = await act_of(services, who, before, wanted)
        try:
            done = await services.alarms.act(who, before.alarm.id, act)
        except BadInput as fault:
            if fault.field != "reason":
                raise
            raise BadInput("reasonForClosing", fault.fault, "give it with the state Closed") from fault
        return await answered(services, who, done.id, 202)

    async def history(request: Request) -> Response:
        _, steps = await services.alarms.steps(principal(request), id_of(request))
        return json_reply(shapes.Steps(array=[step_of(step) for step in steps]))

    return (
        _reads(PATH, listed, "List alarms, the oldest first", shapes.Alarms),
        Operation(
            method="POST", path=PATH, handler=raised, summary="Raise an alarm", scopes=MANAGES, tags=("alarms",),
            body=Body(shape=shapes.NewAlarm, example='{"name":"Water in the basement","message":"30 cm"}'),
            replies={202: Reply(shape=shapes.AlarmData)},
        ),
        Operation(
            method="GET", path=f"{PATH}/{{id}}", handler=one, summary="Get an alarm", description=READERS,
            query=EventQuery, replies={200: Reply(shape=shapes.AlarmData)}, tags=("alarms",),
        ),
        Operation(
            method="PATCH", path=f"{PATH}/{{id}}", handler=changed, summary="Change an alarm", scopes=MANAGES,
            description="What is null or not given stays as it is.", tags=("alarms",),
            body=Body(shape=shapes.AlarmPatch, example='{"comment":"On my way","assignedTo.displayName":null}'),
            replies={202: Reply(shape=shapes.AlarmData)},
        ),
        _reads(f"{PATH}/{{id}}/history", history, "Everything that was done with an alarm", shapes.Steps),
        *_words(services),
    )  # fmt: skip


def _words(services: Services) -> Sequence[Operation]:
    """What alarms are told in, and how many there are."""

    def told(array: shapes.Words | shapes.Names) -> Handler:
        async def handler(request: Request) -> Response:
            need(principal(request), *READS)
            return json_reply(array)

        return handler

    async def categories(request: Request) -> Response:
        found = await services.alarms.categories(principal(request))
        return json_reply(shapes.Names(array=[shapes.NO_CATEGORY, *map(shapes.category_of, found)]))

    async def statistics(request: Request) -> Response:
        found = await services.alarms.counted(principal(request))
        tallies = [
            shapes.Tally(state=word, priority=urgency, count=found[state, priority])
            for state, word in shapes.STATES.items()
            for priority, urgency in shapes.PRIORITIES.items()
            if (state, priority) in found
        ]
        return json_reply(shapes.Tallies(array=tallies))

    states, priorities = (
        shapes.Words(array=[*shapes.STATES.values()]),
        shapes.Words(array=[*shapes.PRIORITIES.values()]),
    )
    reasons = shapes.Names(array=[*shapes.REASONS.values()])
    return (
        _reads(f"{ROOT}/alarmStates", told(states), "List the states of alarms", shapes.Words),
        _reads(f"{ROOT}/alarmPriorities", told(priorities), "List the priorities of alarms", shapes.Words),
        _reads(f"{ROOT}/closeReasons", told(reasons), "List the reasons for closing", shapes.Names),
        _reads(f"{ROOT}/alarmCategories", categories, "List the categories of alarms", shapes.Names),
        _reads(f"{ROOT}/alarmStatistics", statistics, "How many alarms there are", shapes.Tallies),
    )


def _reads(path: str, handler: Handler, summary: str, shape: Shape) -> Operation:
    return Operation(
        method="GET", path=path, handler=handler, summary=summary, description=READERS,
        replies={200: Reply(shape=shape)}, tags=("alarms",),
    )  # fmt: skip


async def page_of(teller: Teller, asked: Asked, offset: int, size: int) -> list[shapes.Alarm]:
    """As many of those that pass as `size`; with filters all before them are looked through, batch by batch."""
    data, order = asked.with_data, "newest" if asked.newest_first else "oldest"
    alarms, who = teller.services.alarms, teller.who
    if not asked.comparisons:
        found = await alarms.list(who, AlarmsAsked(order=order, limit=size, offset=offset))
        return [await teller.alarm(one, data=data) for one in found]
    passed: list[shapes.Alarm] = []
    start, skipped = 0, 0
    while len(passed) < size:
        batch = await alarms.list(who, AlarmsAsked(order=order, limit=BATCH, offset=start))
        for one in batch:
            if len(passed) < size and asked.admits(await teller.alarm(one)):
                skipped += 1
                if skipped > offset:
                    passed.append(await teller.alarm(one, data=data))
        if len(batch) < BATCH:
            break
        start += BATCH
    return passed


async def answered(services: Services, who: Principal, id: UUID, status: int = 200, *, data: bool = False) -> Response:
    """One alarm as it stands now."""
    teller = await teller_of(services, who)
    return json_reply(shapes.AlarmData(data=await teller.alarm(await services.alarms.get(who, id), data=data)), status)


def id_of(request: Request) -> UUID:
    """The id in the path; NotFound for what is none."""
    try:
        return UUID(str(request.path_params["id"]))
    except ValueError as error:
        raise NotFound("no such alarm") from error
