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
Networks = Annotated[tuple[str, ...], setting("a list of IP addresses or networks, such as 10.0.0.0/8")]


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
PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")
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


def networks_fault(networks: tuple[str, ...]) -> str | None:
    """The first that is neither an address nor a network; a network's host bits must be zero."""
    for network in networks:
        try:
            ip_network(network)
        except ValueError as error:
            return str(error)
    return None


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


class Server(Struct, frozen=True, forbid_unknown_fields=True):
    """[server]: where requests come in."""

    host: Annotated[str, setting("an address or host name to listen on", min_length=1)] = "127.0.0.1"
    port: Annotated[int, setting("a port from 1 to 65535, or 0 for any free one", ge=0, le=65535)] = 8480
    base_url: Annotated[str | None, setting("the address that clients use, such as https://gate.example.org")] = None
    max_body_bytes: Annotated[int, setting("bytes from 1024 to 1073741824", ge=1024, le=1 << 30)] = 16 << 20
    tls_cert: Annotated[str | None, setting("the path of a certificate chain in PEM")] = None
    tls_key: Annotated[str | None, setting("the path of the certificate's private key in PEM")] = None
    trusted_proxies: Networks = ()

    def __post_init__(self) -> None:
        refuse_if("base_url", base_url_fault(self.base_url))
        refuse_if("tls_cert", "is missing, and tls_key is set" if self.tls_key and not self.tls_cert else None)
        refuse_if("tls_key", "is missing, and tls_cert is set" if self.tls_cert and not self.tls_key else None)
        refuse_if("trusted_proxies", networks_fault(self.trusted_proxies))


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

    def __post_init__(self) -> None:
        refuse_if("enabled", next(filter(None, map(dialect_fault, self.enabled or ())), None))
        refuse_if("prefix", next(filter(None, map(prefix_fault, self.prefix.items())), None))
        refuse_if("host", next(filter(None, map(host_fault, self.host.items())), None))


class Log(Struct, frozen=True, forbid_unknown_fields=True):
    """[log]: what the server says of itself, on standard error."""

    level: Annotated[Literal["debug", "info", "warning", "error"], setting("debug, info, warning or error")] = "info"
    format: Annotated[Literal["text", "json"], setting("text or json")] = "text"


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """All parts; each part of the server takes its own and never the whole."""

    server: Server = Server()
    store: Store = Store()
    dialects: Dialects = Dialects()
    log: Log = Log()
