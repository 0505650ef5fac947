"""Opaque cursors: where a list goes on, sealed to the tenant and the question that it continues."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any, Final, TypeVar

import msgspec

P = TypeVar("P", bound=msgspec.Struct)
_LONGEST: Final = 2048
_DIGEST_BYTES: Final = 12


class CursorInvalid(ValueError):
    """The cursor was altered, or belongs to another question or site."""


def seal(position: msgspec.Struct, tenant_id: str, *asked: Any) -> str:
    """The position as URL-safe text that continues what was `asked` on this tenant's site alone."""
    body = msgspec.json.encode(position)
    return base64.urlsafe_b64encode(_digest(body, tenant_id, asked) + body).decode().rstrip("=")


def unseal(text: str, kind: type[P], tenant_id: str, *asked: Any) -> P:
    """The position that was sealed for the same tenant and question. Raises CursorInvalid."""
    if len(text) > _LONGEST:
        raise CursorInvalid("a cursor is never that long")
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        digest, body = sealed[:_DIGEST_BYTES], sealed[_DIGEST_BYTES:]
        position = msgspec.json.decode(body, type=kind)
    except (binascii.Error, msgspec.DecodeError, UnicodeError, ValueError) as error:
        raise CursorInvalid("not a cursor") from error
    if not hmac.compare_digest(digest, _digest(body, tenant_id, asked)):
        raise CursorInvalid("the cursor belongs to another question")
    return position


def _digest(body: bytes, tenant_id: str, asked: tuple[Any, ...]) -> bytes:
    # A seal against accidents, not a secret: whoever forges one gets a place in a list that they may read anyway.
    key = hashlib.sha256(msgspec.json.encode((tenant_id, *asked))).digest()
    return hashlib.blake2b(body, key=key, digest_size=_DIGEST_BYTES).digest()
