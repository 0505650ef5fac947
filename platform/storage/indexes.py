"""Indexes as rooms declare them, and how they come to be."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import msgspec
from pymongo import IndexModel
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import OperationFailure

from storage.mongo import Database, Stored, collection_of, edge

_CONFLICTING: Final = frozenset({85, 86})  # IndexOptionsConflict, IndexKeySpecsConflict


class Index(msgspec.Struct, frozen=True):
    """An index by its name. `keys` as MongoDB takes them: 1, -1, "text"; owners' collections lead with `_id.owner`.

    `partial` is a filter of the documents that are in it; `options` go to MongoDB as they are.
    """

    collection: str
    keys: tuple[tuple[str, int | str], ...]
    name: str
    unique: bool = False
    partial: Mapping[str, Any] | None = None
    options: Mapping[str, Any] | None = None

    def model(self) -> IndexModel:
        """The index in the driver's terms."""
        options: dict[str, Any] = {"name": self.name, "unique": self.unique, **(self.options or {})}
        if self.partial is not None:
            options["partialFilterExpression"] = dict(self.partial)
        return IndexModel(list(self.keys), **options)


async def build_indexes(database: Database, indexes: Iterable[Index]) -> None:
    """Makes what is missing; an index whose declaration changed is made anew. Raises Conflict, StorageUnavailable.

    Conflict: documents that are there already break a unique index.
    """
    by_collection = groupby(sorted(indexes, key=attrgetter("collection")), key=attrgetter("collection"))
    for name, declared in by_collection:
        with edge:
            await _build(collection_of(database, name), [index.model() for index in declared])


async def _build(collection: AsyncCollection[Stored], models: Sequence[IndexModel]) -> None:
    try:
        await collection.create_indexes(models)
    except OperationFailure as error:
        if error.code not in _CONFLICTING:
            raise
        for model in models:
            await _build_anew(collection, model)


async def _build_anew(collection: AsyncCollection[Stored], model: IndexModel) -> None:
    try:
        await collection.create_indexes([model])
    except OperationFailure as error:
        if error.code not in _CONFLICTING:
            raise
        await collection.drop_index(model.document["name"])
        await collection.create_indexes([model])
