"""The queries: one folder for each engine, the same names in each; nothing here builds SQL from strings."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- name: ([a-z0-9_]+)$", re.MULTILINE)


@cache
def load(engine: str, file: str) -> dict[str, str]:
    """The queries of `sql/<engine>/<file>.sql` by name, without their comments' first line."""
    text = files(__name__).joinpath(engine, f"{file}.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)
    return {name: body.strip().rstrip(";") for name, body in zip(parts[1::2], parts[2::2], strict=True)}


@cache
def many(sql: str, rows: int) -> str:
    """The same INSERT for `rows` rows at once.

    One statement for many rows is one step, and so one release of the interpreter's lock: a writer thread that
    stepped row by row would wait for the lock at each row while the event loop is busy.
    """
    head, _, rest = sql.partition("VALUES (")
    row, _, tail = rest.partition(")")
    return f"{head}VALUES {', '.join([f'({row})'] * rows)}{tail}"
