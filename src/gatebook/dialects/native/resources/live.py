"""`/v1/events/live`: events over a WebSocket, some history first where it is asked for, then as they come in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from typing import Final, Literal

import msgspec
from msgspec import Struct

from gatebook.dialects.native.resources.asking import Asked, read_asked
from gatebook.dialects.native.resources.following import Begun, begin, told
from gatebook.dialects.native.resources.stream import PARAMETERS
from gatebook.dialects.native.resources.telling import Telling
from gatebook.dialects.native.resources.whoasks import AUDIENCE, principal_of
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput, Forbidden, GatebookError, Unauthenticated
from gatebook.http import Request, WebSocket
from gatebook.http.cursors import Cursors
from gatebook.http.dialect import Socket
from gatebook.http.limits import holding, limiter_of
from gatebook.http.sockets import POLICY, Line, open_line
from gatebook.http.streams import HEARTBEAT_S
from gatebook.http.visits import visited
from gatebook.http.wire import check_json, decode_json
from gatebook.services import Services

PATH: Final = "/v1/events/live"
SIGN_IN_S: Final = 10.0
"""For so long a connection may be nobody's."""
MESSAGE_BYTES: Final = 16_384
REASON: Final = 100
"""Characters of a reason for closing: a close frame holds 123 bytes."""


class SignIn(Struct, frozen=True, forbid_unknown_fields=True):
    """The first message of who sent no credential with the handshake."""

    type: Literal["authenticate"]
    token: str


class Heartbeat(Struct, frozen=True, tag="heartbeat"):
    """That the line is alive, and how far the log has been looked through."""

    cursor: str


def sockets(services: Services) -> Sequence[Socket]:
    """The live line."""
    telling = Telling(Cursors(services.cursor_key))

    async def live(websocket: WebSocket) -> None:
        credential = websocket.headers.get("authorization") or websocket.headers.get("x-api-key")
        who = await reader_of(services, websocket, None) if credential else None
        async with open_line(websocket, message_bytes=MESSAGE_BYTES) as line:
            with ExitStack() as held:
                heard = aiter(line)
                try:
                    if who is None:
                        who = await signed_in(services, websocket, line, heard)
                    held.enter_context(holding(websocket.scope, who))
                    asked = await read_asked(_request(websocket, None), services, who, PARAMETERS)
                    begun = await begin(services, telling, asked)
                except GatebookError as error:
                    refuse(websocket, line, error)
                    return
                await talk(services, telling, line, heard, asked, begun)

    return (
        Socket(
            path=PATH,
            handler=live,
            summary="Events as they come in, by WebSocket",
            description='Filters, `cursor` and `history` as for `/v1/events/stream`. Messages: `{"type":"events",'
            '"events":[…],"cursor":"…"}` and `{"type":"heartbeat","cursor":"…"}`. Without a credential in the header,'
            ' the first message is `{"type":"authenticate","token":"…"}`; a client says nothing else.',
            tags=("events",),
        ),
    )


async def talk(
    services: Services, telling: Telling, line: Line, heard: AsyncIterator[str], asked: Asked, begun: Begun
) -> None:  # fmt: skip
    """Tells until either side ends; a client that speaks is out of turn."""
    telling_task = asyncio.create_task(tell(services, telling, line, asked, begun))
    try:
        async for _said in heard:
            line.end(POLICY, "nothing is to be said here; filters and cursor go into the address")
    finally:
        telling_task.cancel()
        await asyncio.gather(telling_task, return_exceptions=True)


async def tell(services: Services, telling: Telling, line: Line, asked: Asked, begun: Begun) -> None:
    """Every page as a message, in the order of the log; a heartbeat where none came for long."""
    clock = asyncio.get_running_loop().time
    said = clock()
    try:
        async for place, text in told(services, asked, begun, telling.frame, telling.frame):
            if not text and clock() - said < HEARTBEAT_S:
                continue
            if not await line.say(text or msgspec.json.encode(Heartbeat(telling.place(place, asked)))):
                return
            said = clock()
    except GatebookError as error:
        line.end(POLICY, error.message[:REASON])


async def signed_in(services: Services, websocket: WebSocket, line: Line, heard: AsyncIterator[str]) -> Principal:
    """Who the first message says; Unauthenticated where none comes in time."""
    try:
        async with asyncio.timeout(SIGN_IN_S):
            said = await anext(heard, None)
    except TimeoutError as error:
        raise Unauthenticated("nobody signed in; send authenticate, or a credential in the header") from error
    if said is None:
        raise Unauthenticated("nobody signed in")
    try:
        check_json(said.encode())
        message = decode_json(said.encode(), SignIn)
    except (msgspec.DecodeError, ValueError) as error:
        raise BadInput("$", "is no sign-in", 'send {"type":"authenticate","token":"…"}') from error
    return await reader_of(services, websocket, message.token)


async def reader_of(services: Services, websocket: WebSocket, token: str | None) -> Principal:
    """Who the token, or without one the header, stands for; they may read events."""
    request = _request(websocket, token)
    who = visited(await principal_of(services, request), request, AUDIENCE, f"SOCKET {PATH}")
    if not who.may(Scope.EVENTS_READ):
        raise Forbidden(f"this needs the scope {Scope.EVENTS_READ.value}, which {who.name} does not hold")
    return who


def refuse(websocket: WebSocket, line: Line, error: GatebookError) -> None:
    """The line ends and says why; a credential that does not hold costs its address."""
    if isinstance(error, Unauthenticated) and (limiter := limiter_of(websocket.scope)) is not None:
        limiter.refused(websocket)
    line.end(POLICY, error.message[:REASON])


def _request(websocket: WebSocket, token: str | None) -> Request:
    headers = list(websocket.scope["headers"])
    if token is not None:
        headers.append((b"authorization", b"Bearer " + token.encode("ascii", "replace")))
    return Request({**websocket.scope, "type": "http", "method": "GET", "headers": headers})


__all__ = ["PATH", "sockets"]
