"""`gatebook sites`: the places where devices stand."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.cli.rooms import NewName, Ref, kept, share
from gatebook.domain.places import Site
from gatebook.services.forms import NewSite, SiteChange

app = typer.Typer(name="sites", help="The places where devices stand.", no_args_is_help=True)


class Line(msgspec.Struct, frozen=True):
    """One site."""

    number: int
    id: str
    name: str
    zone: str


def line_of(site: Site) -> Line:
    """A site as it is printed."""
    return Line(site.number, str(site.id), site.name, site.zone)


share(app, lambda desk: desk.services.entities.sites, Line, line_of, remove="Remove a site where no device stands.")


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
        form = NewSite(name=name, zone=zone, number=number, id=id)
        return await desk.services.entities.sites.add(desk.principal, form)

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, add))], as_json)


@app.command("change")
def change_site(
    context: typer.Context, ref: Ref, name: NewName = None,
    zone: Annotated[str | None, typer.Option(help="Its time zone.")] = None,
    organisation: OrganisationOption = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Change a site; what is not named stays as it is."""

    async def change(desk: Desk) -> Site:
        form = SiteChange(name=kept(name), zone=kept(zone))
        return await desk.services.entities.sites.change(desk.principal, ref, form)

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, change))], as_json)
