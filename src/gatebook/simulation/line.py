"""A lock on the device link: it hears that it is to open, opens, and says so; now and then it is jammed."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final
from zlib import crc32

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

PATH: Final = "/v1/device-link"
AGAIN_S: Final = 1.0
"""Before a line that broke is taken up again."""

Opened = Callable[[str], None]
"""Called with a command's id when the lock opens for it."""


class Line:
    """One lock's; `opened` and `refused` count its answers."""

    def __init__(
        self, url: str, token: str, *, seed: str, jammed: float, then: Opened, tls: ssl.SSLContext | None = None
    ) -> None:
        """`jammed`: the share of commands that the lock refuses; which ones, the seed decides."""
        self._address = url.rstrip("/").replace("http", "ws", 1) + PATH
        self._token = token
        self._seed = seed
        self._jammed = jammed
        self._then = then
        self._tls = tls
        self._heard: dict[str, str] = {}
        self.up = asyncio.Event()
        """Clear while the device is cut off."""
        self.up.set()
        self.opened = 0
        self.refused = 0

    async def run(self) -> None:
        """Until it is cancelled; a token that does not hold ends it."""
        signed = {"Authorization": f"Bearer {self._token}"}
        while True:
            await self.up.wait()
            try:
                async with connect(self._address, additional_headers=signed, ssl=self._tls, proxy=None) as line:
                    await self._talk(line)
            except InvalidStatus as error:
                if error.response.status_code in (401, 403):
                    return
            except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed):
                pass
            await asyncio.sleep(AGAIN_S)

    async def _talk(self, line: ClientConnection) -> None:
        """Until it breaks, or the device is cut off."""
        down = asyncio.create_task(self._cut(line))
        try:
            async for said in line:
                command = json.loads(said)
                if command.get("action") == "open" and datetime.fromisoformat(command["deadline"]) > datetime.now(UTC):
                    await self._answer(line, str(command["id"]))
        finally:
            down.cancel()
            with suppress(asyncio.CancelledError):
                await down

    async def _cut(self, line: ClientConnection) -> None:
        while self.up.is_set():
            await asyncio.sleep(AGAIN_S / 4)
        await line.close()

    async def _answer(self, line: ClientConnection, command: str) -> None:
        """A command that comes twice is answered twice, and done once."""
        known = command in self._heard
        if not known:
            number = len(self._heard)
            jams = crc32(f"{self._seed}/{number}".encode()) < self._jammed * (1 << 32)
            self._heard[command] = "refused" if jams else "done"
        outcome = self._heard[command]
        told = {"id": command, "outcome": outcome}
        await line.send(json.dumps(told if outcome == "done" else {**told, "message": "jammed"}))
        if known:
            return
        if outcome == "done":
            self.opened += 1
            self._then(command)
        else:
            self.refused += 1
