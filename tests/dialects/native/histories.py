"""A made-up history of few instants, and how it is asked for."""

from __future__ import annotations

import random
from typing import Any

from tests.houses import House

KINDS = ("access.granted", "access.denied", "door.opened", "door.forced")
MINUTE = "2026-05-29T12:{:02}:{:02}Z"


def generated(n: int, *, seed: int = 7) -> list[dict[str, object]]:
    """Reports at few instants, so that many are equal; out of order."""
    chance = random.Random(seed)
    return [
        {
            "kind": chance.choice(KINDS),
            "device": chance.choice([1, 2, 3]),
            "occurred": MINUTE.format(chance.randrange(4), chance.randrange(60)),
            "tag": chance.choice(["a", "b", None]),
            "data": {"n": index},
        }
        for index in range(n)
    ]


def everything(house: House, **query: object) -> list[dict[str, Any]]:
    """All that matches, in one page."""
    found: list[dict[str, Any]] = house.history(limit=1000, **query)["items"]
    return found


def walked(house: House, **query: object) -> list[str]:
    """Ids in the order of a walk forward."""
    page = house.history(**query)
    found = [item["id"] for item in page["items"]]
    while page["next"]:
        page = house.history(**{**query, "cursor": page["next"]})
        found += [item["id"] for item in page["items"]]
    return found
