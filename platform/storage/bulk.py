"""Updates of many documents in one command: the same update of several is told once, for all of them.

MongoDB takes such an update for a quarter of what as many single ones cost it. The driver does not try it again by
itself.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from bson import encode
from pymongo import UpdateMany, UpdateOne

from storage.queries import Filter, checked_update, refuse_scripts

Key = str | Mapping[str, Any]
"""An `_id`: plain, or one that names its owner first."""
Asked = tuple[Key, Mapping[str, Any], Filter | None]
"""A document's `_id`, update operators, and what it must match besides."""


def updates_of(asked: Iterable[Asked]) -> list[UpdateOne | UpdateMany]:
    """What to write, for a bulk in any order; a document that is named twice with the same update gets it once.

    Raises QueryRefused, or the driver's error for what cannot be stored.
    """
    alike: dict[bytes, tuple[Mapping[str, Any], Filter | None, list[Key]]] = {}
    for document_id, update, where in asked:
        said = encode({"update": update, "where": where or {}})
        alike.setdefault(said, (update, where, []))[2].append(document_id)
    return [_written(*each) for each in alike.values()]


def _written(update: Mapping[str, Any], where: Filter | None, ids: list[Key]) -> UpdateOne | UpdateMany:
    checked_update(update)
    # A lone `_id` stands as it is, for then MongoDB has nothing to plan; no key begins like an operator.
    exact: dict[str, Any] = {"_id": {"$in": ids} if len(ids) > 1 else ids[0]}
    if where:
        refuse_scripts(where)
        exact = {"$and": [exact, where]}
    return UpdateMany(exact, update) if len(ids) > 1 else UpdateOne(exact, update)
