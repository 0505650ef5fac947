"""What Telegram would send: widget fields and Mini App data, signed for a bot of the tests' own."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from urllib.parse import urlencode

BOT_TOKEN = "7654321:AAHtests-own-token-that-no-bot-has-0000"
OTHER_TOKEN = "7654322:AAHanother-token-that-no-bot-has-000000"


def widget_data(now: float, *, token: str = BOT_TOKEN, **fields: object) -> str:
    """The widget's fields as a query string."""
    said = {"id": 700000001, "first_name": "Ada", "username": "ada_f", "auth_date": int(now), **fields}
    given = {name: str(value) for name, value in said.items() if value is not None}
    key = hashlib.sha256(token.encode()).digest()
    return urlencode({**given, "hash": hmac.new(key, _checked(given), "sha256").hexdigest()})


def init_data(now: float, *, token: str = BOT_TOKEN, user: object = None, **fields: object) -> str:
    """A Mini App's initData."""
    person = {"id": 700000001, "first_name": "Ada", "username": "ada_f"} if user is None else user
    said = {"query_id": "AAE1", "user": json.dumps(person), "auth_date": int(now), "signature": "x", **fields}
    given = {name: str(value) for name, value in said.items() if value is not None}
    key = hmac.digest(b"WebAppData", token.encode(), "sha256")
    return urlencode({**given, "hash": hmac.new(key, _checked(given), "sha256").hexdigest()})


def _checked(fields: Mapping[str, str]) -> bytes:
    return "\n".join(f"{name}={fields[name]}" for name in sorted(fields)).encode()
