"""Who may sign in by NTLM: users who were let in to it one by one, each with an NT hash that serves nothing else.

An NT hash is as good as the password to whoever has it, and quick to guess from: hence the encryption, and hence
nobody is let in who does not ask.  Another password shuts its user out until asked again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from gatebook.domain.access import Principal, Scope
from gatebook.domain.accounts import User
from gatebook.domain.errors import BadInput, Conflict, NotFound, Unauthenticated
from gatebook.domain.times import Instant
from gatebook.services.access import Access
from gatebook.services.ntlm_acceptor import Acceptor, nt_hash
from gatebook.services.rooms import need
from gatebook.services.telling import tell
from gatebook.services.users import Users
from gatebook.store import Store, Transaction
from gatebook.store.contract import Ref

NONCE_BYTES = 12


class Ntlm:
    """Lets users in, shuts them out, and says who has finished a handshake."""

    def __init__(self, store: Store, access: Access, users: Users, *, key: bytes, now: Callable[[], Instant]) -> None:
        """`key`: 32 bytes that seal the hashes in the store."""
        self._store = store
        self._access = access
        self._users = users
        self._cipher = AESGCMSIV(key)
        self._now = now

    async def let_in(self, principal: Principal, ref: Ref, password: str) -> User:
        """The user may sign in by NTLM from now on, with the password that the user has already.

        BadInput naming `password` where it is another; LockedOut after too many wrong ones.
        """
        need(principal, Scope.ADMIN)
        user = await self._users.get(principal, ref)
        address = principal.visit.address if principal.visit else ""
        try:
            await self._access.proved(user.login, password, address=address, signing_in=False)
        except Unauthenticated as error:
            raise BadInput("password", "is not the user's", "give the one that the user signs in with") from error
        sealed = self._sealed(user.id, nt_hash(password))

        def work(transaction: Transaction) -> None:
            now_there = transaction.accounts.users.one(user.organisation, user.id)
            if now_there is None or now_there.password_changed != user.password_changed:
                raise Conflict("the user's password was changed meanwhile; try again")
            transaction.ntlm.put(user.organisation, user.id, sealed, self._now())
            tell(transaction, principal, f"user/{user.id}", {"act": "let in by NTLM"}, self._now())

        await self._store.write(work)
        return user

    async def shut_out(self, principal: Principal, ref: Ref) -> None:
        """The user may no longer sign in by NTLM; NotFound where that was so already."""
        need(principal, Scope.ADMIN)
        user = await self._users.get(principal, ref)

        def work(transaction: Transaction) -> None:
            if not transaction.ntlm.remove(user.id):
                raise NotFound("the user does not sign in by NTLM")
            tell(transaction, principal, f"user/{user.id}", {"act": "shut out by NTLM"}, self._now())

        await self._store.write(work)

    async def finished(self, acceptor: Acceptor, answer: bytes, *, address: str) -> Principal:
        """Whose answer to the challenge this is; Unauthenticated, LockedOut or BadInput as for any sign-in.

        The domain is part of a login only where there is no such login without it.
        """
        domain, name = acceptor.named(answer)

        async def proves(user: User | None) -> bool:
            known = None if user is None else await self._hash(user.id)
            proved = acceptor.proves(answer, known or os.urandom(16))
            return proved and known is not None

        return await self._access.sign_in_by((name, f"{domain}\\{name}"), proves, address=address)

    async def _hash(self, user: UUID) -> bytes | None:
        sealed = await self._store.read(self._store.ntlm.sealed, user)
        if sealed is None:
            return None
        return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], user.bytes)

    def _sealed(self, user: UUID, hash: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, hash, user.bytes)
