"""Network addresses: which network a client sits in, and which addresses nobody outside may be sent to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

CLIENTS_V4, CLIENTS_V6 = 24, 56
"""Prefix lengths of what one subscriber can be expected to choose addresses from."""

METADATA = frozenset(
    map(ip_address, ("168.63.129.16", "169.254.169.254", "192.0.0.192", "fd00:ec2::254", "100.100.100.200"))
)
"""Where clouds tell a machine its secrets; the first is a public address.

Source: Microsoft Learn, "What is IP address 168.63.129.16?"; AWS EC2 User Guide, "Instance metadata"; Alibaba Cloud
ECS, "Instance metadata".
"""

_COMPATIBLE = IPv6Network("::/96")
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_SITE_LOCAL = IPv6Network("fec0::/10")


def network_of(address: str, v4: int = CLIENTS_V4, v6: int = CLIENTS_V6) -> str:
    """The network of a client's address, such as `192.0.2.0/24`; what is not an address stands for itself."""
    try:
        found = plain(ip_address(address.partition("%")[0]))
    except ValueError:
        return address[:64]
    return str(ip_network((found, v4 if isinstance(found, IPv4Address) else v6), strict=False))


def plain(address: Address) -> Address:
    """An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) as itself; any other unchanged."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_public(address: Address) -> bool:
    """Whether it is a host of the public internet: no private, shared, local, multicast, reserved or metadata address.

    IPv6 forms that carry an IPv4 address are judged by that one; tunnels (Teredo, and 6to4 to what is not public),
    IPv4-compatible and local translation prefixes are refused.
    """
    found = plain(address)
    if isinstance(found, IPv6Address):
        if found.teredo is not None or found in _COMPATIBLE or found in _SITE_LOCAL or found in _TRANSLATED[1]:
            return False
        carried = IPv4Address(int(found) & 0xFFFFFFFF) if found in _TRANSLATED[0] else found.sixtofour
        if carried is not None:
            return is_public(carried)
    local = found.is_loopback or found.is_link_local or found.is_private or found.is_unspecified
    return found.is_global and not (local or found.is_multicast or found.is_reserved or found in METADATA)
