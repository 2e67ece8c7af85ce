"""The README, run line by line as it stands there: the first installation, and the three stories that go on from it."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.processes import GATEBOOK, environ_of

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
STORIES = ROOT / "scripts" / "stories"
SERVER = """python3 -c "import signal as s, sys; s.signal(15, lambda *_: sys.exit()); open('up', 'w'); s.pause()" &
until [ -e up ]; do sleep 0.1; done"""
"""Something that runs beside the shell and ends in good order."""


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


def stories(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, STORIES, *arguments], capture_output=True, text=True, timeout=170, check=False
    )


def readme_of(folder: Path, *stories: tuple[str, str]) -> Path:
    """One that tells other stories."""
    path = folder / "README.md"
    told = "".join(f"```sh\n{lines}\n```\n\n```text\n{shown}\n```\n" for lines, shown in stories)
    path.write_text(f"# X\n\n## A first installation\n\n{told}\n## What it speaks\n")
    return path


@pytest.mark.timeout(180)
def test_three_users_see_what_the_readme_shows_them(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("Before.\n<!-- stories: written by `make stories` -->\nold\n<!-- /stories -->\nAfter.\n")

    done = stories("--write", "--page", page)

    assert done.returncode == 0, done.stderr
    assert page.read_text().startswith("Before.\n")
    assert page.read_text().endswith("-->\nAfter.\n")
    rows = re.findall(r"^\| ([a-z ]+) \| (\d+) \| \d+ s \| < 300 s \|$", page.read_text(), re.MULTILINE)
    assert [name for name, _lines in rows] == [
        "the first installation", "the integrator", "the operator", "the security officer",
    ]  # fmt: skip
    assert all(int(lines) <= 10 for _name, lines in rows)
    assert "old" not in page.read_text()


@pytest.mark.parametrize(
    ("line", "shown", "said"),
    [
        ("echo two", "one", "+two"),
        ("echo one; echo two", "one", "+two"),
        ("echo one", "one\ntwo", "-two"),
        ("false", "one", "the shell ended with 1"),
    ],
    ids=["another word", "a line more", "a line less", "a line that fails"],
)
def test_a_story_that_goes_otherwise_is_told_and_not_timed(tmp_path: Path, line: str, shown: str, said: str) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("as it was")
    readme = readme_of(tmp_path, (SERVER, ""), ("echo a 1", "a …"), (line, shown), ("echo b", "b"))

    done = stories("--readme", readme, "--write", "--page", page)

    assert done.returncode == 1
    assert said in done.stderr.splitlines()
    assert page.read_text() == "as it was"


def test_the_row_of_the_benchmarks_stands_there_too() -> None:
    text = README.read_text()
    (row,) = re.findall(r"<!-- row -->\n(?:\|.*\n){2}(\|.*)\n<!-- /row -->", text)

    assert row in (ROOT / "docs" / "benchmarks.md").read_text().splitlines()
    assert re.search(r"\| \d+\.\d\d \|", row)


def json_in(text: str) -> list[dict[str, Any]]:
    """Every JSON object that stands in the text, in order."""
    found, at = [], text.find("{")
    while at >= 0:
        value, end = json.JSONDecoder().raw_decode(text, at)
        found.append(value)
        at = text.find("{", end)
    return found
