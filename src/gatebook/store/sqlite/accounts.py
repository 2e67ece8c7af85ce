"""Users, services, API keys and device tokens in SQL: what readers ask, and what a transaction may do to them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import apsw

from gatebook.domain.access import PrincipalKind
from gatebook.domain.accounts import ApiKey, DeviceToken, Service, User
from gatebook.domain.times import Instant
from gatebook.store.sql import load
from gatebook.store.sqlite.account_rows import (
    columns_of_device_token,
    columns_of_key,
    columns_of_service,
    columns_of_user,
    device_token_of,
    key_of,
    service_of,
    user_of,
)
from gatebook.store.sqlite.connection import fetch
from gatebook.store.sqlite.shelves import Shelf, Writing

SQL = load("sqlite", "accounts")
USES = {
    PrincipalKind.USER: SQL["use_user"],
    PrincipalKind.SERVICE: SQL["use_service"],
    PrincipalKind.KEY: SQL["use_key"],
    PrincipalKind.DEVICE: SQL["use_device_token"],
}


class AccountQuestions:
    """Who may ask."""

    users: Shelf[User] = Shelf(
        queries=SQL, noun="user", plural="users", value_of=user_of, columns_of=columns_of_user, word="login"
    )
    services: Shelf[Service] = Shelf(
        queries=SQL,
        noun="service",
        plural="services",
        value_of=service_of,
        columns_of=columns_of_service,
        word="client_id",
    )
    keys: Shelf[ApiKey] = Shelf(
        queries=SQL, noun="key", plural="keys", value_of=key_of, columns_of=columns_of_key, numbered=False
    )
    device_tokens: Shelf[DeviceToken] = Shelf(
        queries=SQL,
        noun="device_token",
        plural="device_tokens",
        value_of=device_token_of,
        columns_of=columns_of_device_token,
        numbered=False,
    )


class Accounts:
    """The same within a transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self.users = Writing(AccountQuestions.users, connection)
        self.services = Writing(AccountQuestions.services, connection)
        self.keys = Writing(AccountQuestions.keys, connection)
        self.device_tokens = Writing(AccountQuestions.device_tokens, connection)

    def lasting_administrators(self, org: int) -> int:
        """How many can sign in, may do everything to everything, and are not to expire."""
        return int(fetch(self._connection, SQL["lasting_administrators"], {"org": org})[0][0])

    def rehash(self, user: UUID, before: str, password: str) -> None:
        """Keeps the same password under another hash, unless it was changed meanwhile."""
        named = {"uuid": user.bytes, "before": before, "password": password}
        self._connection.execute(SQL["rehash_user"], named)

    def unbind(self, org: int, person: int) -> None:
        """No user is bound to this person any more."""
        self._connection.execute(SQL["unbind_users"], {"org": org, "person": person})

    def revoke_tokens_of(self, org: int, device: int, now: Instant) -> None:
        """None of the device's tokens holds any more."""
        self._connection.execute(SQL["revoke_device_tokens"], {"org": org, "device": device, "now": now})

    def use(self, uses: Iterable[tuple[PrincipalKind, UUID, Instant]]) -> None:
        """When each was last used; rights are not touched by it."""
        for kind, id_, at in uses:
            self._connection.execute(USES[kind], {"uuid": id_.bytes, "at": at})
