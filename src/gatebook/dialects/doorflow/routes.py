"""What DoorFlow's clients can ask: events, channels, people, and OAuth's pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gatebook.dialects.doorflow import tokens
from gatebook.dialects.doorflow.resources import channels, events, people
from gatebook.http.dialect import Operation
from gatebook.services import Services

SUFFIX: Final = ".json"
"""May end any path of the API.  Source: DoorFlow "Basics", 2026-08-20."""


def operations(services: Services) -> Sequence[Operation]:
    """Everything that is served; each path of the API with and without its suffix."""
    plain = [one for resource in (events, channels, people) for one in resource.operations(services)]
    return [*plain, *map(suffixed, plain), *tokens.operations(services)]


def suffixed(operation: Operation) -> Operation:
    """The same, at the path that ends in `.json`."""
    path, mark, query = operation.example.partition("?")
    example = path + SUFFIX + mark + query if path else ""
    return replace(operation, path=operation.path + SUFFIX, example=example)
