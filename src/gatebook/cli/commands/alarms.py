"""`gatebook alarms`: what needs somebody, and what is done about it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
import typer

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.domain.alarms import Act, Alarm, AlarmState, Assignee, CloseReason, Priority
from gatebook.domain.times import rfc3339
from gatebook.services.alarms import AlarmsAsked, ShownAlarm, Step
from gatebook.services.raising import StepTold
from gatebook.store.contract import Ref

app = typer.Typer(name="alarms", help="What needs somebody.", no_args_is_help=True)

Which = Annotated[str, typer.Argument(metavar="ALARM", help="Its number or UUID.")]
Comment = Annotated[str | None, typer.Option(help="What to say with it.")]
OPEN = frozenset(state for state in AlarmState if state is not AlarmState.CLOSED)


class Line(msgspec.Struct, frozen=True):
    """One alarm; times in UTC."""

    number: int
    state: str
    priority: str
    name: str
    device: str | None
    raised: str
    times: int
    assignee: str | None
    id: str


class StepLine(msgspec.Struct, frozen=True):
    """One thing that was done with an alarm."""

    at: str
    act: str
    state: str
    by: str | None
    comment: str | None


@app.command("list")
def list_alarms(
    context: typer.Context,
    state: Annotated[list[AlarmState] | None, typer.Option(help="May be repeated; without, all that are open.")] = None,
    priority: Annotated[list[Priority] | None, typer.Option(help="May be repeated.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 100,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Print alarms, the most urgent first."""

    async def listed(desk: Desk) -> list[Line]:
        asked = AlarmsAsked(
            states=frozenset(state) if state else OPEN,
            priorities=frozenset(priority) if priority else None,
            limit=limit,
        )
        return [line_of(one.alarm, one) for one in await desk.services.alarms.list(desk.principal, asked)]

    terminal.show_lines(Line, at_desk(context, organisation, listed), as_json)


@app.command("show")
def show(context: typer.Context, alarm: Which, organisation: OrganisationOption = None, as_json: Json = False) -> None:
    """Print everything that was done with an alarm."""

    async def shown(desk: Desk) -> list[StepLine]:
        _, steps = await desk.services.alarms.steps(desk.principal, ref_of(alarm))
        return [step_line(step) for step in steps]

    terminal.show_lines(StepLine, at_desk(context, organisation, shown), as_json)


@app.command("raise")
def raise_alarm(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is about.")],
    device: Annotated[str | None, typer.Option(help="Where, by number, UUID or vendor id.")] = None,
    priority: Annotated[Priority, typer.Option(help="How urgent.")] = Priority.MEDIUM,
    message: Annotated[str | None, typer.Option(help="What else there is to say.")] = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Raise an alarm by hand."""

    async def raised(desk: Desk) -> Line:
        made = await desk.services.alarms.raise_(
            desk.principal,
            name=name,
            device=None if device is None else ref_of(device),
            message=message,
            priority=priority,
        )
        return line_of(made, await desk.services.alarms.get(desk.principal, made.id))

    terminal.show_lines(Line, [at_desk(context, organisation, raised)], as_json)


@app.command("take")
def take(
    context: typer.Context,
    alarm: Which,
    user: Annotated[str, typer.Option("--for", help="The user who has it in hand, by login or id.")],
    comment: Comment = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Give an alarm to somebody; a new one is in progress from then on."""

    async def taken(desk: Desk) -> Line:
        held = await desk.services.alarms.assignee(desk.principal, user)
        return await acted(desk, alarm, comment, assignee=held)

    terminal.show_lines(Line, [at_desk(context, organisation, taken)], as_json)


@app.command("comment")
def comment_on(
    context: typer.Context,
    alarm: Which,
    text: Annotated[str, typer.Argument(help="What to say.")],
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Say something about an alarm; a closed one can still be commented on."""

    async def said(desk: Desk) -> Line:
        return await acted(desk, alarm, text)

    terminal.show_lines(Line, [at_desk(context, organisation, said)], as_json)


@app.command("hold")
def hold(
    context: typer.Context,
    alarm: Which,
    comment: Comment = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Put an alarm on hold."""

    async def held(desk: Desk) -> Line:
        return await acted(desk, alarm, comment, state=AlarmState.ON_HOLD)

    terminal.show_lines(Line, [at_desk(context, organisation, held)], as_json)


@app.command("close")
def close(
    context: typer.Context,
    alarm: Which,
    reason: Annotated[CloseReason, typer.Option(help="Why.")] = CloseReason.RESOLVED,
    comment: Comment = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Close an alarm; one that waits for its clearing event is refused."""

    async def closed(desk: Desk) -> Line:
        return await acted(desk, alarm, comment, state=AlarmState.CLOSED, reason=reason)

    terminal.show_lines(Line, [at_desk(context, organisation, closed)], as_json)


async def acted(
    desk: Desk,
    which: str,
    comment: str | None,
    *,
    state: AlarmState | None = None,
    reason: CloseReason | None = None,
    assignee: Assignee | None = None,
) -> Line:
    """Does it, and tells how the alarm stands after it."""
    act = Act(state=state, reason=reason, assignee=assignee, comment=comment)
    done = await desk.services.alarms.act(desk.principal, ref_of(which), act)
    return line_of(done, await desk.services.alarms.get(desk.principal, done.id))


def ref_of(text: str) -> Ref:
    """A number, a UUID, or else a vendor's id."""
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    try:
        return UUID(text)
    except ValueError:
        return text


def line_of(alarm: Alarm, shown: ShownAlarm) -> Line:
    """An alarm as it is printed."""
    return Line(
        number=alarm.number,
        state=alarm.state,
        priority=alarm.priority,
        name=alarm.name,
        device=shown.device_name,
        raised=rfc3339(alarm.raised),
        times=alarm.count,
        assignee=None if alarm.assignee is None else alarm.assignee.name,
        id=str(alarm.id),
    )


def step_line(step: Step) -> StepLine:
    """A step as it is printed."""
    told = msgspec.json.decode(step.data or b"{}", type=StepTold)
    by = None if told.by is None else told.by.name
    return StepLine(rfc3339(step.received), told.act, told.state, by, step.message)
