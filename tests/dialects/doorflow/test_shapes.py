"""An event as other parts ask for it in this dialect's shape, and errors that no request here brings about."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import msgspec
import pytest

from gatebook.dialects.doorflow import DIALECT
from gatebook.dialects.doorflow.resources.events import shape_of, url_of
from gatebook.domain.access import Grant
from gatebook.domain.errors import GatebookError, TooMany, Unplaceable
from gatebook.domain.events import Event
from gatebook.http import Request
from tests.dialects.doorflow.asking import ask
from tests.houses import House


def newest(house: House) -> Event:
    return asyncio.run(house.services.history.event(house.admin, house.state[0])).events[0]


def test_an_event_has_the_shape_that_its_url_answers(house: House) -> None:
    """DoorFlow "Events", heading Retrieve an event."""
    house.report(house.device(), method="apple_wallet", person=house.person("Joe Bloggs").number)
    event = newest(house)

    shape = asyncio.run(shape_of(house.services, house.admin, event))
    url = asyncio.run(url_of(house.services, house.admin, event))

    assert url == f"/api/3/events/{event.seq}"
    assert ask(house, url).json() == msgspec.to_builtins(shape)
    assert shape is not None
    assert shape.event_code == 17


@pytest.mark.parametrize("kind", ["door.opened", "motion.started", "lock.locked"])
def test_an_event_without_a_code_has_no_shape_and_no_url(house: House, kind: str) -> None:
    """DoorFlow "Events", heading Event code reference."""
    house.report(house.device(), kind)
    event = newest(house)

    assert asyncio.run(shape_of(house.services, house.admin, event)) is None
    assert asyncio.run(url_of(house.services, house.admin, event)) is None
    assert ask(house, f"/api/3/events/{event.seq}").status_code == 404


def test_a_hidden_event_has_no_shape(house: House) -> None:
    """DoorFlow openapi.yaml, 404."""
    house.report(house.device())
    narrow = replace(house.admin, grant=Grant(devices=frozenset({house.device().number})))

    assert asyncio.run(shape_of(house.services, narrow, newest(house))) is None


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            TooMany("too fast", 60),
            {"error": "rate_limited", "error_description": "too fast", "description": "too fast", "retry_in": 60},
        ),
        (
            Unplaceable("value", "is already in use", "give another"),
            {
                "error": "unprocessable_entity",
                "error_description": "value: is already in use; give another",
                "errors": {"value": ["is already in use"]},
            },
        ),
        (
            GatebookError("a secret"),
            {
                "error": "internal_server_error",
                "error_description": "Something failed here; the server's log has it under abc",
            },
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_has_its_word_and_its_sentence(error: GatebookError, told: dict[str, object]) -> None:
    """DoorFlow openapi.yaml: Error; ValidationError, 422; /api/3/sync, 429."""
    scope = {"type": "http", "method": "GET", "path": "/api/3/events", "headers": []}
    request = Request({**scope, "gatebook.request_id": "abc"})

    answer = DIALECT.on_error(request, error)

    assert json.loads(bytes(answer.body)) == told
