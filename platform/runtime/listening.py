"""Listening sockets, opened before anything else so that a taken port is said at once."""

from __future__ import annotations

import errno
import socket
from collections.abc import Generator
from contextlib import contextmanager

from runtime.address import Address
from runtime.errors import PortInUse, Refused
from streaming.meter.tcp import tune_listener

BACKLOG = 2048


@contextmanager
def listening(address: Address, setting: str) -> Generator[socket.socket]:
    """A listening socket, closed with the block. Its connections inherit the options; `setting` names it in refusals.

    Raises PortInUse, or Refused for an address that is not this machine's or not allowed to this user.
    """
    sock = _bound(address, setting)
    try:
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise _refusal(address, setting, error) from None
    with sock:
        yield sock


def address_of(sock: socket.socket) -> Address:
    """Where the socket listens, with the port that the system chose."""
    host, port = sock.getsockname()[:2]
    return Address(str(host), int(port))


def _bound(address: Address, setting: str) -> socket.socket:
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise Refused(f"cannot listen on {address} (setting {setting}): {error.strerror}") from None
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tune_listener(sock)
        sock.setblocking(False)
        sock.bind(target)
    except OSError as error:
        sock.close()
        raise _refusal(address, setting, error) from None
    return sock


def _refusal(address: Address, setting: str, error: OSError) -> Refused:
    if error.errno == errno.EADDRINUSE:
        return PortInUse(str(address), setting)
    return Refused(f"cannot listen on {address} (setting {setting}): {error.strerror}")
