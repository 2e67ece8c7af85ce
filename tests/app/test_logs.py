"""The server's log: for people and for machines."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gatebook.app.logs import set_up
from gatebook.app.settings import Log


@dataclass(frozen=True)
class Visit:
    status: int
    ms: float


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the log goes; afterwards the root logger is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_for_people_holds_time_level_place_message_and_extras(stream: io.StringIO) -> None:
    set_up(Log(), stream)

    logging.getLogger("gatebook.store").warning("disk at %d %%", 97, extra={"free_bytes": 12, "path": "/a b"})

    time, level, rest = stream.getvalue().split(" ", 2)
    assert time.endswith("Z")
    assert level == "warning"
    assert rest == 'gatebook.store  disk at 97 %  free_bytes=12  path="/a b"\n'


def test_a_line_for_machines_is_one_object(stream: io.StringIO) -> None:
    set_up(Log(format="json"), stream)

    logging.getLogger("gatebook.store").warning("two\nlines", extra={"seq": 7})

    (line,) = stream.getvalue().splitlines()
    entry = json.loads(line)
    assert entry.pop("time").endswith("Z")
    assert entry == {"level": "warning", "logger": "gatebook.store", "message": "two\nlines", "seq": 7}


def test_a_dataclass_stands_for_its_fields(stream: io.StringIO) -> None:
    set_up(Log(format="json"), stream)

    logging.getLogger("gatebook.access").info("GET /", extra={"access": Visit(status=200, ms=1.5)})

    entry = json.loads(stream.getvalue())
    assert (entry["status"], entry["ms"]) == (200, 1.5)
    assert "access" not in entry


@pytest.mark.parametrize("text", ["one\n2026-01-15 error forged", "\x1b[2Jgone", "\u202egnorw", "a\u2028b"])
def test_a_text_from_outside_stays_on_its_line(text: str, stream: io.StringIO) -> None:
    set_up(Log(), stream)

    logging.getLogger("gatebook").warning("%s", text, extra={"device": text})

    line = stream.getvalue()
    assert line.rstrip("\n").isprintable()
    assert line.count("\n") == 1


@pytest.mark.parametrize(("level", "seen"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_only_records_from_the_level_upward_are_seen(level: str, seen: int, stream: io.StringIO) -> None:
    set_up(Log(level=level), stream)  # type: ignore[arg-type]
    logger = logging.getLogger("gatebook")

    for say in (logger.debug, logger.info, logger.warning, logger.error):
        say("so")

    assert len(stream.getvalue().splitlines()) == seen


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_error_brings_its_traceback(form: str, stream: io.StringIO) -> None:
    set_up(Log(format=form), stream)  # type: ignore[arg-type]

    try:
        raise ValueError("the cause")
    except ValueError:
        logging.getLogger("gatebook").exception("failed")

    assert "ValueError: the cause" in stream.getvalue()
    assert (form == "json") == (stream.getvalue().count("\n") == 1)


def test_setting_up_twice_writes_each_line_once(stream: io.StringIO) -> None:
    set_up(Log(), stream)
    set_up(Log(), stream)

    logging.getLogger("gatebook").warning("once")

    assert len(stream.getvalue().splitlines()) == 1
