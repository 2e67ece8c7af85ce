"""The command line as a whole: version, help, refusals, exit codes, completion."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from gatebook import __version__
from gatebook.cli.frame import ExitCode, exit_code
from gatebook.cli.main import app
from gatebook.domain.errors import (
    BadInput,
    Broken,
    Conflict,
    Forbidden,
    GatebookError,
    NotFound,
    QueueFull,
    StoreFull,
    TookTooLong,
)
from tests.cli.terminals import call, run, surroundings

ROOT = Path(__file__).parents[2]


def test_the_version_is_printed(tmp_path: Path) -> None:
    ended = run(tmp_path, "--version")

    assert ended == (0, f"gatebook {__version__}\n", "")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["settings", "--help"]])
def test_help_is_printed(arguments: list[str], tmp_path: Path) -> None:
    ended = run(tmp_path, *arguments)

    assert ended.code == 0
    assert ended.out.startswith("Usage: gatebook ")


def test_without_a_command_help_is_printed_and_the_exit_code_is_2(tmp_path: Path) -> None:
    ended = run(tmp_path)

    assert ended.code == ExitCode.USAGE
    assert "settings" in ended.out + ended.err


@pytest.mark.parametrize("arguments", [["setings"], ["settings", "--jsn"], ["settings", "more"]])
def test_a_wrong_command_line_ends_with_2(arguments: list[str], tmp_path: Path) -> None:
    ended = run(tmp_path, *arguments)

    assert ended.code == ExitCode.USAGE
    assert ended.out == ""
    assert "Error: " in ended.err


def test_a_wrong_setting_is_one_line_and_ends_with_2(tmp_path: Path) -> None:
    ended = run(tmp_path, "settings", GATEBOOK_SERVER_PORT="abc")

    assert ended.code == ExitCode.USAGE
    assert ended.out == ""
    assert ended.err == (
        'gatebook: GATEBOOK_SERVER_PORT: got "abc"; expected a port from 1 to 65535, or 0 for any free one\n'
    )


def test_a_refusal_cannot_steer_the_terminal(tmp_path: Path) -> None:
    ended = run(tmp_path, "settings", GATEBOOK_DIALECTS_ENABLED="\x1b[2J\x9b5m")

    assert ended.code == ExitCode.USAGE
    assert ended.err.rstrip("\n").isprintable()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInput("from", "not a time", "expected RFC 3339"), ExitCode.USAGE),
        (NotFound("no such device"), ExitCode.REFUSED),
        (Conflict("the name is taken"), ExitCode.REFUSED),
        (Forbidden("not allowed"), ExitCode.REFUSED),
        (QueueFull("busy"), ExitCode.STORE),
        (StoreFull("the disk is full"), ExitCode.STORE),
        (TookTooLong("stopped"), ExitCode.STORE),
        (Broken("not a database"), ExitCode.STORE),
        (GatebookError("something else"), ExitCode.FOUND),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_has_its_exit_code(error: GatebookError, code: ExitCode) -> None:
    assert exit_code(error) is code


def test_bash_completes_commands_options_and_words(tmp_path: Path) -> None:
    """In a real bash, by the script that it is given."""
    program = tmp_path / "gatebook"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m gatebook "$@"\n')
    program.chmod(0o755)
    asked = ("gatebook sett", "gatebook events ex", "gatebook events list --old", "gatebook devices add --kind lo")
    script = 'eval "$(_GATEBOOK_COMPLETE=source_bash gatebook)"; complete -p gatebook >&2\n' + "".join(
        f"COMP_WORDS=({words}); COMP_CWORD={len(words.split()) - 1}\n"
        "_gatebook_completion gatebook; echo ${COMPREPLY[@]}\n"
        for words in asked
    )
    environ = surroundings(tmp_path, {})

    ended = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env={**environ, "PATH": f"{tmp_path}:{environ['PATH']}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ended.stdout.splitlines() == ["settings", "export", "--oldest-first", "lock"], ended.stderr


@pytest.mark.parametrize(
    ("shell", "extra", "expected"),
    [
        ("zsh", {}, '"export":"Write events into a file'),
        ("fish", {"_TYPER_COMPLETE_FISH_ACTION": "get-args"}, "export\tWrite events into a file"),
    ],
)
def test_other_shells_are_told_as_they_ask(tmp_path: Path, shell: str, extra: dict[str, str], expected: str) -> None:
    asked = {"_GATEBOOK_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": "gatebook events ex", **extra}

    script = run(tmp_path, _GATEBOOK_COMPLETE=f"source_{shell}")
    ended = run(tmp_path, **asked)

    assert "_GATEBOOK_COMPLETE" in script.out
    assert expected in ended.out


def groups(group: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command, by the words that name it."""
    if not isinstance(group, TyperGroup):
        yield path, group
        return
    for name, command in group.commands.items():
        yield from groups(command, (*path, name))


JSON_ALWAYS = {("rules", "show"), ("webhooks", "show")}
"""What it prints can be given back."""
PRINTED = [words for words, _ in groups(get_command(app)) if words[-1] in ("list", "show") and words not in JSON_ALWAYS]


@pytest.mark.parametrize("words", PRINTED, ids=" ".join)
def test_whatever_is_listed_or_shown_can_be_read_by_a_program(words: tuple[str, ...]) -> None:
    command = dict(groups(get_command(app)))[words]

    assert "--json" in {option for parameter in command.params for option in parameter.opts}


def test_a_command_ends_as_the_documentation_says(tmp_path: Path) -> None:
    without = call(tmp_path, "events", "list")
    made = call(tmp_path, "init")
    (tmp_path / "one.ndjson").write_text('{"kind":"door.opened","device":"none"}')
    found = call(tmp_path, "events", "import", "one.ndjson")
    wrong = call(tmp_path, "events", "list", "--from", "yesterday")
    refused = call(tmp_path, "devices", "show", "7")

    assert [one.code for one in (made, found, wrong, without, refused)] == [
        ExitCode.OK, ExitCode.FOUND, ExitCode.USAGE, ExitCode.STORE, ExitCode.REFUSED,
    ]  # fmt: skip
    for ended in (wrong, without, refused):
        assert (ended.out, len(ended.err.splitlines())) == ("", 1)
        assert ended.err.startswith("gatebook: ")


@pytest.mark.parametrize("code", ExitCode, ids=lambda code: code.name)
def test_every_exit_code_is_in_the_docs(code: ExitCode) -> None:
    text = (ROOT / "docs" / "cli.md").read_text()

    assert f"| {code.value} |" in text
