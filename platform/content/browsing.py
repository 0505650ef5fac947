"""What can be asked of a catalogue, and the opaque cursors that continue an answer."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from content.derive import genre_key
from content.model import SortKeys, Title

Sort = Literal["recent", "title", "year", "rating"]
SORTS: Final[tuple[Sort, ...]] = ("recent", "title", "year", "rating")
MOST_TITLES: Final = 100
"""The longest page."""
_LONGEST_CURSOR: Final = 2048
_DIGEST_BYTES: Final = 12


class CursorInvalid(ValueError):
    """The cursor was altered, or belongs to another question or site."""


class Question(Struct, frozen=True, kw_only=True):
    """Which titles, in which order. `genre` in any spelling."""

    media_type: str | None = None
    genre: str | None = None
    year: int | None = None
    sort: Sort = "recent"


class Position(Struct, frozen=True, array_like=True):
    """Where a page ended: the last title's sort value and slug."""

    value: int | float | str
    slug: str


def position_of(title: Title, sort: Sort) -> Position:
    """The title's place in the order."""
    value: int | float | str = getattr(title.derived.sort, sort)
    return Position(value, title.slug)


def ascends(sort: Sort) -> bool:
    """Titles come from A to Z; the new, the recent and the well rated come first."""
    return sort == "title"


def order_key(position: Position, sort: Sort) -> tuple[int | float | str, str]:
    """Sorts positions as MongoDB does; slugs settle ties from A to Z."""
    value = position.value
    return (value if isinstance(value, str) or ascends(sort) else -value, position.slug)


def wanted(question: Question) -> dict[str, Any]:
    """The question as a MongoDB filter over titles that may be shown."""
    rules: dict[str, Any] = {"_marquee.visible": True}
    if question.media_type is not None:
        rules["_marquee.media_type"] = question.media_type
    if question.genre is not None:
        rules["_marquee.genres"] = genre_key(question.genre)
    if question.year is not None:
        rules["_marquee.year"] = question.year
    return rules


def beyond(position: Position, sort: Sort) -> dict[str, Any]:
    """What stands after the position."""
    key = f"_marquee.sort.{sort}"
    further = "$gt" if ascends(sort) else "$lt"
    return {
        "$or": [
            {key: {further: position.value}},
            {key: position.value, "_marquee.slug": {"$gt": position.slug}},
        ]
    }


def write_cursor(position: Position, question: Question, tenant_id: str) -> str:
    """The position as URL-safe text that continues this question on this tenant's site alone."""
    body = msgspec.json.encode(position)
    return base64.urlsafe_b64encode(_digest(body, question, tenant_id) + body).decode().rstrip("=")


def read_cursor(text: str, question: Question, tenant_id: str) -> Position:
    """The position. Raises CursorInvalid."""
    if len(text) > _LONGEST_CURSOR:
        raise CursorInvalid("a cursor is never that long")
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        digest, body = sealed[:_DIGEST_BYTES], sealed[_DIGEST_BYTES:]
        position = msgspec.json.decode(body, type=Position)
    except (binascii.Error, msgspec.DecodeError, UnicodeError, ValueError) as error:
        raise CursorInvalid("not a cursor") from error
    if not hmac.compare_digest(digest, _digest(body, question, tenant_id)):
        raise CursorInvalid("the cursor belongs to another question")
    if isinstance(position.value, str) != isinstance(getattr(SortKeys(), question.sort), str):
        raise CursorInvalid("the cursor belongs to another order")
    return position


def _digest(body: bytes, question: Question, tenant_id: str) -> bytes:
    # A seal against accidents, not a secret: whoever forges one gets a place in a list that they may read anyway.
    asked = msgspec.json.encode((tenant_id, question))
    return hashlib.blake2b(body, key=hashlib.sha256(asked).digest(), digest_size=_DIGEST_BYTES).digest()
