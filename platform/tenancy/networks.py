"""Whom a client's address stands for, where something is counted by address."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import Final

_IPV6_NETWORK_BITS: Final = 64


def network_of(host: str) -> str:
    """The address itself; of IPv6 its network, for a household has billions of them. Any other text stays."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> _IPV6_NETWORK_BITS << _IPV6_NETWORK_BITS)}/{_IPV6_NETWORK_BITS}"
