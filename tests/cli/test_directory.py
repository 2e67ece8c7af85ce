"""`gatebook init`, `organisations`, `sites`, `devices`, `keys`, `migrate`: for people and for programs."""

import json
from pathlib import Path

import pytest

from gatebook.cli.frame import ExitCode
from tests.cli.terminals import call, run_on_terminal

HOSTILE = "Front \x1b[31m[bold]door[/]\nroot\t# "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a store has just been made."""
    assert call(tmp_path, "init", "--name", "Acme", "--zone", "Europe/London").code == 0
    return tmp_path


def answer(folder: Path, *arguments: str) -> object:
    """What a command that succeeds prints as JSON."""
    ended = call(folder, *arguments, "--json")
    assert (ended.code, ended.err) == (0, "")
    return json.loads(ended.out)


def table(folder: Path, *arguments: str) -> list[list[str]]:
    """The cells that a command prints into a pipe."""
    ended = call(folder, *arguments)
    assert (ended.code, ended.err) == (0, "")
    return [line.split("\t") for line in ended.out.splitlines()]


def test_init_prints_a_key_once(tmp_path: Path) -> None:
    made = answer(tmp_path, "init", "--name", "Acme", "--zone", "Europe/London")
    again = call(tmp_path, "init")

    assert isinstance(made, dict)
    assert (made["store"], made["organisation"], made["name"], made["zone"]) == (
        "gatebook.db",
        1,
        "Acme",
        "Europe/London",
    )
    assert len(made["key"]) == 40
    assert made["key"].encode() not in (tmp_path / "gatebook.db").read_bytes()
    assert again.code == ExitCode.REFUSED
    assert again.err == ("gatebook: the store gatebook.db has its organisation already; name another with store.url\n")


def test_init_refuses_a_zone_that_is_none_and_can_be_asked_again(tmp_path: Path) -> None:
    refused = call(tmp_path, "init", "--zone", "London")
    again = call(tmp_path, "init", "--zone", "Europe/London")

    assert refused.code == ExitCode.USAGE
    assert "'London' is not a time zone" in refused.err
    assert again.code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["events", "list"],
        ["devices", "list"],
        ["sites", "add", "--name", "x"],
        ["organisations", "list"],
        ["quarantine", "list"],
        ["migrate"],
    ],
    ids=" ".join,
)
def test_without_a_store_every_command_says_how_to_make_one(arguments: list[str], tmp_path: Path) -> None:
    ended = call(tmp_path, *arguments)

    assert (ended.code, ended.out) == (ExitCode.STORE, "")
    assert ended.err == "gatebook: there is no store at gatebook.db; run `gatebook init`\n"
    assert list(tmp_path.iterdir()) == []


def test_organisations_are_listed(folder: Path) -> None:
    [columns, row] = table(folder, "organisations", "list")

    assert columns == ["number", "id", "name", "zone", "parent", "purpose required"]
    assert (row[0], *row[2:]) == ("1", "Acme", "Europe/London", "", "False")


def test_a_site_takes_the_organisations_zone_unless_told_otherwise(folder: Path) -> None:
    answer(folder, "sites", "add", "--name", "Head office")
    answer(folder, "sites", "add", "--name", "Depot", "--zone", "Europe/Berlin", "--number", "7")

    rows = table(folder, "sites", "list")[1:]

    assert [(row[0], *row[2:]) for row in rows] == [
        ("1", "Head office", "Europe/London"),
        ("7", "Depot", "Europe/Berlin"),
    ]


def test_a_device_is_made_known_as_asked(folder: Path) -> None:
    id_ = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
    answer(folder, "sites", "add", "--name", "Depot")
    added = answer(
        folder, "devices", "add", "--kind", "camera", "--name", "Gate", "--site", "Depot", "--number", "12",
        "--id", id_, "--vendor-id", "cam-1", "--vendor-id", "AX:12",
    )  # fmt: skip

    expected = {
        "number": 12,
        "id": id_,
        "kind": "camera",
        "name": "Gate",
        "site": 1,
        "vendor_ids": ["AX:12", "cam-1"],
    }
    assert added == [expected]
    assert answer(folder, "devices", "list") == [expected]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--kind", "lock", "--name", "x", "--site", "Moon"], ExitCode.REFUSED, "there is no such site"),
        (["--kind", "lock", "--name", "x", "--number", "1"], ExitCode.REFUSED, "already there"),
        (["--kind", "lock", "--name", "x", "--vendor-id", "a"], ExitCode.REFUSED, "already there"),
        (["--kind", "lock", "--name", "  "], ExitCode.USAGE, "name: "),
        (["--kind", "lock", "--name", "x" * 201], ExitCode.USAGE, "name: "),
        (["--kind", "gate", "--name", "x"], ExitCode.USAGE, "'gate' is not one of"),
        (["--kind", "lock", "--name", "x", "--id", "12"], ExitCode.USAGE, "Invalid value for '--id'"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_a_device_that_cannot_be_is_refused(folder: Path, arguments: list[str], code: int, told: str) -> None:
    answer(folder, "devices", "add", "--kind", "lock", "--name", "First", "--vendor-id", "a")

    ended = call(folder, "devices", "add", *arguments)

    assert (ended.code, ended.out) == (code, "")
    assert told in " ".join(ended.err.split())
    assert len(table(folder, "devices", "list")) == 2


def test_a_devices_name_cannot_steer_the_terminal_or_break_its_line(folder: Path) -> None:
    answer(folder, "devices", "add", "--kind", "lock", "--name", HOSTILE)

    on_terminal = run_on_terminal(folder, "devices", "list", NO_COLOR="1", COLUMNS="200")
    [_columns, row] = table(folder, "devices", "list")
    as_json = call(folder, "devices", "list", "--json").out

    assert "\x1b" not in on_terminal.out + as_json
    assert row[3] == "Front \\x1b[31m[bold]door[/]\\nroot\\t# "
    assert "[bold]door[/]" in on_terminal.out
    assert json.loads(as_json)[0]["name"] == HOSTILE


def test_a_key_is_printed_alone(folder: Path) -> None:
    ended = call(folder, "keys", "add", "--name", "reader", "--scope", "events:read")

    assert ended.code == 0
    assert ended.out.strip().isalnum()
    assert len(ended.out) == 41


def test_a_key_may_be_for_some_sites_and_devices(folder: Path) -> None:
    answer(folder, "sites", "add", "--name", "Depot")
    answer(folder, "devices", "add", "--kind", "lock", "--name", "Front", "--vendor-id", "f-1")

    made = answer(folder, "keys", "add", "--name", "guard", "--scope", "events:read", "--scope", "events:write",
                  "--site", "Depot", "--device", "f-1")  # fmt: skip

    assert isinstance(made, dict)
    assert made | {"key": ""} == {
        "name": "guard",
        "scopes": ["events:read", "events:write"],
        "sites": [1],
        "devices": [1],
        "key": "",
    }


@pytest.mark.parametrize("option", ["--site", "--device"])
def test_a_key_for_what_is_not_there_is_refused(folder: Path, option: str) -> None:
    ended = call(folder, "keys", "add", "--name", "guard", "--scope", "events:read", option, "99")

    assert (ended.code, ended.out) == (ExitCode.REFUSED, "")
    assert f"no such {option.removeprefix('--')}: 99" in ended.err


def test_a_store_that_is_up_to_date_needs_nothing(folder: Path) -> None:
    assert call(folder, "migrate") == (0, "The store is up to date.\n", "")
    assert answer(folder, "migrate") == []
