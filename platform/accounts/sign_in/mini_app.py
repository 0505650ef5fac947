"""Mini Apps: `initData`, signed by HMAC-SHA256 under a key made of "WebAppData" and the bot's token.

Where a site has no token but its bot's id, Telegram's own Ed25519 signature counts instead.
https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
"""

import base64
import binascii
import hmac
import re
from typing import Any, Final, cast

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from accounts.errors import SignInRefused
from accounts.sign_in.identity import (
    FUTURE_SECONDS,
    TelegramIdentity,
    check_string,
    fields_of,
    profile_of,
    refuse_stale,
    telegram_id,
)
from accounts.sign_in.widget import NOT_SIGNED

LONGEST_SECONDS: Final = 300
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SIGNATURE: Final = re.compile(r"[A-Za-z0-9_-]{86}(==)?", re.ASCII)


def verify_by_token(data: str, *, bot_token: str, now: float) -> TelegramIdentity:
    """Whom the data vouches for, by the bot's token. Raises SignInRefused."""
    fields = fields_of(data)
    shown = fields.get("hash", "")
    key = hmac.digest(b"WebAppData", bot_token.encode(), "sha256")
    expected = hmac.new(key, check_string(fields, but=frozenset({"hash"})), "sha256").hexdigest()
    if _HASH.fullmatch(shown) is None or not hmac.compare_digest(expected, shown):
        raise SignInRefused(NOT_SIGNED)
    return _identity(fields, now)


def verify_by_signature(data: str, *, bot_id: str, public_key: bytes, now: float) -> TelegramIdentity:
    """Whom the data vouches for, by Telegram's own signature; `public_key` is Ed25519's 32 bytes.

    Raises SignInRefused.
    """
    fields = fields_of(data)
    shown = fields.get("signature", "")
    signed = f"{bot_id}:WebAppData\n".encode() + check_string(fields, but=frozenset({"hash", "signature"}))
    try:
        if _SIGNATURE.fullmatch(shown) is None:
            raise SignInRefused(NOT_SIGNED)
        signature = base64.urlsafe_b64decode(shown.rstrip("=") + "==")
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except (InvalidSignature, binascii.Error):
        raise SignInRefused(NOT_SIGNED) from None
    return _identity(fields, now)


def _identity(fields: dict[str, str], now: float) -> TelegramIdentity:
    refuse_stale(fields.get("auth_date", ""), now, longest_seconds=LONGEST_SECONDS)
    try:
        user: object = msgspec.json.decode(fields.get("user", ""))
    except (msgspec.DecodeError, RecursionError):
        user = None
    if not isinstance(user, dict):
        raise SignInRefused("Telegram does not say who this is.")
    person = cast("dict[str, Any]", user)
    if person.get("is_bot") is True:
        raise SignInRefused("Bots do not sign in.")
    return TelegramIdentity(
        id=telegram_id(person.get("id")),
        profile=profile_of(person.get("first_name"), person.get("last_name"), username=person.get("username")),
        # By what is signed: `hash` and `signature` of one text are two proofs of one thing.
        proof=f"mini-app:{check_string(fields, but=frozenset({'hash', 'signature'})).decode()}",
        kept_seconds=LONGEST_SECONDS + FUTURE_SECONDS,
    )
