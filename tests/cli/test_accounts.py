"""`gatebook users`, `services`, `keys`, `people`, `types`, and what is changed and removed: for people and programs."""

import json
from pathlib import Path
from typing import Any

import pytest

from gatebook.cli.frame import ExitCode
from tests.cli.terminals import call

ADD = {
    "sites": ["--name", "North"],
    "devices": ["--name", "Front", "--kind", "lock"],
    "people": ["--name", "Ada"],
    "types": ["--name", "Fire drill"],
    "users": ["--login", "ada", "--name", "Ada", "--scope", "events:read"],
    "services": ["--name", "Exporter", "--scope", "events:read", "--client-id", "exporter"],
    "keys": ["--name", "Tablet", "--scope", "events:read"],
}
CHANGE = ["--name", "Other"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a store has just been made."""
    assert call(tmp_path, "init", "--name", "Acme", "--zone", "Europe/London").code == 0
    return tmp_path


def answer(folder: Path, *arguments: str) -> Any:
    """What a command that succeeds prints as JSON."""
    ended = call(folder, *arguments, "--json")
    assert (ended.code, ended.err) == (0, "")
    return json.loads(ended.out)


def newest(folder: Path, group: str) -> dict[str, Any]:
    found: dict[str, Any] = answer(folder, group, "list")[-1]
    return found


@pytest.mark.parametrize("group", ADD)
def test_what_is_added_is_shown_changed_and_removed(folder: Path, group: str) -> None:
    answer(folder, group, "add", *ADD[group])
    row = newest(folder, group)

    shown = answer(folder, group, "show", row["id"])
    [changed] = answer(folder, group, "change", row["id"], *CHANGE)
    removed = call(folder, group, "remove", row["id"])

    assert shown == [row]
    assert changed == {**row, "name": "Other"}
    assert removed == (0, "", "")
    assert row["id"] not in [one["id"] for one in answer(folder, group, "list")]


@pytest.mark.parametrize("group", ADD)
def test_what_is_not_there_is_refused(folder: Path, group: str) -> None:
    for command in (["show"], ["change", *CHANGE], ["remove"]):
        ended = call(folder, group, command[0], "99", *command[1:])

        assert (ended.code, ended.out) == (ExitCode.REFUSED, "")
        assert "no such" in ended.err


def test_a_users_password_is_printed_alone_and_once(folder: Path) -> None:
    added = call(folder, "users", "add", *ADD["users"])
    reset = call(folder, "users", "password", "ada")

    assert [len(ended.out.strip()) for ended in (added, reset)] == [20, 20]
    assert added.out != reset.out
    assert added.out.strip().encode() not in (folder / "gatebook.db").read_bytes()


def test_a_user_is_let_in_by_ntlm_and_shut_out_again(folder: Path) -> None:
    password = call(folder, "users", "add", *ADD["users"]).out.strip()

    wrong = call(folder, "users", "ntlm", "ada", typed="not the password\n")
    let_in = call(folder, "users", "ntlm", "ada", typed=f"{password}\n")
    shut_out = [call(folder, "users", "ntlm", "ada", "--off") for _ in range(2)]

    assert [ended.code for ended in (wrong, let_in, *shut_out)] == [ExitCode.USAGE, 0, 0, ExitCode.REFUSED]
    assert "password" in wrong.err
    assert password not in let_in.out + let_in.err


def test_a_user_is_narrowed_bound_and_shut_out(folder: Path) -> None:
    answer(folder, "sites", "add", "--name", "North")
    answer(folder, "people", "add", "--name", "Ada")
    answer(folder, "users", "add", *ADD["users"])

    [narrow] = answer(folder, "users", "change", "ada", "--site", "North", "--person", "1", "--disabled",
                      "--expires", "2027-01-01T00:00")  # fmt: skip
    [wide] = answer(folder, "users", "change", "ada", "--everything", "--person", "none", "--enabled",
                    "--expires", "none")  # fmt: skip

    assert (narrow["sites"], narrow["devices"], narrow["person"]) == ([1], [], 1)
    assert (narrow["expires"], narrow["disabled"] is None) == ("2027-01-01T00:00:00Z", False)
    assert (wide["sites"], wide["person"], wide["expires"], wide["disabled"]) == (None, None, None, None)


def test_a_services_secret_is_renewed(folder: Path) -> None:
    [added] = answer(folder, "services", "add", *ADD["services"])
    [renewed] = answer(folder, "services", "secret", "exporter")

    assert added["client_id"] == renewed["client_id"] == "exporter"
    assert len(added["secret"]) == 40
    assert added["secret"] != renewed["secret"]


def test_a_revoked_key_is_still_listed(folder: Path) -> None:
    answer(folder, "keys", "add", *ADD["keys"])

    [revoked] = answer(folder, "keys", "revoke", newest(folder, "keys")["id"])

    assert revoked["revoked"] is not None
    assert newest(folder, "keys") == revoked


def test_the_last_administrator_stays(folder: Path) -> None:
    ended = call(folder, "keys", "remove", newest(folder, "keys")["id"])

    assert ended.code == ExitCode.REFUSED
    assert "last administrator" in ended.err


def test_a_device_is_moved_with_all_its_names_and_given_a_token(folder: Path) -> None:
    answer(folder, "sites", "add", "--name", "North")
    answer(folder, "devices", "add", *ADD["devices"], "--vendor-id", "a")

    [moved] = answer(folder, "devices", "change", "a", "--site", "North", "--vendor-id", "b", "--vendor-id", "c")
    token = call(folder, "devices", "token", "b", "--name", "the lock")
    held = call(folder, "sites", "remove", "North")

    assert (moved["site"], moved["vendor_ids"]) == (1, ["b", "c"])
    assert (token.code, len(token.out)) == (0, 41)
    assert held.code == ExitCode.REFUSED
    assert "move them first" in held.err


def test_an_organisation_gets_a_parent_and_never_itself(folder: Path) -> None:
    made = answer(folder, "organisations", "add", "--name", "North", "--zone", "UTC")

    [child] = answer(folder, "organisations", "change", "North", "--parent", "Acme", "--purpose-required")
    circle = call(folder, "organisations", "change", "Acme", "--parent", "North")
    [alone] = answer(folder, "organisations", "change", "2", "--parent", "none")

    assert (made["number"], len(made["key"])) == (2, 40)
    assert (child["parent"], child["purpose_required"]) == (1, True)
    assert circle.code == ExitCode.REFUSED
    assert "its own ancestor" in circle.err
    assert alone["parent"] is None


def test_an_event_types_limit_is_set_and_taken_away(folder: Path) -> None:
    answer(folder, "types", "add", *ADD["types"], "--retention-days", "0")

    [limited] = answer(folder, "types", "show", "Fire drill")
    [free] = answer(folder, "types", "change", "Fire drill", "--retention-days", "none")
    wrong = call(folder, "types", "change", "Fire drill", "--retention-days", "few")

    assert (limited["retention_days"], limited["kind"], free["retention_days"]) == (0, "event.triggered", None)
    assert wrong.code == ExitCode.USAGE


def test_what_people_carry_is_added_shown_changed_and_taken_away(folder: Path) -> None:
    answer(folder, "people", "add", "--name", "Ada")
    [card] = answer(
        folder, "credentials", "add", "--person", "1", "--method", "card", "--value", "4445", "--until", "2030-01-01"
    )
    answer(folder, "credentials", "add", "--person", "1", "--method", "pin", "--value", "9182")

    [changed] = answer(folder, "credentials", "change", card["id"], "--label", "blue", "--until", "none")
    shown = answer(folder, "credentials", "show", "1")
    listed = call(folder, "credentials", "list")
    wrong = call(folder, "credentials", "change", "1", "--from", "yesterday")
    removed = call(folder, "credentials", "remove", card["id"])

    assert card["valid_until"] == "2030-01-01T00:00:00Z"
    assert changed == {**card, "label": "blue", "valid_until": None}
    assert shown == [changed]
    assert "9182" not in listed.out
    assert (wrong.code, "--from" in wrong.err) == (ExitCode.USAGE, True)
    assert removed == (0, "", "")
    assert [one["method"] for one in answer(folder, "credentials", "list")] == ["pin"]
