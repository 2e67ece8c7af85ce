"""How far into what is served a path leads."""

from __future__ import annotations

import pytest

from gatebook.http.routes import Router

PATHS = ("/api/doors", "/api/doors/{id}", "/api/doors/{id}/events", "/api/{name}.json", "/files/{path:rest}")


@pytest.mark.parametrize(
    ("path", "reached"),
    [
        ("/", 0),
        ("/other", 0),
        ("/api", 1),
        ("/api/windows", 1),
        ("/api/windows/1/events", 1),
        ("/api/doors", 2),
        ("/API/Doors/1", 3),
        ("/api/doors/1/nothing", 3),
        ("/api/doors/1/events/2", 4),
        ("/api/gates.json", 2),
    ],
)
def test_a_path_is_followed_as_far_as_anything_is_served(path: str, reached: int) -> None:
    router = Router[str](fold_case=True)
    for one in PATHS:
        router.add("GET", one, one)

    assert router.reach(path.split("/")[1:]) == reached
