"""The port that is asked for, or one line that says why not."""

import socket

import pytest

from gatebook.app.demo import free
from gatebook.app.serve import address_of, is_loopback, listen
from gatebook.app.settings import Server
from gatebook.domain.errors import Refused


def test_a_taken_port_is_named() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(Refused, match=f"port {port} on 127.0.0.1 is taken"):
            listen("127.0.0.1", port)


def test_the_demonstration_takes_the_next_port() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]

        with free(port) as other:
            found = other.getsockname()[1]

    assert port < found < port + 50


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
def test_an_address_of_elsewhere_is_refused_by_its_setting(host: str) -> None:
    with pytest.raises(Refused, match=r"server\.host: .* is not an address of this machine"):
        listen(host, 0)


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.parametrize(
    ("server", "pattern"),
    [
        (Server(port=0), "http://127.0.0.1:{port}"),
        (Server(port=0, tls_cert="c", tls_key="k"), "https://127.0.0.1:{port}"),
        (Server(port=0, base_url="https://gate.example.org/log/"), "https://gate.example.org/log"),
        *([(Server(host="::1", port=0), "http://[::1]:{port}")] if has_ipv6() else []),
    ],
    ids=["plain", "tls", "behind a proxy", *(["IPv6"] if has_ipv6() else [])],
)
def test_the_address_is_what_clients_use(server: Server, pattern: str) -> None:
    with listen(server.host, server.port) as listening:
        address = address_of(server, listening)
        port = listening.getsockname()[1]
        loopback = is_loopback(listening)

    assert address == pattern.format(port=port)
    assert loopback


def test_all_addresses_are_more_than_this_machine() -> None:
    with listen("0.0.0.0", 0) as listening:
        assert not is_loopback(listening)
