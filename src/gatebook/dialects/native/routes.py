"""Everything that the native API serves, one module for each resource, and who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from msgspec import Struct

from gatebook.dialects.native.resources import (
    alarms,
    audit,
    cameras,
    counts,
    credentials,
    device_link,
    device_tokens,
    devices,
    event_types,
    events,
    exports,
    keeping,
    keys,
    live,
    organisations,
    people,
    plates,
    quarantine,
    reports,
    rules,
    service_accounts,
    sites,
    stream,
    tokens,
    users,
    vocabulary,
    webhooks,
)
from gatebook.dialects.native.resources.whoasks import principal_of
from gatebook.http import Request, Response
from gatebook.http.dialect import Operation, Socket
from gatebook.http.wire import read_query
from gatebook.services import Services

RESOURCES = (
    reports, events, exports, counts, stream, quarantine, organisations, sites, devices, people, credentials,
    event_types, users, service_accounts, keys, device_tokens, tokens, audit, keeping, alarms, rules, vocabulary,
    plates, cameras, webhooks,
)  # fmt: skip


class Nothing(Struct, frozen=True):
    """A query without parameters."""


def operations(services: Services) -> Sequence[Operation]:
    """All operations, in the order of their documentation."""
    return [strict(operation) for resource in RESOURCES for operation in resource.operations(services)]


def sockets(services: Services) -> Sequence[Socket]:
    """All lines that are held open."""
    return (*device_link.sockets(services), *live.sockets(services))


def strict(operation: Operation) -> Operation:
    """The same operation; one that takes no parameters refuses each by its name."""
    if operation.query is not None:
        return operation

    async def handler(request: Request) -> Response:
        read_query(request, Nothing)
        return await operation.handler(request)

    return replace(operation, handler=handler)


__all__ = ["RESOURCES", "operations", "principal_of", "sockets"]
