"""An outside issuer: what is believed of it, and how often it is asked."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from gatebook.domain.access import Scope, Visit
from gatebook.domain.errors import GatebookError, Unauthenticated, Unreachable
from gatebook.domain.times import SECOND_NS, Instant
from gatebook.services.admission import Admission
from gatebook.services.audit import Audit
from gatebook.services.egress import Egress
from gatebook.services.forms import NewUser, Reach
from gatebook.services.issuing import Issuing
from gatebook.services.outside import AGAIN_S, FRESH_S, STALE_S, Issuer, Outside
from gatebook.services.signing import SigningKeys
from gatebook.services.tokens import Tokens
from tests.services.offices import Office

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
KEYS = {
    "RS256": RSAKey.generate_key(2048, {"kid": "r"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "e"}),
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "o"}),
}
STRANGER = RSAKey.generate_key(2048, {"kid": "r"})


class World:
    """An issuer that serves what it is told, a store that knows ada, and a clock."""

    def __init__(self, office: Office, port: int) -> None:
        self.office, self.port = office, port
        self.asked = 0
        self.keys: list[Any] = list(KEYS.values())
        self.named = self.url = f"http://127.0.0.1:{port}"
        self.up = True
        self.clock = 1000.0
        issuer = Issuer(issuer=self.url, audience="gatebook", login_claim="preferred_username")
        self.outside = Outside(
            issuer,
            egress=Egress(allow=["127.0.0.1"]),
            access=office.access,
            audit=Audit(office.store, now=office.clock),
            now=office.clock,
            clock=lambda: self.clock,
        )

    def document(self, path: str) -> dict[str, Any] | None:
        if not self.up:
            return None
        if path == "/jwks":
            self.asked += 1
            return {"keys": [key.as_dict(private=False) for key in self.keys]}
        return {"issuer": self.named, "jwks_uri": f"{self.url}/jwks"}

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = self.office.clock.now // SECOND_NS
        said = {"iss": self.url, "aud": "gatebook", "sub": "1", "exp": now + 3600, "preferred_username": "ada"}
        return {name: value for name, value in {**said, **changed}.items() if value is not None}

    def token(self, alg: str = "RS256", key: Any = None, head: dict[str, Any] | None = None, **changed: Any) -> str:
        key = key or KEYS[alg]
        return jwt.encode(
            {"alg": alg, "kid": key.kid, **(head or {})}, self.claims(**changed), key,
            algorithms=["RS256", "ES256", "EdDSA", "HS256", "PS256"],
        )  # fmt: skip

    def believed(self, token: str) -> str:
        """The user's name, or what was raised."""
        try:
            return self.office.run(self.outside.principal_of(token)).name
        except GatebookError as error:
            return type(error).__name__


@contextmanager
def world_of(office: Office) -> Iterator[World]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told = world.document(self.path)
            body = json.dumps(told).encode()
            self.send_response(200 if told is not None else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        world = World(office, server.server_port)
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        try:
            yield world
        finally:
            server.shutdown()
            serving.join()


@pytest.fixture
def world(office: Office) -> Iterator[World]:
    form = NewUser(login="ada", name="Ada", scopes=frozenset({Scope.EVENTS_READ}), grant=Reach(everything=True))
    office.run(office.entities.users.add(office.root, form))
    with world_of(office) as found:
        yield found


@pytest.mark.parametrize("alg", KEYS)
def test_each_algorithm_is_believed(world: World, alg: str) -> None:
    assert world.believed(world.token(alg)) == "Ada"


def test_what_is_wrong_with_a_token_is_refused(world: World) -> None:
    secret = OctKey.import_key("s" * 32, {"kid": "r"})
    good = world.token()
    head = base64.urlsafe_b64encode(b'{"alg":"none","kid":"r"}').decode().rstrip("=")
    now = world.office.clock.now // SECOND_NS
    wrong = {
        "none": f"{head}.{good.split('.')[1]}.",
        "a shared secret": world.token("HS256", secret),
        "an algorithm that is not believed": world.token("PS256", KEYS["RS256"]),
        "another key of the same kid": world.token(key=STRANGER),
        "a key in the header": world.token(key=STRANGER, head={"jwk": STRANGER.as_dict(private=False)}),
        "a key set elsewhere": world.token(key=STRANGER, head={"jku": f"{world.url}/jwks"}),
        "another audience": world.token(aud="another"),
        "no audience": world.token(aud=None),
        "expired": world.token(exp=now - 60),
        "no end": world.token(exp=None),
        "not yet": world.token(nbf=now + 60),
        "no login": world.token(preferred_username=None),
        "a login that is no text": world.token(preferred_username=["ada"]),
        "nobody here": world.token(preferred_username="eve"),
        "changed": good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
    }

    believed = {name: world.believed(token) for name, token in wrong.items()}

    assert believed == dict.fromkeys(wrong, Unauthenticated.__name__)
    assert not world.outside.claims(world.token(iss="https://elsewhere.example"))


def test_a_believed_token_ends_with_its_time(world: World) -> None:
    token = world.token()
    before = world.believed(token)

    world.office.clock.now = Instant(world.office.clock.now + 3_700 * SECOND_NS)

    assert (before, world.believed(token)) == ("Ada", Unauthenticated.__name__)


def test_unknown_keys_have_the_issuer_asked_once_a_minute(world: World) -> None:
    world.believed(world.token())
    first = world.asked
    for n in range(20):
        world.believed(world.token(head={"kid": f"k{n}"}))
    within = world.asked

    world.clock += AGAIN_S
    world.believed(world.token(head={"kid": "again"}))
    world.believed(world.token(head={"kid": "and again"}))

    assert (first, within, world.asked) == (1, 1, 2)


def test_a_new_key_is_believed_when_it_is_met_and_an_old_one_no_more(world: World) -> None:
    old = world.token()
    world.believed(old)
    new = RSAKey.generate_key(2048, {"kid": "new"})
    world.keys = [new]

    world.clock += AGAIN_S
    fresh = world.believed(world.token(key=new))

    assert (fresh, world.believed(old)) == ("Ada", Unauthenticated.__name__)


def test_an_issuer_that_is_down_is_believed_for_an_hour(world: World) -> None:
    token = world.token()
    world.believed(token)
    world.up = False

    world.clock += FRESH_S + 1
    soon = world.believed(token)
    world.clock += STALE_S

    assert (soon, world.believed(token)) == ("Ada", Unreachable.__name__)


def test_a_document_of_another_issuer_is_not_believed(world: World) -> None:
    world.named = "https://elsewhere.example"

    assert world.believed(world.token()) == Unreachable.__name__


def test_a_talk_ends_with_the_token_of_elsewhere_and_an_administrator_may_end_it_sooner(world: World) -> None:
    office = world.office
    signing = SigningKeys(office.store, key=b"k" * 32, now=office.clock)
    tokens = Tokens(
        office.store, signing, office.access.holder, office.access.reading, base_url="https://x.example", issuers={},
        now=office.clock,
    )  # fmt: skip
    issuing = Issuing(office.store, tokens, audiences={}, now=office.clock)
    door = Admission(office.access, tokens, world.outside)
    short, long = (
        world.token(exp=office.clock.now // SECOND_NS + lifetime, sub=str(lifetime)) for lifetime in (60, 3_600)
    )
    held = replace(office.run(door.principal_of("native", token=short)), visit=Visit(address="192.0.2.1"))
    office.run(door.principal_of("native", token=long))

    listed = office.run(issuing.list(office.root))
    office.run(tokens.renewed(held))
    office.clock.now = Instant(office.clock.now + 70 * SECOND_NS)
    with pytest.raises(Unauthenticated, match="expired"):
        office.run(tokens.renewed(held))
    [ended] = [row.jti for row in listed if row.ends > office.clock.now]
    office.run(issuing.revoke(office.root, ended))

    assert {(row.audience, row.name) for row in listed} == {("oidc", "Ada")}
    for token in (short, long):
        with pytest.raises(Unauthenticated):
            office.run(door.principal_of("native", token=token))
