"""Users: made, changed and removed; their passwords reset by administrators and changed by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from msgspec import UNSET

from gatebook.domain.access import Principal, PrincipalKind
from gatebook.domain.accounts import User
from gatebook.domain.errors import BadInput, Forbidden, Unauthenticated
from gatebook.domain.times import Instant
from gatebook.services.access import Access
from gatebook.services.accounts import AccountRoom, Made, grant_of, may_give, person_of
from gatebook.services.forms import NewUser, Reach, UserChange, given
from gatebook.services.names import login_of, named, new_id, numbered, purpose_of
from gatebook.services.passwords import Passwords, worthy
from gatebook.services.rooms import need
from gatebook.services.secrets import make_secret
from gatebook.services.shares import tell_shares
from gatebook.store import Shelf, Store, Transaction, Writing
from gatebook.store.contract import Ref


class Users(AccountRoom[User, UserChange]):
    """Who signs in by name and password."""

    noun = "user"

    def __init__(self, store: Store, *, now: Callable[[], Instant], passwords: Passwords, access: Access) -> None:
        """`access` proves that who changes a password knows the old one."""
        super().__init__(store, now=now)
        self._passwords = passwords
        self._access = access

    @property
    def _shelf(self) -> Shelf[User]:
        return self._store.accounts.users

    def _writing(self, transaction: Transaction) -> Writing[User]:
        return transaction.accounts.users

    async def add(self, principal: Principal, form: NewUser) -> User:
        """Makes a user; a login taken is a Conflict, an unknown person Unplaceable, a right not held Forbidden."""
        need(principal, self.manages)
        login = login_of(form.login)
        encoded = None
        if form.password is not None:
            encoded = await self._passwords.hash(worthy(form.password, login))

        def work(transaction: Transaction) -> User:
            org, now = principal.organisation, self._now()
            grant = grant_of(transaction, principal, form.grant)
            may_give(transaction, principal, form.scopes, grant)
            user = User(
                organisation=org,
                number=numbered(form.number or transaction.accounts.users.next_number(org)),
                id=form.id or new_id(),
                login=login,
                name=named(form.name),
                scopes=form.scopes,
                grant=grant,
                person=None if form.person is None else person_of(transaction, principal, form.person),
                purpose=purpose_of(form.purpose),
                password=encoded,
                password_changed=None if encoded is None else now,
                must_change=encoded is not None and form.must_change,
                created=now,
                expires=form.expires,
            )
            made = self._put(transaction, principal, user)
            tell_shares(transaction, principal, None, made, now)
            return made

        return await self._store.write(work)

    async def reset_password(
        self, principal: Principal, ref: Ref, password: str | None = None, *, expected: int | None = None
    ) -> Made[User]:
        """Gives a user another password (None: a random one), which has to be changed at the next sign-in."""
        need(principal, self.manages)
        secret = make_secret()[:20] if password is None else password
        found = await self.get(principal, ref)
        encoded = await self._passwords.hash(worthy(secret, found.login))

        def work(transaction: Transaction) -> User:
            before = self._found(transaction, principal, found.id, expected)
            after = replace(before, password=encoded, password_changed=self._now(), must_change=True)
            return self._replaced(transaction, principal, before, after)

        return Made(await self._store.write(work), secret)

    async def change_own_password(self, principal: Principal, old: str, new: str) -> User:
        """A user's own, by giving the old one; what was begun with the old one ends.

        BadInput naming `old` or `new`; Forbidden for who is not a user.
        """
        if principal.kind is not PrincipalKind.USER:
            raise Forbidden("only a user has a password; sign in as one")
        user = await self._store.read(self._shelf.anywhere, "uuid", principal.id.bytes)
        if user is None:
            raise Unauthenticated("the user cannot sign in any more")
        address = principal.visit.address if principal.visit else ""
        try:
            await self._access.proved(user.login, old, address=address, signing_in=False)
        except Unauthenticated as error:
            raise BadInput("old", "is not the password", "give the present one") from error
        if new == old:
            raise BadInput("new", "is the old one", "give another")
        encoded = await self._passwords.hash(worthy(new, user.login, "new"))

        def work(transaction: Transaction) -> User:
            before = transaction.accounts.users.one(user.organisation, user.id)
            if before is None:
                raise Unauthenticated("the user cannot sign in any more")
            after = replace(before, password=encoded, password_changed=self._now(), must_change=False)
            return self._replaced(transaction, principal, before, after)

        return await self._store.write(work)

    def _settled(self, transaction: Transaction, principal: Principal, before: User, after: User | None) -> None:
        super()._settled(transaction, principal, before, after)
        tell_shares(transaction, principal, before, after, self._now())

    def _changed(self, transaction: Transaction, principal: Principal, before: User, form: UserChange) -> User:
        fields = given(form, "grant", "person", "disabled")
        if isinstance(form.login, str):
            login_of(form.login)
        if isinstance(form.name, str):
            named(form.name)
        purpose_of(fields.get("purpose"))
        if isinstance(form.grant, Reach):
            fields["grant"] = grant_of(transaction, principal, form.grant)
        if form.person is None:
            fields["person"] = None
        elif form.person is not UNSET:
            fields["person"] = person_of(transaction, principal, form.person)
        if isinstance(form.disabled, bool):
            fields["disabled"] = (before.disabled or self._now()) if form.disabled else None
        after = replace(before, **fields)
        may_give(transaction, principal, after.scopes, after.grant)
        return after
