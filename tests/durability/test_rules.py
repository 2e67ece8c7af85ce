"""A real server is killed while rules follow what many post: nothing is derived twice, and nothing is left out."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from tests.durability.posters import Ledger, add_devices, line_to
from tests.durability.test_crash import post_again_and_post, reader_of, wait_for_followers
from tests.durability.whole import wrongs
from tests.processes import RunningServer, running_server

DAY_S = 86_400
EACH = {"name": "each", "when": {"kind": "door.opened"}, "actions": [{"event": {"tag": "each"}}]}
THIRD = {
    "name": "third", "when": {"kind": "door.opened"}, "by": "device", "lateness_s": DAY_S,
    "count": {"times": 3, "within_s": DAY_S}, "actions": [{"event": {"tag": "third"}}, {"alarm": {}}, {"command": {}}],
}  # fmt: skip
CHAINED = {"name": "chained", "when": {"tag": "third"}, "actions": [{"event": {"tag": "chained"}}]}


async def make_rules(server: RunningServer) -> None:
    async with line_to(server) as line:
        for rule in (EACH, THIRD, CHAINED):
            answer = await line.ask("POST", "/v1/rules", json.dumps(rule).encode())
            assert answer.status == 201, answer.body


def crash(folder: Path, seed: int, rounds: int) -> None:
    random, ledger = Random(seed), Ledger()
    for number in range(rounds):
        with running_server(folder) as server:
            if number == 0:
                asyncio.run(add_devices(server))
                asyncio.run(make_rules(server))
            asyncio.run(post_again_and_post(server, ledger, random.uniform(0.05, 0.5)))
    with running_server(folder) as server:
        wait_for_followers(server.store)
        check_rules(server.store, ledger)
        assert wrongs(server.store) == [], f"seed {seed}"


def check_rules(path: Path, ledger: Ledger) -> None:
    """What stands there is what the events say, counted anew."""
    connection = reader_of(path)
    opened = connection.execute(
        "SELECT e.stream, e.seq, e.id, e.data ->> 'number' "
        "FROM events e JOIN classes c ON c.org = e.org AND c.class = e.class "
        "WHERE c.kind = 'door.opened'"
    ).fetchall()
    causes = {
        tag: connection.execute("SELECT cause FROM events WHERE tag = ? ORDER BY seq", (tag,)).fetchall()
        for tag in ("each", "third", "chained")
    }
    thirds = [seq for (seq,) in connection.execute("SELECT seq FROM events WHERE tag = 'third' ORDER BY seq")]
    [(parked,)] = connection.execute("SELECT count(*) FROM parked")
    alarms = dict(connection.execute("SELECT stream, n FROM alarms"))
    [(effects,)] = connection.execute("SELECT count(*) FROM outbox")
    connection.close()
    stream_of = {seq: stream for stream, seq, _id, _n in opened}
    expected = {stream: n // 3 for stream, n in Counter(stream for stream, *_ in opened).items()}

    assert parked == 0
    assert {(str(UUID(bytes=id_)), n) for *_, id_, n in opened} >= {(id_, n) for n, id_ in ledger.stored.items()}
    assert len({n for *_, n in opened}) == len(opened)
    assert len(opened) > 100
    assert sorted(seq for (seq,) in causes["each"]) == sorted(seq for _, seq, *_ in opened)
    assert Counter(stream_of[seq] for (seq,) in causes["third"]) == expected
    assert [seq for (seq,) in causes["chained"]] == thirds
    assert alarms == expected
    assert effects == len(thirds)


@pytest.mark.timeout(120)
def test_a_server_killed_while_rules_follow_derives_each_event_once(tmp_path: Path) -> None:
    crash(tmp_path, seed=1, rounds=3)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(2, 12))
def test_a_server_killed_hundreds_of_times_derives_each_event_once(seed: int, tmp_path: Path) -> None:
    crash(tmp_path, seed, rounds=25)
