"""Rules as they are made and changed: named, each revision kept, with the rights of whoever changed it last.

`alarms:manage` reads and manages rules, and each action needs its own scope besides: see `rule_reading.ACTIONS`.  Who
may not see the whole organisation sees the rules that they wrote themselves, and no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET
from msgspec.structs import asdict

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import Conflict
from gatebook.domain.times import Instant
from gatebook.services.names import named, new_id
from gatebook.services.rooms import Room, need
from gatebook.services.rule_forms import Body, NewRule, RuleChange, ScheduleForm
from gatebook.services.rule_reading import rule_of
from gatebook.services.rule_rights import need_for
from gatebook.services.telling import removed, tell
from gatebook.store import Shelf, Transaction, Writing
from gatebook.store.contract import Ref
from gatebook.store.rules import Definition, Effect, Fired, RefusedFiring, Revision
from gatebook.store.sqlite.reading import head

MOST_RULES = 1_000
"""In one organisation."""


@dataclass(frozen=True, slots=True)
class RuleLog:
    """What a rule did, why it did not, and what it had done outside; each newest first."""

    fired: Sequence[Fired]
    refused: Sequence[RefusedFiring]
    effects: Sequence[Effect]


class Rules(Room[Definition, RuleChange]):
    """The rules of an organisation."""

    noun = "rule"
    reads = (Scope.ALARMS_MANAGE,)
    manages = Scope.ALARMS_MANAGE

    @property
    def _shelf(self) -> Shelf[Definition]:
        return self._store.rules.rules

    def _writing(self, transaction: Transaction) -> Writing[Definition]:
        return transaction.rules.rules

    async def add(self, principal: Principal, form: NewRule) -> Definition:
        """Adds a rule; it looks at what is reported from now on.  Conflict where its name or id is taken."""
        need(principal, self.manages)

        return await self._store.write(lambda transaction: self.add_in(transaction, principal, form))

    # -- the same within a transaction -------------------------------------------------------------------------------

    def add_in(self, transaction: Transaction, principal: Principal, form: NewRule) -> Definition:
        """Adds a rule."""
        if transaction.rules.count(principal.organisation) >= MOST_RULES:
            raise Conflict(f"there are {MOST_RULES:,} rules; remove one before you add another")
        one = self._written(transaction, principal, body_in(form), form.name, form.enabled)
        return self._put(transaction, principal, replace(one, id=form.id or new_id()))

    def rewrite(self, transaction: Transaction, principal: Principal, id: UUID, form: NewRule) -> Definition:
        """Changes all of a rule to what the form says."""
        before = self._found(transaction, principal, id, None)
        body = body_in(form)
        if body == body_of(before) and self._is_by(principal, before):
            after = replace(before, name=named(form.name), enabled=form.enabled)
        else:
            after = replace(self._written(transaction, principal, body, form.name, form.enabled), id=id)
        return self._replaced(transaction, principal, before, replace(after, revision=before.revision))

    def reschedule(self, transaction: Transaction, principal: Principal, id: UUID, hours: ScheduleForm) -> None:
        """Has a rule that goes by hours go by others, with its author's rights as before."""
        before = transaction.rules.rules.one(principal.organisation, id)
        body = None if before is None else body_of(before)
        if before is None or body is None or body.schedule is None:
            return
        schedule = msgspec.structs.replace(hours, outside=body.schedule.outside)
        written = msgspec.json.encode(msgspec.structs.replace(body, schedule=schedule)).decode()
        since = head(transaction.connection, principal.organisation)
        after = replace(before, body=written, since=since, changed=Instant(self._now()))
        self._replaced(transaction, principal, before, after)

    def remove_in(self, transaction: Transaction, principal: Principal, id: UUID) -> None:
        """Removes a rule."""
        found = self._found(transaction, principal, id, None)
        self._taken_away(transaction, principal, found)
        tell(transaction, principal, self._subject(found), removed(found, self.secret), self._now())

    def free_name(self, transaction: Transaction, org: int, name: str, id: UUID) -> str:
        """The name, or one like it where another rule than this has it."""
        found = transaction.rules.rules.one(org, name)
        return name if found is None or found.id == id else f"{name[:180]} ({id.hex[:8]})"

    def _is_by(self, principal: Principal, one: Definition) -> bool:
        return (one.author_kind, one.author, one.author_key) == (principal.kind, principal.id, principal.key)

    # -- what it did -------------------------------------------------------------------------------------------------

    async def revisions(self, principal: Principal, ref: Ref) -> Sequence[Revision]:
        """Every revision of a rule."""
        one = await self.get(principal, ref)
        return await self._store.read(self._store.rules.revisions_of, principal.organisation, one.id)

    async def log(self, principal: Principal, ref: Ref, *, before: int = 2**62, limit: int = 100) -> RuleLog:
        """What it did and why it did not; `before` goes on from an earlier page."""
        one = await self.get(principal, ref)
        org, rules = principal.organisation, self._store.rules
        return RuleLog(
            await self._store.read(rules.firings_of, org, one.id, before, limit),
            await self._store.read(rules.refusals_of, org, one.id),
            await self._store.read(rules.effects_of, org, one.id, limit),
        )

    async def _shown(self, principal: Principal, found: Sequence[Definition]) -> Sequence[Definition]:
        return [one for one in found if is_shown(principal, one)]

    def _shown_in(self, transaction: Transaction, principal: Principal, found: Definition) -> bool:
        return is_shown(principal, found)

    def _changed(
        self, transaction: Transaction, principal: Principal, before: Definition, form: RuleChange
    ) -> Definition:
        given = {name: value for name, value in asdict(form).items() if value is not UNSET}
        if not given:
            return before
        name, enabled = given.pop("name", before.name), given.pop("enabled", before.enabled)
        body = msgspec.structs.replace(body_of(before), **given)
        after = self._written(transaction, principal, body, name, enabled)
        same = replace(after, id=before.id, since=before.since, changed=before.changed, revision=before.revision)
        return before if same == before else replace(after, id=before.id, revision=before.revision)

    def _written(
        self, transaction: Transaction, principal: Principal, body: Body, name: str, enabled: bool
    ) -> Definition:
        """With the rights of this principal, from here on."""
        org, id_ = principal.organisation, new_id()
        need_for(principal, rule_of(body, id_, 1, ZoneInfo(transaction.rules.zone(org))), body)
        return Definition(
            id=id_,
            name=named(name),
            enabled=enabled,
            body=msgspec.json.encode(body).decode(),
            author_kind=principal.kind,
            author=principal.id,
            author_key=principal.key,
            reach=principal.grant,
            since=head(transaction.connection, org),
            changed=Instant(self._now()),
        )


def body_in(form: NewRule) -> Body:
    """What a new rule is to wait for and do."""
    return Body(**{name: value for name, value in asdict(form).items() if name in Body.__struct_fields__})


def body_of(one: Definition) -> Body:
    """What it waits for and does."""
    return msgspec.json.decode(one.body, type=Body)


def is_shown(principal: Principal, one: Definition) -> bool:
    """Whether the principal sees a rule at all."""
    return principal.grant.everything or (one.author_kind is principal.kind and one.author == principal.id)
