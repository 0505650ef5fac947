"""The only way to a tenant's documents: every filter carries the scope's predicate, every write its owner.

Stored form: `{"_id": {"owner": …, "id": …}, …fields…, "_marquee": {…}}`. The fields are the user's, verbatim; what
the platform adds lies under the one reserved key `_marquee`. Outside, a document's id is the id its user brought.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final, Generic, TypeVar

import msgspec

from storage.documents import Merge, Refusal, decoded, merge_writes, refusals_of, stored_fields, verbatim_write
from storage.mongo import BulkRefused, Database, Stored, collection_of, edge
from storage.queries import Filter, Stage, checked_update, pipeline_within, refuse_scripts, within
from storage.scope import PlatformScope, TenantScope
from storage.transactions import session_now

Sort = Sequence[tuple[str, int | Mapping[str, Any]]]
_OWNER_FIELDS: Final = frozenset({"owner", "tenant", "tenant_id"})


class TenantDocument(msgspec.Struct, kw_only=True):
    """A document of one owner. It has no field that could name another: declaring one raises TypeError."""

    id: Any

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        named = _OWNER_FIELDS.intersection(cls.__annotations__)
        if named:
            raise TypeError(f"{cls.__name__} may not declare {', '.join(sorted(named))}: the scope knows the owner")


T = TypeVar("T", bound=TenantDocument)


class TenantRepository(Generic[T]):
    """One collection seen from one scope. Subclasses set `collection` and `document` and name their queries.

    Every verb raises StorageUnavailable when MongoDB cannot be reached and QueryRefused for a query that would leave
    the scope; reading verbs raise Unreadable for a document that does not fit the struct.
    """

    collection: ClassVar[str]
    document: type[T]

    def __init__(self, database: Database, scope: TenantScope | PlatformScope) -> None:
        self.__collection = collection_of(database, self.collection)
        self.__scope = scope

    @property
    def scope(self) -> TenantScope | PlatformScope:
        """Whose documents these are."""
        return self.__scope

    def documents(self) -> AsyncIterator[Stored]:
        """All that the owner has here, as stored: `_id` as its user brought it, ours under `_marquee`."""
        return self._raw()

    async def delete_all(self) -> int:
        """Deletes all that the owner has here; how many documents there were."""
        return await self._delete_where()

    @classmethod
    def _decode(cls, document: Stored) -> T:
        """A stored document, `id` in the place of `_id`, as its struct. Raises Unreadable."""
        return decoded(document, cls.document, cls.collection)

    def __read(self, stored: Stored) -> T:
        stored["id"] = stored.pop("_id")["id"]
        return self._decode(stored)

    def __key(self, document_id: object) -> dict[str, object]:
        return {"owner": self.__scope.owner, "id": document_id}

    def __one(self, document_id: object, where: Filter | None) -> dict[str, Any]:
        # The whole _id names the owner already, and it is what the _id index can be asked for.
        exact = {"_id": self.__key(document_id)}
        if not where:
            return exact
        refuse_scripts(where)
        return {"$and": [exact, where]}

    async def _get(self, document_id: object, *, projection: Filter | None = None) -> T | None:
        with edge:
            found = await self.__collection.find_one(self.__one(document_id, None), projection, session=session_now())
        return None if found is None else self.__read(found)

    async def _find_one(
        self, wanted: Filter | None = None, *, projection: Filter | None = None, sort: Sort | None = None
    ) -> T | None:
        with edge:
            found = await self.__collection.find_one(
                within(self.__scope.predicate, wanted), projection, sort=sort, session=session_now()
            )
        return None if found is None else self.__read(found)

    async def _find(
        self,
        wanted: Filter | None = None,
        *,
        projection: Filter | None = None,
        sort: Sort | None = None,
        limit: int = 0,
        skip: int = 0,
    ) -> AsyncIterator[T]:
        """Documents one by one; `limit=0` is all of them."""
        predicate = within(self.__scope.predicate, wanted)
        cursor = self.__collection.find(predicate, projection, sort=sort, limit=limit, skip=skip, session=session_now())
        async with cursor:
            with edge:
                async for found in cursor:
                    yield self.__read(found)

    async def _list(
        self,
        wanted: Filter | None = None,
        *,
        projection: Filter | None = None,
        sort: Sort | None = None,
        limit: int,
        skip: int = 0,
    ) -> list[T]:
        """At most `limit` documents in one answer; cheaper than `_find` for a page."""
        predicate = within(self.__scope.predicate, wanted)
        cursor = self.__collection.find(
            predicate, projection, sort=sort, limit=limit, skip=skip, batch_size=limit, session=session_now()
        )
        with edge:
            found = await cursor.to_list()
        return [self.__read(each) for each in found]

    async def _count(self, wanted: Filter | None = None, *, limit: int | None = None) -> int:
        """How many documents match; counting stops at `limit`."""
        options: dict[str, Any] = {} if limit is None else {"limit": limit}
        with edge:
            return await self.__collection.count_documents(
                within(self.__scope.predicate, wanted), session=session_now(), **options
            )

    async def _aggregate(self, stages: Iterable[Stage]) -> AsyncIterator[Stored]:
        """The pipeline's answers as they come, over this owner's documents only."""
        pipeline = pipeline_within(self.__scope.predicate, stages)
        with edge:
            async with await self.__collection.aggregate(pipeline, session=session_now()) as cursor:
                async for found in cursor:
                    yield found

    async def _insert(self, document_id: object, fields: Mapping[str, Any]) -> None:
        """Raises Conflict when the id or another unique key is taken."""
        with edge:
            await self.__collection.insert_one(
                {"_id": self.__key(document_id), **stored_fields(fields)}, session=session_now()
            )

    async def _put(self, document_id: object, fields: Mapping[str, Any]) -> bool:
        """Writes the fields verbatim, keeping what is stored under `_marquee` unless `fields` brings its own.

        Says whether anything changed; a second time nothing does.
        """
        with edge:
            done = await self.__collection.update_one(
                {"_id": self.__key(document_id)}, verbatim_write(fields), upsert=True, session=session_now()
            )
        return done.modified_count > 0 or done.upserted_id is not None

    async def _merge_many(self, items: Sequence[Merge]) -> dict[int, Refusal]:
        """Writes many documents at once: the user's fields whole and verbatim, ours merged into `_marquee`.

        An item is (id, user's fields, ours). Gives those that MongoDB refused by their place; the rest is written.
        """
        if not items:
            return {}
        writes = merge_writes(items, self.__key)
        try:
            with edge:
                await self.__collection.bulk_write(writes, ordered=False, session=session_now())
        except BulkRefused as error:
            return refusals_of(error)
        return {}

    async def _update(
        self, document_id: object, update: Mapping[str, Any], *, where: Filter | None = None, upsert: bool = False
    ) -> int:
        """Applies update operators to one document, if it also matches `where`. Gives how many matched.

        With `upsert` a document that does not match `where` ends in Conflict, for its id is taken.
        """
        with edge:
            done = await self.__collection.update_one(
                self.__one(document_id, where), checked_update(update), upsert=upsert, session=session_now()
            )
        return 1 if done.upserted_id is not None else done.matched_count

    async def _update_where(self, wanted: Filter, update: Mapping[str, Any]) -> int:
        """Applies update operators to every document that matches. Gives how many matched."""
        with edge:
            done = await self.__collection.update_many(
                within(self.__scope.predicate, wanted), checked_update(update), session=session_now()
            )
        return done.matched_count

    async def _change(
        self, document_id: object, update: Mapping[str, Any], *, where: Filter | None = None, upsert: bool = False
    ) -> T | None:
        """Like `_update`, and gives the document as it is afterwards; None where nothing matched."""
        with edge:
            found = await self.__collection.find_one_and_update(
                self.__one(document_id, where),
                checked_update(update),
                upsert=upsert,
                return_document=True,
                session=session_now(),
            )
        return None if found is None else self.__read(found)

    async def _delete(self, document_id: object, *, where: Filter | None = None) -> bool:
        with edge:
            done = await self.__collection.delete_one(self.__one(document_id, where), session=session_now())
        return done.deleted_count > 0

    async def _delete_where(self, wanted: Filter | None = None) -> int:
        """Deletes every document that matches; without a filter, all that this owner has here."""
        with edge:
            done = await self.__collection.delete_many(within(self.__scope.predicate, wanted), session=session_now())
        return done.deleted_count

    async def _raw(
        self, wanted: Filter | None = None, *, sort: Sort | None = None, limit: int = 0
    ) -> AsyncIterator[Stored]:
        """Documents as stored, except that `_id` is the user's own id again; `_marquee` is still there."""
        cursor = self.__collection.find(
            within(self.__scope.predicate, wanted), sort=sort, limit=limit, session=session_now()
        )
        async with cursor:
            with edge:
                async for found in cursor:
                    found["_id"] = found["_id"]["id"]
                    yield found

    async def _raw_one(self, document_id: object) -> Stored | None:
        """One document in the form of `_raw`."""
        with edge:
            found = await self.__collection.find_one(self.__one(document_id, None), session=session_now())
        if found is not None:
            found["_id"] = found["_id"]["id"]
        return found
