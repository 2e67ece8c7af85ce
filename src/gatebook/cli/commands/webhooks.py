"""`gatebook webhooks`: where events are sent, how that fares, and how what was missed is sent again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.commands.rules import content_of
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.cli.rooms import Name, NewName, Ref, everything, kept, when
from gatebook.domain.errors import BadInput
from gatebook.services.rule_forms import When
from gatebook.services.webhooks import OVERLAP_S, Made, NewWebhook, WebhookChange
from gatebook.store.webhooks import Webhook

app = typer.Typer(name="webhooks", help="Where events are sent.", no_args_is_help=True)
Url = Annotated[str, typer.Option(help="Where to, such as https://hooks.example.org/gate.")]
NewUrl = Annotated[str | None, typer.Option("--url", help="Where to from now on.")]
Filter = Annotated[
    Path | None, typer.Option(help="A JSON file with conditions, as a rule's `when`; else all.", allow_dash=True)
]
Format = Annotated[str | None, typer.Option(help="The body and its signature; native if not given.")]
Ordered = Annotated[bool | None, typer.Option("--ordered/--unordered", help="One after another for each device.")]
Sends = Annotated[bool | None, typer.Option("--rules-only/--all-events", help="What rules send alone.")]
State = Annotated[Literal["waiting", "done", "failed"] | None, typer.Option(help="Only these.")]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One webhook, and how it fares."""

    id: str
    name: str
    url: str
    enabled: bool
    why: str
    format: str
    sends: str
    ordered: bool
    last_success: str | None
    failing_since: str | None
    failures: int
    error: str | None


class Secret(msgspec.Struct, frozen=True):
    """A webhook's new secret."""

    id: str
    name: str
    secret: str


class DeliveryLine(msgspec.Struct, frozen=True, kw_only=True):
    """What was or is to be sent."""

    id: int
    message: str
    state: str
    attempts: int
    created: str | None
    due: str | None
    error: str | None


@app.command("list")
def list_webhooks(context: typer.Context, organisation: OrganisationOption = None, as_json: Json = False) -> None:
    """Print every webhook, and how it fares."""

    async def listed(desk: Desk) -> list[Line]:
        return [await line_of(desk, one) for one in await everything(desk, desk.services.webhooks)]

    terminal.show_lines(Line, at_desk(context, organisation, listed), as_json)


@app.command("show")
def show_webhook(context: typer.Context, ref: Ref, organisation: OrganisationOption = None) -> None:
    """Print one with its conditions, as JSON."""

    async def shown(desk: Desk) -> dict[str, object]:
        one = await desk.services.webhooks.get(desk.principal, ref)
        return {**msgspec.to_builtins(await line_of(desk, one)), "filter": msgspec.json.decode(one.filter)}

    terminal.show_json(at_desk(context, organisation, shown))


@app.command("add")
def add_webhook(
    context: typer.Context,
    name: Name,
    url: Url,
    filter: Filter = None,
    format: Format = None,
    ordered: Ordered = None,
    rules_only: Sends = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Make a webhook, and print its secret once; it sends with all rights."""
    change = change_of(name, url, filter, format, ordered, rules_only, None)
    given = {field: value for field, value in msgspec.structs.asdict(change).items() if value is not msgspec.UNSET}
    form = msgspec.convert(given, NewWebhook)
    made = at_desk(context, organisation, lambda desk: desk.services.webhooks.add(desk.principal, form))
    terminal.show_lines(Secret, [secret_of(made)], as_json)


@app.command("change")
def change_webhook(
    context: typer.Context,
    ref: Ref,
    name: NewName = None,
    url: NewUrl = None,
    filter: Filter = None,
    format: Format = None,
    ordered: Ordered = None,
    rules_only: Sends = None,
    enabled: Annotated[bool | None, typer.Option("--enable/--disable", help="Whether it sends.")] = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Change a webhook; enabled again, it goes on from where it was."""
    form = change_of(name, url, filter, format, ordered, rules_only, enabled)

    async def changed(desk: Desk) -> Line:
        return await line_of(desk, await desk.services.webhooks.change(desk.principal, ref, form))

    terminal.show_lines(Line, [at_desk(context, organisation, changed)], as_json)


@app.command("remove")
def remove_webhook(context: typer.Context, ref: Ref, organisation: OrganisationOption = None) -> None:
    """Remove a webhook; what waits to be sent goes with it."""
    at_desk(context, organisation, lambda desk: desk.services.webhooks.remove(desk.principal, ref))


@app.command("rotate")
def rotate(
    context: typer.Context,
    ref: Ref,
    overlap: Annotated[
        float, typer.Option(min=0, max=2_592_000, help="For how many seconds the old sign, too.")
    ] = OVERLAP_S,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Give a webhook a new secret, and print it once."""
    made = at_desk(context, organisation, lambda desk: desk.services.webhooks.rotate(desk.principal, ref, overlap))
    terminal.show_lines(Secret, [secret_of(made)], as_json)


@app.command("deliveries")
def deliveries(
    context: typer.Context,
    ref: Ref,
    state: State = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many to print.")] = 100,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Print what was and is to be sent, the newest first."""

    async def read(desk: Desk) -> list[DeliveryLine]:
        found = await desk.services.webhooks.deliveries(desk.principal, ref, state=state, limit=limit)
        return [
            DeliveryLine(
                id=one.delivery, message=one.message, state=one.state, attempts=one.attempts,
                created=when(one.created), due=when(one.due), error=one.error,
            )
            for one in found
        ]  # fmt: skip

    terminal.show_lines(DeliveryLine, at_desk(context, organisation, read), as_json)


@app.command("replay")
def replay(
    context: typer.Context,
    ref: Ref,
    delivery: Annotated[int | None, typer.Option(help="This one alone; without it all that failed.")] = None,
    since_seq: Annotated[
        int | None, typer.Option(min=0, help="What was not delivered of the log beyond this seq, instead.")
    ] = None,
    organisation: OrganisationOption = None,
) -> None:
    """Send again: one delivery, all that failed, or what is missing."""

    async def again(desk: Desk) -> int | None:
        if since_seq is None:
            return await desk.services.webhooks.replay(desk.principal, ref, delivery)
        await desk.services.webhooks.replay_missing(desk.principal, ref, since_seq)
        return None

    count = at_desk(context, organisation, again)
    terminal.remark("the log is looked at again" if count is None else f"{count} to be sent again")


def change_of(
    name: str | None, url: str | None, filter: Path | None, format: str | None, ordered: bool | None,
    rules_only: bool | None, enabled: bool | None,
) -> WebhookChange:  # fmt: skip
    """What the options say."""
    form = WebhookChange(
        name=kept(name), url=kept(url), ordered=kept(ordered), format=kept(format), enabled=kept(enabled),
        sends=msgspec.UNSET if rules_only is None else "rules" if rules_only else "events",
    )  # fmt: skip
    return form if filter is None else msgspec.structs.replace(form, filter=conditions_in(filter))


def conditions_in(file: Path) -> When:
    """The conditions in a file; BadInput names what cannot be read in it."""
    try:
        found: When = msgspec.json.decode(content_of(file), type=When)
    except msgspec.DecodeError as error:
        raise BadInput(str(file), str(error), 'give conditions such as {"kind": "door.forced"}') from error
    return found


async def line_of(desk: Desk, one: Webhook) -> Line:
    """A webhook as it is printed."""
    health = await desk.services.webhooks.health(one, desk.principal.organisation)
    return Line(
        id=str(one.id), name=one.name, url=one.url, enabled=one.enabled, why=one.why, format=one.format,
        sends=one.sends, ordered=one.ordered, last_success=when(health.succeeded),
        failing_since=when(health.failing_since), failures=health.failures, error=health.error,
    )  # fmt: skip


def secret_of(made: Made) -> Secret:
    """A secret as it is printed."""
    return Secret(str(made.webhook.id), made.webhook.name, made.secret)
