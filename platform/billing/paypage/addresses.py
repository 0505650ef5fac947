"""Addresses of pay pages: `https://{platform.host}/pay/{token}`. The token says which invoice and that we made it.

A token is the MessagePack array `[kid, tenant, invoice]` followed by its HMAC-SHA256, in base64url without padding. The
key is derived from the secret that the key id names, apart from all else that is signed with it. There is exactly one
spelling of a token, and it holds as long as its key is among ours.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from typing import Final, final

import msgspec
from msgspec import Struct

LONGEST_TOKEN: Final = 512
_PURPOSE: Final = b"marquee pay page 1"
_MAC_BYTES: Final = 32


class BadToken(LookupError):
    """Not made by us, or altered."""


class Payable(Struct, frozen=True, array_like=True):
    """Which invoice of whom."""

    tenant: str
    invoice: str


class _Signed(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    kid: str
    tenant: str
    invoice: str


@final
class PayAddresses:
    """Makes addresses with the `current` key, and reads those of all `keys`. `host` is the platform's."""

    def __init__(self, host: str, keys: Mapping[str, bytes], current: str) -> None:
        self._host = host
        self._keys = {kid: hmac.digest(secret, _PURPOSE, "sha256") for kid, secret in keys.items()}
        self._current = current

    def of(self, tenant_id: str, invoice_id: str) -> str:
        """The address of an invoice's page, always the same under the same key."""
        return f"https://{self._host}/pay/{self.token(tenant_id, invoice_id)}"

    def token(self, tenant_id: str, invoice_id: str) -> str:
        """What stands in the address."""
        payload = msgspec.msgpack.encode(_Signed(self._current, tenant_id, invoice_id))
        return _written(payload + hmac.digest(self._keys[self._current], payload, "sha256"))

    def read(self, token: str) -> Payable:
        """What a token of ours is of. Raises BadToken."""
        sealed = _bytes_of(token)
        payload, mac = sealed[:-_MAC_BYTES], sealed[-_MAC_BYTES:]
        try:
            said = msgspec.msgpack.decode(payload, type=_Signed)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise BadToken("no token") from None
        key = self._keys.get(said.kid)
        if key is None or not hmac.compare_digest(mac, hmac.digest(key, payload, "sha256")):
            raise BadToken("not signed by us")
        return Payable(said.tenant, said.invoice)


def _written(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _bytes_of(token: str) -> bytes:
    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise BadToken("no token")
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raise BadToken("no token") from None
    # Base64 reads several spellings as the same bytes.
    if len(sealed) <= _MAC_BYTES or _written(sealed) != token:
        raise BadToken("no token")
    return sealed
