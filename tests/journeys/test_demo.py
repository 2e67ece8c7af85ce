"""`gatebook demo`: what it prints works as it stands, and nothing of it is left behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.cli.terminals import call
from tests.demos import Demo, awaited, found, session_of, started
from tests.processes import GATEBOOK, START_WITHIN_S, environ_of, gatebook, stop

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The first start of all; it runs for all tests here."""
    one = started(tmp_path_factory.mktemp("demo"), "--port", "0")
    try:
        awaited((one.folder / ".demo" / "tokens").exists)
        yield one
    finally:
        stop(one.process)


@pytest.fixture
def ended(demo: Demo, tmp_path: Path) -> Path:
    """A folder in which a demonstration ran and was ended: a copy of what the running one has."""
    (tmp_path / ".demo").mkdir()
    assert gatebook(demo.folder / ".demo", "backup", str(tmp_path / ".demo" / "gatebook.db")).returncode == 0
    for name in ("gatebook.db.demo", "gatebook.db.secret", "key", "password", "tokens"):
        shutil.copy(demo.folder / ".demo" / name, tmp_path / ".demo" / name)
    return tmp_path


def test_the_printed_lines_work_as_pasted(demo: Demo) -> None:
    posted, listed, forced, *vendors = [demo.pasted(line) for line in demo.curls]
    newest = demo.curls[1].replace("limit=5", "limit=1")
    later = demo.pasted(newest)["total"]["n"]

    assert posted["version"] > 1
    assert len(listed["items"]) == 5
    assert listed["total"]["n"] > 49_000
    assert forced["items"]
    assert len(vendors) == 7  # two of the four have clients that sign in first, and one lists plates
    assert all(vendors)
    assert not any(isinstance(answer, dict) and "message" in answer for answer in vendors)
    assert awaited(lambda: demo.pasted(newest)["total"]["n"] > later)
    assert demo.process.poll() is None


def test_it_says_how_long_the_start_took(demo: Demo) -> None:
    took = found(r"^It was ready (\d+\.\d) s after its start\.$", demo.text)

    assert 0 < float(took) < 3 * START_WITHIN_S


def test_its_history_has_fifty_thousand_events_of_ninety_days(demo: Demo) -> None:
    today = datetime.now(UTC).date()
    begin, end = today - timedelta(days=100), today + timedelta(days=2)

    days = demo.get(f"/v1/events/counts?by=day&from={begin}&to={end}")

    full = [one for one in days["items"] if one["n"] > 100]
    assert 88 <= len(full) <= 91
    assert days["total"]["n"] == pytest.approx(50_000, rel=0.05)


def test_it_listens_on_this_machine_alone(demo: Demo) -> None:
    """The kernel's own list: of the process's sockets that listen, none has another address than 127.0.0.1."""
    inodes = set()
    for entry in Path(f"/proc/{demo.process.pid}/fd").iterdir():
        target = os.readlink(entry)
        inodes |= {target[8:-1]} if target.startswith("socket:[") else set()
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]

    listening = [row[1].split(":") for row in rows if row[3] == "0A" and row[9] in inodes]

    assert listening == [["0100007F", f"{int(demo.url.rsplit(':', 1)[1]):04X}"]]


def test_the_password_opens_the_console_and_is_another_each_time(demo: Demo, ended: Path) -> None:
    told = re.search(r"^Console (\S+)/console, user (\w+), password (\w+)$", demo.text, re.MULTILINE)
    assert told is not None
    signed = httpx.post(f"{told[1]}/v1/tokens", json={"login": told[2], "password": told[3]}, trust_env=False)

    assert signed.status_code in (200, 201), signed.text
    assert len(told[3]) >= 16
    secrets = [demo.folder / ".demo" / name for name in ("key", "password", "tokens", "address")]
    assert [path.stat().st_mode & 0o777 for path in secrets] == [0o600] * 4


def test_a_forced_door_raises_an_alarm(demo: Demo) -> None:
    headers = {"X-API-Key": demo.key}
    report = {"kind": "door.forced", "device": 1}
    httpx.post(f"{demo.url}/v1/events", json=report, headers=headers, trust_env=False).raise_for_status()

    raised = awaited(lambda: demo.get("/v1/alarms?state=open&device=1&priority=high")["items"])

    assert raised[0]["name"] == "Forced doors"


def test_plates_at_its_gates_are_decided_on_and_locks_open(demo: Demo) -> None:
    """In the history from the first moment on; and by devices on their line as long as it runs."""
    (line,) = [line for line in demo.curls if "lpr-events" in line]
    rows = demo.pasted(line.replace("pageSize=5", "pageSize=100"))["events"]
    done = {row["actionTaken"] for row in rows}

    assert {"LOCK_OPENED", "NO_MATCH"} <= done
    opened = next(row for row in rows if row["actionTaken"] == "LOCK_OPENED")
    assert opened["lockId"]
    assert opened["matchedUserId"]
    token = json.loads((demo.folder / ".demo" / "tokens").read_text())["devices"]
    camera = demo.get(f"/v1/devices/{opened['cameraId']}")
    signed = {"X-API-Key": token[camera["vendor_ids"][0]]}
    read = {"plate": opened["plate"], "confidence": 0.97}
    told = httpx.post(f"{demo.url}/v1/plate-reads", json=read, headers=signed, trust_env=False).raise_for_status()
    cause = told.json()["id"]
    now = awaited(
        lambda: [
            one
            for one in demo.get("/v1/events?kind=plate.decided&limit=20")["items"]
            if one["data"]["read"] == cause and one["data"]["action"] != "repeat_read"
        ]
    )
    assert now[0]["data"]["action"] in ("opened", "open_failed")  # a lock is jammed now and then
    assert demo.get("/v1/events?kind=command.requested&limit=1")["items"]


def test_one_event_is_shown_in_five_shapes(demo: Demo) -> None:
    plain = call(demo.folder, "demo", "same-event", COLUMNS="170")
    machine = gatebook(demo.folder, "demo", "same-event", "--json")

    assert (plain.code, plain.err) == (0, "")
    assert (machine.returncode, machine.stderr) == (0, "")
    told = json.loads(machine.stdout)
    titles = [one["dialect"] for one in told["shapes"]]
    assert len(titles) == len(set(titles)) == 5
    side_by_side = plain.out.splitlines()
    assert any(all(title in line for title in titles[:3]) for line in side_by_side)
    assert all(title in plain.out for title in titles)
    native = told["shapes"][0]["shape"]
    assert (native["kind"], native["person"]["id"]) == ("access.granted", told["reported"]["person"])
    assert demo.get(f"/v1/events/{native['id']}")["occurred"] == told["reported"]["occurred"]
    assert all(one["url"].startswith(demo.url) for one in told["shapes"])
    assert len({json.dumps(one["shape"], sort_keys=True) for one in told["shapes"]}) == 5


def test_a_forced_door_is_played_to_its_end(demo: Demo) -> None:
    plain = call(demo.folder, "demo", "story")
    machine = gatebook(demo.folder, "demo", "story", "--json")

    assert (plain.code, plain.err) == (0, "")
    assert (machine.returncode, machine.stderr) == (0, "")
    acts = [json.loads(line) for line in machine.stdout.splitlines()]
    assert acts[0]["what"] == "reports that it was forced"
    assert "raises alarm" in acts[1]["what"]
    log = [act["what"] for act in acts if act["who"] == "log"]
    assert log[0].startswith("alarm raised, new")
    assert log[-1].startswith("alarm closed, closed")
    assert [act["at"] for act in acts[:6]] == sorted(act["at"] for act in acts[:6])
    kinds = [demo.get(f"/v1/events/{act['event']}")["kind"] for act in acts if act["event"]]
    assert kinds[:2] == ["door.forced", "door.restored"]
    assert kinds[2:] == ["alarm.raised", *["alarm.changed"] * (len(kinds) - 4), "alarm.closed"]
    number = found(r"raises alarm (\d+)", acts[1]["what"])
    assert demo.get(f"/v1/alarms/{number}")["state"] == "closed"
    assert "/console/alarms?state=closed" in plain.out


@pytest.mark.parametrize("command", ["same-event", "story"])
def test_without_a_demonstration_there_is_nothing_to_show(command: str, tmp_path: Path) -> None:
    done = call(tmp_path, "demo", command)

    assert (done.code, done.out) == (3, "")
    assert "start one with `gatebook demo`" in done.err


def test_ctrl_c_ends_it_and_the_next_start_goes_on(demo: Demo, ended: Path) -> None:
    again = started(ended, "--port", "0")
    again.process.send_signal(signal.SIGINT)
    assert again.process.stdout is not None
    rest = again.process.stdout.read()
    code = again.process.wait(20)
    left = session_of(again.process)
    stop(again.process)

    assert (code, rest) == (0, "")
    assert left == []
    assert demo.lines[0] == "Making up ninety days of history; this is done once."
    assert again.lines[0].startswith("Gatebook is at ")
    assert again.lines[2].split(" user ")[1] == demo.lines[3].split(" user ")[1]
    assert again.key == demo.key
    assert (ended / "serve.log").read_text() == ""
    assert not list((ended / ".demo").glob("*-wal"))
    assert not (ended / ".demo" / "address").exists()


def test_ctrl_c_while_the_history_is_made_leaves_no_process_and_the_next_start_begins_anew(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*GATEBOOK, "demo", "--port", "0"],
        cwd=tmp_path, env=environ_of(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "Making up ninety days of history; this is done once.\n"
    awaited((tmp_path / ".demo" / "gatebook.db").exists)

    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to all of them
    _out, err = process.communicate(timeout=20)

    assert (process.returncode, err) == (130, "")
    assert awaited(lambda: session_of(process) == [])
    assert not (tmp_path / ".demo" / "key").exists()


def test_on_a_taken_port_it_takes_the_next_and_says_so(ended: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        again = started(ended, "--port", str(port))
        stop(again.process)

    assert again.lines[0] == f"Port {port} is taken; this demonstration is on port {again.url.rsplit(':', 1)[1]}."
    assert again.lines[1] == f"Gatebook is at {again.url}"


def test_one_that_was_killed_starts_again(ended: Path) -> None:
    first = started(ended, "--port", "0")
    first.process.kill()
    first.process.wait(20)
    stop(first.process)
    gone = call(ended, "demo", "story")
    again = started(ended, "--port", "0")
    stop(again.process)

    assert gone.code == 3
    assert "start one with `gatebook demo`" in gone.err
    assert again.key == first.key


def test_its_store_is_refused_by_serve(demo: Demo) -> None:
    done = gatebook(demo.folder / ".demo", "serve", "--port", "0")

    assert (done.returncode, done.stdout) == (3, "")
    assert "demonstration" in done.stderr


def test_it_leaves_a_real_store_alone(tmp_path: Path) -> None:
    gatebook(tmp_path, "init")
    before = (tmp_path / "gatebook.db").read_bytes()

    done = gatebook(tmp_path, "demo", "--folder", ".", "--port", "0")

    assert (done.returncode, done.stdout) == (3, "")
    assert "name another folder with --folder" in done.stderr
    assert (tmp_path / "gatebook.db").read_bytes() == before
