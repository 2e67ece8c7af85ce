"""`gatebook services`: programs that sign in with a client id and a secret."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.cli.rooms import (
    Expires,
    Name,
    NewName,
    Purpose,
    Ref,
    emptied,
    kept,
    new_time,
    share,
    time_of,
    when,
)
from gatebook.domain.access import Scope
from gatebook.domain.accounts import Service
from gatebook.services.accounts import Made as MadeAccount
from gatebook.services.forms import NewService, ServiceChange

app = typer.Typer(name="services", help="Programs with a client id and a secret.", no_args_is_help=True)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One service."""

    number: int
    id: str
    client_id: str
    name: str
    scopes: tuple[str, ...]
    expires: str | None
    disabled: str | None
    last_used: str | None


class Made(msgspec.Struct, frozen=True):
    """A service's new secret."""

    client_id: str
    secret: str


def line_of(service: Service) -> Line:
    """A service as it is printed."""
    return Line(
        number=service.number, id=str(service.id), client_id=service.client_id, name=service.name,
        scopes=tuple(sorted(service.scopes)), expires=when(service.expires), disabled=when(service.disabled),
        last_used=when(service.last_used),
    )  # fmt: skip


share(app, lambda desk: desk.services.entities.services, Line, line_of, remove="Remove a service.")


@app.command("add")
def add_service(
    context: typer.Context,
    name: Name,
    scope: Annotated[list[Scope], typer.Option(help="What it may do; may be repeated.")],
    client_id: Annotated[str | None, typer.Option(help="Its UUID if not given.")] = None,
    purpose: Purpose = None,
    expires: Expires = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Make a service, and print its client id and its secret once."""

    async def add(desk: Desk) -> MadeAccount[Service]:
        form = NewService(
            name=name, scopes=frozenset(scope), client_id=client_id, purpose=purpose, expires=time_of(desk, expires)
        )
        return await desk.services.entities.services.add(desk.principal, form)

    show_made(at_desk(context, organisation, add), as_json)


@app.command("secret")
def renew_secret(
    context: typer.Context, ref: Ref, organisation: OrganisationOption = None, as_json: Json = False
) -> None:
    """Give a service another secret, and print it once; the old one no longer holds."""

    async def renew(desk: Desk) -> MadeAccount[Service]:
        return await desk.services.entities.services.renew_secret(desk.principal, ref)

    show_made(at_desk(context, organisation, renew), as_json)


@app.command("change")
def change_service(
    context: typer.Context,
    ref: Ref,
    name: NewName = None,
    scope: Annotated[list[Scope] | None, typer.Option(help="All that it may do; may be repeated.")] = None,
    purpose: Purpose = None,
    expires: Expires = None,
    disabled: Annotated[bool | None, typer.Option("--disabled/--enabled", help="Whether it is shut out.")] = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Change a service; what is not named stays as it is."""

    async def change(desk: Desk) -> Service:
        form = ServiceChange(
            name=kept(name), scopes=kept(frozenset(scope) if scope else None), purpose=emptied(purpose),
            expires=new_time(desk, expires), disabled=kept(disabled),
        )  # fmt: skip
        return await desk.services.entities.services.change(desk.principal, ref, form)

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, change))], as_json)


def show_made(made: MadeAccount[Service], as_json: bool) -> None:
    """The client id and the secret."""
    terminal.show_lines(Made, [Made(made.account.client_id, made.secret)], as_json)
