"""`POST /events` and `POST /events/bulk`: one event is triggered, or many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from gatebook.dialects.xprotect.errors import fault_of, status_of
from gatebook.dialects.xprotect.resources.bodies import body_of
from gatebook.dialects.xprotect.resources.events import PATH, ignore
from gatebook.dialects.xprotect.resources.triggering import Triggering
from gatebook.dialects.xprotect.schemas import Event, EventData, NewEvent, Outcome, Outcomes, TriggerQuery
from gatebook.dialects.xprotect.words.members import names_of, respelled_above
from gatebook.domain.access import Scope
from gatebook.domain.errors import BadInput, FieldFault, GatebookError
from gatebook.domain.excerpts import excerpt
from gatebook.http import Request, Response
from gatebook.http.dialect import JSON, Body, Operation, Reply, principal
from gatebook.http.limits import EVENT_COST, charge
from gatebook.http.queries import pairs_of, raw_query
from gatebook.http.wire import check_json, decode_json, json_reply, raw_items
from gatebook.services import Services

ACCEPTED: Final = 202
MEMBERS: Final = names_of(NewEvent)
EXAMPLE: Final = (
    '{"type":"481d4d6c-9156-4698-af7e-74b32f9e4359","source":"cameras/e028f597-c64b-4f27-bb8d-08f5cd768e1c"}'
)


def operations(services: Services) -> Sequence[Operation]:
    """Both ways in; a list is taken on either path."""

    async def trigger(request: Request) -> Response:
        spared = not rules_in(request)
        body = await body_of(request)
        if body.lstrip()[:1] == b"[":
            return await many(services, request, body, spared=spared)
        sent = new_event(whole(body))
        if isinstance(sent, GatebookError):
            raise sent
        [answer] = await answers(services, request, [sent], spared=spared)
        if isinstance(answer, GatebookError):
            raise answer
        return json_reply(EventData(data=answer), ACCEPTED)

    async def bulk(request: Request) -> Response:
        spared = not rules_in(request)
        return await many(services, request, await body_of(request), spared=spared)

    lists = Reply(shape=Outcomes, description="One outcome for each item, in order")
    told = "With `triggerRules=false` no rule looks at it. Content-Type may be left out."
    return (
        Operation(
            method="POST", path=PATH, handler=trigger, summary="Trigger an event", query=TriggerQuery,
            description=f"{told} An array is taken as on `{PATH}/bulk`.",
            body=Body(shape=NewEvent | list[NewEvent], media=(JSON,), example=EXAMPLE),
            replies={ACCEPTED: Reply(shape=EventData), 207: lists}, scopes=(Scope.EVENTS_WRITE,), tags=("events",),
        ),
        Operation(
            method="POST", path=f"{PATH}/bulk", handler=bulk, summary="Trigger many events", query=TriggerQuery,
            description=told, body=Body(shape=list[NewEvent], media=(JSON,), example=f"[{EXAMPLE}]"),
            replies={207: lists}, scopes=(Scope.EVENTS_WRITE,), tags=("events",),
        ),
    )  # fmt: skip


async def many(services: Services, request: Request, body: bytes, *, spared: bool) -> Response:
    """A list: each item for itself."""
    sent = [new_event(item) for item in raw_items(body, JSON)]
    charge(request, EVENT_COST * len(sent))
    found = await answers(services, request, sent, spared=spared)
    return json_reply(Outcomes(array=[_outcome(request, one) for one in found]), 207)


async def answers(
    services: Services, request: Request, sent: Sequence[NewEvent | GatebookError], *, spared: bool
) -> list[Event | GatebookError]:
    """One event or refusal for each."""
    who = principal(request)
    organisation = await services.directory.organisation(who)
    triggering = Triggering(services, who, ZoneInfo(organisation.zone))
    return await triggering.answer(sent, spared=spared)


def whole(body: bytes) -> bytes:
    """A body, checked for what programs read in different ways."""
    check_json(body)
    return body


def new_event(item: msgspec.Raw | bytes) -> NewEvent | GatebookError:
    """An item, or why it cannot be read; the fault's field as it stands in the item."""
    try:
        return decode_json(respelled_above(item, MEMBERS), NewEvent)
    except FieldFault as error:
        return BadInput(error.field.removeprefix("$").removeprefix(".") or "body", error.fault, error.remedy)


def rules_in(request: Request) -> bool:
    """Whether rules are to look at what is triggered; what else is asked is ignored and listed."""
    found = True
    ignored: list[str] = []
    for name, value in pairs_of(raw_query(request)):
        if name.lower() != "triggerrules":
            ignored.append(name)
        elif value.strip().lower() not in ("", "true", "false"):
            raise BadInput("triggerRules", f"got {excerpt(value)}", "expected true or false")
        else:
            found = value.strip().lower() != "false"
    ignore(request, ignored)
    return found


def _outcome(request: Request, one: Event | GatebookError) -> Outcome:
    if isinstance(one, GatebookError):
        return Outcome(error=fault_of(request, one), status=str(status_of(one)))
    return Outcome(data=one, status=str(ACCEPTED))
