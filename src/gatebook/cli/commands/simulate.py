"""`gatebook simulate`: made-up history, written in bulk, or reported to a server as its devices would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from gatebook.app.clock import now
from gatebook.app.secrets import derived
from gatebook.app.stores import opened
from gatebook.cli import terminal
from gatebook.cli.desk import OrganisationOption, choose
from gatebook.cli.frame import ExitCode, Json, settings_of
from gatebook.domain.errors import BadInput, Conflict
from gatebook.domain.times import Instant, parse_instant
from gatebook.simulation import Settings, happenings, world_of
from gatebook.simulation.bulk import count_streams, load
from gatebook.simulation.fleet import LIVE_DAYS
from gatebook.simulation.rates import Census, Rate
from gatebook.simulation.remote import Play, Remote, Watcher
from gatebook.simulation.scenes import scenes_of
from gatebook.simulation.truth import Truth, Truths
from gatebook.simulation.wire import Wire

app = typer.Typer()
DEFAULTS = Settings()
TOKENS = Path("simulation.tokens")
DAY_S = 86_400


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    stored: int
    repeats: int
    refused: int
    rates: tuple[Rate, ...] = ()


@app.command("simulate")
def simulate(
    context: typer.Context,
    events: Annotated[int, typer.Option(min=1, help="Reports in all.")] = DEFAULTS.events,
    days: Annotated[int, typer.Option(min=1, help="Over so many days.")] = DEFAULTS.days,
    start: Annotated[str, typer.Option("--from", help="When they begin.")] = "2025-01-01T00:00Z",
    seed: Annotated[int, typer.Option(help="Another one gives another simulation.")] = DEFAULTS.seed,
    devices: Annotated[int, typer.Option(min=1, help="How many report.")] = DEFAULTS.devices,
    people: Annotated[int, typer.Option(min=1, help="How many come and go.")] = DEFAULTS.people,
    sites: Annotated[int, typer.Option(min=1, help="Where they do.")] = DEFAULTS.sites,
    even: Annotated[bool, typer.Option("--even", help="Without days and nights.")] = False,
    url: Annotated[str | None, typer.Option(help="Report to this server, as its devices do.")] = None,
    key: Annotated[Path | None, typer.Option("--key-file", help="Holds the API key that sets devices up.")] = None,
    tokens: Annotated[Path, typer.Option(help="Where the devices' tokens are kept.")] = TOKENS,
    ca: Annotated[Path | None, typer.Option("--ca", help="Certificates to trust with TLS.")] = None,
    live: Annotated[bool, typer.Option("--live", help="From now on, as it happens.")] = False,
    rate: Annotated[float, typer.Option(min=0.001, help="Reports of a live one in a second, on average.")] = 1.0,
    for_s: Annotated[float | None, typer.Option("--for", min=0.1, help="End a live one after so many seconds.")] = None,
    truth: Annotated[Path | None, typer.Option(help="Write what really happened, a line of JSON each.")] = None,
    rates: Annotated[bool, typer.Option("--rates", help="Count how often what was asked for happened.")] = False,
    organisation: OrganisationOption = None,
    as_json: Json = False,
) -> None:
    """Write made-up history into the store, or report it to the server that --url names."""
    chosen = Settings(
        seed=seed, events=events, days=days, devices=devices, people=people, sites=sites, even=even,
        start=parse_instant(start, UTC, "--from"),
    )  # fmt: skip
    if url is None:
        if live or key is not None:
            raise BadInput("--url", "is missing", "say which server devices report to")
        summary = in_bulk(context, chosen, organisation, truth, rates)
    else:
        if live:
            chosen = replace(chosen, start=now(), days=LIVE_DAYS, events=round(rate * LIVE_DAYS * DAY_S))
        remote = Remote(url=url, key=None if key is None else key_in(key), tokens=tokens, ca=ca)
        summary = over_the_network(remote, chosen, now if live else None, for_s, truth)
    if as_json:
        terminal.show_json(summary)
        return
    terminal.say(told(summary))
    if rates:
        columns = ("rate", "among", "asked", "seen", "tolerance")
        terminal.show_table(columns, [(one.name, one.among, *map(share, (one.asked, one.seen, one.tolerance)))
                                      for one in summary.rates])  # fmt: skip


def key_in(path: Path) -> str:
    """The API key in a file.  BadInput where it cannot be read."""
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("--key-file", f"{path} cannot be read", "give a file with an API key") from error


def in_bulk(
    context: typer.Context, chosen: Settings, organisation: str | None, truth: Path | None, rates: bool
) -> Summary:
    """Into the store itself; refuses an organisation where other events are."""
    found = opened(settings_of(context).settings.store, checkpoints=False)
    try:
        org = choose(found.store.read_now(found.store.directory.organisations), organisation).number
        if found.store.read_now(found.store.history.head, org):
            raise Conflict("the organisation's log holds events already; make a store for the simulation")
        with progress() as bar:
            task = bar.add_task("Events", total=chosen.events)
            loaded = load(
                found.store, org, chosen, derived(found.secret, "source keys"),
                lambda done: bar.update(task, completed=done),
            )  # fmt: skip
            task = bar.add_task("Counts", total=loaded.events)
            count_streams(found.store, org, lambda done: bar.update(task, completed=done))
    finally:
        found.store.close()
    counted = census_of(chosen, truth) if truth is not None or rates else None
    return Summary(
        stored=loaded.events, repeats=loaded.repeats, refused=0, rates=tuple(counted.rates(chosen)) if counted else ()
    )


def census_of(chosen: Settings, truth: Path | None) -> Census:
    """Plays it once more, for the truth alone."""
    world, scenes = world_of(chosen), scenes_of(chosen)
    census, truths = Census(world, scenes), Truths(world, scenes, Wire(chosen, world, scenes))
    with writing(truth) as write:
        for batch in happenings(chosen, world, scenes):
            census.count(batch)
            for one in batch if write is not None else ():
                assert write is not None  # as was asked just now
                write(truths.of(one))
    return census


def over_the_network(
    remote: Remote, chosen: Settings, clock: Callable[[], Instant] | None, for_s: float | None, truth: Path | None
) -> Summary:
    """By the devices themselves; an interrupted one says what came of it so far."""
    with progress() as bar, writing(truth, at_once=True) as write:
        setting = bar.add_task("Setting up", total=None, visible=False)
        total = None if clock is not None else chosen.events
        reporting = bar.add_task("Reports", total=total)
        watcher = Watcher(
            say=terminal.remark,
            steps=lambda n: bar.update(setting, total=n, visible=True),
            step=lambda: bar.advance(setting),
            reported=lambda n: bar.update(reporting, completed=n),
            truth=write,
        )
        play = Play(remote, chosen, watcher)
        interrupted = False
        try:
            asyncio.run(play.run(live=clock, for_s=for_s))
        except KeyboardInterrupt:
            interrupted = True
    for reason, n in play.tally.reasons.most_common(5):
        terminal.remark(f"{n} refused: {reason}")
    summary = Summary(
        stored=play.tally.stored, repeats=play.tally.repeats, refused=play.tally.refused,
        rates=() if clock is not None or interrupted else tuple(play.census.rates(chosen)),
    )  # fmt: skip
    if interrupted:
        terminal.say(told(summary))
        raise typer.Exit(ExitCode.INTERRUPTED)
    return summary


@contextmanager
def writing(path: Path | None, *, at_once: bool = False) -> Iterator[Callable[[Truth], None] | None]:
    """Writes lines into a new file; None where none is wanted.  `at_once`: each can be read when it is written."""
    if path is None:
        yield None
        return
    with path.open("wb", buffering=0 if at_once else -1) as file:

        def write(line: Truth) -> None:
            file.write(msgspec.json.encode(line) + b"\n")

        yield write


def progress() -> Progress:
    """On a terminal alone, and beside the answer."""
    console = Console(stderr=True)
    return Progress(console=console, disable=not console.is_terminal)


def told(summary: Summary) -> str:
    """In a sentence."""
    text = f"{summary.stored} events are written; {summary.repeats} reports came again"
    return f"{text}, {summary.refused} were refused." if summary.refused else f"{text}."


def share(number: float) -> str:
    """A share as it is printed."""
    return f"{100 * number:.3f} %"
