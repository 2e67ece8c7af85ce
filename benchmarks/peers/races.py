"""Gatebook beside `eventsourcing` (appends) and Datasette (pages), on the same rows."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import quote

from benchmarks.options import SERVER_CORE, pinned
from benchmarks.pages import SIZE, settled
from benchmarks.peers import peers_python
from benchmarks.rows import Row, percentile, rate, ratio_of_pairs, times
from benchmarks.running import ROOT, answered, get, sent, serving
from benchmarks.stage import Stage

BATCH = 1_000
SQL = """select e.seq, hex(e.id) id, e.stream, e.version, e.class, e.occurred, e.received, e.tag,
cast(coalesce(e.data, p.data) as text) data, p.person, p.person_name, p.credential, p.message
from (select seq, occurred from events where org = 1 order by occurred desc, seq desc limit 50 offset {offset}) x
join events e on e.org = 1 and e.seq = x.seq left join personal p on p.org = 1 and p.seq = x.seq
order by x.occurred desc, x.seq desc"""


def appends(stage: Stage) -> list[Row]:
    """Both in process, 1,000 events a transaction; the peer begins with an empty file and keeps one index."""
    rounds, per_turn = stage.options.rounds, (5 if stage.options.quick else 20) * BATCH
    lines, drafts = stage.more(rounds * per_turn)
    folder = stage.store.parent
    (folder / "lines").write_bytes(b"\n".join(lines))
    ours: list[float] = []
    theirs: list[float] = []
    peer = subprocess.Popen(
        [str(peers_python()), "benchmarks/peers/appending.py", str(folder / "peer.db"), str(folder / "lines")],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert peer.stdin is not None
    assert peer.stdout is not None
    peer.stdout.readline()
    with stage.opened() as store:
        for turn in range(rounds):
            mine = drafts[turn * per_turn : (turn + 1) * per_turn]
            begun = time.perf_counter()
            for start in range(0, per_turn, BATCH):
                part = mine[start : start + BATCH]
                store.write_now(partial(lambda part, transaction: transaction.append(stage.org, part), part))
            ours.append(per_turn / (time.perf_counter() - begun))
            peer.stdin.write(f"{per_turn} {BATCH}\n")
            peer.stdin.flush()
            theirs.append(per_turn / float(peer.stdout.readline()))
    peer.stdin.close()
    peer.wait(60)
    return [Row(what="appends in process, 1,000 at once, beside eventsourcing", load=stage.load, figure=rate(ours),
                limit=rate(theirs), ratio=ratio_of_pairs(ours, theirs),
                note="peer: no time index, no tallies, no idempotency, an empty file")]  # fmt: skip


def pages(stage: Stage) -> list[Row]:
    """A page over HTTP: Datasette with the same query as SQL (deep pages by OFFSET), no total."""
    rows: list[Row] = []
    with serving(stage.store) as server, datasette(stage) as port:
        settled(stage, server)
        for what, page in (("page 1", 1), (f"page {stage.options.deep:,}", stage.options.deep)):
            sql = quote(SQL.format(offset=(page - 1) * SIZE))
            theirs = get(f"/raw.json?_shape=array&sql={sql}", label="page")
            ours = get(f"/v1/events?page={page}&size={SIZE}", stage.key, label="page")
            count = max(20, stage.options.samples // 10)
            taken: dict[str, list[float]] = {"ours": [], "theirs": []}
            for _ in range(5):
                taken["ours"] += sent(server.port, [[ours] * (count // 5)]).times_s["page"]
                taken["theirs"] += sent(port, [[theirs] * (count // 5)]).times_s["page"]
            ratio = percentile(taken["theirs"], 0.5) / percentile(taken["ours"], 0.5)
            rows.append(Row(what=f"native {what} of 50 beside Datasette", load=stage.load,
                            figure=times(taken["ours"]), limit=times(taken["theirs"]), ratio=ratio,
                            note="ratio: its p50 / ours; it gives no total"))  # fmt: skip
    return rows


@contextmanager
def datasette(stage: Stage) -> Iterator[int]:
    """Datasette on the store that raw SQLite wrote, on the servers' core; its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    python = peers_python()
    with pinned(SERVER_CORE):
        command = [str(python), "-m", "datasette", "serve", str(stage.raw.path), "--port", str(port),
                   "--setting", "sql_time_limit_ms", "120000"]  # fmt: skip
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ
        )
    try:
        answered(port, "/-/versions.json")
        yield port
    finally:
        process.terminate()
        process.wait(30)
