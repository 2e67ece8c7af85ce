"""Which network an address is of, and whether it is one of the public internet."""

from ipaddress import ip_address

import pytest

from gatebook.domain.networks import is_public, network_of

NETWORKS = {
    "192.0.2.77": "192.0.2.0/24",
    "::ffff:192.0.2.77": "192.0.2.0/24",
    "2001:db8:1:22ff:1:2:3:4": "2001:db8:1:2200::/56",
    "testclient": "testclient",
    "": "",
}
HIDDEN = (
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.8.8",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "2001:db8::1",
    "2001:0:53aa:64c:0:0:a:b",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
)
PUBLIC = ("1.1.1.1", "93.184.216.34", "::ffff:93.184.216.34", "2606:4700::1111", "2002:102:304::1", "64:ff9b::101:101")


@pytest.mark.parametrize("address", NETWORKS, ids=str)
def test_a_client_is_known_by_its_network(address: str) -> None:
    assert network_of(address) == NETWORKS[address]


@pytest.mark.parametrize("address", HIDDEN)
def test_an_address_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))
