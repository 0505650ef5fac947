"""The orders in which comments are read, and where each goes on."""

from typing import Annotated, Any, Final, Literal

import msgspec

from content.comments.model import Comment

Sort = Literal["top", "new", "old", "timeline"]
SORTS: Final[tuple[Sort, ...]] = ("top", "new", "old", "timeline")
_KEYS: Final[dict[Sort, tuple[tuple[str, int], ...]]] = {
    "top": (("likes", -1), ("at", -1), ("key", 1)),
    "new": (("at", -1), ("key", 1)),
    "old": (("at", 1), ("key", 1)),
    "timeline": (("second", 1), ("at", 1), ("key", 1)),
}


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A comment's values in one order, the key last."""

    numbers: Annotated[list[Annotated[int, msgspec.Meta(ge=0, le=2**53)]], msgspec.Meta(max_length=2)]
    key: Annotated[str, msgspec.Meta(max_length=200)]


def place_of(comment: Comment, sort: Sort) -> Place:
    """Where the comment stands."""
    values = [getattr(comment.ours, name) or 0 for name, _ in _KEYS[sort][:-1]]
    return Place(values, comment.ours.key)


def ordering(sort: Sort) -> list[tuple[str, int]]:
    """The order as MongoDB takes it."""
    return [(f"_marquee.{name}", direction) for name, direction in _KEYS[sort]]


def beyond(place: Place | None, sort: Sort) -> dict[str, Any]:
    """What comes after the place; without one, everything that has a place in this order."""
    base: dict[str, Any] = {"_marquee.second": {"$gte": 0}} if sort == "timeline" else {}
    if place is None:
        return base
    keys = ordering(sort)
    values: list[Any] = [*place.numbers, place.key][: len(keys)]
    ways = [
        {
            **dict(zip((key for key, _ in keys[:count]), values[:count], strict=True)),
            keys[count][0]: {"$gt" if keys[count][1] > 0 else "$lt": values[count]},
        }
        for count in range(len(values))
    ]
    return {"$and": [base, {"$or": ways}]} if base else {"$or": ways}
