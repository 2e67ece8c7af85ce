"""Where the store is, and which one is refused."""

from pathlib import Path

import pytest

from gatebook.app.founding import found
from gatebook.app.settings import Store
from gatebook.app.stores import made, mark_of, opened
from gatebook.domain.errors import BadInput, Broken, Conflict
from gatebook.store import path_of


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("gatebook.db", "gatebook.db"),
        ("./a/b.db", "a/b.db"),
        ("/var/lib/g.db", "/var/lib/g.db"),
        ("sqlite:///a/b.db", "a/b.db"),
        ("sqlite:////var/lib/g.db", "/var/lib/g.db"),
    ],
)
def test_an_address_is_a_path(url: str, path: str) -> None:
    assert path_of(url) == Path(path)


@pytest.fixture
def settings(tmp_path: Path) -> Store:
    return Store(url=str(tmp_path / "deep" / "gatebook.db"))


def make(settings: Store, *, demo: bool = False) -> None:
    store = made(settings, demo=demo).store
    found(store, "Acme", "Europe/London")
    store.close()


def test_what_was_made_is_opened_with_the_same_secret(settings: Store) -> None:
    first = made(settings)
    found(first.store, "Acme", "Europe/London")
    first.store.close()

    again = opened(settings)
    again.store.close()

    assert again.secret == first.secret
    assert len(again.secret) == 32


def test_nobody_else_may_read_the_store_or_its_secret(settings: Store) -> None:
    make(settings)

    modes = {path.name: path.stat().st_mode & 0o777 for path in path_of(settings.url).parent.iterdir()}

    assert modes == {"gatebook.db": 0o600, "gatebook.db.secret": 0o600}


def test_a_store_that_is_not_there_is_not_made(settings: Store) -> None:
    with pytest.raises(Broken, match="run `gatebook init`"):
        opened(settings)

    assert not path_of(settings.url).exists()


def test_a_store_without_an_organisation_is_not_served_but_can_be_finished(settings: Store) -> None:
    made(settings).store.close()

    with pytest.raises(Broken, match="no organisation yet"):
        opened(settings)
    make(settings)

    opened(settings).store.close()


def test_a_store_is_founded_once(settings: Store) -> None:
    make(settings)

    with pytest.raises(Conflict, match="has its organisation already"):
        made(settings)


def test_a_zone_that_is_none_founds_nothing(settings: Store) -> None:
    store = made(settings).store

    with pytest.raises(BadInput, match="Atlantis"):
        found(store, "Acme", "Europe/Atlantis")
    numbers = store.read_now(store.history.organisations)
    store.close()

    assert numbers == []


def test_a_demonstration_is_taken_only_as_one(settings: Store, tmp_path: Path) -> None:
    real = Store(url=str(tmp_path / "real.db"))
    make(settings, demo=True)
    make(real)

    with pytest.raises(Broken, match="made-up events"):
        opened(settings, demo=False)
    with pytest.raises(Broken, match="not a demonstration"):
        opened(real, demo=True)
    opened(settings, demo=True).store.close()

    assert mark_of(path_of(settings.url)).exists()


def test_a_lost_secret_is_said_to_be_lost(settings: Store) -> None:
    make(settings)
    path = path_of(settings.url)
    path.with_name(path.name + ".secret").unlink()

    with pytest.raises(Broken, match=r"secret .* is missing"):
        opened(settings)
