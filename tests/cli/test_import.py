"""`gatebook events import`: files of reports and of exports, whole, once, and going on where they were interrupted."""

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from gatebook.cli.frame import ExitCode
from tests.cli.terminals import GATEBOOK, call, surroundings
from tests.processes import gatebook, initialised, running_server

WHEN = "2026-01-15T02:10:00Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a store lies with one door."""
    call(tmp_path, "init", "--zone", "Europe/Berlin")
    call(tmp_path, "devices", "add", "--kind", "door", "--name", "Door", "--vendor-id", "dev-1")
    return tmp_path


def line(**fields: object) -> str:
    return json.dumps({"kind": "door.opened", "device": "dev-1", "occurred": WHEN, **fields})


def taken(folder: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    """What an import says of itself."""
    ended = call(folder, "events", "import", *arguments, "--json")
    assert ended.code == code, ended.err
    [told] = json.loads(ended.out)
    assert isinstance(told, dict)
    return told


def listed(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    asked = ["--where", "device=1", "--oldest-first", "--limit", "10000", *arguments]
    found: list[dict[str, Any]] = json.loads(call(folder, "events", "list", "--json", *asked).out)
    return found


def test_a_file_given_again_stores_nothing_twice_and_equal_lines_stay_apart(folder: Path) -> None:
    reports = [line(tag="a"), line(tag="a"), line(tag="b", key="k-1"), line(tag="b", key="k-1")]
    (folder / "in.ndjson").write_text("\n".join(reports))

    first = taken(folder, "in.ndjson")
    again = taken(folder, "in.ndjson", "--batch", "1")
    (folder / "in.ndjson").write_text("\n".join([*reports, line(tag="c")]))
    more = taken(folder, "in.ndjson")

    assert first == {"lines": 4, "new": 3, "repeats": 1, "records": 0, "refused": 0}
    assert again == {"lines": 4, "new": 0, "repeats": 4, "records": 0, "refused": 0}
    assert (more["new"], more["repeats"]) == (1, 4)
    assert [event["tag"] for event in listed(folder)] == ["a", "a", "b", "c"]


def test_what_cannot_be_taken_is_told_by_its_line_and_can_be_given_again(folder: Path) -> None:
    (folder / "in.ndjson").write_text("\n".join([
        line(tag="one"), "{nonsense", line(device="gate-9"), line(kind="door.melted"), line(occurred="yesterday"),
        "", line(tag="x" * 300), line(key="k", tag="y"), line(key="k", tag="z"), line(knd="door.opened"),
        line(tag="last", occurred="2026-01-15T03:10"),
    ]))  # fmt: skip

    ended = call(folder, "events", "import", "in.ndjson", "--json")
    call(folder, "devices", "add", "--kind", "door", "--name", "Gate", "--vendor-id", "gate-9")
    again = taken(folder, "in.ndjson", code=ExitCode.FOUND)

    told = {text.partition(":")[0]: text.partition(": ")[2] for text in ended.err.splitlines()}
    assert ended.code == ExitCode.FOUND
    assert json.loads(ended.out) == [{"lines": 11, "new": 3, "repeats": 0, "records": 0, "refused": 7}]
    assert list(told) == [f"line {n}" for n in (2, 3, 4, 5, 7, 9, 10)]
    assert "JSON is malformed" in told["line 2"]
    assert told["line 3"] == "device: no such device; make the device known"
    assert '"door.melted" is not a known kind' in told["line 4"]
    assert told["line 5"].startswith("occurred: ")
    assert told["line 7"].startswith("$.tag: ")
    assert "key was used before" in told["line 9"]
    assert "knd" in told["line 10"]
    assert (again["new"], again["repeats"], again["refused"]) == (1, 3, 6)
    assert call(folder, "quarantine", "list", "--json").out.strip() == "[]"
    assert [event["occurred"] for event in listed(folder, "--where", "tag=last")] == [WHEN]


def test_what_was_exported_comes_in_elsewhere_with_all_that_it_tells(folder: Path, tmp_path: Path) -> None:
    reports = [
        line(kind="access.granted", method="card", person_name="Ada", credential="4711", message="[b]x[/b]\x1b[2J"),
        line(kind="access.denied", reason="tamper", data={"a": [1, "x\ny"]}, occurred="2026-01-15T02:10:00.1234567Z"),
        line(kind="plate.read", credential="AB12CDE", tag="t"),
    ]  # fmt: skip
    (folder / "in.ndjson").write_text("\n".join(reports))
    taken(folder, "in.ndjson")
    call(folder, "events", "export", "all.ndjson")
    door = json.loads(call(folder, "devices", "list", "--json").out)[0]
    other = tmp_path / "other"
    other.mkdir()
    call(other, "init")
    call(other, "devices", "add", "--kind", "door", "--name", "Door", "--id", door["id"])

    there = taken(other, "../all.ndjson")
    again = taken(other, "../all.ndjson")
    assert call(other, "events", "export", "back.ndjson", "--where", "device=1").code == 0

    sent, back = [
        [json.loads(text) for text in file.read_text().splitlines()]
        for file in (folder / "all.ndjson", other / "back.ndjson")
    ]
    kept = ("kind", "occurred", "method", "reason", "type", "person", "credential", "plate", "tag", "message", "data")
    reported = [event for event in sent if event["device"] is not None]
    assert (there["new"], there["records"], there["refused"]) == (3, len(sent) - 3, 0)
    assert (again["new"], again["repeats"]) == (0, 3)
    assert [[event[name] for name in kept] for event in back] == [[event[name] for name in kept] for event in reported]


def test_no_rule_looks_at_what_is_imported_unless_it_is_to(folder: Path) -> None:
    rule = {"name": "forced", "when": {"kind": "door.forced"}, "actions": [{"alarm": {"priority": "high"}}]}
    (folder / "rule.json").write_text(json.dumps(rule))
    assert call(folder, "rules", "add", "rule.json").code == 0
    (folder / "old.ndjson").write_text(line(kind="door.forced", tag="old"))
    (folder / "new.ndjson").write_text(line(kind="door.forced", tag="new"))
    taken(folder, "old.ndjson")
    taken(folder, "new.ndjson", "--with-rules")

    (folder / "key.txt").write_text("unused")
    with running_server(folder):
        until = time.monotonic() + 30
        while not (alarms := json.loads(gatebook(folder, "alarms", "list", "--json").stdout)):
            assert time.monotonic() < until
            time.sleep(0.1)

    [alarm] = alarms
    assert alarm["times"] == 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_an_import_that_is_interrupted_goes_on_without_loss_or_repeat(folder: Path, how: signal.Signals) -> None:
    lines = [line(tag=f"{n}") + "\n" for n in range(1_000)]
    (folder / "in.ndjson").write_text("".join(lines))
    process = subprocess.Popen(
        [*GATEBOOK, "events", "import", "-", "--batch", "20"], cwd=folder, env=surroundings(folder, {}),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write("".join(lines[:510]))  # and no more: it waits for the rest of a batch
    process.stdin.flush()
    until = time.monotonic() + 40
    while (there := len(listed(folder))) < 100:
        assert time.monotonic() < until
    process.send_signal(how)
    process.wait(30)
    there = len(listed(folder))
    _, told = process.communicate()

    again = taken(folder, "in.ndjson")

    assert process.returncode in (-signal.SIGKILL, ExitCode.INTERRUPTED), told
    assert 100 <= there <= 500
    assert there % 20 == 0  # a batch is whole or not there
    assert (again["new"], again["repeats"]) == (1_000 - there, there)
    assert sorted(int(event["tag"]) for event in listed(folder)) == list(range(1_000))
    if how is signal.SIGINT:
        done = int(told.removeprefix("Interrupted; ").split()[0])
        assert there - 20 <= done <= there
        assert taken(folder, "in.ndjson", "--skip", str(done))["repeats"] == 1_000 - done
        assert len(told.splitlines()) == 1


def test_a_server_takes_reports_meanwhile_and_none_is_lost(tmp_path: Path) -> None:
    initialised(tmp_path)
    call(tmp_path, "devices", "add", "--kind", "door", "--name", "Door", "--vendor-id", "dev-1")
    (tmp_path / "in.ndjson").write_text("\n".join(line(tag=f"file {n}") for n in range(3_000)))
    with running_server(tmp_path) as server, httpx.Client(base_url=server.url, headers=server.headers) as client:
        process = subprocess.Popen(
            [*GATEBOOK, "events", "import", "in.ndjson", "--batch", "500"],
            cwd=tmp_path, env=surroundings(tmp_path, {}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        posted = 0
        while process.poll() is None or posted < 50:
            body = {"kind": "door.opened", "device": 1, "tag": f"posted {posted}"}
            assert client.post("/v1/events", json=body, timeout=40).status_code == 201
            posted += 1
        out, err = process.communicate(timeout=30)
        n = client.get("/v1/events", params={"kind": "door.opened", "limit": 1}).json()["total"]["n"]

    assert process.returncode == 0, out + err
    assert n == 3_000 + posted


def test_standard_input_is_a_file_too(folder: Path) -> None:
    ended = call(folder, "events", "import", "-", "--json", typed=f"{line(tag='typed')}\n")

    assert json.loads(ended.out)[0]["new"] == 1
    assert call(folder, "events", "import", "no-such-file").code == ExitCode.USAGE
