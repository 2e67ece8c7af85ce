"""Words both ways, what the SDK can decode, and where an event is found."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.dialects.doordeck import DIALECT
from gatebook.dialects.doordeck.mapping import KINDS, WORDS, kind_of
from gatebook.dialects.doordeck.resources.accepting import MEDIA, chosen
from gatebook.dialects.doordeck.schemas import AuditType
from gatebook.dialects.native import DIALECT as NATIVE
from gatebook.domain.access import NOTHING
from gatebook.domain.kinds import Kind
from gatebook.domain.places import DeviceKind
from tests.dialects.doordeck.house import NOON, NOON_S, House
from tests.houses import House as Native
from tests.houses import house_in as native_house_in

ROOT = Path(__file__).parents[3]
TYPES = (
    "DOOR_OPEN", "DOOR_CLOSE", "DOOR_UNLOCK", "DOOR_LOCK", "OWNER_ASSIGNED", "DEVICE_CONNECTED", "DEVICE_DISCONNECTED",
    "LOCK_SHARED", "LOCK_REVOKED", "USER_PROMOTED", "USER_DEMOTED", "SETTING_CHANGED", "TILE_ASSOCIATED",
    "TILE_DISASSOCIATED", "DEVICE_DECOMMISSIONED",
)  # fmt: skip
"""Source: Doordeck "Get Lock Audit Trail (v2)", heading Event Types, 2026-07-20."""


class Party(msgspec.Struct, rename="camel"):
    user_id: str
    email: str | None = None
    display_name: str | None = None
    ip: str | None = None


class Agent(msgspec.Struct):
    type: str
    version: str | None = None


class BasicAuditResponse(msgspec.Struct, rename="camel"):
    """Source: doordeck-headless-sdk, 2026-08-17: no other class reads a trail."""

    device_id: str
    timestamp: int
    type: Literal[TYPES]  # type: ignore[valid-type]
    issuer: Party
    rejected: bool
    subject: Party | None = None
    rejection_reason: str | None = None
    user_agent: Agent | None = None


class NetworkAuditSubjectResponse(msgspec.Struct, rename="camel"):
    user_id: str
    email: str
    display_name: str | None = None


class NetworkAuditResponse(msgspec.Struct, rename="camel"):
    """Source: doordeck-headless-sdk of 2024, whose subject has an address, be it empty."""

    device_id: str
    timestamp: int
    type: Literal[TYPES]  # type: ignore[valid-type]
    issuer: Party
    rejected: bool
    subject: NetworkAuditSubjectResponse | None = None


def test_the_words_are_the_fifteen_of_the_page() -> None:
    """Doordeck "Get Lock Audit Trail (v2)", heading Event Types."""
    assert set(WORDS.values()) == set(TYPES) == set(get_args(AuditType))


@pytest.mark.parametrize("word", TYPES)
@pytest.mark.parametrize("user", [True, False])
def test_a_word_has_a_kind_that_has_the_word(word: AuditType, user: bool) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", heading Event Types."""
    assert WORDS[kind_of(word, user=user)] == word


def test_an_unlock_by_somebody_is_an_admission() -> None:
    """Doordeck "Get Lock Audit Trail (v2)", example."""
    assert kind_of("DOOR_UNLOCK", user=True) is Kind.ACCESS_GRANTED
    assert kind_of("DOOR_UNLOCK", user=False) is Kind.LOCK_UNLOCKED


def test_the_documented_table_is_the_one_in_force() -> None:
    page = (ROOT / "docs/dialects/doordeck.md").read_text()

    rows = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| `(\w+)` \|$", page, re.MULTILINE)

    assert {Kind(kind): (word,) for kind, word in rows} == KINDS


def test_the_sdk_can_read_every_trail(house: House) -> None:
    """doordeck-headless-sdk: `BasicAuditResponse`, closed enum, mandatory fields."""
    lock, ada = house.device(), house.person("Ada")
    kinds = [kind.value for kind in Kind if not kind.is_record]
    house.report(lock, *kinds)
    house.report(lock, *kinds, person=ada.number)

    answers = [house.get(path, start=0).content for path in (f"/device/{lock.id}/log", f"/user/{ada.id}/log")]

    for answer, n in zip(answers, (2 * len(WORDS), len(WORDS)), strict=True):
        assert len(msgspec.json.decode(answer, type=list[BasicAuditResponse])) == n
        assert len(msgspec.json.decode(answer, type=list[NetworkAuditResponse])) == n


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Native]:
    """A house that speaks the native dialect, too."""
    with native_house_in(tmp_path_factory.mktemp("both"), NATIVE, DIALECT) as found:
        asyncio.run(found.services.tokens.signing.ensure())
        yield found


@pytest.mark.parametrize("word", TYPES)
@pytest.mark.parametrize("user", [True, False], ids=["somebody", "nobody"])
def test_a_word_that_is_reported_reads_back_as_itself(both: Native, word: AuditType, user: bool) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", heading Event Types; reported by POST /v1/events."""
    lock, ada = both.device(kind=DeviceKind.LOCK), both.person()
    token, _ = asyncio.run(both.services.tokens.issue(both.admin, "doordeck"))
    both.report(lock, kind_of(word, user=user).value, **({"person": ada.number} if user else {}))

    rows: Any = both.get(f"/device/{lock.id}/log", {"Authorization": f"Bearer {token}"}, start=0).json()

    assert [(row["type"], row["user"]) for row in rows] == [(word, str(ada.id) if user else None)]


def test_an_event_has_its_record_and_its_place(house: House) -> None:
    """Doordeck "Get Lock Audit Trail (v2)"."""
    lock, ada = house.device(), house.person("Ada")
    [one] = house.report(lock, "access.granted", person=ada.number)
    assert DIALECT.shape_of is not None
    assert DIALECT.url_of is not None
    event = asyncio.run(house.services.history.event(house.admin, one.outcome.id)).events[0]

    shape = asyncio.run(DIALECT.shape_of(house.services, house.admin, event))
    url = asyncio.run(DIALECT.url_of(house.services, house.admin, event))

    assert url == f"/device/{lock.id}/log?start={NOON_S}&end={NOON_S}"
    assert house.get(url).json() == [json.loads(msgspec.json.encode(shape))]


def test_an_event_without_a_word_elsewhere_or_hidden_has_neither(house: House) -> None:
    """Doordeck "Get Lock Audit Trail (v2)": locks only."""
    lock, camera = house.device(), house.device(DeviceKind.CAMERA)
    stranger = replace(house.admin, grant=NOTHING)
    cases = [
        (house.admin, lock, "access.denied"),
        (house.admin, camera, "door.opened"),
        (stranger, lock, "door.opened"),
    ]
    assert DIALECT.shape_of is not None
    assert DIALECT.url_of is not None

    for caller, device, kind in cases:
        [one] = house.report(device, kind, at=NOON)
        event = asyncio.run(house.services.history.event(house.admin, one.outcome.id)).events[0]

        assert asyncio.run(DIALECT.shape_of(house.services, caller, event)) is None
        assert asyncio.run(DIALECT.url_of(house.services, caller, event)) is None


@given(st.permutations([*MEDIA, "text/html"]), st.lists(st.integers(0, 1000), min_size=4, max_size=4, unique=True))
def test_the_heaviest_that_is_understood_is_chosen(ranges: list[str], weights: list[int]) -> None:
    """Doordeck "Versioning"; RFC 9110 section 12.5.1."""
    told = dict(zip(ranges, weights, strict=True))
    accept = ", ".join(f"{media};q={weight / 1000:.3f}" for media, weight in told.items())

    found = chosen(accept)

    understood = {media: weight for media, weight in told.items() if media in MEDIA and weight}
    assert found == 1 + MEDIA.index(max(understood, key=lambda media: understood[media]))


@given(st.text(max_size=80))
def test_any_accept_is_read(accept: str) -> None:
    """RFC 9110 section 12.5.1: what is no media range matches nothing."""
    assert chosen(accept) in (None, 1, 2, 3)
