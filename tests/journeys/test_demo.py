"""`gatebook demo`: what it prints works as it stands, and nothing of it is left behind."""

import json
import os
import select
import signal
import socket
import subprocess
from pathlib import Path

from tests.processes import GATEBOOK, START_WITHIN_S, environ_of, gatebook, stop

LAST = "Somebody comes to a door every few seconds. Ctrl-C ends it; the next start goes on from here."


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
        posted, listed, *vendors = [pasted(line, tmp_path) for line in curls]
    finally:
        code = stop(process)

    assert isinstance(posted, dict)
    assert isinstance(listed, dict)
    assert posted["version"] > 1
    assert len(listed["items"]) == 5
    assert posted["id"] in [item["id"] for item in listed["items"]]
    assert all(vendors)
    assert not any(isinstance(answer, dict) and "message" in answer for answer in vendors)
    [locks] = [answer for answer in vendors if isinstance(answer, dict) and "totalEvents" in answer]
    assert locks["totalEvents"] == posted["version"]
    assert locks["events"]
    assert code == 0


def test_ctrl_c_ends_it_and_the_next_start_goes_on(tmp_path: Path) -> None:
    first, lines = demo(tmp_path, "--port", "0")
    first.send_signal(signal.SIGINT)
    code = first.wait(20)
    stop(first)
    again, others = demo(tmp_path, "--port", "0")
    stop(again)

    assert code == 0
    assert lines[1].split(",")[0] == others[1].split(",")[0]
    assert (tmp_path / "serve.log").read_text() == ""
    assert not list((tmp_path / ".demo").glob("*-wal"))


def test_on_a_taken_port_it_takes_the_next_and_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process, lines = demo(tmp_path, "--port", str(port))
        stop(process)

    assert lines[0].startswith(f"Port {port} is taken; this demonstration is on port ")


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
