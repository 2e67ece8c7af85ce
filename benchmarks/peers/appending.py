"""Run by the peers' interpreter: saves events with `eventsourcing` on SQLite, as many at once as each line asks.

Arguments: the database and a file of NDJSON, one event a line.  For each line `N M` on standard input it saves the next
N events, M in a transaction, and prints the seconds that took.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore


def main() -> None:
    """Reads until the end of its input."""
    store = SQLiteDatastore(db_name=sys.argv[1])
    recorder = SQLiteApplicationRecorder(store)
    recorder.create_table()
    versions: Counter[str] = Counter()
    ids = {}
    made = []
    for line in Path(sys.argv[2]).read_bytes().splitlines():
        device = json.loads(line)["device"]
        ids.setdefault(device, uuid5(NAMESPACE_URL, device))
        versions[device] += 1
        made.append(StoredEvent(ids[device], versions[device], "gate:Event", line))
    at = 0
    print("ready", flush=True)
    for asked in sys.stdin:
        events, batch = map(int, asked.split())
        begun = time.perf_counter()
        for start in range(at, at + events, batch):
            recorder.insert_events(made[start : start + batch])
        at += events
        print(time.perf_counter() - begun, flush=True)


if __name__ == "__main__":
    main()
