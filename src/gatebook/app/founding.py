"""Founds an organisation: with it comes the one key by which everything else can be set up."""

from __future__ import annotations

from dataclasses import dataclass, field

from gatebook.app.clock import now
from gatebook.domain.access import Scope
from gatebook.services.directory import found_organisation
from gatebook.services.keys import make_key
from gatebook.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Founded:
    """A new organisation's number, and its administrator's API key, which is kept nowhere."""

    organisation: int
    key: str = field(repr=False)


def found(store: Store, name: str, zone: str) -> Founded:
    """Both, or neither.  BadInput for a name or zone that cannot be."""

    def work(transaction: Transaction) -> Founded:
        org = found_organisation(transaction, name, zone)
        return Founded(org, make_key(transaction, org, "administrator", frozenset({Scope.ADMIN}), now=now()))

    return store.write_now(work)
