"""In which order what is due is worked off: oldest first in long stretches, and by owner within each.

Entries of neighbouring owners lie on the same pages of an index. By owner such a page is read, changed and written out
once a stretch; by the moment it would be once for nearly every tenant on it, and where there are more tenants than
MongoDB's cache holds, that is most of what a bill costs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from storage.across import Across
from storage.mongo import Database, Stored
from storage.queries import Filter

STRETCH: Final = 50_000

Key = dict[str, str]
"""What `order` has of an `_id`."""


async def walked(
    database: Database, collection: str, due: Filter, order: Sequence[str], *, batch: int, stretch: int = STRETCH
) -> AsyncIterator[list[Key]]:
    """The keys of what matches `due`, at most `batch` at once; what is written meanwhile may match no longer.

    `order` is the fields of the index that answers it, and nothing but the index is read: a moment, `_id.owner`, and
    `_id.id` where an owner may have several.
    """
    after: Stored | None = None
    while True:
        behind = due if after is None else {"$and": [due, *_behind(order, after)]}
        found = await Across(database, collection).find(
            behind, fields=order, sort=[(field, 1) for field in order], limit=stretch
        )
        keys: list[Key] = sorted((each["_id"] for each in found), key=lambda key: key["owner"])
        for first in range(0, len(keys), batch):
            yield keys[first : first + batch]
        if len(found) < stretch:
            return
        after = found[-1]


def _behind(order: Sequence[str], after: Stored) -> list[Filter]:
    """What comes behind `after` in that order."""
    at = {field: _value(after, field) for field in order}
    ways: list[dict[str, Any]] = [
        {**{before: at[before] for before in order[:place]}, field: {"$gt": at[field]}}
        for place, field in enumerate(order)
    ]
    # The second says what follows from the first, for then MongoDB begins at that place of the index.
    return [{"$or": ways}, {order[0]: {"$gte": at[order[0]]}}]


def _value(stored: Stored, field: str) -> Any:
    for name in field.split("."):
        stored = stored[name]
    return stored
