"""`gatebook events` and `gatebook quarantine`: the log for people and for programs."""

import asyncio
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from gatebook.app.build import services_of
from gatebook.app.settings import Store
from gatebook.app.stores import opened
from gatebook.cli.desk import operator_of
from gatebook.cli.frame import ExitCode
from gatebook.domain.places import DeviceKind
from gatebook.domain.times import parse_instant
from gatebook.services.directory import new_id
from gatebook.services.ingest import Report
from tests.cli.terminals import GATEBOOK, call, run_on_terminal, surroundings

WHEN = ("2026-01-15T23:30:00Z", "2026-01-16T08:00:00.5Z", "2026-01-16T09:00:00Z")
HOSTILE = "\x1b]0;owned\x07[blink]knock[/]"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a store lies with three events at one lock, in Berlin, and one report of a device that is not known."""
    assert call(tmp_path, "init", "--name", "Acme", "--zone", "Europe/Berlin").code == 0
    asyncio.run(report(tmp_path))
    return tmp_path


async def report(folder: Path) -> None:
    found = opened(Store(url=str(folder / "gatebook.db")))
    principal = operator_of((await found.store.read(found.store.directory.organisations))[0])
    lock = DeviceKind.LOCK
    await found.store.write(lambda tx: tx.add_device(principal.organisation, new_id(), lock, "Front door"))
    reports = [
        Report(kind=kind, device=1, occurred=parse_instant(when), message=HOSTILE)
        for kind, when in zip(("access.granted", "access.denied", "door.opened"), WHEN, strict=True)
    ]
    lost = Report(kind="door.closed", device="gate-9", occurred=parse_instant(WHEN[0]))
    await services_of(found).ingest.accept(principal, [*reports, lost])
    await found.store.aclose()


def kinds(folder: Path, *arguments: str) -> list[str]:
    """The kinds of the events that a list prints as JSON."""
    ended = call(folder, "events", "list", "--json", *arguments)
    assert (ended.code, ended.err) == (0, "")
    return [line["kind"] for line in json.loads(ended.out)]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["door.opened", "access.denied", "access.granted"]),
        (["--oldest-first"], ["access.granted", "access.denied", "door.opened"]),
        (["--limit", "1"], ["door.opened"]),
        (["--where", "kind=access.denied"], ["access.denied"]),
        (["--where", "kind=startsWith:access", "--where", "occurred=lt:2026-01-16T00:00:00Z"], ["access.granted"]),
        (["--from", "2026-01-16"], ["door.opened", "access.denied", "access.granted"]),
        (["--from", "2026-01-16T00:00Z"], ["door.opened", "access.denied"]),
        (["--from", WHEN[1], "--to", WHEN[1]], ["access.denied"]),
        (["--to", "2026-01-15"], []),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) and value and value[0].startswith("--") else "",
)
def test_events_are_listed_as_asked(folder: Path, arguments: list[str], expected: list[str]) -> None:
    assert kinds(folder, *arguments) == expected


def test_a_list_that_is_not_all_says_so_beside_it(folder: Path) -> None:
    ended = call(folder, "events", "list", "--limit", "2")

    assert len(ended.out.splitlines()) == 3
    assert ended.err == "2 of 3 events\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--where", "kind"], "--where: 'kind' has no =; write property=condition"),
        (["--where", "colour=red"], "colour: is no property; expected one of "),
        (["--where", "kind=opened"], 'kind: unknown word "opened"'),
        (["--from", "yesterday"], "--from: "),
    ],
    ids=["no value", "no property", "no kind", "no time"],
)
def test_a_question_that_cannot_be_read_is_refused(folder: Path, arguments: list[str], told: str) -> None:
    ended = call(folder, "events", "list", *arguments)

    assert (ended.code, ended.out) == (ExitCode.USAGE, "")
    assert told in ended.err


def test_a_message_can_neither_style_nor_steer_the_terminal(folder: Path) -> None:
    on_terminal = run_on_terminal(folder, "events", "list", NO_COLOR="1", COLUMNS="300").out
    tail = run_on_terminal(folder, "events", "tail", "--after", "0", "--count", "3", NO_COLOR="1").out

    for printed in (on_terminal, tail):
        assert "\x1b" not in printed
        assert "\x07" not in printed
        assert "[blink]knock[/]" in printed


def test_the_tail_goes_on_until_ctrl_c(folder: Path) -> None:
    process = subprocess.Popen(
        [*GATEBOOK, "events", "tail", "--after", "0", "--where", "kind=access.denied"],
        cwd=folder, env=surroundings(folder, {}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None

    line = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert line.split("\t")[:3] == ["2", WHEN[1].replace(".5Z", ".500Z"), "access.denied"]
    assert (out, err) == ("", "")
    assert process.returncode == ExitCode.INTERRUPTED


def test_what_had_no_place_finds_it_when_its_device_is_known(folder: Path) -> None:
    [waiting] = json.loads(call(folder, "quarantine", "list", "--json").out)
    still = call(folder, "quarantine", "replay", "--all", "--json")
    call(folder, "devices", "add", "--kind", "door", "--name", "Gate", "--vendor-id", "gate-9")
    replayed = call(folder, "quarantine", "replay", waiting["id"], "--json")
    again = call(folder, "quarantine", "replay", waiting["id"])

    assert waiting["device"] == "gate-9"
    assert (still.code, json.loads(still.out)[0]["seq"]) == (ExitCode.FOUND, None)
    assert (replayed.code, json.loads(replayed.out)[0]["seq"]) == (0, 5)  # the device was the fourth
    assert json.loads(call(folder, "quarantine", "list", "--json").out) == []
    assert again.code == ExitCode.REFUSED


def test_what_had_no_place_is_shown_as_it_came_and_can_be_given_up(folder: Path) -> None:
    [waiting] = json.loads(call(folder, "quarantine", "list", "--json").out)

    shown = json.loads(call(folder, "quarantine", "show", waiting["id"], "--json").out)
    table = call(folder, "quarantine", "show", waiting["id"]).out.splitlines()
    dropped = call(folder, "quarantine", "drop", waiting["id"])
    again = call(folder, "quarantine", "drop", waiting["id"])

    assert {name: shown[name] for name in waiting} == waiting
    assert (shown["report"]["kind"], shown["report"]["occurred"]) == ("door.closed", WHEN[0])
    assert "report.device\tgate-9" in table
    assert (dropped.code, again.code) == (0, ExitCode.REFUSED)
    assert json.loads(call(folder, "quarantine", "list", "--json").out) == []


@pytest.mark.parametrize("arguments", [[], ["--all", "01a1fd82-4922-73ca-a736-1266080334e0"]], ids=["neither", "both"])
def test_a_replay_is_of_some_or_of_all(folder: Path, arguments: list[str]) -> None:
    ended = call(folder, "quarantine", "replay", *arguments)

    assert ended.code == ExitCode.USAGE
    assert "give one of the two" in ended.err


def test_a_pipe_that_closes_early_ends_it_quietly(folder: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    process = subprocess.run(
        [*GATEBOOK, "events", "list"], cwd=folder, env=surroundings(folder, {}), stdout=write,
        stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(write)

    assert "Traceback" not in process.stderr
