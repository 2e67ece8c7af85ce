"""`gatebook demo`: what it prints works as it stands, and nothing of it is left behind."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx

from tests.processes import GATEBOOK, START_WITHIN_S, environ_of, gatebook, stop

LAST = "Something happens about every second. Ctrl-C ends it; the next start goes on from here."


def demo(folder: Path, *arguments: str) -> tuple[subprocess.Popen[str], list[str]]:
    """A demonstration that runs, and what it printed up to its last line."""
    with (folder / "serve.log").open("a") as log:
        process = subprocess.Popen(
            [*GATEBOOK, "demo", *arguments],
            cwd=folder, env=environ_of(folder), stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    try:
        return process, lines_of(process)
    except BaseException:
        process.kill()
        stop(process)
        raise


def lines_of(process: subprocess.Popen[str]) -> list[str]:
    """What it prints, up to its last line; AssertionError where that does not come."""
    assert process.stdout is not None
    text = ""
    while not text.endswith(LAST + "\n"):
        assert select.select([process.stdout], [], [], START_WITHIN_S)[0], text
        piece = os.read(process.stdout.fileno(), 65_536).decode()
        text += piece
        assert piece, text
        assert "No more events" not in text
    return text.splitlines()


def pasted(line: str, folder: Path) -> object:
    """What a printed line answers in bash."""
    done = subprocess.run(["bash", "-c", line], env=environ_of(folder), capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_the_printed_lines_work_as_pasted(tmp_path: Path) -> None:
    process, lines = demo(tmp_path, "--port", "0")
    try:
        curls = [line for line in lines if line.startswith("curl ")]
        posted, listed, forced, *vendors = [pasted(line, tmp_path) for line in curls]
        later = newest_of(pasted(curls[1].replace("limit=5", "limit=1"), tmp_path), process)
        live = later
        until = time.monotonic() + 15
        while live == later and time.monotonic() < until:
            time.sleep(0.5)
            live = newest_of(pasted(curls[1].replace("limit=5", "limit=1"), tmp_path), process)
    finally:
        code = stop(process)

    assert isinstance(posted, dict)
    assert isinstance(listed, dict)
    assert isinstance(forced, dict)
    assert posted["version"] > 1
    assert len(listed["items"]) == 5
    assert listed["total"]["n"] > 49_000
    assert forced["items"]
    assert live > later
    assert len(vendors) == 6  # two of the four have clients that sign in first
    assert all(vendors)
    assert not any(isinstance(answer, dict) and "message" in answer for answer in vendors)
    assert code == 0


def newest_of(page: object, process: subprocess.Popen[str]) -> int:
    """The total that a page tells of; the process must run still."""
    assert process.poll() is None
    assert isinstance(page, dict)
    total: int = page["total"]["n"]
    return total


def test_the_password_opens_the_console_and_alarms_are_raised(tmp_path: Path) -> None:
    process, lines = demo(tmp_path, "--port", "0")
    try:
        told = re.search(r"^Console (\S+)/console, user (\w+), password (\w+)$", "\n".join(lines), re.MULTILINE)
        key = re.search(r"^API key (\w+),", "\n".join(lines), re.MULTILINE)
        assert told is not None
        assert key is not None
        with httpx.Client(base_url=told[1], timeout=20, trust_env=False) as client:
            signed = client.post("/v1/tokens", json={"login": told[2], "password": told[3]})
            client.headers["X-API-Key"] = key[1]
            client.post("/v1/events", json={"kind": "door.forced", "device": 1}).raise_for_status()
            raised: list[object] = []
            until = time.monotonic() + 15
            while not raised and time.monotonic() < until:
                time.sleep(0.3)
                raised = client.get("/v1/alarms").raise_for_status().json()["items"]
    finally:
        stop(process)

    assert signed.status_code in (200, 201), signed.text
    assert raised
    secrets = [tmp_path / ".demo" / name for name in ("key", "password")]
    assert [path.stat().st_mode & 0o777 for path in secrets] == [0o600, 0o600]


def test_ctrl_c_ends_it_and_the_next_start_goes_on(tmp_path: Path) -> None:
    first, lines = demo(tmp_path, "--port", "0")
    first.send_signal(signal.SIGINT)
    code = first.wait(20)
    stop(first)
    again, others = demo(tmp_path, "--port", "0")
    stop(again)

    assert code == 0
    assert lines[0] == "Making up ninety days of history; this is done once."
    assert lines[2].split(" user ")[1] == others[1].split(" user ")[1]
    assert lines[3].split(",")[0] == others[2].split(",")[0]
    assert (tmp_path / "serve.log").read_text() == ""
    assert not list((tmp_path / ".demo").glob("*-wal"))


def test_on_a_taken_port_it_takes_the_next_and_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process, lines = demo(tmp_path, "--port", str(port))
        stop(process)

    assert lines[1].startswith(f"Port {port} is taken; this demonstration is on port ")


def test_its_store_is_refused_by_serve(tmp_path: Path) -> None:
    process, _lines = demo(tmp_path, "--port", "0")
    stop(process)

    done = gatebook(tmp_path / ".demo", "serve", "--port", "0")

    assert (done.returncode, done.stdout) == (3, "")
    assert "demonstration" in done.stderr


def test_it_leaves_a_real_store_alone(tmp_path: Path) -> None:
    gatebook(tmp_path, "init")
    before = (tmp_path / "gatebook.db").read_bytes()

    done = gatebook(tmp_path, "demo", "--folder", ".", "--port", "0")

    assert (done.returncode, done.stdout) == (3, "")
    assert "name another folder with --folder" in done.stderr
    assert (tmp_path / "gatebook.db").read_bytes() == before
