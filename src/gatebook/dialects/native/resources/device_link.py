"""`/v1/device-link`: the line on which a device hears what it is to do, and says whether it did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from gatebook.dialects.native.resources.whoasks import AUDIENCE, principal_of
from gatebook.domain.access import Principal, PrincipalKind
from gatebook.domain.errors import BadInput, Forbidden, GatebookError
from gatebook.http import Request, WebSocket
from gatebook.http.dialect import Socket
from gatebook.http.sockets import POLICY, open_line
from gatebook.http.visits import visited
from gatebook.http.wire import check_json, decode_json
from gatebook.services import Services
from gatebook.services.commands import Outcome

PATH: Final = "/v1/device-link"
QUEUED: Final = 64
"""Commands that wait for a device which reads slowly; beyond that it is cut off, and may come back."""
MESSAGE_BYTES: Final = 4_096


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """What a device says of one command."""

    id: UUID
    outcome: Literal["done", "refused"]
    message: Annotated[str, Meta(max_length=200)] | None = None


class Known(Struct, frozen=True):
    """That the answer was taken; `late`: the command was settled before, or is none of this device's."""

    id: UUID
    late: bool


def sockets(services: Services) -> Sequence[Socket]:
    """The line."""

    async def link(websocket: WebSocket) -> None:
        who = await device_of(services, websocket)
        [device] = who.grant.devices
        async with open_line(websocket, principal=who, queue_messages=QUEUED, message_bytes=MESSAGE_BYTES) as line:
            with services.commands.links.joined(who, device, line) as joined:
                async for said in line:
                    try:
                        answer = read_answer(said)
                        await services.access.holder(who.kind, who.id)
                        outcome = Outcome(answer.outcome)
                        taken = await services.commands.answered(joined, answer.id, outcome, answer.message)
                    except GatebookError as error:
                        line.end(POLICY, error.message[:100])
                        return
                    line.put(Known(answer.id, late=not taken))

    return (
        Socket(
            path=PATH,
            handler=link,
            summary="Commands to a device, and its answers",
            description="With a device token in the header. The device hears"
            ' `{"id","action":"open","deadline","made"}`, does nothing at or after the deadline, and says'
            ' `{"id","outcome":"done"}` or `{"id","outcome":"refused","message":"…"}`. A command may come twice, under'
            " one id.",
            tags=("device link",),
        ),
    )


async def device_of(services: Services, websocket: WebSocket) -> Principal:
    """The device that calls; Forbidden for whoever is none."""
    request = Request({**websocket.scope, "type": "http", "method": "GET"})
    who = visited(await principal_of(services, request), request, AUDIENCE, f"GET {PATH}")
    if who.kind is not PrincipalKind.DEVICE:
        raise Forbidden("this line is for devices; come with a device token")
    return who


def read_answer(said: str) -> Answer:
    """BadInput where it cannot be read."""
    text = said.encode()
    try:
        check_json(text)
        return decode_json(text, Answer)
    except msgspec.DecodeError as error:
        raise BadInput("$", "is no answer", 'send {"id","outcome"}') from error
