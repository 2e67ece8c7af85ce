"""What the commands of every kind of account and entity share: list, show, remove, and how options are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

import msgspec
import typer
from msgspec import UNSET, UnsetType

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.domain.times import Instant, parse_instant, rfc3339
from gatebook.services.forms import Reach
from gatebook.services.rooms import Room

T = TypeVar("T")
Rooms = Callable[[Desk], Room[Any, Any]]
LineOf = Callable[[Any], msgspec.Struct]

PAGE = 500
NONE = "none"
"""What is typed where a field is to be emptied."""

Ref = Annotated[str, typer.Argument(help="Its number, UUID, or what else names it.")]
Name = Annotated[str, typer.Option(help="What it is called.")]
NewName = Annotated[str | None, typer.Option("--name", help="What it is to be called.")]
Purpose = Annotated[str | None, typer.Option(help="What its searches are for; `none` for none.")]
Expires = Annotated[str | None, typer.Option(help="Until when it holds, such as 2027-01-01T00:00Z; `none` for ever.")]
Site = Annotated[list[str] | None, typer.Option(help="Only this site; may be repeated.")]
Device = Annotated[list[str] | None, typer.Option(help="Only this device; may be repeated.")]
Everything = Annotated[bool, typer.Option("--everything", help="All sites and devices.")]


def share(app: typer.Typer, room: Rooms, line: type[msgspec.Struct], line_of: LineOf, *, remove: str = "") -> None:
    """Gives a group its `list` and `show`, and `remove` with this sentence for its help."""

    @app.command("list", help="Print all of them.")
    def listing(context: typer.Context, organisation: OrganisationOption = None, as_json: Json = False) -> None:
        found = at_desk(context, organisation, lambda desk: everything(desk, room(desk)))
        terminal.show_lines(line, [line_of(one) for one in found], as_json)

    @app.command("show", help="Print one.")
    def show(context: typer.Context, ref: Ref, organisation: OrganisationOption = None, as_json: Json = False) -> None:
        found = at_desk(context, organisation, lambda desk: room(desk).get(desk.principal, ref))
        terminal.show_lines(line, [line_of(found)], as_json)

    if remove:

        @app.command("remove", help=remove)
        def removing(context: typer.Context, ref: Ref, organisation: OrganisationOption = None) -> None:
            at_desk(context, organisation, lambda desk: room(desk).remove(desk.principal, ref))


async def everything(desk: Desk, room: Room[Any, Any]) -> list[Any]:
    """All that a list holds."""
    found: list[Any] = []
    while page := await room.list(desk.principal, after=room.place_of(found[-1]) if found else None, limit=PAGE):
        found += page
        if len(page) < PAGE:
            break
    return found


def reach_of(sites: Sequence[str] | None, devices: Sequence[str] | None) -> Reach:
    """What is named; without any, everything."""
    if not sites and not devices:
        return Reach(everything=True)
    return Reach(sites=tuple(sites or ()), devices=tuple(devices or ()))


def new_reach(sites: Sequence[str] | None, devices: Sequence[str] | None, everything: bool) -> Reach | UnsetType:
    """The same in a change, where nothing named leaves it as it is."""
    return reach_of(sites, devices) if sites or devices or everything else UNSET


def kept(value: T | None) -> T | UnsetType:
    """An option of a change: what is not given stays as it is."""
    return UNSET if value is None else value


def emptied(text: str | None) -> str | UnsetType | None:
    """The same where `none` empties the field."""
    return None if text == NONE else kept(text)


def time_of(desk: Desk, text: str | None, option: str = "--expires") -> Instant | None:
    """A time; one without an offset is told by the organisation's clocks."""
    return None if text in (None, NONE) else parse_instant(text or "", desk.zone, option)


def new_time(desk: Desk, text: str | None, option: str = "--expires") -> Instant | UnsetType | None:
    """The same in a change."""
    return UNSET if text is None else time_of(desk, text, option)


def when(instant: Instant | None) -> str | None:
    """An instant as it is printed."""
    return None if instant is None else rfc3339(instant, 0)
