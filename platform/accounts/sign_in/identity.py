"""Whom Telegram vouches for, and reading the text with which it does."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from msgspec import Struct

from accounts.errors import SignInRefused
from accounts.model import Profile

LONGEST_DATA: Final = 4096
FUTURE_SECONDS: Final = 60
"""How far the clocks may be apart."""
_MOST_FIELDS: Final = 32
_LONGEST_NAME: Final = 128
_LARGEST_ID: Final = 2**52
_MALFORMED: Final = "This is not what Telegram sends."


class TelegramIdentity(Struct, frozen=True):
    """A person by their Telegram id. `proof` may count only once; for `kept_seconds` it could be shown again."""

    id: int
    profile: Profile
    proof: str
    kept_seconds: float


def fields_of(data: str) -> dict[str, str]:
    """The fields of a query string, each there once. Raises SignInRefused."""
    if len(data) > LONGEST_DATA:
        raise SignInRefused(_MALFORMED)
    try:
        pairs = parse_qsl(
            data, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise SignInRefused(_MALFORMED) from None
    fields = dict(pairs)
    # Two values of one name: one could be checked and the other one believed. A line's end in a value: two fields
    # could be signed as one.
    if len(fields) != len(pairs) or any("\n" in name + value or "=" in name for name, value in pairs):
        raise SignInRefused(_MALFORMED)
    return fields


def check_string(fields: Mapping[str, str], *, but: frozenset[str]) -> bytes:
    """What Telegram signs: `name=value` lines in the order of their names."""
    return "\n".join(f"{name}={fields[name]}" for name in sorted(fields) if name not in but).encode()


def refuse_stale(auth_date: str, now: float, *, longest_seconds: float) -> None:
    """Raises SignInRefused for a moment that is too long ago, or further ahead than clocks differ."""
    if not (auth_date.isascii() and auth_date.isdecimal() and len(auth_date) <= 12):
        raise SignInRefused(_MALFORMED)
    age = now - int(auth_date)
    if age > longest_seconds or age < -FUTURE_SECONDS:
        raise SignInRefused("This sign-in is too old, or this machine's clock is wrong. Begin again.")


def telegram_id(value: object) -> int:
    """A person's id, as a number or its digits. Raises SignInRefused."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 16:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _LARGEST_ID:
        raise SignInRefused(_MALFORMED)
    return value


def profile_of(*names: object, username: object) -> Profile:
    """What Telegram calls the person, without what could disturb a page: control and direction characters, length."""
    name = " ".join(each for each in (_shown(name) for name in names) if each)[:_LONGEST_NAME]
    return Profile(name=name, username=_shown(username)[:_LONGEST_NAME] or None)


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
