"""The events and state socket: `wss://host/api/ws/events/v1`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from typing import Final, cast
from uuid import UUID

from gatebook.dialects.xprotect.live.frames import Answer, Command, StateItem, Told, command_of
from gatebook.dialects.xprotect.live.hearing import Hearing
from gatebook.dialects.xprotect.live.items import group_of, teller_of
from gatebook.dialects.xprotect.mapping import time_of
from gatebook.dialects.xprotect.tokens import NAME, principal_of
from gatebook.dialects.xprotect.words.catalogue import type_of
from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import BadInput, Forbidden, GatebookError, Unauthenticated
from gatebook.http import Request, WebSocket
from gatebook.http.dialect import Socket
from gatebook.http.limits import EVENT_COST, holding, limiter_of
from gatebook.http.sockets import POLICY, Line, open_line
from gatebook.http.visits import visited
from gatebook.services import Services
from gatebook.services.listeners import RESUME_S

PATH: Final = "/api/ws/events/v1"
SUBPROTOCOL: Final = "EventsAndStateWebSocketApi"
"""Source: TCS-NetMon and others, which offer it."""
SIGN_IN_S: Final = 30.0
"""For so long a connection may be nobody's."""

log = logging.getLogger("gatebook.xprotect")


def sockets(services: Services) -> Sequence[Socket]:
    """The one socket of this dialect."""

    async def talk(websocket: WebSocket) -> None:
        reader = None
        if "authorization" in websocket.headers:
            reader = await signed_in(services, websocket, None)
        offered = websocket.scope.get("subprotocols") or ()
        subprotocol = SUBPROTOCOL if SUBPROTOCOL in offered else None
        async with open_line(websocket, subprotocol=subprotocol) as line:
            await Talk(services, websocket, line, reader).run()

    return (
        Socket(
            path=PATH,
            handler=talk,
            summary="Events as they come in, and the state of every device",
            description="Commands: authenticate, startSession, addSubscription, removeSubscription, getState.",
            tags=("events",),
        ),
    )


async def signed_in(services: Services, websocket: WebSocket, token: str | None) -> Principal:
    """Who the token, or without one the header, stands for; it may read events."""
    if token is None:
        found = await principal_of(services, cast(Request, websocket))
    else:
        word, _, secret = token.strip().partition(" ")
        found, _ = await services.tokens.principal_of(secret.strip() if word.lower() == "bearer" else token, NAME)
    if not found.may(Scope.EVENTS_READ):
        raise Forbidden(f"this needs the scope {Scope.EVENTS_READ.value}, which {found.name} does not hold")
    return visited(found, cast(Request, websocket), NAME, f"SOCKET {PATH}")


class Talk:
    """One connection."""

    def __init__(self, services: Services, websocket: WebSocket, line: Line, reader: Principal | None) -> None:
        """`reader`: who signed in by the handshake; None where a command is to say it."""
        self._services = services
        self._websocket = websocket
        self._line = line
        self._reader = reader
        self._hearing: Hearing | None = None
        self._held = AsyncExitStack()

    async def run(self) -> None:
        """Answers commands in their order, until either side ends."""
        deadline = asyncio.get_running_loop().call_later(SIGN_IN_S, self._nobody)
        async with self._held:
            try:
                if self._reader is not None:
                    self._held.enter_context(holding(self._websocket.scope, self._reader))
                async for text in self._line:
                    command = command_of(text)
                    if command is None:
                        self._line.end(POLICY, "that was no command")
                        return
                    self._line.put(await self._answered(command))
                    if self._hearing is not None:
                        self._hearing.go_on()
            finally:
                deadline.cancel()
                await self._stop()

    def _nobody(self) -> None:
        if self._reader is None:
            self._line.end(POLICY, "nobody signed in")

    async def _answered(self, command: Command) -> Answer:
        """Whatever goes wrong is told with its status."""
        try:
            if command.command_id is None:
                raise BadInput("commandId", "is missing", "give a number; it comes back in the reply")
            return await self._obey(command)
        except GatebookError as error:
            if isinstance(error, Unauthenticated) and (limiter := limiter_of(self._websocket.scope)) is not None:
                limiter.refused(self._websocket)
            status = 400 if error.status == 422 else error.status
            return Answer(command_id=command.command_id, status=status, error=Told(error_text=error.message))
        except Exception:
            log.exception("the command %s failed", command.command[:40])
            told = Told(error_text="something failed here; the server's log tells what")
            return Answer(command_id=command.command_id, status=500, error=told)

    async def _obey(self, command: Command) -> Answer:
        limiter = limiter_of(self._websocket.scope)
        word = command.command.lower()
        if word == "authenticate":
            if limiter is not None:
                limiter.knock(cast(Request, self._websocket))
            return await self._authenticate(command)
        reader = await self._renewed()
        if limiter is not None:
            limiter.spend(reader, 1.0)
        match word:
            case "startsession":
                return await self._start(command, reader)
            case "addsubscription":
                id_ = await self._heard().add(command.subscription_id, command.filters)
                return Answer(command_id=command.command_id, subscription_id=id_)
            case "removesubscription":
                await self._heard().remove(command.subscription_id or "")
                return Answer(command_id=command.command_id)
            case "getstate":
                return await self._states(command, reader)
        known = "authenticate, startSession, addSubscription, removeSubscription, getState"
        raise BadInput("command", "is unknown", f"expected one of {known}")

    # -- who -----------------------------------------------------------------------------------------------------------

    async def _authenticate(self, command: Command) -> Answer:
        """Signs in; who is signed in already may do so again with a newer token."""
        found = await signed_in(self._services, self._websocket, command.token or "")
        if self._reader is None:
            self._held.enter_context(holding(self._websocket.scope, found))
        elif (found.kind, found.id) != (self._reader.kind, self._reader.id):
            raise BadInput("token", "is somebody else's", "open another connection for another user")
        self._reader = found
        if self._hearing is not None:
            await self._hearing.renew(found)
        return Answer(command_id=command.command_id)

    async def _renewed(self) -> Principal:
        """The reader as they stand now; the line ends with a token that holds no longer."""
        if self._reader is None:
            raise Unauthenticated("nobody signed in; send authenticate, or an Authorization header at the start")
        try:
            found = await self._services.tokens.renewed(self._reader)
            if not found.may(Scope.EVENTS_READ):
                raise Forbidden("the right to read events was withdrawn")
        except (Unauthenticated, Forbidden) as error:
            self._line.end(POLICY, error.message)
            raise
        self._reader = found
        return found

    # -- sessions ------------------------------------------------------------------------------------------------------

    async def _start(self, command: Command, reader: Principal) -> Answer:
        """Resumes the session that is named, or begins another."""
        await self._stop()
        listeners = self._services.listeners
        id_ = _uuid(command.session_id)
        last = _uuid(command.event_id)
        resumed = None
        if id_ is not None and (last is not None or not command.event_id):
            resumed = await listeners.resume(reader, id_, last)
        if resumed is None:
            begun = await listeners.begin(reader)
            listener, after, status = begun, begun.begun, 201
        else:
            (listener, after), status = resumed, 200
        teller = await teller_of(self._services, reader)
        self._hearing = Hearing(self._services, self._line, listener, after, reader, teller)
        return Answer(
            command_id=command.command_id,
            status=status,
            session_id=str(listener.id),
            inactive_timeout_seconds=RESUME_S,
        )

    async def _stop(self) -> None:
        if self._hearing is not None:
            hearing, self._hearing = self._hearing, None
            await hearing.stop()

    def _heard(self) -> Hearing:
        if self._hearing is None:
            raise BadInput("command", "comes before a session", "send startSession first")
        return self._hearing

    # -- states --------------------------------------------------------------------------------------------------------

    async def _states(self, command: Command, reader: Principal) -> Answer:
        """Assumed: of a session with filters, what these admit; else everything that the reader may see."""
        found = await self._services.states.all(reader, group_of)
        teller = await teller_of(self._services, reader)
        if (limiter := limiter_of(self._websocket.scope)) is not None:
            limiter.charge(reader, EVENT_COST * len(found.states))
        items = [
            StateItem(
                type=str(type_of(one.latest.event_class)),
                source=teller.source(found.places.get(one.latest.stream)),
                time=time_of(one.latest.occurred),
                id=str(one.latest.id),
                local_id=one.latest.seq,
                stategroupid=str(one.group),
            )
            for one in found.states
        ]
        if self._hearing is not None and self._hearing.is_filtered:
            items = [item for item in items if self._hearing.admits(item.source, item.type)]
        return Answer(command_id=command.command_id, states=items)


def _uuid(text: str | None) -> UUID | None:
    if text:
        with suppress(ValueError):
            return UUID(text)
    return None


__all__ = ["PATH", "Talk", "sockets"]
