"""`gatebook events export`: whole files of every form, on record, going on where they were interrupted."""

import csv
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from gatebook.cli.frame import ExitCode
from tests.cli.terminals import GATEBOOK, call, run_on_terminal, surroundings

EVENTS = 24_000
HOSTILE = "=cmd|'/c calc'!A1 \x1b[2J"
DOORS = "kind=door.opened"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a store lies with many events of one door, each with its number as its tag, and one hostile message."""
    found = tmp_path_factory.mktemp("store")
    call(found, "init")
    call(found, "devices", "add", "--kind", "door", "--name", "Door")
    lines = [f'{{"kind":"door.opened","device":1,"tag":"{n}","occurred":"{day(n)}"}}' for n in range(EVENTS)]
    odd = {"kind": "access.denied", "device": 1, "message": HOSTILE, "data": {"a": [1]}, "occurred": day(0)}
    (found / "in.ndjson").write_text("\n".join([*lines, json.dumps(odd)]))
    assert call(found, "events", "import", "in.ndjson").code == 0
    return found


@pytest.fixture
def out(folder: Path, tmp_path: Path) -> Iterator[Path]:
    """Where files go."""
    yield tmp_path
    assert not list(tmp_path.glob("*.resume*")), "an export that ended leaves nothing behind"


def day(n: int) -> str:
    return f"2026-01-{1 + n * 27 // EVENTS:02}T02:10:00.1234567Z"


def told(folder: Path, *arguments: str) -> dict[str, Any]:
    """What an export that was made says of itself."""
    ended = call(folder, "events", "export", *arguments, "--json")
    assert (ended.code, ended.err) == (0, "")
    [line] = json.loads(ended.out)
    assert isinstance(line, dict)
    return line


def interrupted(folder: Path, target: Path, how: signal.Signals = signal.SIGKILL) -> None:
    """An export of the doors that was ended from outside when it had noted something down."""
    note = target.with_name(target.name + ".resume")
    for _ in range(5):
        process = subprocess.Popen(
            [*GATEBOOK, "events", "export", str(target), "--where", DOORS],
            cwd=folder, env=surroundings(folder, {}), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        until = time.monotonic() + 40
        while process.poll() is None and not (note.exists() and json.loads(note.read_bytes())["events"]):
            assert time.monotonic() < until
            time.sleep(0.005)
        process.send_signal(how)
        _, told = process.communicate(timeout=30)
        if process.returncode:
            assert process.returncode in (-signal.SIGKILL, ExitCode.INTERRUPTED), told
            return
        target.unlink()  # it was quicker than the signal
    raise AssertionError("it was quicker than the signal every time")


@pytest.mark.parametrize(
    ("form", "how"),
    [("ndjson", signal.SIGKILL), ("csv", signal.SIGINT), ("parquet", signal.SIGKILL)],
    ids=["lines, kill -9", "cells, Ctrl-C", "Parquet, kill -9"],
)
def test_an_export_that_is_interrupted_goes_on_without_loss_or_repeat(
    folder: Path, out: Path, form: str, how: signal.Signals
) -> None:
    target = out / f"doors.{form}"
    interrupted(folder, target, how)
    late = {"kind": "door.opened", "device": 1, "tag": f"late {form}", "occurred": day(EVENTS - 1)}
    (out / "late").write_text(json.dumps(late))
    call(folder, "events", "import", str(out / "late"))
    assert not target.exists()

    line = told(folder, str(target), "--where", DOORS)

    found = read(target, form)
    assert 10_000 <= line["resumed"] < EVENTS
    assert (line["events"], line["bytes"]) == (len(found), target.stat().st_size)
    assert [int(tag) for tag in found if tag.isdigit()] == list(range(EVENTS))
    assert late["tag"] not in found
    assert sorted(path.name for path in out.iterdir()) == [target.name, "late"]


def read(target: Path, form: str) -> list[str]:
    if form == "ndjson":
        return [json.loads(line)["tag"] for line in target.read_bytes().splitlines()]
    if form == "csv":
        with target.open(newline="") as file:
            return [row["tag"] for row in csv.DictReader(file)]
    return [str(tag) for tag in pq.read_table(target).column("tag").to_pylist()]


def test_every_form_says_the_same(folder: Path, out: Path) -> None:
    asked = ["--where", "kind=access.denied"]
    for form in ("ndjson", "csv", "parquet"):
        assert told(folder, str(out / f"one.{form}"), *asked)["form"] == form

    line = json.loads((out / "one.ndjson").read_text())
    with (out / "one.csv").open(newline="") as file:
        [cells] = csv.DictReader(file)
    table = pq.read_table(out / "one.parquet")
    [row] = table.drop_columns(["occurred", "received", "reported"]).to_pylist()
    assert (line["message"], row["message"], cells["message"]) == (HOSTILE, HOSTILE, f"'{HOSTILE}")
    assert (line["id"], line["device"]["name"]) == (row["id"], row["device_name"]) == (cells["id"], "Door")
    assert json.loads(row["data"]) == json.loads(cells["data"]) == line["data"] == {"a": [1]}
    assert str(table.schema.field("occurred").type) == "timestamp[ns, tz=UTC]"
    assert table.column("occurred").cast("int64").to_pylist() == [1_767_233_400_123_456_700]
    assert (row["seq"], row["listed"], row["person"]) == (line["seq"], True, None)


def test_an_export_has_what_is_asked_for_and_is_on_record(folder: Path, out: Path) -> None:
    written = told(folder, str(out / "day.csv"), "--where", DOORS, "--from", "2026-01-02", "--to", "2026-01-02",
                   "--purpose", "inquiry 7")  # fmt: skip
    [record] = json.loads(call(folder, "audit", "list", "--limit", "1", "--json").out)
    poured = call(folder, "events", "export", "-", "--where", DOORS, "--where", "tag=17")

    assert written["events"] == sum(day(n).startswith("2026-01-02") for n in range(EVENTS))
    assert (record["kind"], record["subject"], record["purpose"]) == ("record.exported", "events/csv", "inquiry 7")
    assert record["filter"].startswith("kind=equals:door.opened")
    assert [json.loads(line)["tag"] for line in poured.out.splitlines()] == ["17"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["taken.csv"], ExitCode.REFUSED, "taken.csv is there already; name another file, or remove it"),
        (["x.csv", "--format", "zip"], ExitCode.USAGE, "--format: got 'zip'; expected one of ndjson, csv, parquet"),
        (["-", "--format", "parquet"], ExitCode.USAGE, "--format: Parquet cannot be written to standard output"),
        (["x.csv", "--where", "kind"], ExitCode.USAGE, "--where: 'kind' has no ="),
        (["x.csv", "--from", "2026-02-01", "--to", "2026-01-01"], ExitCode.USAGE, "--from: is after --to"),
    ],
    ids=["a file that is there", "no form", "Parquet into a pipe", "no condition", "no window"],
)
def test_what_cannot_be_exported_is_refused_and_not_recorded(
    folder: Path, out: Path, arguments: list[str], code: ExitCode, message: str
) -> None:
    (out / "taken.csv").write_text("mine")
    before = call(folder, "audit", "list", "--json").out

    target = arguments[0] if arguments[0] == "-" else str(out / arguments[0])
    ended = call(folder, "events", "export", target, *arguments[1:])

    assert (ended.code, ended.out) == (code, "")
    assert message in ended.err
    assert (out / "taken.csv").read_text() == "mine"
    assert call(folder, "audit", "list", "--json").out == before


def test_what_another_export_left_is_neither_taken_up_nor_thrown_away(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "doors.ndjson"
    interrupted(folder, target)

    other = call(folder, "events", "export", str(target), "--where", "kind=access.denied")
    afresh = call(folder, "events", "export", str(target), "--where", "kind=access.denied", "--restart")

    assert (other.code, "is of another export" in other.err) == (ExitCode.REFUSED, True)
    assert afresh.code == 0
    assert len(target.read_text().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["doors.ndjson"]


def test_without_its_library_parquet_is_refused_with_the_line_that_helps(folder: Path, out: Path) -> None:
    blocked = out / "sitecustomize.py"
    blocked.write_text("import sys\nsys.modules['pyarrow'] = None\n")
    environ = {**surroundings(folder, {}), "PYTHONPATH": str(out)}

    ended = subprocess.run(
        [sys.executable, "-m", "gatebook", "events", "export", str(out / "x.parquet")],
        cwd=folder, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (ended.returncode, ended.stdout) == (ExitCode.REFUSED, "")
    assert ended.stderr.endswith("run: pip install 'gatebook[parquet]'\n")
    assert len(ended.stderr.splitlines()) == 1


def test_a_terminal_sees_how_far_it_is(folder: Path, out: Path) -> None:
    ended = run_on_terminal(folder, "events", "export", str(out / "doors.ndjson"), "--where", DOORS)

    assert ended.code == 0
    assert "Exporting" in ended.out


def test_one_event_is_shown_with_all_that_it_holds(folder: Path) -> None:
    [listed] = json.loads(call(folder, "events", "list", "--where", "kind=access.denied", "--json").out)

    by_seq = call(folder, "events", "show", str(listed["seq"]))
    by_id = json.loads(call(folder, "events", "show", listed["id"], "--json").out)
    on_terminal = run_on_terminal(folder, "events", "show", str(listed["seq"]), NO_COLOR="1", COLUMNS="200").out
    absent = [call(folder, "events", "show", ref).code for ref in ("99999999", "abc")]

    assert "message\t=cmd|'/c calc'!A1 \\x1b[2J" in by_seq.out.splitlines()
    assert (by_id["id"], by_id["data"], by_id["message"]) == (listed["id"], {"a": [1]}, HOSTILE)
    assert "\x1b" not in on_terminal
    assert absent == [ExitCode.REFUSED, ExitCode.USAGE]


def test_where_a_purpose_is_demanded_the_command_line_says_it_too(tmp_path: Path) -> None:
    call(tmp_path, "init")
    call(tmp_path, "organisations", "change", "1", "--purpose-required")

    without = [
        call(tmp_path, "events", *arguments)
        for arguments in (["export", "-"], ["list", "--where", "credential=4711"])
    ]  # fmt: skip
    stated = call(tmp_path, "events", "list", "--where", "credential=4711", "--purpose", "inquiry 7")

    assert [(ended.code, ended.err.startswith("gatebook: --purpose: is missing")) for ended in without] == [
        (ExitCode.USAGE, True),
        (ExitCode.USAGE, True),
    ]
    assert stated.code == 0
