"""`gatebook events`: the log, as it was and as it goes on."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.commands import event_files, event_shapes
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.cli.questions import Limit, OldestFirst, Purpose, Since, Until, Where, asked_of, filter_of, ref_of
from gatebook.dialects.native.mapping import wire_of
from gatebook.dialects.native.resources.written import row_of
from gatebook.domain.admits import Place
from gatebook.domain.events import Event
from gatebook.domain.times import rfc3339
from gatebook.services.views import view_of
from gatebook.store.contract import Page

app = typer.Typer(name="events", help="The log.", no_args_is_help=True)
app.add_typer(event_files.app)
app.add_typer(event_shapes.app)


class Line(msgspec.Struct, frozen=True):
    """One event; `device` and `site` by name, times in UTC."""

    seq: int
    occurred: str
    kind: str
    method: str | None
    reason: str | None
    device: str | None
    site: str | None
    person: str | None
    credential: str | None
    tag: str | None
    message: str | None
    id: str
    received: str


@app.command("list")
def list_events(
    context: typer.Context,
    where: Where = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 50,
    oldest: OldestFirst = False,
    purpose: Purpose = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Print events by when they occurred, the newest first."""

    async def listed(desk: Desk) -> Page:
        wanted = asked_of(where, since, until, desk.zone)
        return await desk.services.history.page(desk.principal, wanted, limit=limit, descending=not oldest)

    page = at_desk(context, organisation, listed, purpose=purpose)
    terminal.show_lines(Line, lines_of(page), as_json)
    if page.total is not None and page.total.n > len(page.events) and not as_json:
        terminal.remark(f"{len(page.events)} of {'' if page.total.exact else 'at least '}{page.total.n} events")


@app.command("show")
def show(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="EVENT", help="Its seq or UUID.")],
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Print one event with all that it holds."""

    async def found(desk: Desk) -> tuple[Page, Desk]:
        return await desk.services.history.event(desk.principal, ref_of(ref)), desk

    page, desk = at_desk(context, organisation, found)
    event = wire_of(page.events[0], page, view_of(desk.principal))
    if as_json:
        terminal.show_json(event)
        return
    row = row_of(event)
    terminal.show_table(
        ("property", "value"),
        [
            (name.replace("_", " "), value)
            for name in row.__struct_fields__
            if (value := getattr(row, name)) is not None
        ],
    )


@app.command("tail")
def tail(
    context: typer.Context,
    where: Where = None,
    after: Annotated[int | None, typer.Option(min=0, help="Begin after this seq instead of now.")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many.")] = None,
    purpose: Purpose = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Print events as they are written, until Ctrl-C; --json prints one object a line."""

    async def followed(desk: Desk) -> None:
        wanted, left = filter_of(where, desk.zone), count
        start = await desk.services.history.head(desk.principal) if after is None else after
        desk.services.live.listen()
        async for page in desk.services.live.subscribe(desk.principal, start, wanted):
            lines = lines_of(page)[:left]
            for line in lines:
                terminal.say_line(line, as_json)
            if left is not None and (left := left - len(lines)) == 0:
                return

    at_desk(context, organisation, followed, purpose=purpose)


def lines_of(page: Page) -> list[Line]:
    """A page as it is printed."""
    return [line_of(event, page) for event in page.events]


def line_of(event: Event, page: Page) -> Line:
    """An event with the names of its page."""
    place = page.places.get(event.stream, Place())
    person = event.person_name
    if person is None and event.person is not None and event.person in page.people:
        person = page.people[event.person].name
    return Line(
        seq=event.seq,
        occurred=rfc3339(event.occurred),
        kind=event.kind,
        method=event.method,
        reason=event.reason,
        device=place.device_name,
        site=place.site_name,
        person=person,
        credential=event.credential,
        tag=event.tag,
        message=event.message,
        id=str(event.id),
        received=rfc3339(event.received),
    )
