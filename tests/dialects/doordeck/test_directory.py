"""Locks, sites and users, as Doordeck's SDK reads them: strictly."""

from __future__ import annotations

import asyncio
from typing import Literal

import msgspec
import pytest

from gatebook.domain.access import Grant, Scope
from gatebook.domain.places import DeviceKind
from tests.dialects.doordeck.house import V3, House

Role = Literal["ADMIN", "USER"]


class Settings(msgspec.Struct, rename="camel"):
    unlock_time: float
    permitted_addresses: list[str]
    default_name: str
    tiles: list[str]
    hidden: bool


class State(msgspec.Struct):
    """Source: doordeck-headless-sdk of 2024, `NetworkLockStateResponse`; later ones can do without."""

    locked: bool
    connected: bool


class Lock(msgspec.Struct, rename="camel"):
    """Source: doordeck-headless-sdk, the fields that it cannot do without."""

    id: str
    name: str
    role: Role
    settings: Settings
    state: State
    favourite: bool


class LockUser(msgspec.Struct, rename="camel"):
    """Source: as `Lock`."""

    user_id: str
    email: str
    public_key: str
    orphan: bool
    foreign: bool
    role: Role


class LockRole(msgspec.Struct, rename="camel"):
    device_id: str
    role: Role


class User(msgspec.Struct, rename="camel"):
    """Source: as `Lock`."""

    user_id: str
    email: str
    public_key: str
    orphan: bool
    foreign: bool
    devices: list[LockRole]


class SiteUser(msgspec.Struct, rename="camel"):
    """Source: as `Lock`."""

    user_id: str
    email: str
    orphan: bool
    foreign: bool


class Site(msgspec.Struct, rename="camel"):
    """Source: as `Lock`; `passBackground` is needed by that of 2024 alone, `NetworkSiteResponse`."""

    id: str
    name: str
    colour: str
    longitude: float
    latitude: float
    radius: int
    pass_background: str
    created: float
    updated: float


def test_all_locks_are_told(house: House) -> None:
    """Doordeck "Get all locks"."""
    lock, door, camera = house.device(name="Front"), house.device(DeviceKind.DOOR), house.device(DeviceKind.CAMERA)

    told = msgspec.json.decode(house.get("/device").content, type=list[Lock])

    ids = {one.id for one in told}
    assert {str(lock.id), str(door.id)} <= ids
    assert str(camera.id) not in ids
    assert next(one for one in told if one.id == str(lock.id)).name == "Front"


def test_the_locks_to_be_shared_are_those_that_the_caller_administers(house: House) -> None:
    """doordeck-headless-sdk, `GET /device/shareable`: `BasicShareableLockResponse`."""
    lock = house.device(name="Front")
    house.user("sharing@acme.example")

    assert {"id": str(lock.id), "name": "Front"} in house.get("/device/shareable").json()
    assert house.get("/device/shareable", token=house.token_of("sharing@acme.example")).json() == []


def test_nobody_has_a_favourite(house: House) -> None:
    """doordeck-headless-sdk, `GET /device/favourite`; every lock says that it is none."""
    house.device()

    assert house.get("/device/favourite").json() == []
    assert not any(lock["favourite"] for lock in house.get("/device").json())


def test_one_lock_is_told(house: House) -> None:
    """Doordeck "Get lock"."""
    lock = house.device(name="Front")

    told = msgspec.json.decode(house.get(f"/device/{lock.id}", V3).content, type=Lock)

    assert (told.id, told.name, told.role, told.settings.default_name) == (str(lock.id), "Front", "ADMIN", "Front")


def test_a_narrow_grant_shows_its_locks_and_their_sites(house: House) -> None:
    """Doordeck "Get all locks", "Get all sites": those that the user may use."""
    here, there = house.site("Here"), house.site("There")
    mine, other, away = house.device(site=here), house.device(site=here), house.device(site=there)
    house.user("one@acme.example", grant=Grant(devices=frozenset({mine.number})))
    token = house.token_of("one@acme.example")

    def ids(path: str) -> list[str]:
        return [one["id"] for one in house.get(path, token=token).json()]

    assert ids("/device") == [str(mine.id)]
    assert ids("/site") == [str(here.id)]
    assert ids(f"/site/{here.id}/device") == [str(mine.id)]
    hidden = [f"/device/{other.id}", f"/device/{away.id}", f"/site/{there.id}/device"]
    assert [house.get(path, token=token).status_code for path in hidden] == [404] * 3
    assert house.get("/device", token=token).json()[0]["role"] == "USER"


def test_the_users_of_a_lock_are_told_to_administrators(house: House) -> None:
    """Doordeck "Get lock users"; the SDK needs `foreign`, too."""
    site, ada = house.site(), house.person("Ada")
    lock = house.device(site=site)
    user = house.user("at.lock@acme.example", grant=Grant(sites=frozenset({site.number})), person=ada)
    house.user("not.there@acme.example", grant=Grant(devices=frozenset({house.device().number})))

    told = msgspec.json.decode(house.get(f"/device/{lock.id}/users").content, type=list[LockUser])
    at_site = msgspec.json.decode(house.get(f"/site/{site.id}/user").content, type=list[SiteUser])

    emails = {one.email: one for one in told}
    assert (emails["at.lock@acme.example"].user_id, emails["at.lock@acme.example"].role) == (str(ada.id), "USER")
    assert emails["root@acme.example"].role == "ADMIN"
    assert "not.there@acme.example" not in emails
    assert {one.email for one in at_site} == set(emails)
    assert user.login in emails


def test_a_user_is_told_with_their_locks(house: House) -> None:
    """Doordeck "Get locks for a user"."""
    lock, ada = house.device(), house.person("Ada")
    house.user("ada.k@acme.example", grant=Grant(devices=frozenset({lock.number})), person=ada)

    told = msgspec.json.decode(house.get(f"/user/{ada.id}").content, type=User)

    assert (told.email, told.orphan, [(one.device_id, one.role) for one in told.devices]) == (
        "ada.k@acme.example", False, [(str(lock.id), "USER")],
    )  # fmt: skip


def test_a_person_without_an_account_is_an_orphan(house: House) -> None:
    """Doordeck "Get locks for a user": `orphan`."""
    told = msgspec.json.decode(house.get(f"/user/{house.person().id}").content, type=User)

    assert (told.orphan, told.devices) == (True, [])


def test_a_site_has_what_the_sdk_needs(house: House) -> None:
    """Doordeck "Get all sites": `created` in seconds with three digits."""
    site = house.site("North Gate")

    found = msgspec.json.decode(house.get("/site").content, type=list[Site])

    [told] = [one for one in found if one.id == str(site.id)]
    assert told.name == "North Gate"
    assert abs(told.created - house.services.now() / 1e9) < 60


def test_a_decommissioned_lock_is_gone_but_for_its_trail(house: House) -> None:
    """Doordeck "Get Lock Audit Trail (v2)", heading Event Types: DEVICE_DECOMMISSIONED."""
    lock = house.device()
    house.report(lock, "door.opened")
    asyncio.run(house.services.entities.devices.remove(house.admin, lock.id))

    rows = house.log(lock)

    assert [row["type"] for row in rows] == ["DEVICE_DECOMMISSIONED", "DOOR_OPEN"]
    assert house.get(f"/device/{lock.id}").status_code == 404


@pytest.mark.parametrize("path", ["/device/{id}/users", "/user/{id}", "/site/{id}/user"])
def test_who_is_no_administrator_is_not_told_of_others(house: House, path: str) -> None:
    """Doordeck "Errors": 403."""
    login = f"plain{len(path)}@acme.example"
    house.user(login)

    answer = house.get(path.replace("{id}", str(house.device().id)), token=house.token_of(login))

    assert (answer.status_code, answer.json()["code"]) == (403, 403)


@pytest.mark.parametrize("path", ["/device", "/site", "/device/{id}/log", "/user/{id}/log"])
def test_without_the_scope_nothing_is_read(house: House, path: str) -> None:
    """Doordeck "Errors": 403."""
    login = f"writer{len(path)}@acme.example"
    house.user(login, frozenset({Scope.EVENTS_WRITE}))

    answer = house.get(path.replace("{id}", str(house.device().id)), token=house.token_of(login))

    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/device/x", "/device/17/log", "/site/x/device", "/user/0/log"])
def test_an_id_that_is_no_uuid_is_refused_by_its_name(house: House, path: str) -> None:
    """Doordeck "Errors": 400."""
    answer = house.get(path)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("id: ")


@pytest.mark.parametrize("path", ["/tile/x", "/platform/application", "/device/x/execute", "/account/email/verify"])
def test_what_is_not_spoken_is_not_found(house: House, path: str) -> None:
    """Doordeck "Errors": 404, `{"code":404,"message":"..."}`."""
    answer = house.get(path)

    assert (answer.status_code, answer.json()["code"], set(answer.json())) == (404, 404, {"code", "message"})


def test_a_wrong_method_names_the_right_ones(house: House) -> None:
    """Doordeck "Errors": 405."""
    answer = house.client.delete("/device", headers={"Authorization": f"Bearer {house.token}"})

    assert (answer.status_code, answer.json()["code"]) == (405, 405)
    assert "GET" in answer.headers["allow"]
