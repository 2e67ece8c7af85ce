"""Rules that were made in a dialect's words, and hours that several of them go by: told as they were made.

What fires are rules like any other; a portrayal keeps beside them what its dialect says of them.  A rule that is
changed natively, but for its name and for being enabled, is no longer what was told, and its portrayal goes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

import msgspec

from gatebook.domain.access import Principal, Scope
from gatebook.domain.errors import Conflict, Forbidden, NotFound
from gatebook.domain.times import Instant
from gatebook.services.names import named, new_id
from gatebook.services.rooms import need
from gatebook.services.rule_forms import NewRule, ScheduleForm
from gatebook.services.rules import Rules
from gatebook.services.telling import tell
from gatebook.store import Store, Transaction
from gatebook.store.portrayals import Portrayal
from gatebook.store.rules import Definition

MOST = 1_000
"""Of one collection in one organisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is to be told, and the rules that are to do it; the first has the portrayal's id."""

    collection: str
    name: str
    told: str
    """JSON of the dialect."""
    rules: Sequence[NewRule] = ()
    hours: UUID | None = None
    """The portrayal of the hours that the rules go by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrayed:
    """A portrayal with its rules as they are now."""

    portrayal: Portrayal
    rules: tuple[Definition, ...]

    @property
    def enabled(self) -> bool:
        """Whether all of its rules look at events."""
        return all(one.enabled for one in self.rules)


class RulePortrayals:
    """Made, changed and removed together with their rules."""

    def __init__(self, store: Store, rules: Rules, *, now: Callable[[], Instant]) -> None:
        """Keeps them in this store; `rules` makes the rules."""
        self._store = store
        self._rules = rules
        self._now = now

    async def list(self, principal: Principal, collection: str) -> Sequence[Portrayed]:
        """All that the principal sees, by id: those whose rules it sees."""
        need(principal, Scope.ALARMS_MANAGE)
        found = await self._store.read(self._store.portrayals.portrayed, principal.organisation, collection)
        known = {one.id: one for one in await self._every(principal)} if any(rules for _, rules in found) else {}
        return [
            Portrayed(portrayal=one, rules=tuple(known[rule] for rule in rules))
            for one, rules in found
            if all(rule in known for rule in rules)
        ]

    async def get(self, principal: Principal, collection: str, id: UUID) -> Portrayed:
        """The one of this id; NotFound for absent and hidden alike."""
        for one in await self.list(principal, collection):
            if one.portrayal.id == id:
                return one
        raise NotFound("no such portrayal")

    async def add(self, principal: Principal, telling: Telling, id: UUID | None = None) -> Portrayed:
        """Makes the rules, and keeps what is told of them; Conflict where the id is taken."""
        need(principal, Scope.ALARMS_MANAGE)

        def work(transaction: Transaction) -> Portrayed:
            org, id_ = principal.organisation, id or new_id()
            if transaction.portrayals.is_taken(org, id_):
                raise Conflict("something has this id already; choose another")
            if transaction.portrayals.count(org, telling.collection) >= MOST:
                raise Conflict(f"there are {MOST:,} already; remove one before you add another")
            return self._written(transaction, principal, id_, telling, 1)

        return await self._store.write(work)

    async def change(self, principal: Principal, before: Portrayed, telling: Telling) -> Portrayed:
        """Writes it anew; Conflict where somebody else changed it since it was read."""
        need(principal, Scope.ALARMS_MANAGE)

        def work(transaction: Transaction) -> Portrayed:
            old = self._same(transaction, principal, before)
            return self._written(transaction, principal, old.id, telling, old.revision + 1)

        return await self._store.write(work)

    async def change_hours(
        self, principal: Principal, before: Portrayed, telling: Telling, hours: ScheduleForm
    ) -> Portrayed:
        """The same for hours: every rule that goes by them goes by these from now on, with its author's rights."""
        need_for_hours(principal)

        def work(transaction: Transaction) -> Portrayed:
            org = principal.organisation
            old = self._same(transaction, principal, before)
            for one in transaction.portrayals.by_hours(org, old.id):
                rules = transaction.portrayals.rules_of(org, one.id)
                for rule in rules:
                    self._rules.reschedule(transaction, principal, rule, hours)
                transaction.portrayals.put(org, one, rules)
            return self._written(transaction, principal, old.id, telling, old.revision + 1)

        return await self._store.write(work)

    async def remove(self, principal: Principal, collection: str, id: UUID) -> None:
        """Removes it with its rules; Conflict for hours that rules go by."""
        found = await self.get(principal, collection, id)

        def work(transaction: Transaction) -> None:
            org = principal.organisation
            users = transaction.portrayals.by_hours(org, id)
            if users:
                raise Conflict(f"{users[0].name} goes by it; change or remove that before")
            for rule in found.rules:
                self._rules.remove_in(transaction, principal, rule.id)
            transaction.portrayals.drop(org, id)
            if not found.rules:
                tell(transaction, principal, f"hours/{id}", {"act": "removed"}, self._now())

        await self._store.write(work)

    # -- within a transaction ----------------------------------------------------------------------------------------

    def _same(self, transaction: Transaction, principal: Principal, before: Portrayed) -> Portrayal:
        one = before.portrayal
        found = transaction.portrayals.one(principal.organisation, one.collection, one.id)
        if found is None or found.revision != one.revision:
            raise Conflict("it has been changed meanwhile; get it again and repeat the change")
        return found

    def _written(
        self, transaction: Transaction, principal: Principal, id: UUID, telling: Telling, revision: int
    ) -> Portrayed:
        org, portrayals = principal.organisation, transaction.portrayals
        there = portrayals.rules_of(org, id)
        ids = [id if place == 0 else uuid5(id, str(place)) for place in range(len(telling.rules))]
        rules = []
        for rule, form in zip(ids, telling.rules, strict=True):
            free = self._rules.free_name(transaction, org, form.name, rule)
            form = msgspec.structs.replace(form, id=rule, name=free)
            if rule in there:
                rules.append(self._rules.rewrite(transaction, principal, rule, form))
            else:
                rules.append(self._rules.add_in(transaction, principal, form))
        for rule in [one for one in there if one not in ids]:
            self._rules.remove_in(transaction, principal, rule)
        if not ids:
            tell(transaction, principal, f"hours/{id}", {"act": "written", "name": telling.name}, self._now())
        one = Portrayal(
            collection=telling.collection, id=id, name=named(telling.name), told=telling.told, hours=telling.hours,
            modified=self._now(), revision=revision,
        )  # fmt: skip
        portrayals.put(org, one, ids)
        return Portrayed(portrayal=one, rules=tuple(rules))

    async def _every(self, principal: Principal) -> Sequence[Definition]:
        found: list[Definition] = []
        while page := await self._rules.list(principal, after=found[-1].id if found else None, limit=MOST):
            found += page
        return found


def need_for_hours(principal: Principal) -> None:
    """Forbidden for who does not see the whole organisation: anybody's rules may go by these hours."""
    need(principal, Scope.ALARMS_MANAGE)
    if not principal.grant.everything:
        raise Forbidden("hours belong to the whole organisation, which this grant does not show")
