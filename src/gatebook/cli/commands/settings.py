"""`gatebook settings`: the settings in force, and where each came from."""

from __future__ import annotations

import json

import msgspec
import typer

from gatebook.app.config import Known, Loaded, known
from gatebook.cli import terminal
from gatebook.cli.frame import Json, settings_of

app = typer.Typer()

HIDDEN = "(set, not shown)"


class Line(msgspec.Struct, frozen=True):
    """One setting; `source` is `default`, the path of the file, or the name of the variable."""

    setting: str
    value: object
    source: str


@app.command("settings")
def show_settings(context: typer.Context, as_json: Json = False) -> None:
    """Print the settings in force, and where each came from."""
    lines = lines_of(settings_of(context))
    if as_json:
        terminal.show_json(lines)
    else:
        rows = [(line.setting, json.dumps(line.value, ensure_ascii=False), line.source) for line in lines]
        terminal.show_table(("setting", "value", "source"), rows)


def lines_of(loaded: Loaded) -> list[Line]:
    """Every setting, in the order of the file."""
    return [
        Line(each.dotted, shown(each, msgspec.to_builtins(in_force(loaded, each))), loaded.origins[each.dotted])
        for each in known()
    ]


def in_force(loaded: Loaded, setting: Known) -> object:
    """The value of one setting."""
    value: object = getattr(getattr(loaded.settings, setting.table), setting.name)
    return value


def shown(setting: Known, value: object) -> object:
    """A value as it may be seen: a secret only as being there or not."""
    return HIDDEN if setting.secret and value else value
