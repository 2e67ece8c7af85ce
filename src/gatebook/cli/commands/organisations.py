"""`gatebook organisations`: whose logs there are."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from gatebook.app.founding import found
from gatebook.app.stores import opened
from gatebook.cli import terminal
from gatebook.cli.desk import Desk, at_desk, choose
from gatebook.cli.frame import Json, settings_of
from gatebook.cli.rooms import NONE, NewName, Ref, kept
from gatebook.domain.errors import Conflict
from gatebook.domain.places import Organisation
from gatebook.services.forms import OrganisationChange

app = typer.Typer(name="organisations", help="Whose logs there are.", no_args_is_help=True)


class Line(msgspec.Struct, frozen=True):
    """One organisation; `parent` is the number of the one whose principals may read it."""

    number: int
    id: str
    name: str
    zone: str
    parent: int | None
    purpose_required: bool


class Made(msgspec.Struct, frozen=True):
    """A new organisation, and its administrator's API key."""

    number: int
    key: str


def line_of(one: Organisation) -> Line:
    """An organisation as it is printed."""
    return Line(one.number, str(one.id), one.name, one.zone, one.parent, one.purpose_required)


@app.command("add")
def add_organisation(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="What it is called.")],
    zone: Annotated[str, typer.Option(help="Its time zone, such as Europe/London.")],
    as_json: Json = False,
) -> None:
    """Found an organisation with a log of its own, and print its administrator's API key once."""
    store = opened(settings_of(context).settings.store, checkpoints=False).store
    try:
        founded = found(store, name, zone)
    finally:
        store.close()
    if as_json:
        terminal.show_json(Made(founded.organisation, founded.key))
    else:
        terminal.say(founded.key)


@app.command("list")
def list_organisations(context: typer.Context, as_json: Json = False) -> None:
    """Print every organisation."""
    terminal.show_lines(Line, [line_of(one) for one in all_of(context)], as_json)


@app.command("show")
def show_organisation(context: typer.Context, ref: Ref, as_json: Json = False) -> None:
    """Print one organisation."""
    terminal.show_lines(Line, [line_of(choose(all_of(context), ref))], as_json)


@app.command("change")
def change_organisation(
    context: typer.Context,
    ref: Ref,
    name: NewName = None,
    zone: Annotated[str | None, typer.Option(help="Its time zone.")] = None,
    parent: Annotated[str | None, typer.Option(help="Whose principals may read its log; `none` for nobody's.")] = None,
    purpose_required: Annotated[
        bool | None,
        typer.Option(
            "--purpose-required/--no-purpose-required", help="Whether a search for somebody must say what it is for."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Change an organisation; what is not named stays as it is."""

    async def change(desk: Desk) -> Organisation:
        room, number = desk.services.entities.organisations, desk.organisation.number
        if parent is not None:
            everyone = await desk.store.read(desk.store.directory.organisations)
            above = None if parent == NONE else choose(everyone, parent).number
            await room.adopt(desk.principal, number, above)
        form = OrganisationChange(name=kept(name), zone=kept(zone), purpose_required=kept(purpose_required))
        return await room.change(desk.principal, number, form)

    terminal.show_lines(Line, [line_of(at_desk(context, ref, change))], as_json)


@app.command("remove")
def remove_organisation(context: typer.Context, ref: Ref) -> None:
    """Remove an organisation to which nothing was ever reported, with its accounts and its directory."""

    async def remove(desk: Desk) -> None:
        await desk.services.entities.organisations.remove(desk.principal, desk.organisation.number)

    if len(all_of(context)) == 1:
        raise Conflict("this is the store's only organisation; remove the store itself")
    at_desk(context, ref, remove)


def all_of(context: typer.Context) -> list[Organisation]:
    """Every organisation in the store."""
    store = opened(settings_of(context).settings.store, checkpoints=False).store
    try:
        return store.read_now(store.directory.organisations)
    finally:
        store.close()
