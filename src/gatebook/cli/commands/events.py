"""`gatebook events`: the log, as it was and as it goes on."""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.domain.admits import Place
from gatebook.domain.errors import BadInput
from gatebook.domain.events import Event
from gatebook.domain.filters import During, Field, Filter, all_of
from gatebook.domain.grammar import parse_filter
from gatebook.domain.properties import PROPERTIES
from gatebook.domain.times import ALWAYS, parse_bound, rfc3339, window_of
from gatebook.store.contract import Page

app = typer.Typer(name="events", help="The log.", no_args_is_help=True)

Where = Annotated[
    list[str] | None,
    typer.Option(metavar="PROPERTY=CONDITION", help="As in the native API: kind=access.denied; may be repeated."),
]
LONGEST_LIST = 10_000


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
    since: Annotated[str | None, typer.Option("--from", help="Not before this time.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Not after this time.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=LONGEST_LIST, help="At most so many.")] = 50,
    oldest: Annotated[bool, typer.Option("--oldest-first", help="Begin with the oldest.")] = False,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Print events by when they occurred, the newest first."""

    async def listed(desk: Desk) -> Page:
        wanted = all_of(filter_of(where, desk.zone), during(since, until, desk.zone))
        return await desk.services.history.page(desk.principal, wanted, limit=limit, descending=not oldest)

    page = at_desk(context, organisation, listed)
    terminal.show_lines(Line, lines_of(page), as_json)
    if page.total is not None and page.total.n > len(page.events) and not as_json:
        terminal.remark(f"{len(page.events)} of {'' if page.total.exact else 'at least '}{page.total.n} events")


@app.command("tail")
def tail(
    context: typer.Context,
    where: Where = None,
    after: Annotated[int | None, typer.Option(min=0, help="Begin after this seq instead of now.")] = None,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many.")] = None,
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

    at_desk(context, organisation, followed)


def filter_of(where: list[str] | None, zone: tzinfo) -> Filter:
    """All conditions together, in the grammar of the native API."""
    pairs = []
    for text in where or ():
        name, equals, condition = text.partition("=")
        if not equals:
            raise BadInput("--where", f"{text!r} has no =", "write property=condition, such as kind=door.forced")
        pairs.append((name, condition))
    return parse_filter(pairs, PROPERTIES, zone)


def during(since: str | None, until: str | None, zone: tzinfo) -> Filter:
    """When they occurred; both bounds include every instant that prints as they do."""
    first = None if since is None else parse_bound(since, zone, "--from")
    last = None if until is None else parse_bound(until, zone, "--to")
    window = window_of(first, last)
    return all_of() if window == ALWAYS else During(Field.OCCURRED, window)


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
