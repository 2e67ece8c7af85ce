"""`gatebook audit`: who looked, and who changed what."""

from __future__ import annotations

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.cli.questions import Limit, OldestFirst, Purpose, Since, Until, Where, asked_of
from gatebook.domain.events import Event
from gatebook.domain.filters import Field, all_of, one_of
from gatebook.domain.kinds import Kind
from gatebook.domain.times import rfc3339
from gatebook.services.records import Record
from gatebook.store.contract import Page

app = typer.Typer(name="audit", help="The record of who looked and who changed what.", no_args_is_help=True)

RECORDS = one_of(Field.KIND, sorted(kind for kind in Kind if kind.is_record))


class Line(msgspec.Struct, frozen=True):
    """One entry of the record; times in UTC."""

    seq: int
    occurred: str
    kind: str
    actor: str | None = None
    name: str | None = None
    address: str | None = None
    route: str | None = None
    purpose: str | None = None
    subject: str | None = None
    filter: str | None = None
    count: int | None = None


@app.command("list")
def list_entries(
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
    """Print the record, the newest first."""

    async def listed(desk: Desk) -> Page:
        wanted = all_of(asked_of(where, since, until, desk.zone), RECORDS)
        return await desk.services.history.page(desk.principal, wanted, limit=limit, descending=not oldest)

    page = at_desk(context, organisation, listed, purpose=purpose)
    terminal.show_lines(Line, [line_of(event) for event in page.events], as_json)


def line_of(event: Event) -> Line:
    """An entry as it is printed; of an erased one, what is left."""
    bare = Line(event.seq, rfc3339(event.occurred), event.kind)
    if event.data is None:
        return bare
    record = msgspec.json.decode(event.data, type=Record)
    return msgspec.structs.replace(
        bare,
        actor=record.actor,
        name=record.name,
        address=record.address,
        route=record.route,
        purpose=record.purpose,
        subject=record.subject,
        filter=record.filter,
        count=record.count,
    )
