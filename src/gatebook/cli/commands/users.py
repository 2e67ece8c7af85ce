"""`gatebook users`: who signs in by name and password."""

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
    Name,
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
from gatebook.domain.accounts import User
from gatebook.services.forms import NewUser, UserChange

app = typer.Typer(name="users", help="Who signs in by name and password.", no_args_is_help=True)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One user; `sites` and `devices` are None where the grant is of everything."""

    number: int
    id: str
    login: str
    name: str
    scopes: tuple[str, ...]
    sites: tuple[int, ...] | None
    devices: tuple[int, ...] | None
    person: int | None
    expires: str | None
    disabled: str | None
    last_used: str | None


class Made(msgspec.Struct, frozen=True):
    """A user's new password."""

    login: str
    password: str | None


def line_of(user: User) -> Line:
    """A user as it is printed."""
    narrow = not user.grant.everything
    return Line(
        number=user.number, id=str(user.id), login=user.login, name=user.name, scopes=tuple(sorted(user.scopes)),
        sites=tuple(sorted(user.grant.sites)) if narrow else None,
        devices=tuple(sorted(user.grant.devices)) if narrow else None,
        person=user.person, expires=when(user.expires), disabled=when(user.disabled), last_used=when(user.last_used),
    )  # fmt: skip


share(app, lambda desk: desk.services.entities.users, Line, line_of, remove="Remove a user; its acts stay on record.")


@app.command("add")
def add_user(
    context: typer.Context,
    login: Annotated[str, typer.Option(help="What to sign in with; no other user anywhere has it.")],
    name: Name,
    scope: Annotated[list[Scope], typer.Option(help="What the user may do; may be repeated.")],
    site: Site = None,
    device: Device = None,
    person: Annotated[str | None, typer.Option(help="The person who it is, by number or UUID.")] = None,
    purpose: Purpose = None,
    expires: Expires = None,
    password: Annotated[bool, typer.Option(help="Without: for who signs in by way of an outside issuer.")] = True,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Make a user, and print a password once, which has to be changed at the first sign-in."""

    async def add(desk: Desk) -> Made:
        users = desk.services.entities.users
        form = NewUser(
            login=login, name=name, scopes=frozenset(scope), grant=reach_of(site, device), person=person,
            purpose=purpose, expires=time_of(desk, expires),
        )  # fmt: skip
        made = await users.add(desk.principal, form)
        if not password:
            return Made(made.login, None)
        return Made(made.login, (await users.reset_password(desk.principal, made.id)).secret)

    show_made(at_desk(context, organisation, add), as_json)


@app.command("password")
def reset_password(
    context: typer.Context, ref: Ref, organisation: OrganisationOption = None, as_json: Json = False
) -> None:
    """Give a user another password, and print it once; it has to be changed at the next sign-in."""

    async def reset(desk: Desk) -> Made:
        made = await desk.services.entities.users.reset_password(desk.principal, ref)
        return Made(made.account.login, made.secret)

    show_made(at_desk(context, organisation, reset), as_json)


@app.command("ntlm")
def let_in_by_ntlm(
    context: typer.Context,
    ref: Ref,
    off: Annotated[bool, typer.Option("--off", help="Shut the user out of NTLM again.")] = False,
    organisation: OrganisationOption = None,
) -> None:
    """Let a user sign in by NTLM, as Windows users do; asks for the password that the user has."""
    password = "" if off else typer.prompt("Password", hide_input=True)

    async def let_in(desk: Desk) -> None:
        if off:
            await desk.services.ntlm.shut_out(desk.principal, ref)
        else:
            await desk.services.ntlm.let_in(desk.principal, ref, password)

    at_desk(context, organisation, let_in)


@app.command("change")
def change_user(
    context: typer.Context,
    ref: Ref,
    login: Annotated[str | None, typer.Option(help="What to sign in with.")] = None,
    name: NewName = None,
    scope: Annotated[list[Scope] | None, typer.Option(help="All that the user may do; may be repeated.")] = None,
    site: Site = None,
    device: Device = None,
    everything: Everything = False,
    person: Annotated[str | None, typer.Option(help="The person who it is; `none` for none.")] = None,
    purpose: Purpose = None,
    expires: Expires = None,
    disabled: Annotated[bool | None, typer.Option("--disabled/--enabled", help="Whether it is shut out.")] = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Change a user; what is not named stays as it is."""

    async def change(desk: Desk) -> User:
        form = UserChange(
            login=kept(login), name=kept(name), scopes=kept(frozenset(scope) if scope else None),
            grant=new_reach(site, device, everything), person=emptied(person), purpose=emptied(purpose),
            expires=new_time(desk, expires), disabled=kept(disabled),
        )  # fmt: skip
        return await desk.services.entities.users.change(desk.principal, ref, form)

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, change))], as_json)


def show_made(made: Made, as_json: bool) -> None:
    """The password alone, or with its user as JSON."""
    if as_json:
        terminal.show_json(made)
    else:
        terminal.say(made.password or made.login)
