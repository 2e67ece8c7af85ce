"""Everything that can be set, with its default: one table per part of the server.

Each setting's description is what `docs/configuration.md` and a refusal say of it.  Values are complete when they are
here: what reads them checks nothing again.
"""

from __future__ import annotations

import json
import re
from ipaddress import ip_network
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from msgspec import Meta, Struct, field


def setting(description: str, **bounds: Any) -> Meta:
    """What a setting's value is, after "expected"; `bounds` are msgspec's; `secret=True` keeps its value unseen."""
    return Meta(description=description, extra={"secret": bounds.pop("secret", False)}, **bounds)


Names = Annotated[tuple[str, ...] | None, setting("a list of names of dialects, such as native")]
Prefixes = Annotated[dict[str, str], setting("a path for each dialect named, such as /lobby")]
Hosts = Annotated[dict[str, str], setting("a host name for each dialect named, such as doors.example.org")]
Versions = Annotated[dict[str, str], setting("a version for each dialect named, such as 24.2.0.0")]
Networks = Annotated[tuple[str, ...], setting("a list of IP addresses or networks, such as 10.0.0.0/8")]

Tokens = Annotated[tuple[str, ...], setting("a list of HTTP names, such as Authorization, or *")]
Origins = Annotated[tuple[str, ...], setting("a list of origins, such as https://console.example.org")]
HostNames = Annotated[tuple[str, ...], setting("a list of host names or addresses, such as hooks.internal")]
Rate = Annotated[float, setting("a number from 0 to 1000000; 0 bounds nothing", ge=0, le=1_000_000)]
Count = Annotated[int, setting("a whole number from 0 to 1000000; 0 bounds nothing", ge=0, le=1_000_000)]
Burst = Annotated[float, setting("a number from 1 to 100000000", ge=1, le=100_000_000)]
Seconds = Annotated[float, setting("seconds, more than 0 and at most 3600", gt=0, le=3600)]


class SettingFault(ValueError):
    """A value of the right type that cannot be used: `name` within its table, `fault` what is wrong with it."""

    def __init__(self, name: str, fault: str) -> None:
        super().__init__(fault)
        self.name = name
        self.fault = fault


def refuse_if(name: str, fault: str | None) -> None:
    """Raise SettingFault where there is a fault."""
    if fault is not None:
        raise SettingFault(name, fault)


DIALECT = re.compile(r"[a-z][a-z0-9_]*")
VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){1,3}")
MAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_{|}~.-]+@[A-Za-z0-9.-]+")
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")
ADDRESS = re.compile(r"[A-Za-z0-9_.:-]{1,253}")
LOOPBACKS = ("localhost", "127.0.0.1", "::1")
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


def base_url_fault(base_url: str | None) -> str | None:
    """What is wrong with the address that clients are told; a path in it is right behind a proxy."""
    if base_url is None:
        return None
    url = urlsplit(base_url)
    plain = url.username is None and not url.query and not url.fragment
    if url.scheme in ("http", "https") and url.hostname and plain:
        return None
    return "is not an http or https address without user, query and fragment"


def issuer_fault(issuer: str | None) -> str | None:
    """An issuer is asked over https; over http alone where it is this machine."""
    fault = base_url_fault(issuer)
    if issuer is None or fault is not None:
        return fault
    url = urlsplit(issuer)
    return None if url.scheme == "https" or url.hostname in LOOPBACKS else "is not an https address"


def networks_fault(networks: tuple[str, ...]) -> str | None:
    """The first that is neither an address nor a network; a network's host bits must be zero."""
    for network in networks:
        try:
            ip_network(network)
        except ValueError as error:
            return str(error)
    return None


def origin_fault(origin: str) -> str | None:
    """A scheme, a host and perhaps a port, and nothing after; `*` would let every page in and is none."""
    url = urlsplit(origin)
    whole = url.scheme in ("http", "https") and url.hostname and origin == f"{url.scheme}://{url.netloc}"
    return None if whole and "@" not in origin else f"{json.dumps(origin)} is not an origin like https://host:port"


def host_name_fault(name: str) -> str | None:
    """A host name or an address, without a port."""
    return None if ADDRESS.fullmatch(name) else f"{json.dumps(name)} is not a host name or an address"


def store_fault(url: str) -> str | None:
    """What is wrong with a store's address; the address itself may hold a password and is not repeated."""
    scheme, marked, path = url.partition("://")
    if not marked:
        return "is not on disk" if url.startswith(":memory:") else None
    if scheme != "sqlite":
        return f"{scheme}:// is not a kind of store that is known here"
    return None if path.startswith("/") and path != "/" else "has no path after sqlite:///"


def dialect_fault(name: str) -> str | None:
    """A dialect is named as its folder is."""
    return None if DIALECT.fullmatch(name) else f"{json.dumps(name)} is not a dialect's name"


def prefix_fault(prefix: tuple[str, str]) -> str | None:
    """A name and its path."""
    name, path = prefix
    return None if PREFIX.fullmatch(path) else f"{name} = {json.dumps(path)} is not a path like /lobby"


def host_fault(host: tuple[str, str]) -> str | None:
    """A name and its host name, without a port."""
    name, address = host
    return None if HOST.fullmatch(address) else f"{name} = {json.dumps(address)} is not a host name"


def version_fault(version: tuple[str, str]) -> str | None:
    """A name and two to four numbers with dots between them."""
    name, text = version
    return None if VERSION.fullmatch(text) else f"{name} = {json.dumps(text)} is not a version like 24.2.0.0"


class Server(Struct, frozen=True, forbid_unknown_fields=True):
    """[server]: where requests come in."""

    host: Annotated[str, setting("an address or host name to listen on", min_length=1)] = "127.0.0.1"
    port: Annotated[int, setting("a port from 1 to 65535, or 0 for any free one", ge=0, le=65535)] = 8480
    base_url: Annotated[str | None, setting("the address that clients use, such as https://gate.example.org")] = None
    max_body_bytes: Annotated[int, setting("bytes from 1024 to 1073741824", ge=1024, le=1 << 30)] = 16 << 20
    tls_cert: Annotated[str | None, setting("the path of a certificate chain in PEM")] = None
    tls_key: Annotated[str | None, setting("the path of the certificate's private key in PEM")] = None
    trusted_proxies: Networks = ()
    allowed_origins: Origins = ()

    def __post_init__(self) -> None:
        refuse_if("base_url", base_url_fault(self.base_url))
        refuse_if("tls_cert", "is missing, and tls_key is set" if self.tls_key and not self.tls_cert else None)
        refuse_if("tls_key", "is missing, and tls_cert is set" if self.tls_cert and not self.tls_key else None)
        refuse_if("trusted_proxies", networks_fault(self.trusted_proxies))
        refuse_if("allowed_origins", next(filter(None, map(origin_fault, self.allowed_origins)), None))


class Store(Struct, frozen=True, forbid_unknown_fields=True):
    """[store]: where events lie, and how much may wait for them."""

    url: Annotated[str, setting("the path of a file, or sqlite:/// and a path", min_length=1)] = "./gatebook.db"
    queue_limit: Annotated[int, setting("events that may wait, from 1 to 1000000", ge=1, le=1_000_000)] = 20_000
    readers: Annotated[int, setting("connections that read, from 1 to 64", ge=1, le=64)] = 4
    read_timeout_s: Annotated[float, setting("seconds, more than 0 and at most 600", gt=0, le=600)] = 10.0

    def __post_init__(self) -> None:
        refuse_if("url", store_fault(self.url))


class Dialects(Struct, frozen=True, forbid_unknown_fields=True):
    """[dialects]: which APIs are spoken, and where on the port."""

    enabled: Names = None
    """None: all that are built in."""
    prefix: Prefixes = field(default_factory=dict)
    """A dialect not named here is served at the root."""
    host: Hosts = field(default_factory=dict)
    """A dialect not named here is served under every host name."""
    product_version: Versions = field(default_factory=dict)
    """What a dialect says that the product is that it stands in for; one not named here says its own default."""

    def __post_init__(self) -> None:
        refuse_if("enabled", next(filter(None, map(dialect_fault, self.enabled or ())), None))
        refuse_if("prefix", next(filter(None, map(prefix_fault, self.prefix.items())), None))
        refuse_if("host", next(filter(None, map(host_fault, self.host.items())), None))
        refuse_if("product_version", next(filter(None, map(version_fault, self.product_version.items())), None))


class Cors(Struct, frozen=True, forbid_unknown_fields=True):
    """[cors]: pages of other origins that may read answers; never with cookies or other credentials of the browser."""

    dialects: Annotated[tuple[str, ...], setting("a list of names of dialects, such as native")] = ()
    """Empty: off."""
    allow_origins: Annotated[tuple[str, ...], setting("a list of origins, such as https://app.example.org, or *")] = (
        "*",
    )
    allow_headers: Tokens = ("*",)
    allow_methods: Tokens = ("*",)

    def __post_init__(self) -> None:
        refuse_if("dialects", next(filter(None, map(dialect_fault, self.dialects)), None))
        named = (origin for origin in self.allow_origins if origin != "*")
        refuse_if("allow_origins", next(filter(None, map(origin_fault, named)), None))
        for setting_name, names in (("allow_headers", self.allow_headers), ("allow_methods", self.allow_methods)):
            wrong = next((name for name in names if not TOKEN.fullmatch(name)), None)
            refuse_if(setting_name, None if wrong is None else f"{json.dumps(wrong)} is not a name of HTTP")


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """[limits]: how much one principal and one address may ask."""

    principal_per_s: Rate = 2_000.0
    principal_burst: Burst = 60_000.0
    address_per_s: Rate = 4_000.0
    address_burst: Burst = 120_000.0
    request_timeout_s: Seconds = 60.0
    body_timeout_s: Seconds = 30.0
    streams: Count = 200
    address_streams: Count = 2_000


class Egress(Struct, frozen=True, forbid_unknown_fields=True):
    """[egress]: where the server itself may call."""

    allow: HostNames = ()
    timeout_s: Seconds = 10.0
    max_answer_bytes: Annotated[int, setting("bytes from 1024 to 67108864", ge=1024, le=1 << 26)] = 1 << 20

    def __post_init__(self) -> None:
        refuse_if("allow", next(filter(None, map(host_name_fault, self.allow)), None))


class Email(Struct, frozen=True, forbid_unknown_fields=True):
    """[email]: the server that takes the e-mails that rules send."""

    host: Annotated[str | None, setting("the server's host name or address, such as mail.example.org")] = None
    """None: e-mails wait until there is one."""
    port: Annotated[int, setting("a port from 1 to 65535", ge=1, le=65535)] = 587
    security: Annotated[Literal["starttls", "tls", "none"], setting("starttls, tls or none")] = "starttls"
    user: Annotated[str | None, setting("the name to sign in with")] = None
    password: Annotated[str | None, setting("the password to sign in with", secret=True)] = None
    sender: Annotated[str, setting("an address such as gatebook@example.org")] = "gatebook@localhost"

    def __post_init__(self) -> None:
        refuse_if("host", None if self.host is None else host_name_fault(self.host))
        refuse_if("password", "is missing, and user is set" if self.user and self.password is None else None)
        refuse_if("sender", None if MAIL.fullmatch(self.sender) else f"{json.dumps(self.sender)} is not an address")


class Sessions(Struct, frozen=True, forbid_unknown_fields=True):
    """[sessions]: how long a browser stays signed in."""

    idle_s: Annotated[int, setting("whole seconds from 60 to 86400", ge=60, le=86_400)] = 1_800
    absolute_s: Annotated[int, setting("whole seconds from 300 to 604800", ge=300, le=604_800)] = 43_200


class Oidc(Struct, frozen=True, forbid_unknown_fields=True):
    """[oidc]: an outside issuer whose users are users here."""

    issuer: Annotated[str | None, setting("the issuer's https address, such as https://login.example.org")] = None
    audience: Annotated[str | None, setting("the client id, or audience, that its tokens are meant for")] = None
    login_claim: Annotated[
        Literal["email", "preferred_username", "sub"], setting("email, preferred_username or sub")
    ] = "email"

    def __post_init__(self) -> None:
        refuse_if("issuer", issuer_fault(self.issuer))
        refuse_if("issuer", "is missing, and audience is set" if self.audience and not self.issuer else None)
        refuse_if("audience", "is missing, and issuer is set" if self.issuer and not self.audience else None)


class Log(Struct, frozen=True, forbid_unknown_fields=True):
    """[log]: what the server says of itself, on standard error."""

    level: Annotated[Literal["debug", "info", "warning", "error"], setting("debug, info, warning or error")] = "info"
    format: Annotated[Literal["text", "json"], setting("text or json")] = "text"


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """All parts; each part of the server takes its own and never the whole."""

    server: Server = Server()
    store: Store = Store()
    dialects: Dialects = Dialects()
    cors: Cors = Cors()
    limits: Limits = Limits()
    egress: Egress = Egress()
    email: Email = Email()
    sessions: Sessions = Sessions()
    oidc: Oidc = Oidc()
    log: Log = Log()
