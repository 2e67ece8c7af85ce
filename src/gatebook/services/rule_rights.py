"""With whose rights a rule acts: its author's as they stand when it fires, never beyond what they were at writing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import tzinfo
from uuid import UUID

import msgspec

from gatebook.domain.access import EVERYTHING, Grant, Principal, PrincipalKind, Scope, intersection
from gatebook.domain.accounts import Account
from gatebook.domain.admits import Place
from gatebook.domain.errors import Forbidden, GatebookError
from gatebook.domain.filters import PLATE_KINDS, Field
from gatebook.domain.kinds import PERSONAL_DATA_KINDS, Kind, Method
from gatebook.domain.rules import Rule
from gatebook.domain.times import Instant
from gatebook.services.access import principal_of
from gatebook.services.rule_forms import Body
from gatebook.services.rule_reading import looked_at, needed, rule_of
from gatebook.services.views import ORDERED
from gatebook.store import Transaction
from gatebook.store.rules import Definition
from gatebook.store.webhooks import Webhook

GONE = "its author is gone or may not sign in any more"
RECORDS = frozenset(kind for kind in Kind if kind.is_record)
HIDDEN = "its author may no longer see the device"


@dataclass(frozen=True, slots=True)
class Active:
    """A rule that looks at events: as it is kept, as it was written, as it is evaluated."""

    definition: Definition
    body: Body
    rule: Rule
    needs: frozenset[Scope]
    fields: frozenset[Field]

    def looks_at(self, kind: Kind, method: Method | None, place: Place, scopes: Principal | None) -> bool:
        """False for what lies beyond the author's grant at writing, and for kinds hidden from the author now."""
        if not shows(self.definition.reach, place):
            return False
        if scopes is None:
            return True  # to be refused, with the reason, when its conditions hold
        if kind in RECORDS and not scopes.may(Scope.AUDIT_READ):
            return False
        if Field.DATA in self.fields and kind in PERSONAL_DATA_KINDS:
            return scopes.may(Scope.PEOPLE_READ) and scopes.may(Scope.PLATES_READ)
        is_plate = kind in PLATE_KINDS or method is Method.PLATE
        return not (is_plate and self.fields & {Field.CREDENTIAL, Field.DATA}) or scopes.may(Scope.PLATES_READ)

    def looks_everywhere(self, scopes: Principal) -> bool:
        """True where `looks_at` says yes to whatever happens, so that it need not be asked."""
        about_people = self.fields & {Field.CREDENTIAL, Field.DATA}
        return self.definition.reach.everything and scopes.may(Scope.AUDIT_READ) and not about_people

    def forbidden(self, author: Principal | None, place: Place) -> str | None:
        """Why it may not act for this author here; None where it may."""
        if author is None:
            return GONE
        missing = sorted(scope for scope in self.needs if not author.may(scope))
        if missing:
            return f"its author no longer holds {', '.join(missing)}"
        return None if shows(author.grant, place) else HIDDEN


def read(one: Definition, zone: tzinfo) -> Active | str:
    """The rule, ready to be evaluated; the reason where it cannot be read any more."""
    try:
        body = msgspec.json.decode(one.body, type=Body)
        rule = rule_of(body, one.id, one.revision, zone)
    except (GatebookError, msgspec.MsgspecError) as error:
        return f"it cannot be read: {error}"[:500]
    timed = replace(rule, since=one.changed)
    return Active(one, body, timed, needed(rule, body.actions), looked_at(rule))


def shows(grant: Grant, place: Place) -> bool:
    """Whether a grant shows what happens at a place; what belongs to no device, only one of everything."""
    return grant.everything or (place.device is not None and grant.shows(place.device, place.site))


def need_for(principal: Principal, rule: Rule, body: Body) -> None:
    """Forbidden where the rule would look at, or do, what its author may not."""
    for scope in sorted(needed(rule, body.actions)):
        if not principal.may(scope):
            raise Forbidden(f"this rule needs the scope {scope}, which {principal.name} lacks")
    if rule.at is not None and not principal.grant.everything:
        raise Forbidden("a rule by the clock needs a grant of the whole organisation")
    if not principal.grant.everything and looked_at(rule) & set(ORDERED):
        raise Forbidden("a rule on seq or cause needs a grant of the whole organisation")


def author_of(transaction: Transaction, org: int, one: Definition | Webhook, now: Instant) -> Principal | None:
    """The author as they stand now; None for one who is gone or does not hold.

    A rule that was written at the command line acts as whoever may run commands there: with all rights.
    """
    if one.author_kind is PrincipalKind.SERVICE:
        organisation = transaction.organisation(org)
        if organisation is not None and organisation.id == one.author:
            scopes = frozenset({Scope.ADMIN})
            return Principal(organisation=org, kind=one.author_kind, id=one.author, name="command line",
                             scopes=scopes, grant=EVERYTHING)  # fmt: skip
    found = holder(transaction, org, one.author_kind, one.author, now)
    if found is None or one.author_key is None:
        return found
    key = holder(transaction, org, PrincipalKind.KEY, one.author_key, now)
    if key is None:
        return None
    named = found.grant.devices | key.grant.devices
    return intersection(found, key, transaction.entities.sites_of_devices(org, named))


def holder(transaction: Transaction, org: int, kind: PrincipalKind, id: UUID, now: Instant) -> Principal | None:
    """The principal of this kind and id as the transaction has it."""
    accounts = transaction.accounts
    account: Account | None
    match kind:
        case PrincipalKind.USER:
            account = accounts.users.one(org, id)
        case PrincipalKind.SERVICE:
            account = accounts.services.one(org, id)
        case PrincipalKind.KEY:
            account = accounts.keys.one(org, id)
        case PrincipalKind.DEVICE:
            account = accounts.device_tokens.one(org, id)
    return principal_of(account) if account is not None and account.holds(now) else None
