"""Signed links: who may read which bucket, where and until when, in one URL-safe token.

The payload is `v|kid|tenant|host|user|device|title|bucket|exp|purpose`, each field as two bytes of length and UTF-8,
followed by its HMAC-SHA256 and written in base64url without padding. The key is HKDF-SHA256 of the secret that the key
id names, one for each tenant. There is exactly one spelling of a token: anything else is LinkInvalid.

Purposes: a `play` link belongs to one browser and counts only beside the session cookie that it was made for (`device`
is that session's id). An `external` link is for players that hold no cookie (VLC, televisions): whoever has
the link is its user, so it lives no longer than that session and its user's lease limit stands for all who use it.
A `page` link opens the pages of one chapter and takes no lease; it may be nobody's (`user` and `device` empty).
A `download` link is a play link whose bytes are kept as a file.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, get_args

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from accounts.sessions import session_id

Purpose = Literal["play", "external", "page", "download"]

LONGEST_TOKEN = 2048
LEAST_SECRET_BYTES = 32
MOST_LIVE_KEYS = 2

_VERSION = "1"
_FIELDS = 10
_MAC_BYTES = 32
_LATEST = 253402300799
_PURPOSES: Mapping[str, Purpose] = {purpose: purpose for purpose in get_args(Purpose)}


class LinkInvalid(Exception):
    """The token is not one of ours for this tenant and host, or was altered."""


class LinkExpired(Exception):
    """The token was good and its time is over."""


class Claims(Struct, frozen=True, kw_only=True):
    """What a link grants, until `expires_at` in epoch seconds.

    `user` comes from `user_claim`, `device` from `device_of`.
    """

    tenant: str
    host: str
    user: str
    device: str
    title: str
    bucket: str
    expires_at: int
    purpose: Purpose


class LinkSigner:
    """Makes and checks tokens with one or two live secrets; new ones are signed with `current`."""

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        if not 1 <= len(keys) <= MOST_LIVE_KEYS or current not in keys:
            raise ValueError("links need one or two live keys, the current one among them")
        if any(len(secret) < LEAST_SECRET_BYTES for secret in keys.values()):
            raise ValueError(f"a link secret needs at least {LEAST_SECRET_BYTES} bytes")
        self._keys = dict(keys)
        self._current = current

    def sign(self, claims: Claims) -> str:
        """The token for `claims`. Raises ValueError where they cannot be put into one."""
        if not 0 <= claims.expires_at <= _LATEST or claims.purpose not in _PURPOSES:
            raise ValueError("claims out of bounds")
        payload = _pack(
            _VERSION, self._current, claims.tenant, claims.host, claims.user, claims.device,
            claims.title, claims.bucket, str(claims.expires_at), claims.purpose,
        )  # fmt: skip
        token = _encode(payload + self._mac(self._current, claims.tenant, payload))
        if len(token) > LONGEST_TOKEN:
            raise ValueError("claims are too long for a link")
        return token

    def verify(self, token: str, *, tenant: str, host: str, now: float) -> Claims:
        """The claims of a token that was signed for this tenant and host and has not expired.

        Raises LinkInvalid or LinkExpired. User, device and purpose are for the caller to hold against the request.
        """
        sealed = _decode(token)
        payload, mac = sealed[:-_MAC_BYTES], sealed[-_MAC_BYTES:]
        version, kid, its_tenant, its_host, user, device, title, bucket, expiry, purpose = _unpack(payload)
        if kid not in self._keys or not hmac.compare_digest(mac, self._mac(kid, tenant, payload)):
            raise LinkInvalid("not signed by us for this tenant")
        if version != _VERSION or purpose not in _PURPOSES or its_tenant != tenant or its_host != host:
            raise LinkInvalid("made for another site")
        if now >= int(expiry):
            raise LinkExpired("the link's time is over")
        return Claims(
            tenant=its_tenant, host=its_host, user=user, device=device, title=title, bucket=bucket,
            expires_at=int(expiry), purpose=_PURPOSES[purpose],
        )  # fmt: skip

    def _mac(self, kid: str, tenant: str, payload: bytes) -> bytes:
        return hmac.digest(_tenant_key(self._keys[kid], tenant), payload, "sha256")


def device_of(session_cookie: str) -> str:
    """The id of the session that the cookie opens, as `Claims.device`."""
    return session_id(session_cookie)


def user_claim(viewer_id: int | str) -> str:
    """A viewer's id as `Claims.user`: Telegram's 42 and a guest called "42" stay two people."""
    return str(viewer_id) if isinstance(viewer_id, int) else f"~{viewer_id}"


@lru_cache(maxsize=4096)
def _tenant_key(secret: bytes, tenant: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"marquee stream link\0" + tenant.encode()).derive(secret)


def _pack(*fields: str) -> bytes:
    encoded = [field.encode() for field in fields]
    if any(len(field) > LONGEST_TOKEN for field in encoded):
        raise ValueError("a claim is too long for a link")
    return b"".join(struct.pack(">H", len(field)) + field for field in encoded)


def _unpack(payload: bytes) -> list[str]:
    fields: list[str] = []
    position = 0
    try:
        while position < len(payload) and len(fields) < _FIELDS:
            (length,) = struct.unpack_from(">H", payload, position)
            start, position = position + 2, position + 2 + length
            fields.append(payload[start:position].decode())
    except (struct.error, UnicodeDecodeError) as error:
        raise LinkInvalid("not a link") from error
    if len(fields) != _FIELDS or position != len(payload):
        raise LinkInvalid("not a link")
    return fields


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(token: str) -> bytes:
    if len(token) > LONGEST_TOKEN:
        raise LinkInvalid("not a link")
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise LinkInvalid("not a link") from error
    if len(raw) <= _MAC_BYTES or _encode(raw) != token:
        raise LinkInvalid("not a link")
    return raw
