"""What a page costs in each vendor's dialect: its first, and one as deep as page 100,000, with a token as clients send.

A dialect's further rows (triggering, bulk) are measures of their own beside these: a function here, a line in
`registry.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http.client import HTTPConnection
from typing import NamedTuple

from benchmarks.client import Request
from benchmarks.pages import SIZE, against_first, bare_sql, busiest, settled
from benchmarks.rows import Row, at_most, percentile, times
from benchmarks.running import Running, get, sent, serving
from benchmarks.stage import Stage
from gatebook.domain.access import EVERYTHING
from gatebook.domain.places import DeviceKind


class Listing(NamedTuple):
    """A dialect's list: the paths of a first page and of a deep one, and what to call the deep one."""

    first: str
    deep: str
    name: str


def doorflow(stage: Stage) -> list[Row]:
    """The activity events, newest first; as deep as there are pages, since not every event is one."""

    def listing(server: Running, token: str) -> Listing:
        path = f"/api/3/events?n={SIZE}&page="
        deep = min(stage.options.deep, int(headers_of(server, f"{path}1", token)["x-total-results"]) // SIZE)
        return Listing(f"{path}1", f"{path}{deep}", f"DoorFlow: page {deep:,} of {SIZE}")

    return listed(stage, "doorflow", listing)


def xprotect(stage: Stage) -> list[Row]:
    """The log, oldest first as the vendor's list is."""

    def listing(_server: Running, _token: str) -> Listing:
        path, deep = f"/api/rest/v1/events?size={SIZE}&page=", stage.options.deep
        return Listing(f"{path}0", f"{path}{deep - 1}", f"XProtect: page {deep:,} of {SIZE}")

    return listed(stage, "xprotect", listing)


def doordeck(stage: Stage) -> list[Row]:
    """Some 50 events of the busiest lock's trail, which has no pages: the newest stretch, and the oldest."""
    number, events = busiest(stage, {DeviceKind.DOOR, DeviceKind.LOCK})
    with stage.opened() as store:
        devices = store.read_now(store.directory.devices_after, stage.org, EVERYTHING, number - 1, 1)

    def listing(_server: Running, _token: str) -> Listing:
        oldest, span = stage.settings.start // 10**9, stage.settings.span_ns // 10**9
        newest, stretch = oldest + span, span * SIZE // events
        path = f"/device/{devices[0].id}/log?"
        return Listing(f"{path}start={newest - stretch}&end={newest}",
                       f"{path}start={oldest}&end={oldest + stretch}", "Doordeck: a lock's oldest stretch")  # fmt: skip

    return listed(stage, "doordeck", listing)


def listed(stage: Stage, dialect: str, listing: Callable[[Running, str], Listing]) -> list[Row]:
    """The first page beside bare SQL and an empty answer, the deep one beside the first."""
    with serving(stage.store) as server:
        settled(stage, server)
        token = token_of(server, stage.key, dialect)
        found = listing(server, token)
        paths = {"first": found.first, "deep": found.deep, "empty": "/healthz"}
        turn: list[Request] = [get(path, label=label, token=token) for label, path in paths.items()]
        sent(server.port, [turn * 20])
        told = sent(server.port, [turn * stage.options.samples]).times_s
    limit = percentile(bare_sql(stage), 0.5) + percentile(told["empty"], 0.5)
    first = Row(what=f"{found.name.split(':')[0]}: first page", load=stage.load, figure=times(told["first"]),
                limit=f"{limit * 1e3:.2f} ms", **at_most(percentile(told["first"], 0.5) / limit, 3),
                note="limit: p50 of bare SQL and of an empty answer")  # fmt: skip
    return [first, against_first(stage, found.name, told["deep"], told["first"])]


def token_of(server: Running, key: str, dialect: str) -> str:
    """A token as a vendor's client would have one."""
    headers = {"X-API-Key": key, "Content-Type": "application/json"}
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("POST", "/v1/tokens", json.dumps({"dialect": dialect}), headers)
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    if answer.status != 201:
        raise ValueError(f"no token for {dialect}: {answer.status} {body}")
    return str(body["token"])


def headers_of(server: Running, path: str, token: str) -> dict[str, str]:
    """The headers of an answer."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise ValueError(f"{path}: {answer.status}")
    return {name.lower(): value for name, value in answer.getheaders()}
