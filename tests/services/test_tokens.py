"""Tokens: believed by the dialect they were made for, for as long as they should be, and by nobody else."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from gatebook.domain.access import EVERYTHING, Principal, PrincipalKind, Scope
from gatebook.domain.errors import Unauthenticated
from gatebook.domain.times import HOUR_NS, SECOND_NS, Instant
from gatebook.services.signing import SigningKeys
from gatebook.services.tokens import Tokens
from gatebook.store import Store, open_store

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
START = Instant(1_790_000_000 * SECOND_NS)
ALICE = Principal(
    organisation=1,
    kind=PrincipalKind.USER,
    id=uuid4(),
    name="Alice",
    scopes=frozenset({Scope.EVENTS_READ}),
    grant=EVERYTHING,
)


@dataclass
class House:
    """A store, a clock that is set by hand, and tokens over them."""

    store: Store
    now: Instant = START
    gone: bool = False

    async def holder(self, kind: PrincipalKind, id: UUID) -> Principal:
        if self.gone or (kind, id) != (ALICE.kind, ALICE.id):
            raise Unauthenticated("no such user")
        return ALICE

    async def reader(self, principal: Principal, organisation: int) -> Principal:
        return replace(principal, organisation=organisation)

    def tokens(self, base_url: str = "https://gate.example") -> Tokens:
        signing = SigningKeys(self.store, key=b"k" * 32, now=lambda: self.now)
        issuers = {"xprotect": "/idp"}
        return Tokens(
            self.store, signing, self.holder, self.reader, base_url=base_url, issuers=issuers, now=lambda: self.now
        )


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    store = open_store(str(tmp_path / "gatebook.db"))
    yield House(store)
    await store.aclose()


@pytest.fixture
async def tokens(house: House) -> Tokens:
    made = house.tokens()
    await made.signing.ensure()
    return made


@pytest.mark.parametrize("alg", ["RS256", "EdDSA"])
async def test_a_token_is_believed_by_the_dialect_it_was_made_for(tokens: Tokens, alg: str) -> None:
    text, made = await tokens.issue(ALICE, "doordeck", alg=alg, subject="a-person", claims={"email": "a@example.org"})

    principal, token = await tokens.principal_of(text, "doordeck")

    assert replace(principal, token=None) == ALICE
    assert principal.token == made.jti
    assert token.jti == made.jti
    assert (token.subject, token.claims["email"]) == ("a-person", "a@example.org")
    assert token.claims["iss"] == "https://gate.example/issuers/doordeck"


async def test_a_token_of_one_dialect_is_nothing_to_another(tokens: Tokens) -> None:
    text, _ = await tokens.issue(ALICE, "doordeck")

    for dialect in ("native", "xprotect", "smartphonekey", "doorflow"):
        with pytest.raises(Unauthenticated):
            await tokens.principal_of(text, dialect)


async def test_an_extra_audience_of_the_vendors_does_not_open_another_dialect(tokens: Tokens) -> None:
    text, _ = await tokens.issue(ALICE, "doordeck", audience=("https://api.vendor.example",))

    assert (await tokens.principal_of(text, "doordeck"))[0].id == ALICE.id
    with pytest.raises(Unauthenticated):
        await tokens.principal_of(text, "native")


async def test_a_token_made_under_another_base_url_is_refused(house: House, tokens: Tokens) -> None:
    text, _ = await tokens.issue(ALICE, "native")

    with pytest.raises(Unauthenticated):
        await house.tokens("https://elsewhere.example").principal_of(text, "native")


async def test_an_expired_token_says_so(house: House, tokens: Tokens) -> None:
    text, _ = await tokens.issue(ALICE, "native", lifetime_s=60)
    await tokens.principal_of(text, "native")

    house.now = Instant(START + 66 * SECOND_NS)

    with pytest.raises(Unauthenticated, match="expired"):
        await tokens.principal_of(text, "native")
    with pytest.raises(Unauthenticated, match="expired"):
        await house.tokens().principal_of(text, "native")


async def test_a_revoked_token_is_refused_at_once_also_by_another_process(house: House, tokens: Tokens) -> None:
    other = house.tokens()
    text, token = await tokens.issue(ALICE, "native")
    await other.principal_of(text, "native")

    await tokens.revoke(token)

    for asked in (tokens, other):
        with pytest.raises(Unauthenticated, match="revoked"):
            await asked.principal_of(text, "native")


async def test_a_holder_who_is_gone_is_refused_though_the_token_is_good(house: House, tokens: Tokens) -> None:
    text, _ = await tokens.issue(ALICE, "native")
    await tokens.principal_of(text, "native")

    house.gone = True

    with pytest.raises(Unauthenticated):
        await tokens.principal_of(text, "native")


async def test_a_rotated_key_signs_no_more_and_is_believed_for_the_overlap(house: House, tokens: Tokens) -> None:
    before, _ = await tokens.issue(ALICE, "native", lifetime_s=100 * 3600)

    await tokens.signing.rotate()
    after, _ = await tokens.issue(ALICE, "native", lifetime_s=100 * 3600)

    assert header_of(before)["kid"] != header_of(after)["kid"]
    assert {key["kid"] for key in (await tokens.signing.jwks())["keys"]} >= {
        header_of(before)["kid"],
        header_of(after)["kid"],
    }
    assert (await tokens.principal_of(before, "native"))[0].id == ALICE.id
    house.now = Instant(START + 49 * HOUR_NS)
    with pytest.raises(Unauthenticated):
        await house.tokens().principal_of(before, "native")
    assert (await house.tokens().principal_of(after, "native"))[0].id == ALICE.id


async def test_the_public_key_set_holds_no_private_part(tokens: Tokens) -> None:
    found = (await tokens.signing.jwks())["keys"]

    assert sorted(key["kty"] for key in found) == ["OKP", "RSA"]
    for key in found:
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & set(key)


async def test_a_private_key_is_not_in_the_file_in_the_clear(house: House, tokens: Tokens) -> None:
    key = await tokens.signing.signer()
    private = str(key.as_dict(private=True)["d"]).encode()

    for path in house.store.path.parent.iterdir():
        assert private not in path.read_bytes()


async def test_tokens_that_nobody_here_signed_are_refused(tokens: Tokens) -> None:
    text, token = await tokens.issue(ALICE, "native")
    kid = header_of(text)["kid"]
    mine = RSAKey.generate_key(2048, {"kid": kid})
    claims = dict(token.claims)
    public = (await tokens.signing.signer()).as_pem(private=False)
    forged = {
        "none": unsigned(claims, kid),
        "another key under our kid": jwt.encode({"alg": "RS256", "kid": kid}, claims, mine),
        "a foreign kid": jwt.encode({"alg": "RS256", "kid": "elsewhere"}, claims, mine),
        "no kid": jwt.encode({"alg": "RS256"}, claims, mine),
        "a key of its own in the header": jwt.encode(
            {"alg": "RS256", "kid": kid, "jwk": mine.as_dict(private=False)}, claims, mine
        ),
        "a key set elsewhere": jwt.encode(
            {"alg": "RS256", "kid": kid, "jku": "http://127.0.0.1:9/jwks", "x5u": "http://127.0.0.1:9/x"}, claims, mine
        ),
        "our public key as a secret": signed_by_secret(claims, kid, public),
        "changed claims": text.rsplit(".", 2)[0] + "." + part({**claims, "sub": "x"}) + "." + text.rsplit(".", 1)[1],
        "not a token": "abc",
        "empty": "",
        "dots": "..",
    }

    believed = [name for name, attempt in forged.items() if await is_believed(tokens, attempt)]

    assert believed == []


@pytest.mark.parametrize("missing", ["iss", "aud", "exp", "sub", "jti", "gatebook"])
async def test_a_token_without_one_of_its_claims_is_refused(tokens: Tokens, missing: str) -> None:
    _, token = await tokens.issue(ALICE, "native")
    key = await tokens.signing.signer()
    claims = {name: value for name, value in token.claims.items() if name != missing}

    text = jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)

    with pytest.raises(Unauthenticated):
        await tokens.principal_of(text, "native")


async def test_a_refresh_token_is_good_once_and_its_theft_ends_the_sign_in(tokens: Tokens) -> None:
    first = await tokens.issue_refresh(ALICE, "doorflow", scopes="account.event.readonly")

    principal, row, second = await tokens.spend_refresh(first, "doorflow")

    assert (principal, row.scopes) == (ALICE, "account.event.readonly")
    with pytest.raises(Unauthenticated):
        await tokens.spend_refresh(first, "doorflow")
    with pytest.raises(Unauthenticated):
        await tokens.spend_refresh(second, "doorflow")


async def test_a_refresh_token_of_one_dialect_is_nothing_to_another(tokens: Tokens) -> None:
    text = await tokens.issue_refresh(ALICE, "doorflow", lifetime_s=3600)

    with pytest.raises(Unauthenticated):
        await tokens.spend_refresh(text, "doordeck")


def header_of(text: str) -> dict[str, str]:
    head = text.split(".", 1)[0]
    found: dict[str, str] = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    return found


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(claims: dict[str, object], kid: str) -> str:
    return f"{part({'alg': 'none', 'kid': kid})}.{part(claims)}."


def signed_by_secret(claims: dict[str, object], kid: str, secret: bytes) -> str:
    text = f"{part({'alg': 'HS256', 'kid': kid})}.{part(claims)}"
    tag = hmac.digest(secret, text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(tag).rstrip(b'=').decode()}"


async def is_believed(tokens: Tokens, text: str) -> bool:
    try:
        await tokens.principal_of(text, "native")
    except Unauthenticated:
        return False
    return True
