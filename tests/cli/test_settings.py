"""`gatebook settings`: every setting, its value, and where it came from."""

import json
from pathlib import Path

import msgspec

from gatebook.app.config import Known, known, load
from gatebook.cli.commands.settings import HIDDEN, lines_of, shown
from tests.cli.terminals import run, run_on_terminal

FILE = '[server]\nport = 9000\n[log]\nlevel = "error"\n'


def test_each_setting_is_a_line_with_its_source(tmp_path: Path) -> None:
    (tmp_path / "gatebook.toml").write_text(FILE)

    ended = run(tmp_path, "settings", GATEBOOK_LOG_LEVEL="debug")

    lines = [line.split("\t") for line in ended.out.splitlines()]
    assert lines[0] == ["setting", "value", "source"]
    assert [line[0] for line in lines[1:]] == [each.dotted for each in known()]
    assert ["server.port", "9000", "gatebook.toml"] in lines
    assert ["log.level", '"debug"', "GATEBOOK_LOG_LEVEL"] in lines
    assert ["store.readers", "4", "default"] in lines


def test_a_program_reads_them_as_json(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text(FILE)

    ended = run(tmp_path, "--config", "other.toml", "settings", "--json")

    lines = {line["setting"]: line for line in json.loads(ended.out)}
    assert lines["server.port"] == {"setting": "server.port", "value": 9000, "source": "other.toml"}
    assert lines["dialects.prefix"]["value"] == {}


def test_what_is_printed_sets_the_same_again(tmp_path: Path) -> None:
    (tmp_path / "gatebook.toml").write_text(FILE)
    printed = json.loads(run(tmp_path, "settings", "--json").out)
    set_lines = [line for line in printed if line["source"] != "default"]
    again = "".join(f"{line['setting']} = {json.dumps(line['value'])}\n" for line in set_lines)
    (tmp_path / "again.toml").write_text(again)

    loaded = load(tmp_path / "again.toml", {})

    values = [msgspec.to_builtins(line.value) for line in lines_of(loaded)]
    assert json.loads(json.dumps(values)) == [line["value"] for line in printed]


def test_on_a_terminal_the_columns_are_aligned(tmp_path: Path) -> None:
    ended = run_on_terminal(tmp_path, "settings", NO_COLOR="1")

    starts = {line.index(word) for line, word in zip(ended.out.splitlines(), ["value", '"127', "8480"], strict=False)}
    assert len(starts) == 1


def test_colour_is_for_terminals_that_want_it(tmp_path: Path) -> None:
    coloured = run_on_terminal(tmp_path, "settings")
    plain = run_on_terminal(tmp_path, "settings", NO_COLOR="1")
    dumb = run_on_terminal(tmp_path, "settings", TERM="dumb")
    piped = run(tmp_path, "settings")

    assert "\x1b[" in coloured.out
    assert "\x1b[" not in plain.out + dumb.out + piped.out


def test_a_value_is_neither_markup_nor_an_escape_code(tmp_path: Path) -> None:
    hostile = "[bold red]door[/]\x1b[2J"

    on_terminal = run_on_terminal(
        tmp_path, "settings", NO_COLOR="1", GATEBOOK_SERVER_TLS_CERT="c", GATEBOOK_SERVER_TLS_KEY=hostile
    )
    as_json = run(tmp_path, "settings", "--json", GATEBOOK_SERVER_TLS_CERT="c", GATEBOOK_SERVER_TLS_KEY=hostile)

    assert "[bold red]door[/]" in on_terminal.out
    assert "\x1b[2J" not in on_terminal.out
    assert "\x1b" not in as_json.out


def test_a_secret_is_only_said_to_be_there() -> None:
    secret = Known(table="vault", name="key", type=known()[0].type, description="a key", secret=True, default="")

    assert shown(secret, "hunter2") == HIDDEN
    assert shown(secret, "") == ""
