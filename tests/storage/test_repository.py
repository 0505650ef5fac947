"""A repository reaches its owner's documents and no other's, whatever a caller asks for."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest
from bson import Int64, ObjectId

from storage.errors import Conflict, QueryRefused, Unreadable, Unstorable
from storage.mongo import Database
from storage.repository import TenantDocument, TenantRepository
from storage.scope import PlatformScope, TenantScope


class Note(TenantDocument):
    text: str = ""
    ours: dict[str, Any] = msgspec.field(name="_marquee", default_factory=dict[str, Any])


class Notes(TenantRepository[Note]):
    collection = "notes"
    document = Note

    async def write(self, note_id: object, fields: Mapping[str, Any]) -> bool:
        return await self._put(note_id, fields)

    async def insert(self, note_id: object, fields: Mapping[str, Any]) -> None:
        await self._insert(note_id, fields)

    async def read(self, note_id: object) -> Note | None:
        return await self._get(note_id)

    async def ids(self, wanted: Mapping[str, Any] | None = None) -> list[Any]:
        return sorted([note.id async for note in self._find(wanted)])

    async def page(self, wanted: Mapping[str, Any] | None, limit: int) -> list[Note]:
        return await self._list(wanted, sort=[("text", 1)], limit=limit)

    async def first(self, wanted: Mapping[str, Any]) -> Note | None:
        return await self._find_one(wanted, projection={"text": 1})

    async def raw(self, note_id: object) -> dict[str, Any] | None:
        return await self._raw_one(note_id)

    async def all_raw(self) -> list[dict[str, Any]]:
        return [each async for each in self._raw()]

    async def change(self, note_id: object, update: Mapping[str, Any], **options: Any) -> int:
        return await self._update(note_id, update, **options)

    async def change_all(self, wanted: Mapping[str, Any], update: Mapping[str, Any]) -> int:
        return await self._update_where(wanted, update)

    async def changed(self, note_id: object, update: Mapping[str, Any], **options: Any) -> Note | None:
        return await self._change(note_id, update, **options)

    async def drop(self, note_id: object) -> bool:
        return await self._delete(note_id)

    async def drop_all(self, wanted: Mapping[str, Any] | None = None) -> int:
        return await self._delete_where(wanted)

    async def count(self, wanted: Mapping[str, Any] | None = None, limit: int | None = None) -> int:
        return await self._count(wanted, limit=limit)

    async def pipe(self, stages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [each async for each in self._aggregate(stages)]

    async def merge(self, items: list[tuple[Any, Mapping[str, Any], Mapping[str, Any]]]) -> dict[int, Any]:
        return await self._merge_many(items)


@pytest.fixture
def mine(database: Database, scope_a: TenantScope) -> Notes:
    return Notes(database, scope_a)


@pytest.fixture
def theirs(database: Database, scope_b: TenantScope) -> Notes:
    return Notes(database, scope_b)


@pytest.fixture
def shared(database: Database, platform: PlatformScope) -> Notes:
    return Notes(database, platform)


async def test_one_id_is_three_documents_of_three_owners(mine: Notes, theirs: Notes, shared: Notes) -> None:
    for notes, text in ((mine, "a"), (theirs, "b"), (shared, "p")):
        await notes.insert(7, {"text": text})
    assert [note.text for notes in (mine, theirs, shared) if (note := await notes.read(7))] == ["a", "b", "p"]


async def test_the_same_id_twice_is_a_conflict(mine: Notes) -> None:
    await mine.insert(7, {"text": "a"})
    with pytest.raises(Conflict):
        await mine.insert(7, {"text": "b"})


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        {"_id.owner": "tenant:tenant_b"},
        {"_id.owner": {"$exists": True}},
        {"$or": [{"_id.owner": "tenant:tenant_b"}, {"text": "secret"}]},
        {"_id": {"owner": "tenant:tenant_b", "id": 1}},
        {"text": "secret"},
    ],
)
async def test_no_filter_reaches_another_owner(mine: Notes, theirs: Notes, wanted: dict[str, Any] | None) -> None:
    await theirs.insert(1, {"text": "secret"})
    assert await mine.ids(wanted) == []
    assert await mine.page(wanted, 10) == []
    assert await mine.count(wanted) == 0
    assert await mine.first(wanted or {}) is None
    assert await mine.pipe([{"$match": wanted or {}}]) == []
    assert await mine.change_all(wanted or {}, {"$set": {"text": "mine"}}) == 0
    assert await mine.drop_all(wanted) == 0
    assert await theirs.ids() == [1]


async def test_writes_by_id_stay_with_their_owner(mine: Notes, theirs: Notes) -> None:
    await theirs.insert(1, {"text": "theirs"})
    assert await mine.change(1, {"$set": {"text": "x"}}) == 0
    assert not await mine.drop(1)
    assert await mine.read(1) is None
    assert await mine.write(1, {"text": "mine"})
    note = await theirs.read(1)
    assert note is not None
    assert note.text == "theirs"


@pytest.mark.parametrize(
    "stages",
    [
        [{"$lookup": {"from": "notes", "pipeline": [], "as": "all"}}],
        [{"$unionWith": "notes"}],
        [{"$graphLookup": {"from": "notes"}}],
        [{"$out": "elsewhere"}],
        [{"$merge": "elsewhere"}],
        [{"$facet": {"all": [{"$lookup": {"from": "notes", "pipeline": [], "as": "all"}}]}}],
        [{"$facet": {"all": [{"$facet": {"deep": [{"$unionWith": "notes"}]}}]}}],
        [{"$match": {"$where": "true"}}],
        [{"$match": {"$expr": {"$function": {"body": "x", "args": [], "lang": "js"}}}}],
        [{"$group": {"_id": None, "x": {"$accumulator": {}}}}],
        [{"$match": {}, "$lookup": {}}],
        [{"$collStats": {}}],
        [{"$documents": [{"x": 1}]}],
    ],
)
async def test_a_pipeline_that_would_leave_the_collection_is_refused(mine: Notes, stages: list[dict[str, Any]]) -> None:
    with pytest.raises(QueryRefused):
        await mine.pipe(stages)


async def test_a_pipeline_sees_its_owner_alone(mine: Notes, theirs: Notes) -> None:
    await mine.insert(1, {"text": "x"})
    await theirs.insert(1, {"text": "x"})
    await theirs.insert(2, {"text": "x"})
    grouped = await mine.pipe([{"$group": {"_id": "$text", "n": {"$sum": 1}}}])
    facets = await mine.pipe([{"$facet": {"all": [{"$match": {"text": "x"}}, {"$count": "n"}]}}])
    assert grouped == [{"_id": "x", "n": 1}]
    assert facets == [{"all": [{"n": 1}]}]


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"text": "a replacement"},
        {"$set": {"_id": 1}},
        {"$set": {"_id.owner": "tenant:tenant_b"}},
        {"$unset": {"_id.owner": ""}},
        {"$rename": {"text": "_id.owner"}},
        {"$setOnInsert": {"_id": {"owner": "tenant:tenant_b", "id": 1}}},
        {"$set": {"x": {"$where": "true"}}},
        {"$replaceWith": {}},
    ],
)
async def test_an_update_that_touches_the_identity_is_refused(mine: Notes, update: dict[str, Any]) -> None:
    await mine.insert(1, {"text": "x"})
    with pytest.raises(QueryRefused):
        await mine.change(1, update)
    with pytest.raises(QueryRefused):
        await mine.change_all({}, update)


@pytest.mark.parametrize("wanted", [{"$where": "true"}, {"$and": [{"x": {"$not": {"$where": "1"}}}]}])
async def test_a_filter_with_a_script_is_refused(mine: Notes, wanted: dict[str, Any]) -> None:
    with pytest.raises(QueryRefused):
        await mine.ids(wanted)
    with pytest.raises(QueryRefused):
        await mine.change(1, {"$set": {"x": 1}}, where=wanted)


async def test_fields_are_kept_verbatim_whatever_they_are_called(mine: Notes) -> None:
    odd = {"$set": {"$x": "$text"}, "a.b": {"c.d": ["$$ROOT"]}, "owner": "me", "tenant": 1, "id": 9, "big": Int64(3)}
    assert await mine.write("k", odd)
    stored = await mine.raw("k")
    assert stored is not None
    assert stored == {"_id": "k", **odd}
    assert type(stored["big"]) is Int64


async def test_writing_the_same_again_changes_nothing_and_keeps_what_is_ours(mine: Notes) -> None:
    assert await mine.write(1, {"text": "x", "n": [1, {"a": 2}], "_marquee": {"rights": "own"}})
    assert not await mine.write(1, {"text": "x", "n": [1, {"a": 2}]})
    assert await mine.write(1, {"text": "y"})
    assert await mine.raw(1) == {"_id": 1, "text": "y", "_marquee": {"rights": "own"}}
    note = await mine.read(1)
    assert note is not None
    assert note.ours == {"rights": "own"}


async def test_an_id_may_be_of_any_kind(mine: Notes) -> None:
    for key in (1, "1", ObjectId(), {"ne": 1}, -5, 2**40):
        await mine.insert(key, {"text": str(key)})
        note = await mine.read(key)
        assert note is not None
        assert (note.id, note.text) == (key, str(key))


async def test_an_id_that_looks_like_an_operator_matches_nothing_else(mine: Notes) -> None:
    await mine.insert(1, {"text": "x"})
    assert await mine.read({"$exists": True}) is None
    assert not await mine.drop({"$gt": 0})
    with pytest.raises(Unstorable):
        await mine.insert({"$gt": 0}, {})


async def test_an_upsert_whose_condition_fails_is_a_conflict(mine: Notes) -> None:
    once: dict[str, Any] = {"where": {"wm.p1": {"$not": {"$gte": 1}}}, "upsert": True}
    assert await mine.change("day", {"$inc": {"bytes": 5}, "$set": {"wm.p1": 1}}, **once) == 1
    with pytest.raises(Conflict):
        await mine.change("day", {"$inc": {"bytes": 5}, "$set": {"wm.p1": 1}}, **once)
    stored = await mine.raw("day")
    assert stored == {"_id": "day", "bytes": 5, "wm": {"p1": 1}}


async def test_a_change_gives_the_document_afterwards(mine: Notes) -> None:
    await mine.insert(1, {"text": "x"})
    changed = await mine.changed(1, {"$set": {"text": "y"}})
    assert changed is not None
    assert changed.text == "y"
    assert await mine.changed(2, {"$set": {"text": "y"}}) is None


async def test_many_documents_merge_at_once_and_the_refused_are_named(mine: Notes, theirs: Notes) -> None:
    await theirs.insert("a", {"text": "theirs"})
    assert await mine.merge([("a", {"text": "1"}, {"rights": "own"}), ("b", {"$odd": 1}, {})]) == {}
    assert await mine.merge([("a", {"text": "2"}, {"at": 5})]) == {}
    assert await mine.raw("a") == {"_id": "a", "text": "2", "_marquee": {"rights": "own", "at": 5}}
    assert await mine.merge([]) == {}
    note = await theirs.read("a")
    assert note is not None
    assert note.text == "theirs"


async def test_a_document_that_fits_no_struct_is_named(mine: Notes) -> None:
    await mine.insert(1, {"text": ["not", "text"]})
    with pytest.raises(Unreadable, match="notes 1"):
        await mine.read(1)


@pytest.mark.parametrize("value", [2**70, object(), {1, 2}, "\ud800"])
async def test_a_value_without_bson_is_refused_by_type(mine: Notes, value: object) -> None:
    with pytest.raises(Unstorable):
        await mine.insert(1, {"x": value})


async def test_a_text_that_is_not_unicode_is_looked_for_in_vain(mine: Notes) -> None:
    for looking in (mine.read("\ud800"), mine.ids({"text": "\udfff"}), mine.drop("a\udcff")):
        with pytest.raises(Unstorable, match="not Unicode"):
            await looking


async def test_a_document_too_large_is_refused_by_type(mine: Notes) -> None:
    with pytest.raises(Unstorable):
        await mine.insert(1, {"x": b"0" * (17 << 20)})


async def test_fields_may_not_bring_an_id(mine: Notes) -> None:
    for write in (mine.insert, mine.write):
        with pytest.raises(QueryRefused):
            await write(1, {"_id": {"owner": "tenant:tenant_b", "id": 1}})


async def test_counting_stops_at_its_limit(mine: Notes) -> None:
    for number in range(5):
        await mine.insert(number, {})
    assert await mine.count() == 5
    assert await mine.count(limit=3) == 3
    assert len(await mine.all_raw()) == 5


def test_a_struct_that_names_an_owner_is_no_document() -> None:
    with pytest.raises(TypeError, match="tenant_id"):

        class Stray(TenantDocument):  # pyright: ignore[reportUnusedClass] - making it is the test
            tenant_id: str
