"""Calls to a server as a device makes them: what is not answered, or not now, is sent again until it is."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from gatebook.domain.errors import BadInput, Refused, Unauthenticated

LATER: Final = frozenset({429, 502, 503, 504})
LONGEST_S: Final = 30.0
"""Between two tries, unless the server asks for more."""
TIMEOUT_S: Final = 30.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """`said` is the JSON of the body; None where it is none."""

    status: int
    said: Any

    def needed(self) -> Any:
        """The JSON, where the answer is a success; else Refused in the server's own words."""
        if self.status < 300:
            return self.said
        words = self.said.get("detail") or self.said.get("message") if isinstance(self.said, dict) else None
        text = f"the server answers {self.status}: {words or 'no reason given'}"
        raise Unauthenticated(text) if self.status == 401 else Refused(text)


class Calls:
    """To one server."""

    def __init__(self, client: httpx.AsyncClient, say: Say) -> None:
        """`say` is told, once, when the server cannot be reached, and when it can again."""
        self._client = client
        self._say = say
        self._apart = False

    async def send(
        self, method: str, path: str, secret: str | None, body: bytes | None = None, media: str = "application/json"
    ) -> Answer:
        """The answer, whenever it comes; `secret` goes in the header."""
        headers = {} if secret is None else {"X-API-Key": secret}
        if body is not None:
            headers["Content-Type"] = media
        wait_s = 0.5
        while True:
            try:
                answer = await self._client.request(method, path, content=body, headers=headers)
            except httpx.TransportError as error:
                self._reached(False, str(error) or type(error).__name__)
                asked = 0.0
            else:
                self._reached(True, "")
                if answer.status_code not in LATER:
                    return Answer(answer.status_code, json_of(answer.content))
                asked = seconds_of(answer.headers.get("Retry-After"))
            await asyncio.sleep(max(wait_s, asked))
            wait_s = min(wait_s * 2, LONGEST_S)

    async def get(self, path: str, secret: str | None) -> Answer:
        """Without a body."""
        return await self.send("GET", path, secret)

    async def post(self, path: str, secret: str | None, body: object) -> Answer:
        """With a body of JSON."""
        return await self.send("POST", path, secret, msgspec.json.encode(body))

    def _reached(self, reached: bool, why: str) -> None:
        if self._apart == reached:
            self._apart = not reached
            self._say("The server answers again." if reached else f"The server cannot be reached ({why}); trying on.")


@asynccontextmanager
async def calls_to(url: str, say: Say, *, ca: Path | None = None) -> AsyncIterator[Calls]:
    """Calls to the server at this base URL.  `ca`: whom to trust with TLS; None: as usual."""
    if not url.startswith(("http://", "https://")):
        raise BadInput("--url", f"is {url}", "give one that begins with http:// or https://")
    limits = httpx.Limits(max_connections=32, max_keepalive_connections=32)
    async with httpx.AsyncClient(
        base_url=url.rstrip("/"), timeout=TIMEOUT_S, trust_env=False, verify=trusted(ca) or True, limits=limits
    ) as client:
        yield Calls(client, say)


def trusted(ca: Path | None) -> ssl.SSLContext | None:
    """What trusts the certificates in the file; BadInput where it has none."""
    if ca is None:
        return None
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise BadInput("--ca", f"{ca} cannot be used", "give a file with PEM certificates") from error


def json_of(text: bytes) -> Any:
    """The JSON that is there; None where there is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def seconds_of(header: str | None) -> float:
    """Of `Retry-After`; 0 where it says none."""
    return float(header) if header is not None and header.isdecimal() else 0.0
