"""`gatebook retention` and `gatebook erase`: what age removes, and whose personal parts are erased."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.domain.errors import BadInput
from gatebook.domain.kinds import Kind
from gatebook.domain.times import rfc3339
from gatebook.services.keeping import Told, Verdict
from gatebook.store.contract import RetentionRule

app = typer.Typer(name="retention", help="How long events are kept; without a rule, for ever.", no_args_is_help=True)
erasures = typer.Typer()


class Line(msgspec.Struct, frozen=True):
    """One rule; without kinds and type it is for every event."""

    id: str
    name: str
    days: int
    kinds: tuple[str, ...]
    type: str | None


class Going(msgspec.Struct, frozen=True):
    """What one rule removes, or would remove: `oldest` and `newest` by when they occurred."""

    rule: str
    before: str
    events: int
    oldest: str | None
    newest: str | None


class Erased(msgspec.Struct, frozen=True):
    """How many events lost, or would lose, their personal parts."""

    events: int
    dry_run: bool


DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")]


@app.command("list")
def list_rules(context: typer.Context, organisation: OrganisationOption = None, as_json: Json = False) -> None:
    """Print every rule."""

    async def listed(desk: Desk) -> Sequence[RetentionRule]:
        return await desk.services.keeping.rules(desk.principal)

    terminal.show_lines(Line, [line_of(rule) for rule in at_desk(context, organisation, listed)], as_json)


@app.command("set")
def set_rule(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="What it is called.")],
    days: Annotated[int, typer.Option(min=1, help="Events go when they occurred so many days ago.")],
    kind: Annotated[list[Kind] | None, typer.Option(help="Only events of this kind; may be repeated.")] = None,
    type_: Annotated[UUID | None, typer.Option("--type", help="Only events of this type.")] = None,
    id: Annotated[UUID | None, typer.Option("--id", help="The rule to change; a new one if not given.")] = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Make or change a rule; nothing is removed until `gatebook retention run`."""

    async def put(desk: Desk) -> RetentionRule:
        keeping = desk.services.keeping
        return await keeping.put_rule(desk.principal, name=name, days=days, kinds=kind or None, type=type_, id=id)

    terminal.show_lines(Line, [line_of(at_desk(context, organisation, put))], as_json)


@app.command("drop")
def drop_rule(
    context: typer.Context,
    id: Annotated[UUID, typer.Argument(help="Which rule.")],
    organisation: OrganisationOption = None,
) -> None:
    """Remove a rule: what it was for is kept again."""

    async def drop(desk: Desk) -> None:
        await desk.services.keeping.drop_rule(desk.principal, id)

    at_desk(context, organisation, drop)


@app.command("run")
def run(
    context: typer.Context,
    dry_run: DryRun = False,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Remove what is due, beside a running server or without one."""

    async def removed(desk: Desk) -> Sequence[Verdict]:
        keeping = desk.services.keeping
        due = await keeping.due(desk.principal)
        if dry_run:
            return due
        with progress("removed", sum(verdict.due.n for verdict in due)) as told:
            return await keeping.run(desk.principal, told)

    lines = [going_of(verdict) for verdict in at_desk(context, organisation, removed)]
    terminal.show_lines(Going, lines, as_json)


@erasures.command("erase")
def erase(
    context: typer.Context,
    person: Annotated[str | None, typer.Option(help="A person, by number or UUID.")] = None,
    credential: Annotated[str | None, typer.Option(help="A card number, code or the like.")] = None,
    plate: Annotated[str | None, typer.Option(help="A licence plate.")] = None,
    dry_run: DryRun = False,
    rewrite: Annotated[
        bool, typer.Option("--rewrite", help="Then write the store's file anew, without unused space; reports wait.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Erase what tells of one person, credential or plate; events keep their numbers, times and places."""
    if sum(one is not None for one in (person, credential, plate)) != 1:
        raise BadInput("erase", "names none or several", "give one of --person, --credential and --plate")
    text = credential if credential is not None else plate or ""

    async def bearing(desk: Desk) -> int:
        erasing = desk.services.erasing
        if person is not None:
            return await erasing.bearing_person(desk.principal, person)
        return await erasing.bearing_credential(desk.principal, text)

    async def erased(desk: Desk) -> int:
        erasing = desk.services.erasing
        with progress("erased", found) as told:
            if person is not None:
                n = await erasing.erase_person(desk.principal, person, told)
            else:
                n = await erasing.erase_credential(desk.principal, text, told)
        if rewrite:
            await desk.store.rewrite()
        return n

    found = at_desk(context, organisation, bearing)
    if not dry_run:
        if not yes:
            typer.confirm(f"Erase the personal parts of {found} events, for ever?", abort=True, err=True)
        found = at_desk(context, organisation, erased)
    terminal.show_lines(Erased, [Erased(found, dry_run)], as_json)


def line_of(rule: RetentionRule) -> Line:
    """A rule as it is printed."""
    kinds = () if rule.kinds is None else tuple(sorted(rule.kinds))
    return Line(str(rule.id), rule.name, rule.days, kinds, None if rule.type is None else str(rule.type))


def going_of(verdict: Verdict) -> Going:
    """What a rule removes, as it is printed."""
    n, oldest, newest = verdict.due
    first, last = (None if one is None else rfc3339(one) for one in (oldest, newest))
    return Going(verdict.rule.name, rfc3339(verdict.before), n, first, last)


@contextmanager
def progress(what: str, total: int) -> Iterator[Told]:
    """A bar on standard error, on a terminal alone."""
    if not sys.stderr.isatty():
        yield lambda _n: None
        return
    console = Console(stderr=True, markup=False, highlight=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda n: bar.advance(task, n)
