"""`/v1/alarms`: raised, listed by urgency, taken, commented on, closed; with everything that was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET

from gatebook.dialects.native.resources import alarm_shapes as shapes
from gatebook.dialects.native.resources.entities import ETAG, MADE, MATCH, expected_of, when
from gatebook.dialects.native.resources.reading import is_local
from gatebook.dialects.native.schemas import Named, Within
from gatebook.domain.access import Principal, Scope
from gatebook.domain.alarms import NEXT, Act, AlarmState, Priority
from gatebook.domain.errors import BadInput, NotFound
from gatebook.domain.times import parse_bound, parse_instant, rfc3339, window_of
from gatebook.http import Request, Response
from gatebook.http.dialect import Body, Operation, Reply, principal
from gatebook.http.paging import link_header, same_path
from gatebook.http.wire import json_reply, read_json, read_query
from gatebook.services import Services
from gatebook.services.alarms import READS, AlarmsAsked, ShownAlarm, Step
from gatebook.services.raising import StepTold
from gatebook.store.contract import Ref

W = TypeVar("W", AlarmState, Priority)
READERS = f"Needs one of the scopes {', '.join(READS)}."
MANAGES = (Scope.ALARMS_MANAGE,)


def operations(services: Services) -> Sequence[Operation]:
    """The alarms that a grant shows."""
    alarms = services.alarms

    async def listed(request: Request) -> Response:
        wanted = read_query(request, shapes.AlarmsWanted)
        who = await services.access.reading(principal(request), wanted.organisation)
        asked = await asked_of(services, who, wanted)
        found = await alarms.list(who, asked)
        shown = [shown_of(one) for one in found[: wanted.size]]
        following = wanted.page + 1 if len(found) > wanted.size else None
        links = {"next": None if following is None else same_path(request, page=following)}
        return json_reply(shapes.AlarmPage(shown, following), headers=link_header(links))

    async def one(request: Request) -> Response:
        who = await services.access.reading(principal(request), read_query(request, Within).organisation)
        return answered(await alarms.get(who, ref_of(request)))

    async def raised(request: Request) -> Response:
        who, wanted = principal(request), await read_json(request, shapes.AlarmRaised)
        zone: tzinfo = UTC
        if wanted.occurred is not None and is_local(wanted.occurred):
            zone = await services.directory.zone(who)
        made = await alarms.raise_(
            who,
            name=wanted.name,
            device=None if wanted.device is None else named_by(wanted.device),
            message=wanted.message,
            priority=wanted.priority,
            category=wanted.category,
            occurred=None if wanted.occurred is None else parse_instant(wanted.occurred, zone, "occurred"),
        )
        location = f"{request.scope['gatebook.prefix']}/v1/alarms/{made.id}"
        return answered(await alarms.get(who, made.id), 201, {"Location": location})

    async def acted(request: Request) -> Response:
        who, wanted = principal(request), await read_json(request, shapes.AlarmAct)
        act = await act_of(services, who, wanted)
        done = await alarms.act(who, ref_of(request), act, expected=expected_of(request))
        return answered(await alarms.get(who, done.id))

    async def history(request: Request) -> Response:
        who = await services.access.reading(principal(request), read_query(request, Within).organisation)
        _, steps = await alarms.steps(who, ref_of(request))
        return json_reply(shapes.AlarmHistory([step_of(step) for step in steps]))

    async def counts(request: Request) -> Response:
        who = await services.access.reading(principal(request), read_query(request, Within).organisation)
        found = await alarms.counted(who)
        items = [shapes.CountOf(state, priority, n) for (state, priority), n in sorted(found.items())]
        return json_reply(shapes.AlarmCounts(items))

    return (
        Operation(
            method="GET", path="/v1/alarms", handler=listed, query=shapes.AlarmsWanted,
            summary="List alarms, the most urgent first", description=READERS,
            replies={200: Reply(shape=shapes.AlarmPage, headers={"Link": "The next page"})}, tags=("alarms",),
            example="/v1/alarms?state=open",
        ),
        Operation(
            method="POST", path="/v1/alarms", handler=raised, summary="Raise an alarm",
            body=Body(shape=shapes.AlarmRaised, example='{"name":"Water in the basement","priority":"high"}'),
            replies={201: Reply(shape=shapes.AlarmShown, headers=MADE)}, scopes=MANAGES, tags=("alarms",),
        ),
        Operation(
            method="GET", path="/v1/alarms/counts", handler=counts, summary="How many alarms there are",
            description=READERS, query=Within, replies={200: Reply(shape=shapes.AlarmCounts)}, tags=("alarms",),
        ),
        Operation(
            method="GET", path="/v1/alarms/{ref}", handler=one, summary="Get an alarm, by UUID or number",
            description=READERS, query=Within, replies={200: Reply(shape=shapes.AlarmShown, headers=ETAG)},
            tags=("alarms",), cost=1.0,
        ),
        Operation(
            method="PATCH", path="/v1/alarms/{ref}", handler=acted,
            summary="Take an alarm, comment on it, put it on hold, close it",
            description="What the body does not name stays as it is. A new alarm that gets an assignee is in progress "
            "from then on.", headers=MATCH,
            body=Body(shape=shapes.AlarmAct, example='{"assignee":"me","comment":"On my way"}'),
            replies={200: Reply(shape=shapes.AlarmShown, headers=ETAG)}, scopes=MANAGES, tags=("alarms",),
        ),
        Operation(
            method="GET", path="/v1/alarms/{ref}/history", handler=history,
            summary="Everything that was done with an alarm", description=READERS, query=Within,
            replies={200: Reply(shape=shapes.AlarmHistory)}, tags=("alarms",),
        ),
    )  # fmt: skip


def answered(found: ShownAlarm, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """One alarm on the wire, with its ETag."""
    return json_reply(shown_of(found), status, {"ETag": f'W/"{found.alarm.revision}"', **(headers or {})})


def shown_of(found: ShownAlarm) -> shapes.AlarmShown:
    """An alarm on the wire."""
    alarm, held = found.alarm, found.alarm.assignee
    device = None
    if found.device_id is not None and found.device_name is not None and alarm.device is not None:
        device = Named(found.device_id, alarm.device, found.device_name)
    return shapes.AlarmShown(
        id=alarm.id,
        number=alarm.number,
        name=alarm.name,
        message=alarm.message,
        state=alarm.state,
        priority=alarm.priority,
        category=alarm.category,
        device=device,
        assignee=None if held is None else shapes.Holder(held.id, held.name),
        count=alarm.count,
        raised=rfc3339(alarm.raised),
        last=rfc3339(alarm.last),
        updated=rfc3339(alarm.updated),
        rule=alarm.rule,
        rule_revision=alarm.rule_revision,
        key=alarm.key,
        cause=found.cause_id,
        needs_clearing=alarm.needs_clearing,
        cleared=when(alarm.cleared),
        escalates=when(alarm.escalates),
        escalated=when(alarm.escalated),
        reason=alarm.reason,
        next_states=[state for state in AlarmState if state in NEXT[alarm.state]],
    )


def step_of(step: Step) -> shapes.StepShown:
    """One step on the wire."""
    told = msgspec.json.decode(step.data or b"{}", type=StepTold)
    by = told.by
    id_ = UUID(by.id) if by is not None and by.kind != "console" else None
    return shapes.StepShown(
        event=step.id,
        at=rfc3339(step.received),
        act=told.act,
        state=told.state,
        priority=told.priority,
        count=told.count,
        assignee=told.assignee,
        reason=told.reason,
        comment=step.message,
        by=None if by is None else shapes.Holder(id_, by.name),
    )


async def asked_of(services: Services, who: Principal, wanted: shapes.AlarmsWanted) -> AlarmsAsked:
    """What the query asks for, one more than fits on its page."""
    states = wanted.state
    if states == "open":
        states = ",".join(state for state in AlarmState if state is not AlarmState.CLOSED)
    device = None if wanted.device is None else await number_of(services, who, wanted.device)
    bounds = (wanted.since, wanted.to)
    zone: tzinfo = UTC if all(one is None for one in bounds) else await services.directory.zone(who)
    since, until = (None if text is None else parse_bound(text, zone, name) for text, name in
                    zip(bounds, ("from", "to"), strict=True))  # fmt: skip
    assignee = None if wanted.assignee is None else (await services.alarms.assignee(who, wanted.assignee)).id
    return AlarmsAsked(
        states=words("state", states, AlarmState),
        priorities=words("priority", wanted.priority, Priority),
        category=wanted.category,
        device=device,
        rule=wanted.rule,
        assignee=assignee,
        raised=window_of(since, until),
        order=wanted.order,
        limit=wanted.size + 1,
        offset=(wanted.page - 1) * wanted.size,
    )


async def number_of(services: Services, who: Principal, told: str) -> int:
    """The device's number; 0, which none has, where it is absent or hidden: then no alarm is there either."""
    try:
        return (await services.directory.device(who, named_by(told))).number
    except NotFound:
        return 0


async def act_of(services: Services, who: Principal, wanted: shapes.AlarmAct) -> Act:
    """What the body asks for."""
    given: dict[str, Any] = {
        name: value
        for name in ("state", "priority", "category", "comment", "reason")
        if (value := getattr(wanted, name)) is not UNSET
    }
    if wanted.assignee is None:
        given["unassign"] = True
    elif isinstance(wanted.assignee, str):
        given["assignee"] = await services.alarms.assignee(who, wanted.assignee)
    return Act(**given)


def words(name: str, text: str | None, of: type[W]) -> frozenset[W] | None:
    """The words of a list; None where none is given, BadInput for one that there is not."""
    if text is None:
        return None
    try:
        return frozenset(of(word.strip()) for word in text.split(","))
    except ValueError as error:
        raise BadInput(name, f"got {text[:60]!r}", f"expected some of {', '.join(of)}, joined by commas") from error


def ref_of(request: Request) -> Ref:
    """By what the path names one: a UUID or a number; what is neither names none."""
    return named_by(request.path_params["ref"])


def named_by(told: int | str) -> Ref:
    """A number, a UUID, or else a vendor's id."""
    if isinstance(told, int):
        return told
    try:
        return UUID(told)
    except ValueError:
        return int(told) if told.isascii() and told.isdigit() and len(told) < 19 else told
