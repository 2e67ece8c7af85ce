"""The one way out: every call that Gatebook makes to another server goes through here, and nothing else may make one.

A name is resolved once, every address that it has must be public unless the settings allow the host by name, and the
connection goes to the address that was judged; so a name that answers otherwise the second time gains nothing.
Redirects are not followed, proxies of the environment are not used, and an answer is bounded in time and in bytes.
"""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from typing import Literal

import httpx

from gatebook.domain.errors import BadInput, Refused, Unreachable
from gatebook.domain.networks import Address, is_public

TIMEOUT_S = 10.0
LIMIT_BYTES = 1 << 20
URL_CHARACTERS = 2_048

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host name, for a port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the other server said, whatever its status; a redirect is an answer like any other."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The server that takes e-mails, and who it is told that we are."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"] = "starttls"
    user: str | None = None
    password: str | None = None


async def resolve(host: str, port: int) -> list[str]:
    """The addresses that the machine's resolver knows, best first."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for _family, _kind, _protocol, _name, address in found]


class Egress:
    """Makes calls to other servers."""

    def __init__(
        self,
        *,
        allow: Iterable[str] = (),
        timeout_s: float = TIMEOUT_S,
        limit_bytes: int = LIMIT_BYTES,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`allow`: hosts that may be private, named as a URL names them.  `tls`: whom to trust; None: as usual."""
        self._allowed = frozenset(_plain_name(host) for host in allow)
        self._timeout_s = timeout_s
        self._limit_bytes = limit_bytes
        self._resolve = resolve
        self._given_tls = tls

    def allowing(self, host: str) -> Egress:
        """The same, for a host that may be private, since an administrator has named it."""
        return Egress(
            allow=(*self._allowed, host), timeout_s=self._timeout_s, limit_bytes=self._limit_bytes,
            resolve=self._resolve, tls=self._given_tls,
        )  # fmt: skip

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Whom to trust; read from disk at the first call, and never before the server has to call anybody."""
        return self._given_tls or httpx.create_ssl_context(trust_env=False)

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """One request, and its answer.

        Raises BadInput for an address that is none, Unreachable where there is no answer in time, where it is too
        large, or where the host is one that may not be called (`permanent`).
        """
        target = judged(url)
        try:
            async with asyncio.timeout(self._timeout_s) as limit:
                address = await self.address_of(target.host, target.port or (443 if target.scheme == "https" else 80))
                return await self._ask(method, target, address, headers or {}, body)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise Unreachable(f"{target.host} did not answer within {self._timeout_s:g} s") from error
        except (httpx.HTTPError, OSError) as error:
            raise Unreachable(f"{target.host} cannot be reached ({type(error).__name__})") from error

    async def mail(self, post: Post, sender: str, to: Sequence[str], message: bytes) -> None:
        """Hands one e-mail to a server; Refused where it will never take it, Unreachable where it may another time."""
        started: list[smtplib.SMTP] = []
        try:
            async with asyncio.timeout(self._timeout_s):
                address = await self.address_of(post.host, post.port)
                await asyncio.to_thread(self._hand_over, started, post, address, sender, to, message)
        except TimeoutError as error:
            _cut_short(started)
            raise Unreachable(f"{post.host} did not take the e-mail within {self._timeout_s:g} s") from error
        except smtplib.SMTPAuthenticationError as error:  # not the e-mail's fault
            raise Unreachable(f"{post.host} does not let us sign in: it answered {error.smtp_code}") from error
        except smtplib.SMTPResponseException as error:
            raise _refused(post, error.smtp_code) from error
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(post, max(code for code, _ in error.recipients.values())) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(f"{post.host} did not take the e-mail ({type(error).__name__})") from error

    def _hand_over(
        self, started: list[smtplib.SMTP], post: Post, address: Address, sender: str, to: Sequence[str], message: bytes
    ) -> None:
        """The talk with the server, on a thread of its own; `started` is how it can be cut short from outside."""
        name = sender.rpartition("@")[2]
        tls = self._tls if post.security == "tls" else None
        talk = _Talk(post.host, address, name, self._timeout_s, tls)
        started.append(talk)
        try:
            code, said = talk.connect(post.host, post.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, said)
            if post.security == "starttls":
                talk.starttls(context=self._tls)
            if post.user is not None:
                talk.login(post.user, post.password or "")
            talk.sendmail(sender, to, message)
            with suppress(smtplib.SMTPException):
                talk.quit()
        finally:
            talk.close()

    async def address_of(self, host: str, port: int) -> Address:
        """The address to connect to, and no other; Unreachable where there is none or one of them is not public."""
        name = _plain_name(host)
        addresses = [_address(text) for text in await self._addresses(name, port)]
        if not addresses:
            raise Unreachable(f"{name} has no address")
        if name not in self._allowed and not all(is_public(address) for address in addresses):
            told = "is at an address that is not public; name it in egress.allow if it shall be called"
            raise Unreachable(f"{name} {told}", permanent=True)
        return addresses[0]

    async def _addresses(self, name: str, port: int) -> list[str]:
        try:
            return [str(ip_address(name))]
        except ValueError:
            pass
        try:
            return await self._resolve(name, port)
        except OSError as error:
            raise Unreachable(f"{name} has no address that can be found") from error

    async def _ask(
        self, method: str, target: httpx.URL, address: Address, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Ask at that address, in the name of the host; a connection serves one call and knows one name."""
        sent = {"Accept-Encoding": "identity", "User-Agent": "Gatebook", **headers, "Host": _host_of(target)}
        extensions = {"sni_hostname": target.host}
        bare = target.copy_with(host=str(address))
        async with (
            httpx.AsyncClient(
                verify=self._tls,
                trust_env=False,
                follow_redirects=False,
                timeout=self._timeout_s,
            ) as client,
            client.stream(method, bare, headers=sent, content=body, extensions=extensions) as response,
        ):
            return Answer(
                status=response.status_code,
                headers=dict(response.headers),
                body=await self._read(target.host, response),
            )

    async def _read(self, host: str, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise Unreachable(f"{host} compressed its answer, which it was not asked to")
        pieces, room = [], self._limit_bytes
        async for piece in response.aiter_raw():
            room -= len(piece)
            if room < 0:
                raise Unreachable(f"{host} answered with more than {self._limit_bytes} bytes")
            pieces.append(piece)
        return b"".join(pieces)


def judged(url: str, field: str = "url") -> httpx.URL:
    """The address, if it can be called at all; BadInput naming `field`.  Whether it may be is seen when it is."""
    remedy = "give one like https://host.example/path"
    if len(url) > URL_CHARACTERS:
        raise BadInput(field, f"has more than {URL_CHARACTERS} characters", remedy)
    try:
        target = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise BadInput(field, "is not an address", remedy) from error
    if target.scheme not in ("http", "https") or not target.host:
        raise BadInput(field, "is not an http or https address", remedy)
    if target.port is not None and not 0 < target.port < 65_536:
        raise BadInput(field, f"has the port {target.port}", "give one from 1 to 65535, or none")
    if target.userinfo or target.fragment:
        raise BadInput(field, "holds a user or a fragment", remedy)
    return target


def _plain_name(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _address(text: str) -> Address:
    """As an address is judged, so it is called: a zone would be another one."""
    try:
        return ip_address(text.partition("%")[0])
    except ValueError as error:
        raise Unreachable("a host's address cannot be read") from error


def _host_of(target: httpx.URL) -> str:
    return target.netloc.decode("ascii")


def _refused(post: Post, code: int) -> Refused | Unreachable:
    """A code from 500 is for good (RFC 5321 section 4.2.1)."""
    told = f"{post.host} did not take the e-mail: it answered {code}"
    return Refused(told) if code >= 500 else Unreachable(told)


def _cut_short(started: Iterable[smtplib.SMTP]) -> None:
    """A thread that still waits for the server ends by this."""
    for talk in started:
        if talk.sock is not None:
            with suppress(OSError):
                talk.sock.shutdown(socket.SHUT_RDWR)


class _Talk(smtplib.SMTP):
    """Talks to a host in its name, at the address that was judged; with `tls`, under it from the first byte on."""

    def __init__(
        self, host: str, address: Address, local: str, timeout_s: float, tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(local_hostname=local or "localhost", timeout=timeout_s)
        self._host, self._address, self._tls_first = host, str(address), tls

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((self._address, port), timeout)
        return plain if self._tls_first is None else self._tls_first.wrap_socket(plain, server_hostname=host)
