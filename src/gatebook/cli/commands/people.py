"""`gatebook people`: who goes through doors."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.cli.rooms import Name, NewName, Ref, kept, share
from gatebook.domain.places import Person
from gatebook.services.forms import NewPerson, PersonChange

app = typer.Typer(name="people", help="Who goes through doors.", no_args_is_help=True)


class Line(msgspec.Struct, frozen=True):
    """One person."""

    number: int
    id: str
    name: str


def line_of(person: Person) -> Line:
    """A person as it is printed."""
    return Line(person.number, str(person.id), person.name)


share(app, lambda desk: desk.services.entities.people, Line, line_of,
      remove="Remove a person, with what they carry; history stays.")  # fmt: skip


@app.command("add")
def add_person(
    context: typer.Context,
    name: Name,
    number: Annotated[int | None, typer.Option(min=1, help="The next free one if not given.")] = None,
    id: Annotated[UUID | None, typer.Option("--id", help="A new UUID if not given.")] = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Make a person known."""

    async def add(desk: Desk) -> Person:
        return await desk.services.entities.people.add(desk.principal, NewPerson(name=name, number=number, id=id))

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, add))], as_json)


@app.command("change")
def change_person(
    context: typer.Context, ref: Ref, name: NewName = None, organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Change a person; history keeps the name of its day."""

    async def change(desk: Desk) -> Person:
        return await desk.services.entities.people.change(desk.principal, ref, PersonChange(name=kept(name)))

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, change))], as_json)
