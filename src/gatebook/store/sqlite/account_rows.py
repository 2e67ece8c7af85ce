"""Rows of users, services, API keys and device tokens to values, and back to columns."""

from __future__ import annotations

import json
from uuid import UUID

from gatebook.domain.access import EVERYTHING, Grant, Scope
from gatebook.domain.accounts import ApiKey, DeviceToken, Service, User
from gatebook.store.sqlite.connection import Row

Columns = dict[str, object]


def scopes_of(text: str) -> frozenset[Scope]:
    """Scopes are kept as words with a space between them."""
    return frozenset(Scope(word) for word in text.split())


def grant_of(sites: str | None, devices: str | None) -> Grant:
    """A grant is kept as two JSON arrays of numbers; NULL in both is everything."""
    if sites is None or devices is None:
        return EVERYTHING
    return Grant(sites=frozenset(json.loads(sites)), devices=frozenset(json.loads(devices)))


def _scopes(scopes: frozenset[Scope]) -> str:
    return " ".join(sorted(scopes))


def _grant(grant: Grant) -> Columns:
    if grant.everything:
        return {"sites": None, "devices": None}
    return {"sites": json.dumps(sorted(grant.sites)), "devices": json.dumps(sorted(grant.devices))}


def user_of(row: Row) -> User:
    """The columns of `user_by_uuid`, in their order."""
    # fmt: off
    (org, number, uuid, login, name, password, must_change, person, scopes, sites, devices, purpose,
     created, expires, disabled, password_changed, last_used, revision) = row
    return User(
        organisation=org, number=number, id=UUID(bytes=uuid), login=login, name=name,
        password=password, must_change=bool(must_change), person=person,
        scopes=scopes_of(scopes), grant=grant_of(sites, devices), purpose=purpose,
        created=created, expires=expires, disabled=disabled, password_changed=password_changed,
        last_used=last_used, revision=revision,
    )
    # fmt: on


def columns_of_user(user: User) -> Columns:
    """All but when it was last used, which has its own query."""
    return {
        "user": user.number,
        "uuid": user.id.bytes,
        "login": user.login,
        "name": user.name,
        "password": user.password,
        "must_change": int(user.must_change),
        "person": user.person,
        "scopes": _scopes(user.scopes),
        **_grant(user.grant),
        "purpose": user.purpose,
        "created": user.created,
        "expires": user.expires,
        "disabled": user.disabled,
        "password_changed": user.password_changed,
        "revision": user.revision,
    }


def service_of(row: Row) -> Service:
    """The columns of `service_by_uuid`, in their order."""
    # fmt: off
    (org, number, uuid, client_id, hash_, name, scopes, purpose,
     created, expires, disabled, last_used, revision) = row
    return Service(
        organisation=org, number=number, id=UUID(bytes=uuid), client_id=client_id, hash=hash_, name=name,
        scopes=scopes_of(scopes), purpose=purpose, created=created, expires=expires, disabled=disabled,
        last_used=last_used, revision=revision,
    )
    # fmt: on


def columns_of_service(service: Service) -> Columns:
    """All but when it was last used, which has its own query."""
    return {
        "service": service.number,
        "uuid": service.id.bytes,
        "client_id": service.client_id,
        "hash": service.hash,
        "name": service.name,
        "scopes": _scopes(service.scopes),
        "purpose": service.purpose,
        "created": service.created,
        "expires": service.expires,
        "disabled": service.disabled,
        "revision": service.revision,
    }


def key_of(row: Row) -> ApiKey:
    """The columns of `key_by_uuid`, in their order."""
    # fmt: off
    (id_, org, hash_, prefix, name, scopes, sites, devices, purpose,
     created, expires, revoked, last_used, revision) = row
    return ApiKey(
        id=UUID(bytes=id_), organisation=org, hash=hash_, prefix=prefix, name=name,
        scopes=scopes_of(scopes), grant=grant_of(sites, devices), purpose=purpose,
        created=created, expires=expires, revoked=revoked, last_used=last_used, revision=revision,
    )
    # fmt: on


def columns_of_key(key: ApiKey) -> Columns:
    """All but when it was last used, which has its own query."""
    return {
        "uuid": key.id.bytes,
        "hash": key.hash,
        "prefix": key.prefix,
        "name": key.name,
        "scopes": _scopes(key.scopes),
        **_grant(key.grant),
        "purpose": key.purpose,
        "created": key.created,
        "expires": key.expires,
        "revoked": key.revoked,
        "revision": key.revision,
    }


def device_token_of(row: Row) -> DeviceToken:
    """The columns of `device_token_by_uuid`, in their order."""
    id_, org, device, hash_, prefix, name, created, expires, revoked, last_used, revision = row
    return DeviceToken(
        id=UUID(bytes=id_),
        organisation=org,
        device=device,
        hash=hash_,
        prefix=prefix,
        name=name,
        created=created,
        expires=expires,
        revoked=revoked,
        last_used=last_used,
        revision=revision,
    )


def columns_of_device_token(token: DeviceToken) -> Columns:
    """All but when it was last used, which has its own query."""
    return {
        "uuid": token.id.bytes,
        "device": token.device,
        "hash": token.hash,
        "prefix": token.prefix,
        "name": token.name,
        "created": token.created,
        "expires": token.expires,
        "revoked": token.revoked,
        "revision": token.revision,
    }
