"""Lines of JSON, as an export wrote them, made into a Parquet file; needs the extra `gatebook[parquet]`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from gatebook.dialects.native.resources.written import COLUMNS, Line, Row, row_of
from gatebook.domain.errors import Refused
from gatebook.domain.times import parse_instant

FORM: Final = "parquet"
GROUP: Final = 50_000
"""Rows that are read, and written, together."""
TIMES: Final = ("occurred", "received", "reported")
NUMBERS: Final = ("seq", "version", "device_number", "site_number", "person_number", "cause")
TRUTHS: Final = ("listed", "erased")
_UTC: Final = ZoneInfo("UTC")


def needed() -> None:
    """Refused, with the line that would help, where the library is not installed."""
    if find_spec("pyarrow") is None:
        raise Refused("Parquet needs a library that is not installed; run: pip install 'gatebook[parquet]'")


def write(part: Path, target: Path) -> None:
    """The file, whole or not at all: it has its name when it is on disk."""
    import pyarrow.parquet as pq  # an extra: only who writes Parquet has it

    fresh, schema = target.with_name(target.name + ".new"), _schema()
    with part.open("rb") as lines, pq.ParquetWriter(fresh, schema, compression="zstd") as writer:
        for rows in _groups(lines):
            writer.write_table(_table(rows, schema))
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.rename(target)


def _groups(lines: Any) -> Iterator[list[Row]]:
    decoder = msgspec.json.Decoder(Line)
    while group := list(islice(lines, GROUP)):
        yield [row_of(decoder.decode(line)) for line in group]


def _schema() -> Any:
    """A column for each field of a row; times are instants, to the nanosecond."""
    import pyarrow as pa

    types = {
        **dict.fromkeys(TIMES, pa.timestamp("ns", "UTC")),
        **dict.fromkeys(NUMBERS, pa.int64()),
        **dict.fromkeys(TRUTHS, pa.bool_()),
    }
    return pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS])


def _table(rows: list[Row], schema: Any) -> Any:
    import pyarrow as pa

    columns = {name: [getattr(row, name) for row in rows] for name in COLUMNS}
    for name in TIMES:
        columns[name] = [None if text is None else int(parse_instant(text, _UTC, name)) for text in columns[name]]
    return pa.table(columns, schema=schema)
