"""NTLM handshakes that are begun and not finished: how long, and how many."""

from __future__ import annotations

import asyncio
import base64
import gc

import pytest
import spnego

from gatebook.dialects.xprotect.resources.handshakes import Handshakes
from gatebook.dialects.xprotect.tokens import TokenForm
from gatebook.domain.errors import Unavailable
from gatebook.http import Request
from tests.dialects.xprotect.asking import PASSWORD, windows_user
from tests.houses import House


class Connection:
    """Stands for one, where none is needed."""


def asking(connection: Connection, client: bytes) -> Request:
    """A request on this connection with this message."""
    header = b"NTLM " + base64.b64encode(client)
    scope = {"type": "http", "method": "POST", "path": "/idp/connect/token", "client": ("192.0.2.1", 1)}
    return Request({**scope, "headers": [(b"authorization", header)], "gatebook.connection": connection})


@pytest.mark.parametrize(("later_s", "status"), [(29.0, 200), (31.0, 401)])
def test_a_handshake_is_over_after_half_a_minute(house: House, later_s: float, status: int) -> None:
    """Gatebook's own rule."""
    login = f"winston-{status}"
    windows_user(house, login)
    clock = [1000.0]
    handshakes, connection = Handshakes(house.services, clock=lambda: clock[0]), Connection()
    client = spnego.client(login, PASSWORD, protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)

    async def talk() -> int:
        form = TokenForm(fields={}, as_sent={})
        challenge = await handshakes.step(asking(connection, client.step() or b""), form)
        clock[0] += later_s
        asked = base64.b64decode(challenge.headers["www-authenticate"].removeprefix("NTLM "))
        return (await handshakes.step(asking(connection, client.step(asked) or b""), form)).status_code

    assert asyncio.run(talk()) == status
    assert len(handshakes) == 0


def test_what_a_connection_kept_goes_with_it(house: House) -> None:
    """Gatebook's own rule: whoever begins and hangs up leaves nothing behind."""
    handshakes = Handshakes(house.services)
    client = spnego.client("anybody", PASSWORD, protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
    first = client.step() or b""

    async def begin() -> int:
        connection = Connection()
        await handshakes.step(asking(connection, first), TokenForm(fields={}, as_sent={}))
        return len(handshakes)

    assert asyncio.run(begin()) == 1
    gc.collect()
    assert len(handshakes) == 0


def test_no_more_than_so_many_handshakes_are_under_way(house: House) -> None:
    """Gatebook's own rule: those that are over make room, others do not."""
    clock = [1000.0]
    handshakes = Handshakes(house.services, clock=lambda: clock[0], at_once=2)
    client = spnego.client("anybody", PASSWORD, protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
    first, kept = client.step() or b"", [Connection() for _ in range(4)]

    async def begin(connection: Connection) -> int:
        return (await handshakes.step(asking(connection, first), TokenForm(fields={}, as_sent={}))).status_code

    begun = [asyncio.run(begin(connection)) for connection in kept[:2]]
    with pytest.raises(Unavailable):
        asyncio.run(begin(kept[2]))
    clock[0] += 31
    later = asyncio.run(begin(kept[3]))

    assert [*begun, later] == [401] * 3
    assert len(handshakes) == 1
