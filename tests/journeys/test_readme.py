"""The README's first installation, run line by line as it stands there."""

import json
import os
import re
import socket
import subprocess
from pathlib import Path
from typing import Any

from tests.processes import GATEBOOK, environ_of

README = Path(__file__).parents[2] / "README.md"


def installation() -> list[str]:
    """The lines of the shell block under its heading."""
    _before, text = README.read_text().split("\n## A first installation\n")
    block = re.search(r"```sh\n(.*?)```", text, re.DOTALL)
    assert block is not None
    return block[1].splitlines()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def test_the_first_installation_works_as_it_is_printed(tmp_path: Path) -> None:
    port, marked = free_port(), tmp_path / "bin"
    marked.mkdir()
    (marked / "gatebook").write_text(f'#!/bin/sh\nexec {GATEBOOK[0]} -m gatebook "$@"\n')
    (marked / "gatebook").chmod(0o755)
    env = environ_of(tmp_path, {"GATEBOOK_SERVER_PORT": str(port)})
    env["PATH"] = f"{marked}:{os.environ['PATH']}"
    script = "\n".join(["set -e", *installation(), "kill $!", "wait $!"]).replace("8480", str(port))

    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=50, start_new_session=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    ready, receipt, page, vendors = json_in(done.stdout)
    assert ready["status"] == "ready"
    assert [item["id"] for item in page["items"]] == [receipt["id"]]
    assert vendors["totalEvents"] == 1
    assert "\taccess.granted\tcard\t" in done.stdout


def test_it_is_ten_lines() -> None:
    assert len(installation()) == 10


def json_in(text: str) -> list[dict[str, Any]]:
    """Every JSON object that stands in the text, in order."""
    found, at = [], text.find("{")
    while at >= 0:
        value, end = json.JSONDecoder().raw_decode(text, at)
        found.append(value)
        at = text.find("{", end)
    return found
