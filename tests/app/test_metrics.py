"""`/metrics`: what happened is counted, by whom it may be read, and under which names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.processes import RunningServer, running_server


def values(text: str) -> dict[str, float]:
    """Every sample by its name and labels."""
    found = re.findall(r"^([a-z_]+(?:\{[^}]*\})?) ([-+0-9.e]+|NaN)$", text, re.MULTILINE)
    return {name: float(value) for name, value in found}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with running_server(tmp_path) as found:
        yield found


def test_what_happens_is_counted(server: RunningServer) -> None:
    with httpx.Client(base_url=server.url, headers=server.headers) as client:
        before = values(client.get("/metrics").text)
        client.post("/v1/devices", json={"name": "gate", "kind": "door", "number": 1}).raise_for_status()
        for _ in range(3):
            client.post("/v1/events", json={"kind": "door.opened", "device": 1}).raise_for_status()
        client.get("/v1/events").raise_for_status()
        refused = httpx.get(f"{server.url}/v1/events")
        answer = client.get("/metrics")
    after = values(answer.text)

    assert answer.headers["content-type"].startswith("text/plain")
    assert refused.status_code == 401
    assert after["gatebook_events_total"] - before.get("gatebook_events_total", 0) >= 4
    assert after['gatebook_requests_total{dialect="native",status="201"}'] == 4
    assert after['gatebook_requests_total{dialect="native",status="401"}'] == 1
    assert after['gatebook_request_seconds_count{dialect="native",operation="/v1/events"}'] == 5
    assert after["gatebook_commit_seconds_count"] > before.get("gatebook_commit_seconds_count", 0)
    assert after["gatebook_queue_events"] == 0
    assert after['gatebook_follower_lag_events{follower="tallies",organisation="1"}'] >= 0
    assert after['gatebook_store_bytes{file="store"}'] > 0
    assert after['gatebook_task_up{task="followers"}'] == 1


def test_every_metric_is_documented_and_no_other(server: RunningServer) -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    text = httpx.get(f"{server.url}/metrics", headers=server.headers).text

    served = {name.removesuffix("_total") for name in re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE)}
    told = {name.removesuffix("_total") for name in re.findall(r"^\|.*?(?=\| \w)", page, re.MULTILINE)
            for name in re.findall(r"`(gatebook_\w+)", name)}  # fmt: skip

    assert served
    assert served <= told
    assert told <= served


def test_it_is_for_administrators(server: RunningServer) -> None:
    body = {"name": "reader", "scopes": ["events:read"]}
    with httpx.Client(base_url=server.url, headers=server.headers) as client:
        reader = client.post("/v1/keys", json=body).raise_for_status().json()["secret"]

    statuses = [
        httpx.get(f"{server.url}/metrics", headers=headers).status_code
        for headers in ({}, {"Authorization": "Bearer nonsense"}, {"X-API-Key": reader}, server.headers)
    ]
    bearer = httpx.get(f"{server.url}/metrics", headers={"Authorization": f"Bearer {server.key}"})

    assert statuses == [401, 401, 403, 200]
    assert bearer.status_code == 200
