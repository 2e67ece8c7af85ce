"""Who gets a token and who ends one, with a clock that goes on when told."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from gatebook.domain.access import Grant, Principal, Scope, Visit
from gatebook.domain.errors import BadInput, Forbidden, NotFound, Unauthenticated
from gatebook.domain.times import DAY_NS, SECOND_NS, Instant
from gatebook.services.issuing import Issuing, jti_of
from gatebook.services.signing import SigningKeys
from gatebook.services.tokens import LEEWAY_S, Tokens
from tests.services.offices import Office

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")


@pytest.fixture
def tokens(office: Office) -> Tokens:
    signing = SigningKeys(office.store, key=b"k" * 32, now=office.clock)
    access = office.access
    made = Tokens(
        office.store, signing, access.holder, access.reading, base_url="https://x.example", issuers={}, now=office.clock
    )
    office.run(signing.ensure())
    return made


@pytest.fixture
def issuing(office: Office, tokens: Tokens) -> Issuing:
    return Issuing(office.store, tokens, audiences={"native": False}, now=office.clock)


def visiting(principal: Principal) -> Principal:
    return replace(principal, visit=Visit(address="192.0.2.1"))


def test_an_open_talk_ends_with_its_token(office: Office, tokens: Tokens, issuing: Issuing) -> None:
    text, _ = office.run(issuing.issue(office.root, "native", by="key", lifetime_s=60))
    held, _ = office.run(tokens.principal_of(text, "native"))
    office.run(tokens.renewed(visiting(held)))

    office.clock.now = Instant(office.clock.now + (60 + LEEWAY_S) * SECOND_NS)
    office.run(issuing.issue(office.root, "native", by="key"))

    with pytest.raises(Unauthenticated, match="expired"):
        office.run(tokens.renewed(visiting(held)))


def test_an_open_talk_ends_with_the_revocation_of_its_token(office: Office, tokens: Tokens, issuing: Issuing) -> None:
    text, token = office.run(issuing.issue(office.root, "native", by="key"))
    held, _ = office.run(tokens.principal_of(text, "native"))

    office.run(issuing.revoke(office.root, token.jti))

    with pytest.raises(Unauthenticated, match="revoked"):
        office.run(tokens.renewed(visiting(held)))


def test_one_ends_ones_own_tokens_and_an_administrator_of_everything_all(office: Office, issuing: Issuing) -> None:
    reader, other = office.principal(Scope.EVENTS_READ), office.principal(Scope.EVENTS_READ)
    narrow = office.principal(Scope.ADMIN, grant=Grant(devices=frozenset({1})))
    made = [office.run(issuing.issue(reader, "native", by="key"))[1].jti for _ in range(2)]

    for stranger, jti in ((other, made[0]), (narrow, made[0]), (reader, uuid4())):
        with pytest.raises(NotFound, match="no such token"):
            office.run(issuing.revoke(stranger, jti))

    office.run(issuing.revoke(reader, made[0]))
    office.run(issuing.revoke(office.root, made[1]))
    assert [one["details"]["act"] for one in office.records()[-2:]] == ["revoked", "revoked"]


def test_a_token_gets_no_other_token(office: Office, tokens: Tokens, issuing: Issuing) -> None:
    text, _ = office.run(issuing.issue(office.root, "native", by="key"))
    held, _ = office.run(tokens.principal_of(text, "native"))

    with pytest.raises(Forbidden):
        office.run(issuing.issue(held, "native", by="token"))


def test_keys_are_changed_by_administrators_of_everything_alone(office: Office, issuing: Issuing) -> None:
    for scopes, grant in ((Scope.EVENTS_READ, None), (Scope.ADMIN, Grant(devices=frozenset({1})))):
        who = office.principal(scopes, **({} if grant is None else {"grant": grant}))
        with pytest.raises(Forbidden):
            office.run(issuing.rotate(who))

    office.run(issuing.rotate(office.root))

    assert office.records()[-1]["details"] == {"act": "rotated", "overlap_s": 2 * DAY_NS // SECOND_NS}


@pytest.mark.parametrize("text", ["", "a.b.c", "..", "x", "e30.e30.e30", "e30.bnVsbA.x", "e30.W10.x"])
def test_what_is_no_token_has_no_id(text: str) -> None:
    with pytest.raises(BadInput, match="token"):
        jti_of(text)


def test_tokens_that_hold_are_told_to_their_holder_and_to_administrators(office: Office, issuing: Issuing) -> None:
    one_device = replace(office.principal(Scope.ADMIN, grant=Grant(devices=frozenset({1}))), id=uuid4())
    holders = [office.root, one_device, office.root]
    jtis = [office.run(issuing.issue(who, "native", by="key", lifetime_s=60))[1].jti for who in holders]
    elsewhere = replace(office.root, organisation=office.root.organisation + 1)
    office.run(issuing.issue(elsewhere, "native", by="key"))
    office.run(issuing.revoke(office.root, jtis[2]))

    def listed(who: Principal, **asked: object) -> list[object]:
        return [row.jti for row in office.run(issuing.list(who, **asked))]  # type: ignore[arg-type]

    assert listed(office.root) == jtis[:2]
    assert (listed(office.root, limit=1), listed(office.root, after=jtis[0])) == (jtis[:1], jtis[1:2])
    assert listed(one_device) == jtis[1:2]
    office.clock.now = Instant(office.clock.now + (60 + LEEWAY_S) * SECOND_NS)
    assert listed(office.root) == []
