"""What happens to one collection, across all owners: the news of it, and its documents as they are.

For indexes that a node keeps beside the database. Reads alone, and of the named fields alone; the commands say
`comment: "system"`. News are a MongoDB change stream, so the server must be a replica set.
https://www.mongodb.com/docs/manual/changeStreams/
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, final

import bson
from bson.errors import BSONError
from msgspec import Struct
from pymongo.errors import OperationFailure, PyMongoError

from storage.errors import StorageError
from storage.mongo import Database, Stored, collection_of, driver_of, edge
from storage.queries import refuse_scripts
from storage.system import SYSTEM

_WAIT_MS: Final = 250
_GATHER_SECONDS: Final = 0.25
_MOST: Final = 500
_SHAPE: Final[list[Mapping[str, Any]]] = [{"$project": {"documentKey": 1, "operationType": 1}}]
_ENDS: Final = frozenset({"drop", "dropDatabase", "invalidate", "rename"})


class FeedLost(StorageError):
    """The news since the token cannot be had any more (or news at all): everything has to be read anew."""


class News(Struct, frozen=True):
    """The ids (`{"owner", "id"}`) of documents that were written or deleted, and the token to go on from."""

    ids: list[Stored]
    token: bytes


@final
class Feed:
    """One collection of owners' documents. Every verb raises StorageUnavailable."""

    def __init__(self, database: Database, collection: str) -> None:
        self._collection = collection_of(database, collection)
        self._driver = driver_of(database)

    async def identity(self) -> str:
        """Names this very collection: another one after it was dropped, restored or made elsewhere."""
        with edge:
            async with await self._driver.list_collections(filter={"name": self._collection.name}) as found:
                kinds = await found.to_list()
        return f"{self._driver.name}/{kinds[0]['info']['uuid'].hex() if kinds else 'none'}"

    async def now(self) -> bytes:
        """The token of this moment. Raises FeedLost where there are no news to be had."""
        async for news in self.news(None):
            return news.token
        raise FeedLost("the stream ended at once")

    async def news(self, token: bytes | None) -> AsyncIterator[News]:
        """What was written after the token, in order, gathered for a moment; without ids while nothing happens.

        Raises FeedLost: the server has forgotten the token, or the collection is no longer the same.
        """
        try:
            with edge:
                stream = await self._collection.watch(
                    _SHAPE, resume_after=_opened(token), max_await_time_ms=_WAIT_MS, comment=SYSTEM
                )
            async with stream:
                while True:
                    ids: dict[bytes, Stored] = {}
                    until = time.monotonic() + _GATHER_SECONDS
                    while len(ids) < _MOST and time.monotonic() < until:
                        with edge:
                            change = await stream.try_next()
                        if change is None:
                            break
                        if change["operationType"] in _ENDS:
                            raise FeedLost(f"the collection saw a {change['operationType']}")
                        key = change["documentKey"]["_id"]
                        ids[bson.encode({"": key})] = key
                    if stream.resume_token is not None:
                        yield News(list(ids.values()), bson.encode(stream.resume_token))
        except OperationFailure as error:
            raise FeedLost(str(error)) from error

    async def documents(self, fields: Sequence[str], *, batch: int = 1_000) -> AsyncIterator[list[Stored]]:
        """All documents in batches, in the order of their ids, with these fields alone."""
        cursor = self._collection.find(
            {}, dict.fromkeys(fields, 1), sort=[("_id", 1)], batch_size=batch, comment=SYSTEM
        )
        async with cursor:
            while True:
                with edge:
                    found = await cursor.to_list(batch)
                if not found:
                    return
                yield found

    async def count(self, wanted: Mapping[str, Any]) -> int:
        """How many documents match, of all owners."""
        refuse_scripts(wanted)
        with edge:
            return await self._collection.count_documents(wanted, comment=SYSTEM)

    async def present(self, ids: Sequence[Stored], fields: Sequence[str]) -> list[Stored]:
        """Those of the ids that are there, with these fields alone."""
        with edge:
            return await self._collection.find(
                {"_id": {"$in": list(ids)}}, dict.fromkeys(fields, 1), comment=SYSTEM
            ).to_list()


def packed(document_id: Mapping[str, Any]) -> bytes:
    """The `_id` of an owner's document as bytes that `unpacked` reads back with all its types."""
    return bson.encode({"owner": document_id["owner"], "id": document_id["id"]})


def unpacked(data: bytes) -> tuple[str, Any]:
    """The owner and the id of a packed `_id`. Raises ValueError."""
    try:
        found = bson.decode(data)
        return str(found["owner"]), found["id"]
    except (BSONError, KeyError) as error:
        raise ValueError("not a packed id") from error


def _opened(token: bytes | None) -> Stored | None:
    if token is None:
        return None
    try:
        return bson.decode(token)
    except (BSONError, PyMongoError) as error:
        raise FeedLost("not a token") from error
