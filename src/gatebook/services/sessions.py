"""Browsers' sessions: a random id that only the browser holds, two clocks that end it, and a token against forgery.

The store keeps a hash of the id.  A session ends when its user is disabled, removed, or has another password, in the
transaction that does it; what its user may do is looked up at every request.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

from gatebook.domain.access import Principal, PrincipalKind, Visit
from gatebook.domain.errors import Forbidden, NotFound, Unauthenticated
from gatebook.domain.kinds import Kind
from gatebook.domain.times import MINUTE_NS, SECOND_NS, Instant
from gatebook.services.access import Access
from gatebook.services.names import new_id
from gatebook.services.records import record_of, write
from gatebook.services.telling import tell
from gatebook.services.users import Users
from gatebook.store import Store, Transaction
from gatebook.store.holders import SessionRow

IDLE_S = 30 * 60
ABSOLUTE_S = 12 * 3600
MOST = 20
"""Sessions of one user; the oldest makes room."""
OVER = "the session is over; sign in again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that holds, as its browser presents it."""

    id: UUID
    principal: Principal
    secret: str = field(repr=False)
    """What the cookie holds."""

    @property
    def form_token(self) -> str:
        """What a form of this session sends back; nobody else can know it.

        Another text each time, since pages are compressed: what is the same in each could be guessed from their sizes
        by whoever has a browser ask for them (BREACH, 2013).
        """
        mask = secrets.token_bytes(32)
        return urlsafe_b64encode(mask + _crossed(mask, self._form_digest)).decode().rstrip("=")

    def check_form(self, token: str) -> None:
        """Forbidden where a form was not made for this session."""
        try:
            given = urlsafe_b64decode(token + "=" * (-len(token) % 4)) if len(token) < 100 else b""
        except ValueError:
            given = b""
        if len(given) != 64 or not compare_digest(_crossed(given[:32], given[32:]), self._form_digest):
            raise Forbidden("the form was not made for this session; open the page again")

    @property
    def _form_digest(self) -> bytes:
        return sha256(b"form\n" + self.secret.encode()).digest()


class Sessions:
    """Begins, recognises and ends them."""

    def __init__(
        self,
        store: Store,
        access: Access,
        users: Users,
        *,
        idle_s: int = IDLE_S,
        absolute_s: int = ABSOLUTE_S,
        now: Callable[[], Instant],
    ) -> None:
        """`idle_s`: without a request; `absolute_s`: from the sign-in, whatever happens."""
        self._store = store
        self._access = access
        self._users = users
        self._idle_ns = idle_s * SECOND_NS
        self._absolute_ns = absolute_s * SECOND_NS
        self._now = now

    async def sign_in(self, login: str, password: str, visit: Visit, *, before: str | None = None) -> Session:
        """A new session with a new id; the one that the browser had `before` ends.

        Unauthenticated for a wrong name or password, LockedOut after too many.
        """
        asked = self._now()
        principal = await self._access.sign_in(login, password, address=visit.address)
        return await self._begun(replace(principal, visit=visit), before, asked)

    async def change_password(self, session: Session, old: str, new: str) -> Session:
        """The user's own; every session of that user ends, and this browser gets a new one.

        BadInput naming `old` or `new`.
        """
        await self._users.change_own_password(session.principal, old, new)
        principal = await self._access.principal_of_user(session.principal.id)
        return await self._begun(replace(principal, visit=session.principal.visit), session.secret, self._now())

    async def recognised(self, secret: str, visit: Visit) -> Session:
        """The session of this cookie, which counts as used; Unauthenticated where there is none or it is over."""
        row, now = await self._store.read(self._store.sessions.session, _hash(secret)), self._now()
        if row is None or not self._holds(row, now):
            raise Unauthenticated(OVER)
        principal = await self._access.holder(PrincipalKind.USER, row.user)
        if now - row.seen >= MINUTE_NS:
            await self._store.write(lambda transaction: transaction.sessions.seen(_hash(secret), now))
        return Session(id=row.id, principal=replace(principal, visit=visit), secret=secret)

    async def holds(self, secret: str) -> bool:
        """Whether the session of this cookie goes on; to ask is not to use it."""
        row = await self._store.read(self._store.sessions.session, _hash(secret))
        return row is not None and self._holds(row, self._now())

    async def sign_out(self, session: Session) -> None:
        """Ends this session."""

        def work(transaction: Transaction) -> None:
            if transaction.sessions.end(_hash(session.secret)):
                record = record_of(session.principal, subject=f"session/{session.id}")
                org = session.principal.organisation
                write(transaction, org, Kind.RECORD_SIGNED_OUT, record, self._now())

        await self._store.write(work)

    async def list(self, principal: Principal) -> list[SessionRow]:
        """The user's own sessions that hold, the newest first."""
        now = self._now()
        found = await self._store.read(self._store.sessions.of_user, principal.id)
        return [row for row in found if self._holds(row, now)]

    async def end(self, principal: Principal, id: UUID) -> None:
        """Ends one of the user's own sessions; NotFound where there is no such one."""

        def work(transaction: Transaction) -> None:
            if not transaction.sessions.end_one(principal.id, id):
                raise NotFound("no such session")
            tell(transaction, principal, f"session/{id}", {"act": "ended"}, self._now())

        await self._store.write(work)

    async def _begun(self, principal: Principal, before: str | None, asked: Instant) -> Session:
        """`asked`: when the password was asked for; one that was changed since then begins nothing."""
        secret, id_, now = secrets.token_urlsafe(32), new_id(), self._now()
        visit = principal.visit or Visit(address="")
        row = SessionRow(
            id=id_,
            organisation=principal.organisation,
            user=principal.id,
            created=now,
            seen=now,
            address=visit.address,
            agent=visit.agent,
        )

        def work(transaction: Transaction) -> None:
            user = transaction.accounts.users.one(principal.organisation, principal.id)
            if user is None or not user.holds(now) or (user.password_changed or 0) > asked:
                raise Unauthenticated(OVER)
            transaction.sessions.drop_over(Instant(now - self._absolute_ns), Instant(now - self._idle_ns))
            if before is not None:
                transaction.sessions.end(_hash(before))
            transaction.sessions.add(_hash(secret), row, most=MOST)
            record = record_of(principal, subject=f"session/{id_}", details={"by": "password"})
            write(transaction, principal.organisation, Kind.RECORD_SIGNED_IN, record, now)

        await self._store.write(work)
        return Session(id=id_, principal=principal, secret=secret)

    def _holds(self, row: SessionRow, now: Instant) -> bool:
        return now - row.created < self._absolute_ns and now - row.seen < self._idle_ns


def _crossed(mask: bytes, text: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(mask, text, strict=True))


def _hash(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
