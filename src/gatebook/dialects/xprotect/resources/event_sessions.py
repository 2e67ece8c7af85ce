"""`eventSessions`: a stored question, polled for what left its answer and what entered it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from gatebook.dialects.xprotect.live.items import teller_of
from gatebook.dialects.xprotect.resources.bodies import read_spelled
from gatebook.dialects.xprotect.resources.session_questions import FilterBy, NewSession, OrderBy, question_of
from gatebook.dialects.xprotect.schemas import Event, Include
from gatebook.dialects.xprotect.words.members import names_of
from gatebook.domain.access import Scope
from gatebook.domain.errors import BadInput, NotFound
from gatebook.http import Request, Response
from gatebook.http.dialect import Body, Operation, Reply, principal
from gatebook.http.limits import EVENT_COST, charge
from gatebook.http.queries import pairs_of, raw_query
from gatebook.http.wire import json_reply
from gatebook.services import Services
from gatebook.services.event_sessions import MOST_EVENTS

PATH: Final = "/api/rest/v1/eventSessions"
BODY_BYTES: Final = 256 * 1024
MEMBERS: Final = names_of(NewSession, FilterBy, OrderBy)
DEFAULT_SIZE: Final = 100
"""Assumed: the vendor tells none."""


class Session(Struct, frozen=True, kw_only=True, rename="camel"):
    """The body that was sent, and the id by which it is polled."""

    filter_by: list[FilterBy]
    order_by: list[OrderBy]
    id: str


class Changes(Struct, frozen=True, kw_only=True, rename="camel"):
    """First all that left, then some that entered.  Source: Events REST API, eventSessions, 2026-11-21."""

    deleted_from_session: list[str]
    added_to_session: list[Event]


class Polled(Struct, frozen=True, kw_only=True):
    """The wrapper of one object."""

    data: Changes


class Named(Struct, frozen=True, kw_only=True):
    """What stands in the path."""

    id: str


class Asked(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a poll may say, for the documentation."""

    max_size: Annotated[int, Meta(ge=1, le=MOST_EVENTS)] = DEFAULT_SIZE
    include: Include | UnsetType = UNSET


def operations(services: Services) -> Sequence[Operation]:
    """Begin, poll by either path, end."""

    async def begin(request: Request) -> Response:
        reader = principal(request)
        body = await read_spelled(request, NewSession, MEMBERS, limit_bytes=BODY_BYTES)
        question = await question_of(services, reader, body)
        id_ = await services.event_sessions.begin(reader, msgspec.json.encode(body), question.wanted)
        return json_reply(Session(filter_by=body.filter_by, order_by=body.order_by, id=str(id_)), 201)

    async def poll(request: Request) -> Response:
        reader = principal(request)
        size, data = asked_of(request)
        session = await services.event_sessions.get(reader, _id(request))
        body = msgspec.json.decode(session.question, type=NewSession)
        question = await question_of(services, reader, body)
        told = await services.event_sessions.poll(reader, session.id, question, size)
        charge(request, EVENT_COST * len(told.entered.events))
        teller = await teller_of(services, reader)
        added = [teller.event(event, told.entered, data=data) for event in told.entered.events]
        changes = Changes(deleted_from_session=[str(one) for one in told.left], added_to_session=added)
        return json_reply(Polled(data=changes))

    async def end(request: Request) -> Response:
        await services.event_sessions.end(principal(request), _id(request))
        return Response(status_code=204)

    reads, tags = (Scope.EVENTS_READ,), ("eventSessions",)
    polled = {200: Reply(shape=Polled, description="What has changed since the last poll")}
    return (
        Operation(
            method="POST", path=PATH, handler=begin, summary="Begin a session with filters and an order",
            body=Body(shape=NewSession, example='{"filterBy":[],"orderBy":[{"target":"time","direction":"asc"}]}'),
            replies={201: Reply(shape=Session)}, scopes=reads, tags=tags,
        ),
        *(
            Operation(
                method="GET", path=path, handler=poll, summary="What has changed in a session since the last poll",
                params=Named, query=Asked, replies=polled, scopes=reads, tags=tags, example=example,
            )
            for path, example in ((f"{PATH}/{{id}}/events", ""), (f"{PATH}/{{id}}", ""))
        ),
        Operation(
            method="DELETE", path=f"{PATH}/{{id}}", handler=end, summary="End a session", params=Named,
            replies={204: Reply()}, scopes=reads, tags=tags,
        ),
    )  # fmt: skip


def _id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError as error:
        raise NotFound("no such event session") from error


def asked_of(request: Request) -> tuple[int, bool]:
    """`maxSize`, and whether the optional parts are asked for; names are known in any letter case."""
    size, data = DEFAULT_SIZE, False
    ignored: list[str] = []
    for name, value in pairs_of(raw_query(request)):
        if name.lower() == "maxsize":
            if not (value.isascii() and value.isdigit() and len(value) < 9 and 1 <= int(value) <= MOST_EVENTS):
                raise BadInput("maxSize", f"got {value[:60]!r}", f"expected an integer from 1 to {MOST_EVENTS}")
            size = int(value)
        elif name.lower() == "include":
            data = data or "data" in (word.strip().lower() for word in value.split(","))
        else:
            ignored.append(name[:60])
    if ignored:
        request.scope["gatebook.ignored"] = ", ".join(ignored[:20]).encode("ascii", "replace").decode()
    return size, data
