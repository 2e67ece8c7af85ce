"""`alarmSessions`: a stored question about alarms, polled for what left its answer, entered it, or has changed in it.

Assumed: bodies and paths as of event sessions; of the vendor's, only that there are such sessions is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from gatebook.dialects.xprotect.resources import alarm_shapes as shapes
from gatebook.dialects.xprotect.resources.alarm_asking import PROPERTIES, told_of
from gatebook.dialects.xprotect.resources.alarm_telling import Teller, teller_of
from gatebook.dialects.xprotect.resources.bodies import read_spelled
from gatebook.dialects.xprotect.resources.comparing import Comparison, comparison
from gatebook.dialects.xprotect.resources.event_sessions import BODY_BYTES, MEMBERS, Asked, Named, Session, asked_of
from gatebook.dialects.xprotect.resources.session_questions import MOST_ORDERS, OPERATORS, FilterBy, NewSession, OrderBy
from gatebook.domain.errors import BadInput, NotFound
from gatebook.domain.excerpts import excerpt
from gatebook.domain.filters import Operator
from gatebook.domain.terms import MOST_TERMS
from gatebook.http import Request, Response
from gatebook.http.dialect import Body, Operation, Reply, principal
from gatebook.http.wire import json_reply
from gatebook.services import Services
from gatebook.services.alarm_sessions import MOST_ALARMS
from gatebook.services.alarms import READS, AlarmsAsked, ShownAlarm
from gatebook.services.rooms import need

PATH: Final = "/api/rest/v1/alarmSessions"
BATCH: Final = 1_000
TARGETS: Final = {
    **PROPERTIES, "timestamp": "time", "assignedto": "assignedTo.displayName", "source.id": "source",
}  # fmt: skip
"""Source: mipsdk-samples-component 1d967e6, AlarmEventViewer, for Timestamp.  Assumed: the rest."""
LEVELS: Final = {"state": "state.level", "priority": "priority.level"}


class AlarmChanges(Struct, frozen=True, kw_only=True, rename="camel"):
    """First all that left, then some that entered or have changed."""

    deleted_from_session: list[str]
    added_to_session: list[shapes.Alarm]


class Polled(Struct, frozen=True, kw_only=True):
    """The wrapper of one object."""

    data: AlarmChanges


class Question:
    """What a session is about."""

    def __init__(self, body: NewSession) -> None:
        """BadInput names what cannot be asked."""
        if len(body.filter_by) > MOST_TERMS:
            raise BadInput("filterBy", f"has more than {MOST_TERMS} conditions", "ask for fewer")
        if len(body.order_by) > MOST_ORDERS:
            raise BadInput("orderBy", f"has more than {MOST_ORDERS} targets", "give fewer")
        self.comparisons = [compared(one) for one in body.filter_by]
        self.orders = [(target_of(one.target), is_descending(one)) for one in body.order_by]

    async def answer(self, services: Services, teller: Teller) -> Sequence[ShownAlarm]:
        """The newest alarms that pass, in the order asked for; without one the oldest first."""
        passed: list[tuple[ShownAlarm, dict[str, object]]] = []
        start = 0
        while len(passed) < MOST_ALARMS:
            asked = AlarmsAsked(order="newest", limit=BATCH, offset=start)
            batch = await services.alarms.list(teller.who, asked)
            told = [(one, told_of(await teller.alarm(one))) for one in batch]
            passed += [(one, each) for one, each in told if all(test.admits(each) for test in self.comparisons)]
            if len(batch) < BATCH:
                break
            start += BATCH
        found = passed[:MOST_ALARMS][::-1]
        for target, descending in reversed(self.orders):
            found.sort(key=lambda pair, target=target: sortable(pair[1][target]), reverse=descending)  # type: ignore[misc]
        return [one for one, _ in found]


def operations(services: Services) -> Sequence[Operation]:
    """Begin, poll, end."""

    async def begin(request: Request) -> Response:
        need(principal(request), *READS)
        body = await read_spelled(request, NewSession, MEMBERS, limit_bytes=BODY_BYTES)
        Question(body)
        id_ = await services.alarm_sessions.begin(principal(request), msgspec.json.encode(body))
        return json_reply(Session(filter_by=body.filter_by, order_by=body.order_by, id=str(id_)), 201)

    async def poll(request: Request) -> Response:
        who = principal(request)
        size, data = asked_of(request)
        teller = await teller_of(services, who)

        async def answer(question: bytes) -> Sequence[ShownAlarm]:
            return await Question(msgspec.json.decode(question, type=NewSession)).answer(services, teller)

        told = await services.alarm_sessions.poll(who, id_of(request), answer, size)
        added = [await teller.alarm(one, data=data) for one in told.entered]
        changes = AlarmChanges(deleted_from_session=[str(one) for one in told.left], added_to_session=added)
        return json_reply(Polled(data=changes))

    async def end(request: Request) -> Response:
        await services.alarm_sessions.end(principal(request), id_of(request))
        return Response(status_code=204)

    told, tags = f"Needs one of the scopes {', '.join(READS)}.", ("alarmSessions",)
    return (
        Operation(
            method="POST", path=PATH, handler=begin, summary="Begin a session of alarms with filters and an order",
            description=told, replies={201: Reply(shape=Session)}, tags=tags,
            body=Body(shape=NewSession, example='{"filterBy":[],"orderBy":[{"target":"time","direction":"asc"}]}'),
        ),
        *(
            Operation(
                method="GET", path=path, handler=poll, summary="What has changed in a session since the last poll",
                description=told, params=Named, query=Asked, replies={200: Reply(shape=Polled)}, tags=tags,
            )
            for path in (f"{PATH}/{{id}}/alarms", f"{PATH}/{{id}}")
        ),
        Operation(
            method="DELETE", path=f"{PATH}/{{id}}", handler=end, summary="End a session of alarms", description=told,
            params=Named, replies={204: Reply()}, tags=tags,
        ),
    )  # fmt: skip


def compared(one: FilterBy) -> Comparison:
    """One condition; null equals what is not there."""
    target, operator = target_of(one.target), OPERATORS.get(one.operator.lower())
    if operator is None:
        words = sorted({known.value for known in OPERATORS.values()} | {"beginsWith"})
        raise BadInput("operator", f"unknown operator {excerpt(one.operator)}", f"expected one of {', '.join(words)}")
    values = one.value if isinstance(one.value, list) else [one.value]
    if target in LEVELS and values and all(isinstance(value, int) for value in values):
        target = LEVELS[target]
    if operator is not Operator.ONE_OF and len(values) != 1:
        raise BadInput(one.target[:64], f"{operator.value} takes one value", "give one, or use oneOf")
    quoted = ",".join("'" + ("" if value is None else str(value)).replace("'", "''") + "'" for value in values)
    return comparison(target, f"{operator.value}:{f'({quoted})' if operator is Operator.ONE_OF else quoted}")


def target_of(word: str) -> str:
    """What is compared, by any of its names."""
    found = TARGETS.get(word.lower())
    if found is None:
        known = ", ".join(sorted(set(TARGETS.values())))
        raise BadInput("target", f"unknown target {excerpt(word)}", f"expected one of {known}")
    return found


def is_descending(one: OrderBy) -> bool:
    """BadInput for what is no direction."""
    if one.direction.lower() not in ("asc", "desc"):
        raise BadInput("direction", f"unknown direction {excerpt(one.direction)}", "expected asc or desc")
    return one.direction.lower() == "desc"


def sortable(value: object) -> tuple[float, str]:
    """Numbers by size, all else by its text; what has several names by its own, the last."""
    last = value[-1] if isinstance(value, tuple) else value
    return (float(last), "") if isinstance(last, int) else (0.0, str(last).casefold())


def id_of(request: Request) -> UUID:
    """The id in the path; NotFound for what is none."""
    try:
        return UUID(str(request.path_params["id"]))
    except ValueError as error:
        raise NotFound("no such alarm session") from error
