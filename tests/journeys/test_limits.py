"""The settings of the doors reach the server that runs: rates, streams, and no secret in the log."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import httpx

from tests.processes import running_server


def test_rates_and_streams_are_those_that_are_set(tmp_path: Path) -> None:
    env = {"GATEBOOK_LIMITS_PRINCIPAL_PER_S": "0.01", "GATEBOOK_LIMITS_PRINCIPAL_BURST": "30"}
    with (
        running_server(tmp_path, env=env | {"GATEBOOK_LIMITS_STREAMS": "1"}) as server,
        httpx.Client(base_url=server.url, headers=server.headers, timeout=20) as client,
    ):
        with ExitStack() as streams:
            first = streams.enter_context(client.stream("GET", "/v1/events/stream"))
            second = client.get("/v1/events/stream")
        batch = [{"kind": "door.opened", "device": "nobody's"}] * 100
        reported = client.post("/v1/events", json=batch)
        statuses = [client.get("/v1/events").status_code for _ in range(20)]
        vendor = client.get("/locks/1/events")

    assert (first.status_code, second.status_code, reported.status_code) == (200, 429, 207)
    assert second.headers["content-type"] == "application/problem+json"
    assert set(statuses) == {200, 429}
    assert statuses == sorted(statuses)
    assert vendor.status_code == 429
    assert int(vendor.headers["retry-after"]) > 0
    assert vendor.json()["error"] == "Too Many Requests"


def test_no_way_of_sending_a_key_brings_it_into_the_log(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, httpx.Client(base_url=server.url, timeout=20) as client:
        key = server.key
        for headers in (
            {"X-API-Key": key},
            {"Authorization": f"Bearer {key}"},
            {"Authorization": f"Token token={key}"},
            {"Cookie": f"gatebook={key}"},
            {"Referer": f"https://x/{key}"},
            {"User-Agent": key},
        ):
            client.get("/v1/events", headers=headers)
        client.get("/v1/events", auth=("admin", key))
        for path in (
            f"/v1/events?api_key={key}",
            f"/v1/events?{key}",
            f"/v1/events?from={key}",
            f"/v1/{key}",
            f"/{key}",
        ):
            client.get(path)
            client.get(path, headers={"X-API-Key": key})
        client.post("/v1/events", content=key.encode(), headers={"X-API-Key": key, "Content-Type": "application/json"})
        logged = server.log

    assert logged.count("gatebook.access") >= 17
    assert key not in logged
    assert key[:12] not in logged
