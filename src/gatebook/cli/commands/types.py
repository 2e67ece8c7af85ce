"""`gatebook types`: event types beyond the built-in type of each kind."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.cli.rooms import NONE, Name, NewName, Ref, kept, share
from gatebook.domain.errors import BadInput
from gatebook.domain.kinds import Kind
from gatebook.domain.places import EventType
from gatebook.services.forms import EventTypeChange, NewEventType

app = typer.Typer(name="types", help="Event types beyond the built-in ones.", no_args_is_help=True)


class Line(msgspec.Struct, frozen=True):
    """One event type."""

    id: str
    name: str
    kind: str
    generator: str
    retention_days: int | None


def line_of(one: EventType) -> Line:
    """An event type as it is printed."""
    return Line(str(one.id), one.name, one.kind, one.generator, one.retention_days)


share(app, lambda desk: desk.services.entities.event_types, Line, line_of,
      remove="Remove an event type; nothing more is reported under it, history stays.")  # fmt: skip


@app.command("add")
def add_type(
    context: typer.Context,
    name: Name,
    kind: Annotated[Kind, typer.Option(help="What it is an event of.")] = Kind.EVENT_TRIGGERED,
    generator: Annotated[str, typer.Option(help="Who makes such events.")] = "",
    retention_days: Annotated[int | None, typer.Option(min=0, help="0: never listed to vendors' clients.")] = None,
    id: Annotated[UUID | None, typer.Option("--id", help="A new UUID if not given.")] = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Make an event type."""

    async def add(desk: Desk) -> EventType:
        form = NewEventType(name=name, kind=kind, generator=generator, retention_days=retention_days, id=id)
        return await desk.services.entities.event_types.add(desk.principal, form)

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, add))], as_json)


@app.command("change")
def change_type(
    context: typer.Context,
    ref: Ref,
    name: NewName = None,
    generator: Annotated[str | None, typer.Option(help="Who makes such events.")] = None,
    retention_days: Annotated[str | None, typer.Option(help="A number of days, or `none` for no limit.")] = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Change an event type; its kind stays."""

    async def change(desk: Desk) -> EventType:
        form = EventTypeChange(name=kept(name), generator=kept(generator), retention_days=days_of(retention_days))
        return await desk.services.entities.event_types.change(desk.principal, ref, form)

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, change))], as_json)


def days_of(text: str | None) -> int | msgspec.UnsetType | None:
    """The number of days in a change."""
    if text is None or text == NONE:
        return msgspec.UNSET if text is None else None
    if not text.isdecimal():
        raise BadInput("--retention-days", f"got {text[:20]!r}", "give a whole number, or none")
    return int(text)
