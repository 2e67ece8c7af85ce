"""`gatebook rules`: what is done when something happens; made, changed, tried on history."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gatebook.cli import terminal
from gatebook.cli.desk import Desk, OrganisationOption, at_desk
from gatebook.cli.frame import Json
from gatebook.cli.rooms import NewName, Ref, everything, kept, when
from gatebook.domain.errors import BadInput
from gatebook.domain.times import DAY_NS, Instant, Window, parse_bound
from gatebook.services.rule_forms import Body, NewRule, RuleChange
from gatebook.services.rules import RuleLog, body_of
from gatebook.services.trial import Told, Tried, TriedFiring
from gatebook.store.rules import Definition

T = TypeVar("T", NewRule, RuleChange)
app = typer.Typer(name="rules", help="What is done when something happens.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="The rule as JSON; - is standard input.", allow_dash=True)]
Limit = Annotated[int, typer.Option(min=1, max=1_000, help="How many to print.")]


class Line(msgspec.Struct, frozen=True):
    """One rule."""

    id: str
    name: str
    enabled: bool
    revision: int
    waits_for: str
    does: tuple[str, ...]
    author: str


class Fired(msgspec.Struct, frozen=True):
    """A time at which a rule fired."""

    at: str | None
    fired: str | None
    revision: int
    group: str
    done: tuple[str, ...]


class Would(msgspec.Struct, frozen=True):
    """A time at which a draft would have fired, by the events named, in order of time."""

    at: str | None
    group: str
    device: str | None
    events: tuple[str, ...]


@app.command("list")
def list_rules(context: typer.Context, organisation: OrganisationOption = None, as_json: Json = False) -> None:
    """Print every rule."""
    found = at_desk(context, organisation, lambda desk: everything(desk, desk.services.rules))
    terminal.show_lines(Line, [line_of(one) for one in found], as_json)


@app.command("show")
def show_rule(context: typer.Context, ref: Ref, organisation: OrganisationOption = None) -> None:
    """Print one, as JSON that `add`, `change` and `try` take."""
    one = at_desk(context, organisation, lambda desk: desk.services.rules.get(desk.principal, ref))
    told = {"name": one.name, "enabled": one.enabled, **msgspec.to_builtins(body_of(one))}
    terminal.show_json(told)


@app.command("add")
def add_rule(
    context: typer.Context, file: File, organisation: OrganisationOption = None, as_json: Json = False
) -> None:
    """Make a rule from a file; it acts with all rights."""
    form = form_of(file, NewRule)
    made = at_desk(context, organisation, lambda desk: desk.services.rules.add(desk.principal, form))
    terminal.show_lines(Line, [line_of(made)], as_json)


@app.command("change")
def change_rule(
    context: typer.Context,
    ref: Ref,
    file: Annotated[Path | None, typer.Option(help="What changes, as JSON.", allow_dash=True)] = None,
    name: NewName = None,
    enabled: Annotated[bool | None, typer.Option("--enable/--disable", help="Whether it looks at events.")] = None,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Change a rule; from then on it acts with all rights."""
    form = RuleChange() if file is None else form_of(file, RuleChange)
    if name is not None or enabled is not None:
        form = msgspec.structs.replace(
            form, name=form.name if name is None else name, enabled=form.enabled if enabled is None else kept(enabled)
        )
    changed = at_desk(context, organisation, lambda desk: desk.services.rules.change(desk.principal, ref, form))
    terminal.show_lines(Line, [line_of(changed)], as_json)


@app.command("remove")
def remove_rule(context: typer.Context, ref: Ref, organisation: OrganisationOption = None) -> None:
    """Remove a rule; what it raised and derived stays."""
    at_desk(context, organisation, lambda desk: desk.services.rules.remove(desk.principal, ref))


@app.command("try")
def try_rule(
    context: typer.Context,
    file: File,
    since: Annotated[str | None, typer.Option(help="From when on; without it the last seven days.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to when; without it up to now.")] = None,
    limit: Limit = 100,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Say when a draft would have fired on stored events, and why; nothing is written."""
    form = form_of(file, NewRule)

    async def work(desk: Desk) -> Tried:
        window = window_of(desk, since, until)
        with looking() as told:
            return await desk.services.trial.run(desk.principal, form, window, most=limit, told=told)

    found = at_desk(context, organisation, work)
    terminal.show_lines(Would, [would_of(one) for one in found.firings], as_json)
    rest = f", of which {len(found.firings)} are told" if found.fired > len(found.firings) else ""
    terminal.remark(
        f"would have fired {found.fired:,} times{rest}, {found.quiet:,} times kept quiet; "
        f"{found.looked:,} events looked at in {found.took_s:.1f} s, {found.matched:,} match"
    )


@app.command("log")
def log_rule(
    context: typer.Context,
    ref: Ref,
    limit: Limit = 100,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Print when a rule fired and what it did; on standard error, why it did not."""

    async def read(desk: Desk) -> RuleLog:
        return await desk.services.rules.log(desk.principal, ref, limit=limit)

    found = at_desk(context, organisation, read)
    lines = [
        Fired(when(one.at), when(one.fired), one.revision, one.group, tuple(msgspec.json.decode(one.done)))
        for one in found.fired
    ]
    terminal.show_lines(Fired, lines, as_json)
    for one in found.refused:
        terminal.remark(f"not fired {one.n:,} times, last {when(one.last)} (revision {one.revision}): {one.why}")


@contextmanager
def looking() -> Iterator[Told]:
    """A bar on standard error, on a terminal alone."""
    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    console = Console(stderr=True, markup=False, highlight=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("looked at", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def form_of(file: Path, form: type[T]) -> T:
    """The rule in a file; BadInput names what cannot be read in it."""
    try:
        return msgspec.json.decode(content_of(file), type=form)
    except msgspec.DecodeError as error:
        raise BadInput(str(file), str(error), "see docs/rules.md for what a rule may hold") from error


def content_of(file: Path) -> bytes:
    """What is in a file, or comes on standard input."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise BadInput(str(file), f"cannot be read ({error.strerror})", "give a JSON file, or -") from error


def window_of(desk: Desk, since: str | None, until: str | None) -> Window:
    """Both bounds are inclusive."""
    now = desk.services.now()
    end = Instant(now + 1) if until is None else parse_bound(until, desk.zone, "--until").end
    begin = Instant(max(0, now - 7 * DAY_NS)) if since is None else parse_bound(since, desk.zone, "--since").instant
    if begin >= end:
        raise BadInput("--since", "is not before --until", "give the earlier time as --since")
    return Window(begin, end)


def line_of(one: Definition) -> Line:
    """A rule as it is printed."""
    body = body_of(one)
    does = tuple(name for action in body.actions for name in action.__struct_fields__ if getattr(action, name))
    author = f"{one.author_kind}/{one.author}"
    return Line(str(one.id), one.name, one.enabled, one.revision, waits_for(body), does, author)


def waits_for(body: Body) -> str:
    """What the rule waits for, in a few words."""
    if body.at is not None:
        return f"the {body.at} of its schedule"
    if body.count is not None:
        return f"{body.count.times} within {body.count.within_s:g} s"
    if body.sequence is not None:
        return f"{len(body.sequence.then) + 1} in a row within {body.sequence.within_s:g} s"
    return "each" if body.absence is None else f"nothing within {body.absence.within_s:g} s"


def would_of(one: TriedFiring) -> Would:
    """A firing of a trial as it is printed."""
    device = one.places[-1].device_name if one.places else None
    return Would(when(one.at), one.group, device, tuple(str(event.id) for event in one.events))
