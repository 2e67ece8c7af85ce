"""`gatebook keys`: API keys, each shown once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.domain.access import EVERYTHING, Grant, Scope
from gatebook.domain.errors import NotFound
from gatebook.services.keys import make_key

app = typer.Typer(name="keys", help="API keys, each shown once.", no_args_is_help=True)


class Made(msgspec.Struct, frozen=True):
    """A new key; `sites` and `devices` are the numbers it is for, both None where it is for all."""

    name: str
    scopes: tuple[str, ...]
    sites: tuple[int, ...] | None
    devices: tuple[int, ...] | None
    key: str


@app.callback()
def group() -> None:
    """API keys, each shown once."""


@app.command("add")
def add_key(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="Who or what it is for.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; may be repeated.")],
    site: Annotated[list[str] | None, typer.Option(help="Only this site; may be repeated.")] = None,
    device: Annotated[list[str] | None, typer.Option(help="Only this device; may be repeated.")] = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Make an API key and print it once; without --site and --device it is for all devices."""

    async def add(desk: Desk) -> Made:
        grant = await grant_of(desk, site or (), device or ())
        org, scopes = desk.organisation.number, frozenset(scope)
        key = await desk.store.write(
            lambda transaction: make_key(transaction, org, name, scopes, now=desk.services.now(), grant=grant)
        )
        sites = None if grant.everything else tuple(sorted(grant.sites))
        devices = None if grant.everything else tuple(sorted(grant.devices))
        return Made(name, tuple(sorted(scopes)), sites, devices, key)

    made = at_desk(context, organisation, add)
    if as_json:
        terminal.show_json(made)
    else:
        terminal.say(made.key)


async def grant_of(desk: Desk, sites: Sequence[str], devices: Sequence[str]) -> Grant:
    """What the key shows.  NotFound for a site or device that is not there."""
    if not sites and not devices:
        return EVERYTHING
    numbers = set()
    for ref in devices:
        try:
            numbers.add((await desk.services.directory.device(desk.principal, ref)).number)
        except NotFound as error:
            raise NotFound(f"{ref}: there is no such device; see `gatebook devices list`") from error
    return Grant(sites=frozenset([(await desk.site(ref)).number for ref in sites]), devices=frozenset(numbers))
