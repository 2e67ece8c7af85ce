"""The parts joined: dialects where the settings say, health for all to see."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gatebook.app.build import App, build
from gatebook.app.founding import found
from gatebook.app.health import health
from gatebook.app.settings import Dialects, Settings, Store
from gatebook.app.stores import made
from gatebook.dialects import BUILT_IN
from gatebook.domain.errors import BadInput
from gatebook.http.mount import mount
from gatebook.http.server import running
from tests.http.serving import serving


@pytest.fixture
def store(tmp_path: Path) -> Store:
    settings = Store(url=str(tmp_path / "gatebook.db"))
    fresh = made(settings)
    found(fresh.store, "Acme", "Europe/London")
    fresh.store.close()
    return settings


@pytest.fixture
def app(store: Store) -> App:
    return build(Settings(store=store))


@pytest.fixture
def client(app: App) -> Iterator[httpx.Client]:
    """Of the app as it is served, but for its `closing`, which here is the server's own."""
    with (
        running(lambda _closing: app.asgi) as address,
        httpx.Client(base_url=address, trust_env=False) as client,
    ):
        yield client


def test_all_that_is_built_in_is_served(client: httpx.Client) -> None:
    page = client.get("/docs").text

    assert all(f"/docs/{name}" in page for name in BUILT_IN)


def test_a_server_that_is_well_says_so(client: httpx.Client) -> None:
    alive, ready = client.get("/healthz"), client.get("/readyz")

    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    parts = ready.json()["parts"]
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert {"store", "followers", "uses", "audit", "escalations", "rules", "outbox"} <= parts.keys()
    assert set(parts.values()) == {"ok"}


def test_a_part_that_fails_is_named(client: httpx.Client, app: App) -> None:
    sick = mount([health(app.store, lambda: {"followers": False})], app.services)

    with serving(sick) as other:
        answer = other.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "parts": {"store": "ok", "followers": "failing"}}


@pytest.mark.parametrize(
    ("dialects", "field"),
    [
        (Dialects(enabled=("nativ",)), "dialects.enabled"),
        (Dialects(enabled=BUILT_IN[:1], prefix={"other": "/x"}), "dialects.prefix"),
        (Dialects(enabled=BUILT_IN[:1], host={"other": "x.example"}), "dialects.host"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_dialect_that_is_not_there_is_refused_by_its_setting(store: Store, dialects: Dialects, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        build(Settings(store=store, dialects=dialects))

    assert refused.value.field == field
