"""What can be asked of a catalogue, and the opaque cursors that continue an answer."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from content.cursors import CursorInvalid, seal, unseal
from content.derive import genre_key
from content.model import SortKeys, Title

Sort = Literal["recent", "title", "year", "rating"]
SORTS: Final[tuple[Sort, ...]] = ("recent", "title", "year", "rating")
MOST_TITLES: Final = 100
"""The longest page."""
_LARGEST: Final = 2**53


class Question(Struct, frozen=True, kw_only=True):
    """Which titles, in which order. `genre`, `author` and `franchise` in any spelling."""

    media_type: str | None = None
    genre: str | None = None
    year: int | None = None
    author: str | None = None
    franchise: str | None = None
    sort: Sort = "recent"


class Position(Struct, frozen=True, array_like=True):
    """Where a page ended: the last title's sort value and slug."""

    value: Annotated[int, Meta(ge=-_LARGEST, le=_LARGEST)] | float | str
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
    if question.author is not None:
        rules["_marquee.author_key"] = genre_key(question.author)
    if question.franchise is not None:
        rules["_marquee.franchise"] = genre_key(question.franchise)
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
    return seal(position, tenant_id, question)


def read_cursor(text: str, question: Question, tenant_id: str) -> Position:
    """The position. Raises CursorInvalid."""
    position = unseal(text, Position, tenant_id, question)
    if isinstance(position.value, str) != isinstance(getattr(SortKeys(), question.sort), str):
        raise CursorInvalid("the cursor belongs to another order")
    return position
