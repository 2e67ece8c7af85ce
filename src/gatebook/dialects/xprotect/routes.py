"""Everything that XProtect's clients can ask: the gateway's resources, its sockets, and the identity provider."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Final

from gatebook.dialects.xprotect.resources import discovery
from gatebook.http.dialect import Operation, Socket
from gatebook.services import Services

RESOURCES: Final[tuple[ModuleType, ...]] = (discovery,)
"""Modules that offer `operations(services)`, in the order of their documentation."""
SPEAKERS: Final[tuple[ModuleType, ...]] = ()
"""Modules that offer `sockets(services)`."""


def operations(services: Services) -> Sequence[Operation]:
    """All operations, in the order of their documentation."""
    return [one for resource in RESOURCES for one in resource.operations(services)]


def sockets(services: Services) -> Sequence[Socket]:
    """All sockets."""
    return [one for speaker in SPEAKERS for one in speaker.sockets(services)]
