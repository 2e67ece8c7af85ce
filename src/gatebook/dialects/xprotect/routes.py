"""Everything that XProtect's clients can ask: the gateway's resources, its sockets, and the identity provider."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Final

from gatebook.dialects.xprotect import socket
from gatebook.dialects.xprotect.resources import (
    alarm_sessions,
    alarms,
    automation,
    bulk,
    configuration,
    discovery,
    event_sessions,
    events,
    identity,
)
from gatebook.http import Request, Response
from gatebook.http.dialect import JSON, Operation, Socket
from gatebook.services import Services

RESOURCES: Final[tuple[ModuleType, ...]] = (discovery, identity, events, bulk, event_sessions, alarms, alarm_sessions,
                                            configuration, automation)  # fmt: skip
"""Modules that offer `operations(services)`, in the order of their documentation."""
SPEAKERS: Final[tuple[ModuleType, ...]] = (socket,)
"""Modules that offer `sockets(services)`."""


HEADERS: Final = {"Cache-Control": "no-cache", "Pragma": "no-cache", "Expires": "-1", "X-Frame-Options": "SAMEORIGIN"}
"""Of every answer.  Source: Configuration API, recorded headers, 2026-11-21."""
MEDIA: Final = "application/json; charset=utf-8"
"""Source: Configuration API, recorded headers, 2026-11-21."""


def finish(_request: Request, response: Response) -> None:
    """The gateway's headers; what an answer says of itself stays, such as that a token is not to be stored."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.headers.get("content-type") == JSON:
        response.headers["content-type"] = MEDIA


def operations(services: Services) -> Sequence[Operation]:
    """All operations, in the order of their documentation."""
    return [one for resource in RESOURCES for one in resource.operations(services)]


def sockets(services: Services) -> Sequence[Socket]:
    """All sockets."""
    return [one for speaker in SPEAKERS for one in speaker.sockets(services)]
