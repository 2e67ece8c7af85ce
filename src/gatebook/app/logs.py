"""Sets up the server's log on standard error: lines for people, or one JSON object a line for machines.

Parts of the server log with the standard library, `logging.getLogger(__name__)`, and give what a machine should find
as `extra={"seq": 7}`.  A text from outside can neither begin a line of its own nor move the cursor.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import TextIO

from gatebook.app.settings import Log

OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""What every record has; anything else was given as `extra`."""


def set_up(settings: Log, stream: TextIO | None = None) -> None:
    """Send every logger's records to `stream` (standard error), from the level that is set upward."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if settings.format == "json" else TextLines())
    root = logging.getLogger()
    for old in tuple(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(settings.level.upper())
    for chatty in ("httpx", "httpcore", "asyncio"):
        logging.getLogger(chatty).setLevel(max(root.level, logging.WARNING))


class TextLines(logging.Formatter):
    """`2026-01-15T02:10:00.123Z warning gatebook.store  the message  seq=7`, a traceback indented below."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; times are UTC."""
        extras = "".join(f"  {name}={_value(value)}" for name, value in extras_of(record).items())
        message = printable(record.getMessage())
        line = f"{_time(record)} {record.levelname.lower()} {record.name}  {message}{extras}"
        if record.exc_info:
            trace = self.formatException(record.exc_info)
            line += "".join(f"\n    {printable(each)}" for each in trace.splitlines())
        return line


class JsonLines(logging.Formatter):
    """`{"time":…,"level":…,"logger":…,"message":…}` with every extra beside them, a traceback under `error`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of ASCII; an extra that JSON has no form for is its `str`."""
        entry: dict[str, object] = extras_of(record) | {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def extras_of(record: logging.LogRecord) -> dict[str, object]:
    """What the caller gave beside the message; a dataclass stands for its fields."""
    attributes: Mapping[str, object] = vars(record)
    extras: dict[str, object] = {}
    for name, value in attributes.items():
        if name in OWN:
            continue
        if is_dataclass(value) and not isinstance(value, type):
            extras |= {field.name: getattr(value, field.name) for field in fields(value)}
        else:
            extras[name] = value
    return extras


def printable(text: str) -> str:
    """`text` with every line break, escape and other unprintable character written as `\\x1b`."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _value(value: object) -> str:
    text = printable(str(value))
    return json.dumps(text, ensure_ascii=False) if " " in text or not text else text


def _time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
