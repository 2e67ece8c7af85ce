"""Gatebook's own API: everything that it can do, in its own words."""

from __future__ import annotations

from msgspec import Struct

from gatebook.dialects.native.errors import on_error
from gatebook.dialects.native.mapping import KINDS, wire_of
from gatebook.dialects.native.resources.deliveries import FORMATS
from gatebook.dialects.native.routes import operations, principal_of, sockets
from gatebook.domain.access import Principal
from gatebook.domain.events import Event
from gatebook.http.dialect import API_KEY, BEARER, PROBLEM, Dialect
from gatebook.http.problems import Problem
from gatebook.services import Services
from gatebook.services.views import view_of


async def shape_of(services: Services, principal: Principal, event: Event) -> Struct | None:
    """The event as `GET /v1/events/{id}` shows it."""
    page = await services.history.event(principal, event.id)
    return wire_of(page.events[0], page, view_of(principal))


async def url_of(_services: Services, _principal: Principal, event: Event) -> str | None:
    """Where the event is."""
    return f"/v1/events/{event.id}"


DIALECT: Dialect[Services] = Dialect(
    name="native",
    title="Native API",
    roots=("/v1",),
    operations=operations,
    sockets=sockets,
    on_error=on_error,
    error_shape=Problem,
    error_media=PROBLEM,
    principal_of=principal_of,
    security=(BEARER, API_KEY),
    description="Everything that Gatebook can do: reports, history, counts, live events, quarantine, the directory.",
    kinds=KINDS,
    shape_of=shape_of,
    url_of=url_of,
    formats=FORMATS,
)
