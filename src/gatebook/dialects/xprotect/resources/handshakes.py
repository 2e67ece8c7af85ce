"""Windows users: an NTLM handshake of three requests on one connection, which is over after 30 seconds."""

from __future__ import annotations

import binascii
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from gatebook.dialects.xprotect.errors import INVALID_PASSWORD, TokenRefusal
from gatebook.dialects.xprotect.tokens import NO_STORE, TokenForm, given
from gatebook.domain.errors import BadInput, Unauthenticated, Unavailable
from gatebook.http import Request, Response
from gatebook.http.visits import address_of
from gatebook.http.wire import json_reply
from gatebook.services import Services
from gatebook.services.ntlm_acceptor import AUTHENTICATE, NEGOTIATE, Acceptor, kind_of

GRANT: Final = "windows_credentials"
SCHEME: Final = "NTLM"
WITHIN_S: Final = 30.0
AT_ONCE: Final = 1_000
"""Handshakes under way; each is a few kilobytes."""
MESSAGE_BYTES: Final = 8_192


@dataclass(frozen=True, slots=True)
class Begun:
    """A handshake that waits for the answer to its challenge."""

    acceptor: Acceptor
    until: float


class Handshakes:
    """Handshakes by their connection: what one connection was asked, no other can answer."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.monotonic, at_once: int = AT_ONCE) -> None:
        """`clock` counts seconds and never goes back."""
        self._at_once = at_once
        self._services = services
        self._clock = clock
        self._begun: WeakKeyDictionary[object, Begun] = WeakKeyDictionary()

    def __len__(self) -> int:
        return len(self._begun)

    async def step(self, request: Request, form: TokenForm) -> Response:
        """The next answer: a call for NTLM, a challenge, or a token."""
        connection = request.scope.get("gatebook.connection")
        if connection is None:
            raise BadInput("grant_type", "needs one connection, which is not known here", "send grant_type=password")
        message = message_of(request)
        if message is None:
            return _call(SCHEME)
        if kind_of(message) == NEGOTIATE:
            return await self._challenge(connection, message)
        if kind_of(message) != AUTHENTICATE:
            raise BadInput("Authorization", "is no message of an NTLM client", "begin the handshake anew")
        return await self._token(request, form, self._begun.pop(connection, None), message)

    async def _challenge(self, connection: object, message: bytes) -> Response:
        now = self._clock()
        if len(self._begun) >= self._at_once:
            for known, begun in list(self._begun.items()):
                if begun.until <= now:
                    del self._begun[known]
        if len(self._begun) >= self._at_once:
            raise Unavailable("too many are signing in at the moment; try again", 2)
        acceptor = Acceptor()
        challenge = acceptor.challenge(message)
        self._begun[connection] = Begun(acceptor, now + WITHIN_S)
        return _call(f"{SCHEME} {b64encode(challenge).decode()}")

    async def _token(self, request: Request, form: TokenForm, begun: Begun | None, answer: bytes) -> Response:
        if begun is None or begun.until <= self._clock():
            return _call(SCHEME)
        try:
            found = await self._services.ntlm.finished(begun.acceptor, answer, address=address_of(request))
        except Unauthenticated:
            return _call(SCHEME)
        return await given(self._services, request, found, GRANT, form)


def message_of(request: Request) -> bytes | None:
    """The NTLM message that came with a request; None where none came, BadInput where it cannot be read."""
    scheme, _space, text = request.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != SCHEME.lower() or not text.strip():
        return None
    try:
        if len(text) > MESSAGE_BYTES:
            raise ValueError("too long")
        return b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput("Authorization", "is not base64", "send an NTLM message") from error


def _call(challenge: str) -> Response:
    told = TokenRefusal(error="invalid_grant", error_description=INVALID_PASSWORD, error_code="InvalidCredentials")
    return json_reply(told, 401, headers={**NO_STORE, "WWW-Authenticate": challenge})
