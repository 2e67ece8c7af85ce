"""On the whole server: no 2xx leaves before the log that holds its event was synced to disk."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import pytest

from tests.durability import unsynced
from tests.durability.posters import add_devices, line_to
from tests.durability.trace import Findings, judge, wrapper
from tests.processes import RunningServer, running_server

POSTERS = 16
EACH = 4


async def post_marked(server: RunningServer, poster: int) -> None:
    """Posts events that carry a mark each, by which the trace is read."""
    async with line_to(server) as line:
        for number in range(EACH):
            report = {"kind": "door.opened", "device": 1, "data": {"mark": f"mark-{poster * EACH + number}-"}}
            answer = await line.ask("POST", "/v1/events", json.dumps(report).encode())
            assert answer.status == 201, answer


async def post_everything(server: RunningServer) -> None:
    await add_devices(server)
    await asyncio.gather(*(post_marked(server, poster) for poster in range(POSTERS)))


def traced(folder: Path, *launcher: str) -> Findings:
    """What the trace of a server says that answered `POSTERS * EACH` posts."""
    trace = folder / "trace.txt"
    with running_server(folder, wrapper=(*wrapper(trace), *launcher)) as server:
        asyncio.run(post_everything(server))
    return judge(whole(trace))


def whole(trace: Path) -> str:
    """What was written of the server, to its end."""
    until = time.monotonic() + 20
    while "+++ exited with" not in (text := trace.read_text(errors="replace")).rpartition("\n")[0][-200:]:
        assert time.monotonic() < until, "the trace does not end"
        time.sleep(0.05)
    return text


@pytest.mark.timeout(120)
def test_no_answer_leaves_before_its_event_is_on_disk(tmp_path: Path) -> None:
    findings = traced(tmp_path)

    assert len(findings.answered) == POSTERS * EACH
    assert findings.early == set()


@pytest.mark.timeout(120)
def test_the_check_notices_a_server_that_does_not_sync(tmp_path: Path) -> None:
    findings = traced(tmp_path, sys.executable, unsynced.__file__)

    assert len(findings.answered) == POSTERS * EACH
    assert findings.early == findings.answered


def test_a_sync_that_began_before_the_page_was_written_does_not_count() -> None:
    lines = [
        '1 read(9<TCP:[a]>, "POST mark-1-", 99) = 9',
        "2 fdatasync(5</x/gatebook.db-wal> <unfinished ...>",
        '3 pwrite64(5</x/gatebook.db-wal>, "mark-1-", 8192, 32) = 8192',
        "2 <... fdatasync resumed>) = 0",
        '1 write(9<TCP:[a]>, "HTTP/1.1 201 Created", 99) = 99',
    ]

    assert judge("\n".join(lines)).early == {"mark-1-"}


def test_an_answer_that_leaves_during_the_sync_is_early() -> None:
    lines = [
        '1 read(9<TCP:[a]>, "POST mark-1-", 99) = 9',
        '3 pwrite64(5</x/gatebook.db-wal>, "mark-1-", 8192, 32) = 8192',
        "2 fdatasync(5</x/gatebook.db-wal> <unfinished ...>",
        '1 write(9<TCP:[a]>, "HTTP/1.1 201 Created", 99) = 99',
        "2 <... fdatasync resumed>) = 0",
    ]

    assert judge("\n".join(lines)).early == {"mark-1-"}
