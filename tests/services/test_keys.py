"""API keys as their room keeps them."""

from __future__ import annotations

import pytest

from gatebook.domain.access import Scope
from gatebook.domain.errors import Conflict
from gatebook.services.forms import KeyChange, NewKey
from tests.services.offices import Office


def test_what_is_revoked_stays_so(office: Office) -> None:
    keys, root = office.entities.keys, office.root
    made = office.run(keys.add(root, NewKey(name="K", scopes=frozenset({Scope.EVENTS_READ}))))
    revoked = office.run(keys.change(root, made.account.id, KeyChange(revoked=True)))

    with pytest.raises(Conflict, match="stays so"):
        office.run(keys.change(root, made.account.id, KeyChange(revoked=False)))

    assert revoked.revoked == office.clock()
    assert office.run(keys.get(root, made.account.id)) == revoked
