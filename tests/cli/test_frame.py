"""The command line as a whole: version, help, refusals, exit codes, completion."""

from pathlib import Path

import pytest

from gatebook import __version__
from gatebook.cli.frame import ExitCode, exit_code
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
from tests.cli.terminals import run

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


def test_the_shell_completes_commands(tmp_path: Path) -> None:
    ended = run(tmp_path, _GATEBOOK_COMPLETE="complete_bash", COMP_WORDS="gatebook sett", COMP_CWORD="1")

    assert ended.out.split() == ["settings"]


@pytest.mark.parametrize("code", ExitCode, ids=lambda code: code.name)
def test_every_exit_code_is_in_the_docs(code: ExitCode) -> None:
    text = (ROOT / "docs" / "cli.md").read_text()

    assert f"| {code.value} |" in text
