"""`gatebook sites`: the places where devices stand."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.domain.places import Site

app = typer.Typer(name="sites", help="The places where devices stand.", no_args_is_help=True)


class Line(msgspec.Struct, frozen=True):
    """One site."""

    number: int
    id: str
    name: str
    zone: str


@app.command("add")
def add_site(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="What it is called.")],
    zone: Annotated[str | None, typer.Option(help="Its time zone; the organisation's if not given.")] = None,
    number: Annotated[int | None, typer.Option(min=1, help="The next free one if not given.")] = None,
    id: Annotated[UUID | None, typer.Option("--id", help="A new UUID if not given.")] = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Make a site known."""

    async def add(desk: Desk) -> Site:
        return await desk.services.directory.add_site(
            desk.principal, name=name, zone=zone or desk.organisation.zone, number=number, id=id
        )

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, add))], as_json)


@app.command("list")
def list_sites(context: typer.Context, organisation: OrganisationOption = None, as_json: Json = False) -> None:
    """Print every site."""

    async def listed(desk: Desk) -> list[Line]:
        return [line_of(site) for site in await desk.services.directory.sites(desk.principal)]

    terminal.show_lines(Line, at_desk(context, organisation, listed), as_json)


def line_of(site: Site) -> Line:
    """A site as it is printed."""
    return Line(site.number, str(site.id), site.name, site.zone)
