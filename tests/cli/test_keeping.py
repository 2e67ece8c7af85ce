"""Retention, erasure and the record of who looked, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.processes import gatebook, initialised, running_server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with a door, a person, and two old events and a new one."""
    initialised(tmp_path)
    answer(tmp_path, "devices", "add", "--kind", "door", "--name", "Door")
    with running_server(tmp_path) as server, httpx.Client(base_url=server.url, headers=server.headers) as client:
        for occurred in ("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z", None):
            report = {"kind": "access.granted", "device": 1, "occurred": occurred, "credential": "4711"}
            assert client.post("/v1/events", json=report).status_code == 201
        while any(one["lag"] for one in client.get("/v1/followers").json()["items"]):
            pass
    return tmp_path


def answer(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    done = gatebook(folder, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_dry_run_says_what_a_run_removes(folder: Path) -> None:
    [rule] = answer(folder, "retention", "set", "--name", "old", "--days", "365", "--kind", "access.granted")

    [dry] = answer(folder, "retention", "run", "--dry-run")
    kept = answer(folder, "events", "list", "--where", "kind=access.granted")
    [done] = answer(folder, "retention", "run")
    left = answer(folder, "events", "list", "--where", "kind=access.granted")

    assert (dry["rule"], dry["events"], dry["oldest"]) == ("old", 2, "2020-01-01T00:00:00Z")
    assert (len(kept), done["events"], len(left)) == (3, 2, 1)
    assert answer(folder, "retention", "list") == [rule]
    assert gatebook(folder, "retention", "drop", rule["id"]).returncode == 0
    assert answer(folder, "retention", "list") == []
    assert gatebook(folder, "retention", "drop", rule["id"]).returncode == 4
    assert answer(folder, "audit", "list", "--where", "kind=record.removed")[0]["count"] == 2


def test_an_erasure_asks_first_and_a_no_changes_nothing(folder: Path) -> None:
    asked = gatebook(folder, "erase", "--credential", "4711")
    still = answer(folder, "erase", "--credential", "4711", "--dry-run")
    done = answer(folder, "erase", "--credential", "4711", "--yes")

    assert asked.returncode != 0
    assert "3 events" in asked.stderr
    assert (still, done) == ([{"events": 3, "dry_run": True}], [{"events": 3, "dry_run": False}])
    assert {one["credential"] for one in answer(folder, "events", "list", "--where", "kind=access.granted")} == {None}


@pytest.mark.parametrize("arguments", [(), ("--plate", "X", "--credential", "Y")], ids=["nobody", "two at once"])
def test_an_erasure_names_exactly_one(folder: Path, arguments: tuple[str, ...]) -> None:
    assert gatebook(folder, "erase", *arguments).returncode == 2


def test_an_erasure_of_nobody_known_is_refused(folder: Path) -> None:
    done = gatebook(folder, "erase", "--person", "77", "--yes")

    assert (done.returncode, done.stderr) == (4, "gatebook: no such person\n")
