"""Lets an app start and stop what it needs: the ASGI lifespan, around one async context."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext

from starlette.types import ASGIApp, Receive, Scope, Send


class Lifespan:
    """Enters `context()` when the server starts, leaves it when it stops; passes all else on."""

    def __init__(
        self, app: ASGIApp, context: Callable[[], AbstractAsyncContextManager[object]] = lambda: nullcontext()
    ) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the lifespan; a start that fails is told to the server and raised."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        await receive()
        started = False
        try:
            async with self._context():
                started = True
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except BaseException as error:
            await send({"type": f"lifespan.{'shutdown' if started else 'startup'}.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.shutdown.complete"})
