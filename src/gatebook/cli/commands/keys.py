"""`gatebook keys`: API keys, each shown once."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.cli.rooms import (
    Device,
    Everything,
    Expires,
    NewName,
    Purpose,
    Ref,
    Site,
    emptied,
    kept,
    new_reach,
    new_time,
    reach_of,
    share,
    time_of,
    when,
)
from gatebook.domain.access import Scope
from gatebook.domain.accounts import ApiKey
from gatebook.services.forms import KeyChange, NewKey

app = typer.Typer(name="keys", help="API keys, each shown once.", no_args_is_help=True)


class Made(msgspec.Struct, frozen=True):
    """A new key; `sites` and `devices` are the numbers it is for, both None where it is for all."""

    name: str
    scopes: tuple[str, ...]
    sites: tuple[int, ...] | None
    devices: tuple[int, ...] | None
    key: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One key; `sites` and `devices` are None where the grant is of everything."""

    id: str
    prefix: str
    name: str
    scopes: tuple[str, ...]
    sites: tuple[int, ...] | None
    devices: tuple[int, ...] | None
    expires: str | None
    revoked: str | None
    last_used: str | None


def line_of(key: ApiKey) -> Line:
    """A key as it is printed."""
    narrow = not key.grant.everything
    return Line(
        id=str(key.id), prefix=key.prefix, name=key.name, scopes=tuple(sorted(key.scopes)),
        sites=tuple(sorted(key.grant.sites)) if narrow else None,
        devices=tuple(sorted(key.grant.devices)) if narrow else None,
        expires=when(key.expires), revoked=when(key.revoked), last_used=when(key.last_used),
    )  # fmt: skip


share(app, lambda desk: desk.services.entities.keys, Line, line_of, remove="Remove a key, and take it out of the list.")


@app.command("add")
def add_key(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="Who or what it is for.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; may be repeated.")],
    site: Site = None,
    device: Device = None,
    purpose: Purpose = None,
    expires: Expires = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Make an API key and print it once; without --site and --device it is for all devices."""

    async def add(desk: Desk) -> Made:
        form = NewKey(
            name=name, scopes=frozenset(scope), grant=reach_of(site, device), purpose=purpose,
            expires=time_of(desk, expires),
        )  # fmt: skip
        made = await desk.services.entities.keys.add(desk.principal, form)
        told = line_of(made.account)
        return Made(name, told.scopes, told.sites, told.devices, made.secret)

    made = at_desk(context, organisation, add)
    if as_json:
        terminal.show_json(made)
    else:
        terminal.say(made.key)


@app.command("change")
def change_key(
    context: typer.Context,
    ref: Ref,
    name: NewName = None,
    scope: Annotated[list[Scope] | None, typer.Option(help="All that it may do; may be repeated.")] = None,
    site: Site = None,
    device: Device = None,
    everything: Everything = False,
    purpose: Purpose = None,
    expires: Expires = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Change a key; what is not named stays as it is."""

    async def change(desk: Desk) -> ApiKey:
        form = KeyChange(
            name=kept(name), scopes=kept(frozenset(scope) if scope else None),
            grant=new_reach(site, device, everything), purpose=emptied(purpose), expires=new_time(desk, expires),
        )  # fmt: skip
        return await desk.services.entities.keys.change(desk.principal, ref, form)

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, change))], as_json)


@app.command("revoke")
def revoke_key(
    context: typer.Context, ref: Ref, organisation: OrganisationOption = None, as_json: Json = False
) -> None:
    """Revoke a key at once and for ever; the list still has it."""

    async def revoke(desk: Desk) -> ApiKey:
        return await desk.services.entities.keys.change(desk.principal, ref, KeyChange(revoked=True))

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, revoke))], as_json)
