"""Where the datacenters are, and agreeing on authorisation keys with them."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from streaming.settings import TelegramSettings
from streaming.telegram.faults import ConnectionLost
from streaming.telegram.keys import AuthKey
from streaming.telegram.schema import Auth, Client, rsa

log = logging.getLogger(__name__)

Address = tuple[str, int]

TELEGRAM: Final[dict[int, Address]] = {
    1: ("149.154.175.53", 443),
    2: ("149.154.167.51", 443),
    3: ("149.154.175.100", 443),
    4: ("149.154.167.91", 443),
    5: ("91.108.56.130", 443),
}
_KEY_TIMEOUT_FACTOR: Final = 2


class BadPublicKey(ValueError):
    """A file of `telegram.public_keys` is not an RSA public key in PEM."""


class Datacenters:
    """Addresses by datacenter id: the settings', or else Telegram's own, refreshed by what Telegram answers."""

    def __init__(self, settings: TelegramSettings) -> None:
        self._fixed = bool(settings.datacenters)
        self._addresses: dict[int, Address] = dict(settings.datacenters or TELEGRAM)
        self._media: dict[int, Address] = {}
        self._settings = settings

    def address(self, dc_id: int) -> Address:
        """Where sessions connect to; a datacenter's media address where it has one. Raises ConnectionLost."""
        found = self._media.get(dc_id) or self._addresses.get(dc_id)
        if found is None:
            raise ConnectionLost(f"the address of dc{dc_id} is not known")
        return found

    def home(self, dc_id: int) -> int:
        """Where to sign in first: the datacenter remembered where it is still known, or else the lowest there is."""
        return dc_id if dc_id in self._addresses else min(self._addresses)

    def learn(self, config: Any) -> None:
        """Take the addresses of a help.config; the settings' own are never replaced."""
        if self._fixed:
            return
        for option in config.dc_options:
            if option.ipv6 or option.cdn or option.tcpo_only or option.secret:
                continue
            known = self._media if option.media_only else self._addresses
            known[option.id] = (option.ip_address, option.port)

    async def agree_on_key(self, dc_id: int) -> AuthKey:
        """A new key, by kurigram's key exchange. Raises ConnectionLost."""
        host, port = self._addresses.get(dc_id) or self.address(dc_id)
        client = Client("key", api_id=self._settings.api_id, api_hash=self._settings.api_hash, in_memory=True)
        try:
            async with asyncio.timeout(_KEY_TIMEOUT_FACTOR * self._settings.request_timeout_seconds):
                await _knock(host, port)
                exchange = Auth(client, dc_id, host, port, test_mode=False)
                exchange.MAX_RETRIES = 0  # whoever needs the key knows how long to rest before the next try
                secret: bytes = await exchange.create()
        except Exception as error:  # kurigram raises plain Exception for an unknown public key
            raise ConnectionLost(f"no key could be agreed on with dc{dc_id}: {error!r}") from error
        return AuthKey(dc_id, secret)


async def _knock(host: str, port: int) -> None:
    """Raises OSError at once where nobody listens; kurigram would rest three seconds over it."""
    _, writer = await asyncio.open_connection(host, port)
    writer.transport.abort()


def trust(public_keys: tuple[str, ...]) -> None:
    """Let kurigram's key exchange accept these servers too. Raises BadPublicKey with the file's name."""
    for path in public_keys:
        modulus, exponent = _read(path)
        rsa.server_public_keys[fingerprint(modulus, exponent)] = rsa.PublicKey(modulus, exponent)


def fingerprint(modulus: int, exponent: int) -> int:
    """The key's signed 64-bit name: the end of the SHA-1 of its two numbers as TL bytes."""
    numbers = b"".join(_tl_bytes(n.to_bytes(-(-n.bit_length() // 8), "big")) for n in (modulus, exponent))
    return int.from_bytes(hashlib.sha1(numbers, usedforsecurity=False).digest()[-8:], "little", signed=True)


def _read(path: str) -> tuple[int, int]:
    try:
        pem = Path(path).read_bytes()
        key = load_pem_public_key(pem)
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise BadPublicKey(f"{path} is not a readable RSA public key in PEM: {error}") from error
    if not isinstance(key, RSAPublicKey):
        raise BadPublicKey(f"{path} holds a key that is not RSA")
    numbers = key.public_numbers()
    return numbers.n, numbers.e


def _tl_bytes(value: bytes) -> bytes:
    head = bytes((len(value),)) if len(value) < 254 else b"\xfe" + len(value).to_bytes(3, "little")
    return head + value + bytes(-(len(head) + len(value)) % 4)
