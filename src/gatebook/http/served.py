"""One dialect in its place: finds its operations, runs them, and turns what they raise into the dialect's words."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from gatebook.domain.errors import Forbidden, GatebookError, MethodNotAllowed, TooMany, Unauthenticated, Unavailable
from gatebook.http import problems
from gatebook.http.dialect import Dialect, Operation, Socket
from gatebook.http.limits import Limiter, cost_of, limiter_of
from gatebook.http.routes import Router
from gatebook.http.sockets import check_origin
from gatebook.http.streams import Ongoing
from gatebook.http.visits import Witness, visited, witnessed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gatebook.domain.access import Principal

S = TypeVar("S")

SOCKET = "SOCKET"
"""Stands where a method would, in the router and in a list of routes."""

log = logging.getLogger("gatebook.http")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A dialect with its services filled in.  `depth` is the number of segments of its prefix."""

    dialect: Dialect[Any]
    prefix: str
    host: str | None
    depth: int
    operations: tuple[Operation, ...]
    sockets: tuple[Socket, ...]
    paths: tuple[tuple[str, str], ...]
    """(method, path) of everything served."""
    router: Router[Operation]
    talks: Router[Socket]
    principal_of: Callable[[Request], Awaitable[Principal]] | None
    witness: Witness | None

    @classmethod
    def of(
        cls,
        dialect: Dialect[S],
        services: S,
        prefix: str = "",
        host: str | None = None,
        witness: Witness | None = None,
    ) -> Served:
        """Build the dialect's operations; ValueError where two are the same or one says both public and scopes."""
        operations, sockets = tuple(dialect.operations(services)), tuple(dialect.sockets(services))
        router, talks = Router[Operation](fold_case=dialect.fold_case), Router[Socket](fold_case=dialect.fold_case)
        for operation in operations:
            if operation.public and operation.scopes:
                raise ValueError(f"{operation.method} {operation.path}: public, and yet it asks for scopes")
            router.add(operation.method, operation.path, operation)
        for socket in sockets:
            talks.add(SOCKET, socket.path, socket)
        asked = dialect.principal_of
        return cls(
            dialect=dialect,
            prefix=prefix.rstrip("/"),
            host=host.lower() if host else None,
            depth=prefix.rstrip("/").count("/"),
            operations=operations,
            sockets=sockets,
            paths=tuple([(o.method, o.path) for o in operations] + [(SOCKET, s.path) for s in sockets]),
            router=router,
            talks=talks,
            principal_of=(lambda request: asked(services, request)) if asked else None,
            witness=witness,
        )

    def root_of(self, path: str) -> str:
        """The longest of the dialect's roots that holds this path; empty where none does."""
        fold = self.dialect.fold_case
        subject = (path.lower() if fold else path) + "/"
        roots = [root for root in self.dialect.roots if subject.startswith((root.lower() if fold else root) + "/")]
        return max(roots, key=len, default="" if path != "/" or "/" not in self.dialect.roots else "/")

    def find(self, method: str, segments: Sequence[str]) -> tuple[Any, tuple[str, ...]] | None:
        """The operation or (method SOCKET) socket of a path, with its parameters' values."""
        path = "/" + "/".join(segments)
        if method == SOCKET:
            return self.talks.find(method, path, segments)
        return self.router.find(method, path, segments)

    def allowed(self, segments: Sequence[str]) -> tuple[str, ...]:
        """The methods of a path, HEAD and OPTIONS among them; none where there is no such path."""
        methods = set(self.router.methods(segments))
        if not methods:
            return ()
        return tuple(sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))

    async def answer(self, request: Request, operation: Operation, values: tuple[str, ...]) -> Response:
        """Sign in, check the scopes, run the handler; any error becomes the dialect's answer."""
        scope = request.scope
        scope["path_params"] = dict(zip(operation.names, values, strict=True)) if values else {}
        scope["gatebook.operation"] = operation
        limiter = limiter_of(scope)
        try:
            if limiter is None:
                response = await self._run(request, operation)
            else:
                limiter.knock(request, cost_of(operation) if operation.public else 1.0)
                response = await limiter.in_time(self._run(request, operation))
            if limiter is not None and isinstance(response, Ongoing):
                await _hold(limiter, request, response)
        except GatebookError as error:
            if limiter is not None and isinstance(error, Unauthenticated):
                limiter.refused(request)
            return self.refusal(request, error)
        except ClientDisconnect:
            return Response(status_code=499)  # nobody is left to read it; the access log is
        except Exception:
            return self._broken(request)
        if ignored := scope.get("gatebook.ignored"):
            response.headers["Gatebook-Ignored"] = ignored
        return response

    async def talk(
        self, request: Request, scope: Scope, receive: Receive, send: Send, socket: Socket, values: tuple[str, ...]
    ) -> Response | None:
        """Run a socket; a response where it was refused before it was accepted."""
        scope["path_params"] = dict(zip(socket.names, values, strict=True))
        websocket = WebSocket(scope, receive, send)
        limiter = limiter_of(scope)
        try:
            check_origin(websocket)
            with limiter.at_address(request) if limiter else nullcontext():
                if limiter is not None:
                    limiter.knock(request)
                await socket.handler(websocket)
        except WebSocketDisconnect:
            return None
        except GatebookError as error:
            if websocket.application_state is WebSocketState.CONNECTING:
                return self.refusal(request, error)
            await _close(websocket, 1008 if error.status < 500 else 1013, error.message)
        except Exception:
            refusal = self._broken(request)
            if websocket.application_state is WebSocketState.CONNECTING:
                return refusal
            await _close(websocket, 1011, "something failed here")
        return None

    def refusal(self, request: Request, error: GatebookError) -> Response:
        """The dialect's answer to an error, with the headers that HTTP asks for whatever the vendor."""
        try:
            response = self.dialect.on_error(request, error)
        except Exception:
            log.exception("%s cannot say %s", self.dialect.name, type(error).__name__)
            response = problems.on_error(request, error)
        if self.witness is not None:
            operation = request.scope.get("gatebook.operation")
            route = operation.path if operation else next(iter(self.dialect.roots), "")
            witnessed(request, error, f"{request.scope.get('method', 'GET')} {route}", self.witness)
        headers = response.headers
        if isinstance(error, MethodNotAllowed):
            headers.setdefault("Allow", ", ".join(error.allowed))
        elif isinstance(error, TooMany | Unavailable):
            headers.setdefault("Retry-After", str(error.retry_after_s))
        elif response.status_code == 401:
            headers.setdefault("WWW-Authenticate", "Bearer")
        return response

    async def _run(self, request: Request, operation: Operation) -> Response:
        if self.principal_of is not None and not operation.public:
            await self._admit(request, operation)
        return await operation.handler(request)

    async def _admit(self, request: Request, operation: Operation) -> None:
        assert self.principal_of is not None
        found = await self.principal_of(request)
        principal = visited(found, request, self.dialect.name, f"{operation.method} {operation.path}")
        request.scope["gatebook.principal"] = principal
        if (limiter := limiter_of(request.scope)) is not None:
            limiter.spend(principal, cost_of(operation))
        for scope in operation.scopes:
            if not principal.may(scope):
                raise Forbidden(f"this needs the scope {scope.value}, which {principal.name} does not hold")

    def _broken(self, request: Request) -> Response:
        """The last resort: what nobody foresaw is logged with its stack, and told without."""
        request_id = request.scope.get("gatebook.request_id", "-")
        log.exception("request %s failed in %s", request_id, self.dialect.name)
        told = f"something failed here; the server's log has it under {request_id}"
        return self.refusal(request, GatebookError(told))


async def _hold(limiter: Limiter, request: Request, response: Ongoing) -> None:
    """Count an answer that goes on until it is sent to its end; TooMany, and its source ended, beyond the bound."""
    held, principal = request.scope["gatebook.held"], request.scope.get("gatebook.principal")
    try:
        held.enter_context(limiter.at_address(request))
        if principal is not None:
            held.enter_context(limiter.of_principal(principal))
    except TooMany:
        await response.abandon()
        raise


async def _close(websocket: WebSocket, code: int, reason: str) -> None:
    """Close if still open; a close frame holds at most 123 bytes of reason (RFC 6455 section 5.5)."""
    if websocket.application_state is WebSocketState.CONNECTED:
        await websocket.close(code, reason.encode()[:123].decode(errors="ignore"))
