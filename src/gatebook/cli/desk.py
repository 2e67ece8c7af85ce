"""What a command works with: the services on the store's own file, on behalf of whoever may run commands there.

A server may run on the same file meanwhile: it sees what a command changes, and the other way round.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer

from gatebook.app.build import dialects_of, services_of
from gatebook.app.issuers import Signs, signs_of
from gatebook.app.stores import opened
from gatebook.cli.frame import settings_of
from gatebook.domain.access import EVERYTHING, Principal, PrincipalKind, Scope
from gatebook.domain.errors import BadInput, NotFound
from gatebook.domain.places import Organisation, Site
from gatebook.services import Services
from gatebook.store import Store

T = TypeVar("T")

OrganisationOption = Annotated[
    str | None,
    typer.Option("--organisation", help="Number, UUID or name; needed only where there are several."),
]
"""The option of every command that works within one organisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One organisation's affairs."""

    services: Services
    store: Store
    organisation: Organisation
    principal: Principal

    @property
    def zone(self) -> ZoneInfo:
        """What a time without an offset means."""
        return ZoneInfo(self.organisation.zone)

    async def site(self, ref: str) -> Site:
        """The site of this number, UUID or name, or NotFound."""
        found = await self.store.read(self.store.directory.site, self.organisation.number, ref)
        if found is None:
            raise NotFound(f"{ref}: there is no such site; see `gatebook sites list`")
        return found


def at_desk(
    context: typer.Context,
    organisation: str | None,
    work: Callable[[Desk], Awaitable[T]],
    *,
    issuing: bool = False,
    purpose: str | None = None,
) -> T:
    """Do the work, and let go of the store.

    `issuing`: tokens are issued, in the names that the settings give.  `purpose`: what a search is for.
    """
    settings = settings_of(context).settings
    signs = signs_of(settings, dialects_of(settings.dialects)[0]) if issuing else Signs()
    found = opened(settings.store, checkpoints=False)

    async def run() -> T:
        services = services_of(found, signs=signs)
        chosen = choose(await found.store.read(found.store.directory.organisations), organisation)
        return await work(
            Desk(
                services=services,
                store=found.store,
                organisation=chosen,
                principal=replace(operator_of(chosen), purpose=purpose),
            )
        )

    try:
        return asyncio.run(run())
    except BadInput as error:
        if error.field == "X-Purpose":  # the header that says it to the API
            raise BadInput("--purpose", error.fault, error.remedy) from error
        raise
    except KeyboardInterrupt:
        sys.stdout.flush()
        raise typer.Exit(130) from None
    finally:
        found.store.close()


def choose(organisations: Sequence[Organisation], ref: str | None) -> Organisation:
    """The one that is meant."""
    if ref is None and len(organisations) == 1:
        return organisations[0]
    names = ", ".join(f"{one.number} ({one.name})" for one in organisations)
    if ref is None:
        raise BadInput("--organisation", "is missing, and there are several", f"give one of {names}")
    for one in organisations:
        if ref in (str(one.number), str(one.id), one.name):
            return one
    raise NotFound(f"{ref}: there is no such organisation; there are {names}")


def operator_of(organisation: Organisation) -> Principal:
    """Who can run commands on the store's file may do everything."""
    return Principal(
        organisation=organisation.number,
        kind=PrincipalKind.SERVICE,
        id=organisation.id,
        name="command line",
        scopes=frozenset({Scope.ADMIN}),
        grant=EVERYTHING,
    )
