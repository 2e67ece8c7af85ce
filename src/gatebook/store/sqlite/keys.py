"""API keys in SQL."""

from __future__ import annotations

import json
from uuid import UUID

import apsw

from gatebook.domain.access import EVERYTHING, Grant, Scope
from gatebook.domain.times import Instant
from gatebook.store.contract import KeyRow
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import first

SQL = load("sqlite", "keys")


def insert(connection: apsw.Connection, key: KeyRow, hash: bytes) -> None:
    """Keeps a key by its hash."""
    named = {
        "id": key.id.bytes,
        "org": key.organisation,
        "hash": hash,
        "prefix": key.prefix,
        "name": key.name,
        "scopes": " ".join(sorted(key.scopes)),
        "sites": None if key.grant.everything else json.dumps(sorted(key.grant.sites)),
        "devices": None if key.grant.everything else json.dumps(sorted(key.grant.devices)),
        "created": key.created,
        "expires": key.expires,
    }
    connection.execute(SQL["insert_key"], named)


def by_hash(connection: apsw.Connection, hash: bytes) -> KeyRow | None:
    """The key of this hash."""
    row = first(connection, SQL["key_by_hash"], {"hash": hash})
    if row is None:
        return None
    id_, org, name, scopes, sites, devices, created, expires, revoked, last_used, prefix = row
    return KeyRow(
        id=UUID(bytes=id_),
        organisation=org,
        name=name,
        scopes=frozenset(Scope(word) for word in scopes.split()),
        grant=_grant(sites, devices),
        created=Instant(created),
        expires=expires,
        revoked=revoked,
        last_used=last_used,
        prefix=prefix,
    )


def _grant(sites: str | None, devices: str | None) -> Grant:
    if sites is None or devices is None:
        return EVERYTHING
    return Grant(sites=frozenset(json.loads(sites)), devices=frozenset(json.loads(devices)))
