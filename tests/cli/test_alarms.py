"""`gatebook alarms`: raised, listed, taken, put on hold and closed from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.processes import gatebook, initialised


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    initialised(tmp_path)
    assert gatebook(tmp_path, "devices", "add", "--name", "Back door", "--kind", "door").returncode == 0
    return tmp_path


def told(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    done = gatebook(folder, "alarms", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_an_alarm_is_worked_from_the_command_line(folder: Path) -> None:
    [alarm] = told(folder, "raise", "Forced", "--device", "1", "--priority", "high")
    number = str(alarm["number"])

    [listed] = told(folder, "list")
    [held] = told(folder, "hold", number, "--comment", "Waiting for the locksmith")
    [closed] = told(folder, "close", number, "--reason", "false_alarm")

    assert (listed["device"], listed["priority"], listed["state"]) == ("Back door", "high", "new")
    assert held["state"] == "on_hold"
    assert closed["state"] == "closed"
    assert told(folder, "list") == []
    assert [line["number"] for line in told(folder, "list", "--state", "closed")] == [alarm["number"]]
    steps = told(folder, "show", number)
    assert [(step["act"], step["comment"]) for step in steps] == [
        ("raised", None), ("changed", "Waiting for the locksmith"), ("closed", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "7"), 4, "no such alarm"),
        (("raise", "x", "--device", "9"), 4, "no such device"),
        (("close", "nonsense"), 4, "no such alarm"),
        (("take", "1", "--for", "nobody"), 4, "no such user"),
    ],
)
def test_what_cannot_be_done_is_said(folder: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = gatebook(folder, "alarms", *arguments)

    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
