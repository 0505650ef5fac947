"""Network addresses as settings write them."""

from __future__ import annotations

from typing import final


@final
class Address:
    """A host and a TCP port; port 0 lets the system choose. Written `host:port`, `[host, port]` or `{host, port}`."""

    __slots__ = ("host", "port")

    def __init__(self, host: str, port: int) -> None:
        if not host:
            raise ValueError("the host is missing, write host:port")
        if not 0 <= port <= 65535:
            raise ValueError(f"port {port} is outside 0-65535")
        self.host = host
        self.port = port

    def __repr__(self) -> str:
        return f"Address({str(self)!r})"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and (self.host, self.port) == (other.host, other.port)

    def __hash__(self) -> int:
        return hash((self.host, self.port))


def parse_address(written: object) -> Address:
    """Any of the accepted spellings as an Address; ValueError says what is wrong with it."""
    match written:
        case Address():
            return written
        case str():
            host, colon, port = written.strip().rpartition(":")
            if not colon:
                raise ValueError("expected host:port")
        case [str(host), str() | int() as port]:
            pass
        case {"host": str(host), "port": str() | int() as port, **rest} if not rest:
            pass
        case _:
            raise ValueError("expected host:port")
    if host.startswith("[") != host.endswith("]"):
        raise ValueError("expected [address]:port for IPv6")
    digits = str(port)
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("the port is not a number, expected host:port")
    return Address(host.strip("[]"), int(digits))
