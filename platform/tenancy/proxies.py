"""What a trusted proxy says of the request it passes on; what anybody else says of it is not heard.

X-Forwarded-Host and X-Forwarded-Proto must come once with one value each. X-Forwarded-For is read from its end, where
the trusted proxies wrote.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, NamedTuple

from tenancy.errors import BadHost

Headers = Iterable[tuple[bytes, bytes]]
UNIX_SOCKET: Final = "unix"
_SCHEMES: Final = {b"http": "http", b"https": "https"}
_MOST_REMEMBERED: Final = 4_096


class Forwarded(NamedTuple):
    """What the proxy said; None where it said nothing of it."""

    host: bytes | None
    scheme: str | None
    client: str | None


class TrustedProxies:
    """The networks (CIDR or single addresses, or `unix` for a socket file) whose word counts. Raises ValueError."""

    def __init__(self, networks: Sequence[str]) -> None:
        self._unix = UNIX_SOCKET in networks
        self._networks = tuple(ip_network(each, strict=False) for each in networks if each != UNIX_SOCKET)
        self._known: dict[str, bool] = {}

    def __bool__(self) -> bool:
        return self._unix or bool(self._networks)

    def trusts(self, address: str | None) -> bool:
        """Whether the peer is one of them; None is a peer without an address."""
        if address is None:
            return self._unix
        known = self._known.get(address)
        if known is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            known = self._known[address] = self._covers(address)
        return known

    def _covers(self, address: str) -> bool:
        parsed = _parsed(address)
        return parsed is not None and any(_within(parsed, network) for network in self._networks)

    def heard(self, headers: Headers) -> Forwarded:
        """What the headers of a trusted peer's request say. Raises BadHost where they say it twice or oddly."""
        host = _single(headers, b"x-forwarded-host")
        scheme = _single(headers, b"x-forwarded-proto")
        if scheme is not None and scheme.lower() not in _SCHEMES:
            raise BadHost("an odd X-Forwarded-Proto")
        chain = b",".join(value for name, value in headers if name == b"x-forwarded-for")
        client = self._client(chain) if chain else None
        return Forwarded(host, None if scheme is None else _SCHEMES[scheme.lower()], client)

    def _client(self, chain: bytes) -> str | None:
        nearest: str | None = None
        for each in reversed(chain.split(b",")):
            address = _parsed(each.decode("latin-1").strip())
            if address is None:
                return nearest
            nearest = str(address)
            if not self.trusts(nearest):
                return nearest
        return nearest


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _within(address: IPv4Address | IPv6Address, network: IPv4Network | IPv6Network) -> bool:
    return address.version == network.version and address in network


def _single(headers: Headers, name: bytes) -> bytes | None:
    values = [value for header, value in headers if header == name]
    if not values:
        return None
    if len(values) > 1 or b"," in values[0]:
        raise BadHost(f"{name.decode()} with more than one value")
    return values[0].strip()
