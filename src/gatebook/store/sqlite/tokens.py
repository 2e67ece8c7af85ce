"""Signing keys, revoked tokens and refresh tokens in SQL."""

from __future__ import annotations

from uuid import UUID

import apsw

from gatebook.domain.times import DAY_NS, Instant
from gatebook.store.contract import RefreshRow, SigningKeyRow
from gatebook.store.holders import IssuedRow
from gatebook.store.sql import load
from gatebook.store.sqlite.connection import Row, fetch, first
from gatebook.store.sqlite.glances import at_a_glance

SQL = load("sqlite", "tokens")


def signing_keys(connection: apsw.Connection, now: Instant) -> list[SigningKeyRow]:
    """Keys whose tokens are still believed, the newest first."""
    rows = fetch(connection, SQL["signing_keys"], {"now": now})
    return [
        SigningKeyRow(kid=kid, alg=alg, sealed=sealed, public=public, created=created, retired=retired, ends=ends)
        for kid, alg, sealed, public, created, retired, ends in rows
    ]


@at_a_glance
def is_revoked(connection: apsw.Connection, jti: UUID) -> bool:
    """Whether a token was revoked."""
    return first(connection, SQL["is_revoked"], {"jti": jti.bytes}) is not None


@at_a_glance
def issued_token(connection: apsw.Connection, jti: UUID) -> IssuedRow | None:
    """The token of this id, if one was issued and has not ended; it may be revoked."""
    row = first(connection, SQL["issued"], {"jti": jti.bytes})
    return None if row is None else _issued(row)


def held_after(
    connection: apsw.Connection, org: int, after: UUID | None, limit: int, now: Instant,
    holder: tuple[str, UUID] | None = None,
) -> list[IssuedRow]:  # fmt: skip
    """Tokens that hold, beyond the id `after`: all of an organisation, or those of one holder (kind, id)."""
    named = {"after": b"" if after is None else after.bytes, "limit": limit, "now": now}
    if holder is None:
        rows = fetch(connection, SQL["held_after"], {**named, "org": org})
    else:
        rows = fetch(connection, SQL["held_by_after"], {**named, "kind": holder[0], "holder": holder[1].bytes})
    return [_issued(row[:-1], row[-1]) for row in rows]


def refresh_token(connection: apsw.Connection, hash: bytes) -> RefreshRow | None:
    """The refresh token of this hash, spent ones too."""
    row = first(connection, SQL["refresh"], {"hash": hash})
    if row is None:
        return None
    family, org, holder, audience, scopes, expires, used = row
    return RefreshRow(
        family=UUID(bytes=family),
        organisation=org,
        holder=holder,
        audience=audience,
        scopes=scopes,
        expires=expires,
        used=used,
    )


def _issued(row: Row, name: str = "") -> IssuedRow:
    """(jti, org, kind, holder, audience, issued, ends, sign_in)."""
    jti, org, kind, holder, audience, issued, ends, sign_in = row
    return IssuedRow(
        jti=UUID(bytes=jti), organisation=org, kind=kind, holder=UUID(bytes=holder), audience=audience, issued=issued,
        ends=ends, sign_in=None if sign_in is None else UUID(bytes=sign_in), name=name,
    )  # fmt: skip


class TokenChanges:
    """What a use case may change about tokens within its transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Works on the writer's connection."""
        self._connection = connection

    def keys(self, now: Instant) -> list[SigningKeyRow]:
        """As `signing_keys`, within the transaction."""
        return signing_keys(self._connection, now)

    def add_key(self, key: SigningKeyRow, *, retire_others_until: Instant | None) -> None:
        """A new signing key; others of its algorithm sign no more, and are believed until then."""
        named = {"kid": key.kid, "alg": key.alg, "sealed": key.sealed, "public": key.public, "created": key.created}
        self._connection.execute(SQL["insert_signing_key"], named)
        if retire_others_until is not None:
            ends = {"kid": key.kid, "alg": key.alg, "now": key.created, "ends": retire_others_until}
            self._connection.execute(SQL["retire"], ends)
        self._connection.execute(SQL["drop_ended"], {"now": key.created})

    def revoke(self, jti: UUID, expires: Instant, now: Instant) -> None:
        """The token is good no more; forgotten when it would have expired anyway."""
        self._connection.execute(SQL["revoke"], {"jti": jti.bytes, "expires": expires})
        self._connection.execute(SQL["drop_expired"], {"now": now})

    def note_issued(self, row: IssuedRow) -> None:
        """A token was issued; those that ended a day ago are forgotten: until then open streams ask for their end."""
        named = {"jti": row.jti.bytes, "org": row.organisation, "kind": row.kind, "holder": row.holder.bytes}
        named |= {"audience": row.audience, "issued": row.issued, "ends": row.ends}
        named |= {"sign_in": None if row.sign_in is None else row.sign_in.bytes}
        self._connection.execute(SQL["insert_issued"], named)
        self._connection.execute(SQL["drop_issued"], {"now": row.issued - DAY_NS})

    def issued(self, jti: UUID) -> IssuedRow | None:
        """As `issued_token`, within the transaction."""
        return issued_token(self._connection, jti)

    def issued_of(self, sign_in: UUID) -> list[IssuedRow]:
        """All tokens that came of one sign-in."""
        return [_issued(row) for row in fetch(self._connection, SQL["issued_of_sign_in"], {"sign_in": sign_in.bytes})]

    def add_refresh(self, hash: bytes, row: RefreshRow, now: Instant) -> None:
        """A refresh token, by its hash."""
        named = {"hash": hash, "family": row.family.bytes, "org": row.organisation, "holder": row.holder}
        named |= {"audience": row.audience, "scopes": row.scopes, "created": now, "expires": row.expires}
        self._connection.execute(SQL["insert_refresh"], named)

    def refresh(self, hash: bytes) -> RefreshRow | None:
        """As `refresh_token`, within the transaction."""
        return refresh_token(self._connection, hash)

    def spend(self, hash: bytes, now: Instant) -> bool:
        """Uses a refresh token up; False when that was done before."""
        return bool(fetch(self._connection, SQL["spend_refresh"], {"hash": hash, "now": now}))

    def end_family(self, family: UUID) -> None:
        """Ends all refresh tokens of one sign-in."""
        self._connection.execute(SQL["end_family"], {"family": family.bytes})
