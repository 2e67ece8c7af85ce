"""Who a request is: credentials become principals here, and nowhere else.

What is remembered of an account holds only as long as nobody's rights change, in whichever process; so a key that is
revoked, a user who is disabled or a grant that is narrowed takes effect with the next request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import TypeVar
from uuid import UUID

from gatebook.domain.access import Principal, PrincipalKind, reading
from gatebook.domain.accounts import Account, ApiKey, DeviceToken, Service, User
from gatebook.domain.errors import NotFound, Unauthenticated
from gatebook.domain.times import Instant
from gatebook.services.passwords import LONGEST, Passwords
from gatebook.services.secrets import hash_of
from gatebook.services.uses import Uses
from gatebook.store import Shelf, Store
from gatebook.store.contract import Ref

A = TypeVar("A", User, Service, ApiKey, DeviceToken)

REMEMBERED = 10_000
"""Accounts remembered at a time."""
WRONG = "the name or the password is wrong"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to give a password, and whose it was; None: it failed."""

    login: str
    address: str
    principal: Principal | None
    signing_in: bool = True
    """False where somebody who has signed in gives it once more, to change it."""


async def _let_pass(_login: str, _address: str) -> None:
    """Nobody stands at the door."""


async def _take_no_note(_attempt: Attempt) -> None:
    """Nobody writes it down."""


class Access:
    """Turns what is presented into a principal, or raises Unauthenticated."""

    def __init__(
        self,
        store: Store,
        *,
        now: Callable[[], Instant],
        passwords: Passwords,
        before_attempt: Callable[[str, str], Awaitable[None]] = _let_pass,
        after_attempt: Callable[[Attempt], Awaitable[None]] = _take_no_note,
    ) -> None:
        """`before_attempt(login, address)` may refuse by raising; `after_attempt` learns how it ended."""
        self._store = store
        self._now = now
        self._passwords = passwords
        self._before = before_attempt
        self._after = after_attempt
        self._known: dict[tuple[str, str, object], tuple[int, Account]] = {}
        self.uses = Uses(store)

    async def principal_of_key(self, key: str) -> Principal:
        """The holder of an API key; an unknown, revoked or expired one is refused in the same words."""
        found = await self._account(self._store.accounts.keys, "hash", hash_of(key))
        return self._admitted(found, "the API key is not valid; make one with `gatebook keys add`")

    async def principal_of_device_token(self, token: str) -> Principal:
        """The device that holds the token."""
        found = await self._account(self._store.accounts.device_tokens, "hash", hash_of(token))
        return self._admitted(found, "the device token is not valid; make one with `gatebook devices token`")

    async def principal_of_service(self, client_id: str, secret: str) -> Principal:
        """The service of this client id and secret."""
        found = await self._account(self._store.accounts.services, "client_id", client_id)
        kept = hash_of("") if found is None else found.hash
        same = compare_digest(kept, hash_of(secret))
        return self._admitted(found if same else None, "the client id or the secret is wrong")

    async def principal_of_user(self, id: UUID, *, since: Instant | None = None) -> Principal:
        """The user who signed in before, as a token tells; refused when disabled, expired or removed since.

        `since` is when the user signed in: a password changed later ends what was begun before.
        """
        found = await self._account(self._store.accounts.users, "uuid", id.bytes)
        changed = None if found is None else found.password_changed
        ended = since is not None and changed is not None and since < changed
        return self._admitted(None if ended else found, "the user cannot sign in any more; sign in again")

    async def principal_of_login(self, login: str) -> Principal:
        """The user of this login, whom somebody else has recognised."""
        found = await self._account(self._store.accounts.users, "login", login)
        return self._admitted(found, "whoever signed in elsewhere is no user here; ask an administrator to add one")

    async def holder(self, kind: PrincipalKind, id: UUID) -> Principal:
        """The principal of this kind and id as it stands now; refused when it no longer holds, or is gone."""
        accounts, refusal = self._store.accounts, f"the {kind} does not hold any more"
        match kind:
            case PrincipalKind.USER:
                return self._admitted(await self._account(accounts.users, "uuid", id.bytes), refusal)
            case PrincipalKind.SERVICE:
                return self._admitted(await self._account(accounts.services, "uuid", id.bytes), refusal)
            case PrincipalKind.KEY:
                return self._admitted(await self._account(accounts.keys, "uuid", id.bytes), refusal)
            case PrincipalKind.DEVICE:
                return self._admitted(await self._account(accounts.device_tokens, "uuid", id.bytes), refusal)

    async def sign_in(self, login: str, password: str, *, address: str = "") -> Principal:
        """The user of this name and password.

        An unknown name, a wrong password, and a user who is disabled, expired or without a password are refused in
        the same words and after the same time.
        """
        return self._admitted(await self.proved(login, password, address=address), WRONG)

    async def proved(self, login: str, password: str, *, address: str = "", signing_in: bool = True) -> User:
        """The user, if this is the password of one who may sign in; else Unauthenticated."""
        return await self._proved((login,), (password,), address, signing_in)

    async def sign_in_as_sent(self, logins: Sequence[str], passwords: Sequence[str], *, address: str = "") -> Principal:
        """As `sign_in`, where what was sent can be read in several ways: one attempt, whichever is meant."""
        return self._admitted(await self._proved(logins, passwords, address, True), WRONG)

    async def sign_in_by(
        self, logins: Sequence[str], proves: Callable[[User | None], Awaitable[bool]], *, address: str = ""
    ) -> Principal:
        """As `sign_in`, by another proof than the password; `proves` must take as long for nobody (None)."""
        return self._admitted(await self._attempted(logins, proves, address, True), WRONG)

    async def _proved(self, logins: Sequence[str], passwords: Sequence[str], address: str, signing_in: bool) -> User:
        right: list[str] = []

        async def proves(user: User | None) -> bool:
            for password in passwords:
                if await self._passwords.check(password[: LONGEST + 1], None if user is None else user.password):
                    right.append(password)
                    break
            return bool(right)

        user = await self._attempted(logins, proves, address, signing_in)
        if user.password is not None and self._passwords.is_outdated(user.password):
            await self._rehash(user.id, user.password, right[0])
        return user

    async def _attempted(
        self, logins: Sequence[str], proves: Callable[[User | None], Awaitable[bool]], address: str, signing_in: bool
    ) -> User:
        """The first of these logins that somebody has, if it is proved; the attempt counts for the first of them."""
        await self._before(logins[0], address)
        user: User | None = None
        for login in logins:
            found = await self._store.read(self._store.accounts.users.anywhere, "login", login)
            user = user or found
        right = await proves(user)
        holds = user is not None and right and user.holds(self._now())
        await self._after(Attempt(logins[0], address, principal_of(user) if user and holds else None, signing_in))
        if user is None or not holds:
            raise Unauthenticated(WRONG)
        return user

    async def reading(self, principal: Principal, ref: Ref | None) -> Principal:
        """The principal as it reads the log of this organisation (None: its own); hidden and absent are NotFound."""
        if ref is None:
            return principal
        found = await self._store.read(self._store.entities.organisations.one, principal.organisation, ref)
        reader = None if found is None else reading(principal, found)
        if reader is None:
            raise NotFound("no such organisation")
        return reader

    async def _rehash(self, user: UUID, before: str, password: str) -> None:
        encoded = await self._passwords.hash(password)
        await self._store.write(lambda transaction: transaction.accounts.rehash(user, before, encoded))

    def _admitted(self, account: Account | None, refusal: str) -> Principal:
        now = self._now()
        if account is None or not account.holds(now):
            raise Unauthenticated(refusal)
        principal = principal_of(account)
        self.uses.note(principal.kind, principal.id, now)
        return principal

    async def _account(self, shelf: Shelf[A], way: str, value: object) -> A | None:
        """The account, remembered for as long as nobody's rights change."""
        revision = self._store.pulse.access_revision()
        known = self._known.get((shelf.noun, way, value))
        if known is not None and known[0] == revision:
            return known[1]  # type: ignore[return-value]  # the noun is part of the key
        found = await self._store.read(shelf.anywhere, way, value)
        if found is not None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[shelf.noun, way, value] = revision, found
        return found


def principal_of(account: Account) -> Principal:
    """The principal that an account stands for; a user who must choose a new password holds no scope until then."""
    match account:
        case User(must_change=must_change):
            kind, person, purpose = PrincipalKind.USER, account.person, account.purpose
            scopes = frozenset() if must_change else account.scopes
        case Service():
            must_change, kind, person, purpose = False, PrincipalKind.SERVICE, None, account.purpose
            scopes = account.scopes
        case ApiKey():
            must_change, kind, person, purpose = False, PrincipalKind.KEY, None, account.purpose
            scopes = account.scopes
        case DeviceToken():
            must_change, kind, person, purpose = False, PrincipalKind.DEVICE, None, None
            scopes = account.scopes
    return Principal(
        organisation=account.organisation,
        kind=kind,
        id=account.id,
        name=account.name,
        scopes=scopes,
        grant=account.grant,
        person=person,
        purpose=purpose,
        must_change_password=must_change,
    )
