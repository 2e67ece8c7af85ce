"""Calls to other servers: where they go, where they do not, and how much of an answer is read."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gatebook.domain.errors import BadInput, Unreachable
from gatebook.services.certificates import self_signed
from gatebook.services.egress import Answer, Egress, judged

pytestmark = pytest.mark.anyio

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Sign: a\r\n\r\nhello"
PUBLIC = "93.184.216.34"


class Peer:
    """A server that answers every call with the same bytes, and remembers what it was sent."""

    def __init__(self, answer: bytes, *, pause_s: float = 0.0, piece: int = 1 << 20) -> None:
        self.answer, self.pause_s, self.piece = answer, pause_s, piece
        self.heard: list[bytes] = []
        self.names: list[str | None] = []
        self.port = 0

    @asynccontextmanager
    async def listening(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[Peer]:
        if tls is not None:
            tls.sni_callback = lambda _socket, name, _context: self.names.append(name)
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heard.append(await reader.readuntil(b"\r\n\r\n"))
            for at in range(0, len(self.answer), self.piece):
                writer.write(self.answer[at : at + self.piece])
                await writer.drain()
                await asyncio.sleep(self.pause_s)
        except OSError:
            pass
        finally:
            writer.close()


class Resolver:
    """Names that change their addresses from one question to the next, the last one staying."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def allowed(resolver: Resolver, **more: float) -> Egress:
    return Egress(allow=("peer.example",), resolve=resolver, **more)  # type: ignore[arg-type]


async def test_a_call_brings_its_answer_and_names_the_host() -> None:
    async with Peer(HELLO).listening() as peer:
        url = f"http://peer.example:{peer.port}/hook?a=1"
        answer = await allowed(Resolver(["127.0.0.1"])).send("POST", url, headers={"X-Key": "k"}, body=b"{}")

    assert answer == Answer(status=200, headers={"content-length": "5", "x-sign": "a"}, body=b"hello")
    head = peer.heard[0].decode().lower()
    assert head.startswith("post /hook?a=1 http/1.1\r\n")
    assert f"host: peer.example:{peer.port}\r\n" in head
    assert "x-key: k\r\n" in head


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1%eth0", "fd00:ec2::254"]
)
async def test_a_name_that_leads_inside_is_not_called(address: str) -> None:
    egress = Egress(resolve=Resolver([address]))

    with pytest.raises(Unreachable) as refusal:
        await egress.send("GET", "http://innocent.example/")

    assert refusal.value.permanent
    assert "egress.allow" in str(refusal.value)
    assert address not in str(refusal.value)


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(Unreachable, match="not public"):
        await Egress(resolve=Resolver([PUBLIC, "10.0.0.1"])).send("GET", "http://mixed.example/")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "localhost", "localhost.", "LOCALHOST", "0.0.0.0"],
)
async def test_an_address_written_out_is_judged_like_a_name(host: str) -> None:
    async with Peer(HELLO).listening() as peer:
        with pytest.raises(Unreachable):
            await Egress().send("GET", f"http://{host}:{peer.port}/")

    assert peer.heard == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0"])
async def test_an_address_in_disguise_is_judged_as_what_the_resolver_makes_of_it(host: str) -> None:
    async with Peer(HELLO).listening() as peer:
        with pytest.raises((Unreachable, BadInput)):
            await Egress().send("GET", f"http://{host}:{peer.port}/")

    assert peer.heard == []


async def test_a_name_that_answers_otherwise_the_second_time_is_asked_but_once() -> None:
    resolver = Resolver([PUBLIC], ["127.0.0.1"])
    async with Peer(HELLO).listening() as peer:
        address = await Egress(resolve=resolver).address_of("rebind.example", peer.port)

    assert str(address) == PUBLIC
    assert resolver.asked == ["rebind.example"]


async def test_the_connection_goes_to_the_address_that_was_judged() -> None:
    resolver = Resolver(["127.0.0.1"], ["127.0.0.2"])
    async with Peer(HELLO).listening() as peer:
        answer = await allowed(resolver).send("GET", f"http://peer.example:{peer.port}/")

    assert answer.status == 200
    assert resolver.asked == ["peer.example"]


async def test_only_the_host_that_is_allowed_may_be_private() -> None:
    async with Peer(HELLO).listening() as peer:
        with pytest.raises(Unreachable):
            await allowed(Resolver(["127.0.0.1"])).send("GET", f"http://other.peer.example:{peer.port}/")

    assert peer.heard == []


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with Peer(HELLO).listening() as inside:
        told = f"HTTP/1.1 302 Found\r\nLocation: http://peer.example:{inside.port}/\r\nContent-Length: 0\r\n\r\n"
        async with Peer(told.encode()).listening() as peer:
            answer = await allowed(Resolver(["127.0.0.1"])).send("GET", f"http://peer.example:{peer.port}/")

    assert answer.status == 302
    assert inside.heard == []


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Peer(HELLO).listening() as peer, Peer(HELLO).listening() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        await allowed(Resolver(["127.0.0.1"])).send("GET", f"http://peer.example:{peer.port}/")

    assert len(peer.heard) == 1
    assert proxy.heard == []


LARGE = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 50_000
ZIPPED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"


@pytest.mark.parametrize(
    ("peer", "told"),
    [
        (Peer(LARGE), "more than 10000 bytes"),
        (Peer(ZIPPED), "compressed"),
        (Peer(HELLO, pause_s=0.2, piece=1), "within 0.5 s"),
        (Peer(b"nonsense\r\n\r\n"), "cannot be reached"),
        (Peer(b""), "cannot be reached"),
    ],
    ids=["too large", "compressed unasked", "one byte at a time", "not HTTP", "nothing"],
)
async def test_an_answer_is_bounded(peer: Peer, told: str) -> None:
    egress = Egress(allow=("peer.example",), resolve=Resolver(["127.0.0.1"]), timeout_s=0.5, limit_bytes=10_000)
    async with peer.listening():
        with pytest.raises(Unreachable, match=told) as refusal:
            await egress.send("GET", f"http://peer.example:{peer.port}/")

    assert not refusal.value.permanent


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://peer.example/",
        "file:///etc/passwd",
        "http://",
        "peer.example",
        "http://user:word@peer.example/",
        "http://peer.example/#x",
        "http://peer.example:99999/",
        "http://[::1",
        "http://peer.example/" + "x" * 3000,
    ],
)
def test_what_is_no_address_is_bad_input_that_names_its_field(url: str) -> None:
    with pytest.raises(BadInput) as refusal:
        judged(url, "webhook.url")

    assert refusal.value.field == "webhook.url"
    assert "word" not in str(refusal.value)


@pytest.fixture
def contexts(tmp_path: Path) -> Callable[[str], tuple[ssl.SSLContext, ssl.SSLContext]]:
    """What a server with a certificate for this name shows, and who trusts it."""

    def both(name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
        made = self_signed((name,), days=1)
        (tmp_path / "cert.pem").write_bytes(made.certificate)
        (tmp_path / "key.pem").write_bytes(made.key)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
        return server, ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))

    return both


async def test_over_tls_the_host_is_named_and_proved(
    contexts: Callable[[str], tuple[ssl.SSLContext, ssl.SSLContext]],
) -> None:
    server, trusting = contexts("peer.example")
    egress = Egress(allow=("peer.example",), resolve=Resolver(["127.0.0.1"]), tls=trusting)
    async with Peer(HELLO).listening(server) as peer:
        answer = await egress.send("GET", f"https://peer.example:{peer.port}/")

    assert answer.body == b"hello"
    assert peer.names == ["peer.example"]


async def test_over_tls_a_certificate_of_another_name_is_refused(
    contexts: Callable[[str], tuple[ssl.SSLContext, ssl.SSLContext]],
) -> None:
    server, trusting = contexts("other.example")
    egress = Egress(allow=("peer.example",), resolve=Resolver(["127.0.0.1"]), tls=trusting)
    async with Peer(HELLO).listening(server) as peer:
        with pytest.raises(Unreachable):
            await egress.send("GET", f"https://peer.example:{peer.port}/")

    assert peer.heard == []
