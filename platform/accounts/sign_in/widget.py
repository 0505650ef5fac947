"""The login widget: fields signed by HMAC-SHA256 with the SHA-256 of the bot's token.

https://core.telegram.org/widgets/login-legacy#checking-authorization
"""

import hashlib
import hmac
import re
from typing import Final

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

LONGEST_SECONDS: Final = 600
FIELDS: Final = frozenset({"id", "first_name", "last_name", "username", "photo_url", "auth_date", "hash"})
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
NOT_SIGNED: Final = "Telegram did not sign this for this site."


def verify_widget(data: str, *, bot_token: str, now: float) -> TelegramIdentity:
    """Whom the widget's query string vouches for. Raises SignInRefused."""
    fields = fields_of(data)
    if not FIELDS.issuperset(fields) or _HASH.fullmatch(fields.get("hash", "")) is None:
        raise SignInRefused(NOT_SIGNED)
    key = hashlib.sha256(bot_token.encode()).digest()
    expected = hmac.new(key, check_string(fields, but=frozenset({"hash"})), "sha256").hexdigest()
    if not hmac.compare_digest(expected, fields["hash"]):
        raise SignInRefused(NOT_SIGNED)
    refuse_stale(fields.get("auth_date", ""), now, longest_seconds=LONGEST_SECONDS)
    return TelegramIdentity(
        id=telegram_id(fields.get("id")),
        profile=profile_of(fields.get("first_name"), fields.get("last_name"), username=fields.get("username")),
        proof=f"widget:{fields['hash']}",
        kept_seconds=LONGEST_SECONDS + FUTURE_SECONDS,
    )
