"""Host names in one spelling: lower case, without port and trailing dot, A-labels for what is not ASCII.

RFC 9110 section 7.2 (Host), RFC 3986 section 3.2.2 (host), RFC 5891 (IDNA 2008). An odd spelling is refused and never
mended: two readings of one host are how a request reaches the wrong site.
"""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

import idna

from tenancy.errors import BadDomain, BadHost

_AUTHORITY: Final = re.compile(rb"(?:([A-Za-z0-9.-]{1,254})|\[([0-9A-Fa-f:.]{2,45})\])(?::([0-9]{1,5}))?")
_LABEL: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)
_MOST_CHARACTERS: Final = 253
_MOST_PORT: Final = 65_535


def canonical_host(raw: bytes) -> str:
    """The canonical host of a Host header's value. An address comes back as the address. Raises BadHost."""
    match = _AUTHORITY.fullmatch(raw)
    if match is None:
        raise BadHost("not a host")
    name, literal, port = match.groups()
    if port is not None and not 0 < int(port) <= _MOST_PORT:
        raise BadHost("not a port")
    try:
        if literal is not None:
            return f"[{IPv6Address(literal.decode()).compressed}]"
        return _canonical_name(name.decode().lower())
    except (ValueError, UnicodeError) as error:
        raise BadHost("not a host") from error


def canonical_domain(text: str) -> str:
    """The canonical spelling of a domain as an operator writes it, in any script. Raises BadDomain.

    Addresses, ports, wildcards and paths are no domains.
    """
    try:
        name = idna.encode(text.strip(), uts46=True, transitional=False).decode().lower()
        domain = _canonical_name(name)
    except (ValueError, UnicodeError) as error:
        raise BadDomain(f"not a domain: {text!r}") from error
    if domain.rpartition(".")[2].isdecimal():
        raise BadDomain(f"not a domain but an address: {text!r}")
    return domain


def _canonical_name(name: str) -> str:
    bare = name.removesuffix(".")
    if not bare or len(bare) > _MOST_CHARACTERS:
        raise ValueError("empty or too long")
    labels = bare.split(".")
    if labels[-1].isdecimal():
        return _address(bare)
    for label in labels:
        if _LABEL.fullmatch(label) is None or (label.startswith("xn--") and not _is_alabel(label)):
            raise ValueError(label)
    return bare


def _address(text: str) -> str:
    try:
        return str(IPv4Address(text))
    except AddressValueError as error:
        raise ValueError(text) from error


def _is_alabel(label: str) -> bool:
    return idna.alabel(idna.ulabel(label)).decode() == label
