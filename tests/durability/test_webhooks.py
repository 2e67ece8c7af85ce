"""A real server is killed while it delivers: every stored event comes to the receiver, under one id."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.durability.posters import Ledger, add_devices, line_to
from tests.durability.test_crash import post_again_and_post
from tests.processes import RunningServer, running_server


async def make_webhook(server: RunningServer, url: str) -> None:
    async with line_to(server) as line:
        wanted = {"name": "all", "url": url, "filter": {"kind": "door.opened"}}
        answer = await line.ask("POST", "/v1/webhooks", json.dumps(wanted).encode())
        assert answer.status == 201, answer.body


@pytest.mark.timeout(120)
def test_a_server_killed_while_it_delivers_loses_none_and_keeps_the_ids(tmp_path: Path) -> None:
    ids: defaultdict[str, set[str]] = defaultdict(set)

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            ids[body["id"]].add(self.headers["webhook-id"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Takes)
    thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    (tmp_path / "gatebook.toml").write_text('[egress]\nallow = ["127.0.0.1"]\n')
    random, ledger = Random(1), Ledger()
    try:
        for number in range(3):
            with running_server(tmp_path) as server:
                if number == 0:
                    asyncio.run(add_devices(server))
                    asyncio.run(make_webhook(server, f"http://127.0.0.1:{receiver.server_port}/"))
                asyncio.run(post_again_and_post(server, ledger, random.uniform(0.1, 0.4)))
        wanted = set(ledger.stored.values())
        with running_server(tmp_path):
            until = time.monotonic() + 40
            while not wanted <= ids.keys() and time.monotonic() < until:
                time.sleep(0.1)
    finally:
        receiver.shutdown()
        thread.join()
        receiver.server_close()

    assert len(wanted) > 30
    assert wanted <= ids.keys()
    assert all(len(known) == 1 for known in ids.values())
