"""A place for tests of the console."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gatebook.console import dialect_of, shapes_of
from gatebook.dialects.native import DIALECT as NATIVE
from tests.console.places import PASSWORD, Clock, Place
from tests.houses import house_in


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    clock = Clock()
    with house_in(tmp_path, NATIVE, dialect_of(shapes_of([NATIVE], {})), clock=clock) as house, ExitStack() as browsers:
        body = {"login": "ada", "name": "Ada", "password": PASSWORD, "must_change": False, "scopes": ["events:read"]}
        made = house.client.post("/v1/users", json={**body, "grant": {"everything": True}})
        assert made.status_code == 201, made.text
        yield Place(house, clock, made.json()["id"], browsers)
