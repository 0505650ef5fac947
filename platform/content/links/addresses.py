"""Which addresses the checker may connect to: titles name any host, and none leads it into a private network."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Address = IPv4Address | IPv6Address
AddressRule = Callable[[Address], bool]
"""Whether an address may be connected to."""
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""A host and a port to the addresses of the host. Raises OSError where it has none."""

_NAT64: Final = IPv6Network("64:ff9b::/96")
# What Python's tables take for public and is not: documentation (RFC 9637), and a cloud's own door to its machines.
_NOT_PUBLIC: Final = (IPv6Network("3fff::/20"), IPv4Network("168.63.129.16/32"))


class AddressRefused(Exception):
    """The host stands in a network that is not public."""


def is_public(address: Address) -> bool:
    """Whether the address is one of the public internet, also by what it carries inside (mapped, 6to4, Teredo, NAT64).

    https://www.iana.org/assignments/iana-ipv6-special-registry
    """
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return isinstance(address, IPv6Address) and address in _NAT64 and is_public(_carried(address))
    if any(address in network for network in _NOT_PUBLIC):
        return False
    if not isinstance(address, IPv6Address):
        return True
    if address.is_site_local:
        return False
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        inner.append(_carried(address))
    return all(is_public(each) for each in inner if each is not None)


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host as this machine's resolver tells them. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


async def connectable(host: str, port: int, *, resolver: Resolve, admits: AddressRule) -> str:
    """The address to connect to, as text.

    Every address of the host has to be admitted: one that has a private address too is not guessed about. Raises
    AddressRefused, and OSError where the host has none.
    """
    found = await resolver(host, port)
    if not found:
        raise OSError("no such host")
    try:
        admitted = all(admits(ip_address(each)) for each in found)
    except ValueError:
        admitted = False
    if not admitted:
        raise AddressRefused("it is not in a public network")
    return found[0]


def _carried(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)
