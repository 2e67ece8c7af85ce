"""Where an organisation demands a purpose, a search by name has one or is not made."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatebook.dialects.doorflow import DIALECT
from gatebook.dialects.native import DIALECT as NATIVE
from gatebook.domain.access import Scope
from gatebook.services.forms import NewKey, OrganisationChange
from tests.dialects.doorflow.asking import EVENTS, READS, ask, key_of, listed
from tests.houses import House, house_in


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[House]:
    with house_in(tmp_path, NATIVE, DIALECT) as house:
        change = OrganisationChange(purpose_required=True)
        asyncio.run(house.services.entities.organisations.change(house.admin, house.org, change))
        yield house


def test_a_search_without_a_purpose_is_forbidden_and_other_lists_are_not(strict: House) -> None:
    """DoorFlow openapi.yaml, 403: its clients cannot say a purpose, so it is fixed on their credential."""
    key = key_of(strict, *READS)

    refused = ask(strict, EVENTS, key, last_name="Bloggs")

    assert (refused.status_code, refused.json()["error"]) == (403, "forbidden")
    assert "purpose" in refused.json()["error_description"]
    assert listed(strict, key) == []


def test_a_search_with_a_key_that_has_a_purpose_is_made_and_on_record(strict: House) -> None:
    """DoorFlow openapi.yaml, listEvents, last_name."""
    form = NewKey(name="desk", scopes=frozenset({Scope.EVENTS_READ, Scope.PEOPLE_READ}), purpose="lost property")
    key = asyncio.run(strict.services.keys.add(strict.admin, form)).secret

    assert listed(strict, key, last_name="Bloggs") == []

    assert strict.history(kind="record.searched")["total"]["n"] == 1
