"""`gatebook webhooks`: made, listed, changed, rotated, and sent again from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.processes import gatebook, initialised

URL = "https://hooks.example.org/gate"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("webhooks")
    initialised(made)
    return made


def told(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    done = gatebook(folder, "webhooks", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_webhook_is_made_changed_rotated_and_removed(folder: Path) -> None:
    (folder / "filter.json").write_text('{"kind": "door.forced"}')

    [made] = told(folder, "add", "--name", "desk", "--url", URL, "--filter", "filter.json", "--format", "xprotect")
    [changed] = told(folder, "change", "desk", "--rules-only", "--ordered", "--disable")
    [rotated] = told(folder, "rotate", "desk", "--overlap", "60")
    shown = json.loads(gatebook(folder, "webhooks", "show", "desk").stdout)
    [listed] = told(folder, "list")
    removed = gatebook(folder, "webhooks", "remove", "desk")

    assert made["secret"].startswith("whsec_")
    assert rotated["secret"] != made["secret"]
    assert (changed["sends"], changed["ordered"], changed["enabled"]) == ("rules", True, False)
    assert (shown["filter"], shown["format"]) == ({"kind": "door.forced"}, "xprotect")
    assert (listed["id"], listed["failures"]) == (made["id"], 0)
    assert (removed.returncode, told(folder, "list")) == (0, [])


def test_what_is_to_be_sent_is_listed_and_sent_again(folder: Path) -> None:
    told(folder, "add", "--name", "again", "--url", URL)

    assert told(folder, "deliveries", "again", "--state", "failed") == []
    assert "0 to be sent again" in gatebook(folder, "webhooks", "replay", "again").stderr
    assert "looked at again" in gatebook(folder, "webhooks", "replay", "again", "--since-seq", "0").stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "nobody"), 4, "no such webhook"),
        (("add", "--name", "x", "--url", "ftp://x"), 2, "url"),
        (("add", "--name", "x", "--url", URL, "--format", "fax"), 2, "format"),
        (("add", "--name", "x", "--url", URL, "--filter", "nowhere.json"), 2, "nowhere.json"),
        (("replay", "again", "--delivery", "99"), 4, "no such"),
    ],
)
def test_what_cannot_be_done_is_said(folder: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = gatebook(folder, "webhooks", *arguments)

    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert said in done.stderr
