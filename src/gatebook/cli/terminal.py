"""What goes to the terminal: tables, JSON and single lines, whose text can neither style nor steer the terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gatebook.app.logs import printable


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on a terminal; elsewhere a line of tab-separated cells for each row, the names of the columns first."""
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in [list(columns), *cells]:
            sys.stdout.write("\t".join(row) + "\n")
        return
    heading = "" if os.environ.get("NO_COLOR") else "bold"
    table = Table(box=None, pad_edge=False, header_style=heading, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    Console(markup=False, emoji=False, highlight=False).print(table)


def show_lines(kind: type[msgspec.Struct], lines: Sequence[msgspec.Struct], as_json: bool) -> None:
    """Structs of one kind, as a table whose columns are its fields, or as a JSON array."""
    if as_json:
        show_json(lines)
    else:
        show_table([name.replace("_", " ") for name in kind.__struct_fields__], map(cells_of, lines))


def cells_of(line: msgspec.Struct) -> list[str]:
    """A struct's fields as text; what is not there is empty, several are joined by a comma."""
    values = (getattr(line, name) for name in line.__struct_fields__)
    return [
        "" if value is None else ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for value in values
    ]


def say_line(line: msgspec.Struct, as_json: bool) -> None:
    """One struct at once, when it is not known how many follow: its cells that are not empty, or JSON in ASCII."""
    if as_json:
        sys.stdout.write(json.dumps(msgspec.to_builtins(line)) + "\n")
    else:
        between = "  " if sys.stdout.isatty() else "\t"
        cells = [printable(cell) for cell in cells_of(line)]
        sys.stdout.write(between.join(filter(None, cells) if sys.stdout.isatty() else cells) + "\n")
    sys.stdout.flush()


def show_json(value: object) -> None:
    """`value`, which msgspec can encode, as indented JSON in ASCII."""
    sys.stdout.write(json.dumps(json.loads(msgspec.json.encode(value)), indent=2) + "\n")


def say(text: str) -> None:
    """One line on standard output, at once."""
    sys.stdout.write(printable(text) + "\n")
    sys.stdout.flush()


def remark(text: str) -> None:
    """One line beside the answer, on standard error."""
    sys.stderr.write(printable(text) + "\n")


def complain(text: str) -> None:
    """One line on standard error, with the program's name before it."""
    sys.stderr.write(f"gatebook: {printable(text)}\n")
