"""What tests ask a house in DoorFlow's words."""

from __future__ import annotations

from typing import Any

import httpx

from gatebook.domain.access import EVERYTHING, Grant, Scope
from tests.houses import House

EVENTS = "/api/3/events"
READS = (Scope.EVENTS_READ, Scope.CREDENTIALS_READ, Scope.PEOPLE_READ)


def key_of(house: House, *scopes: Scope, grant: Grant = EVERYTHING, org: int | None = None) -> str:
    """The text of a new key."""
    return house.key_of(*(scopes or READS), grant=grant, org=org)["Authorization"].removeprefix("Bearer ")


def ask(house: House, path: str, key: str | None = None, **query: object) -> httpx.Response:
    """`path` may hold a query as it goes over the wire."""
    return house.client.get(path, params=query or None, auth=(key or house.key, "x"))  # type: ignore[arg-type]


def listed(house: House, key: str | None = None, **query: object) -> list[dict[str, Any]]:
    answer = ask(house, EVENTS, key, **query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def codes(house: House, **query: object) -> list[int]:
    return [item["event_code"] for item in listed(house, **query)]


def totals(answer: httpx.Response) -> dict[str, str]:
    names = ("X-Page", "X-Per-Page", "X-Total-Results", "Total", "Per-Page")
    return {name: answer.headers[name] for name in names}
