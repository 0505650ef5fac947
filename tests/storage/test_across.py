"""Work over all owners at once."""

from __future__ import annotations

import pytest
from pymongo import UpdateMany, UpdateOne

from storage.across import Across, Change, New
from storage.bulk import updates_of
from storage.errors import QueryRefused, Unstorable
from storage.mongo import Database


async def test_what_is_there_already_is_left_as_it_is_and_told(database: Database) -> None:
    periods = Across(database, "periods")
    assert await periods.insert_new([New("tenant:a", 1, {"by": "first"})]) == {0}
    again = [New("tenant:a", 1, {"by": "second"}), New("tenant:b", 1, {"by": "second"}), New("tenant:a", 2, {})]
    assert await periods.insert_new(again) == {1, 2}
    found = await periods.find({"_id.id": 1}, sort=[("_id.owner", 1)])
    assert [(each["_id"]["owner"], each["by"]) for each in found] == [("tenant:a", "first"), ("tenant:b", "second")]
    assert await periods.insert_new([]) == set()


async def test_each_change_touches_its_own_document_and_only_where_it_says(database: Database) -> None:
    periods = Across(database, "periods")
    await periods.insert_new([New(owner, 1, {"fence": fence}) for owner, fence in (("tenant:a", 1), ("tenant:b", 2))])
    changes = [Change(owner, 1, {"$set": {"state": "drafted"}}, {"fence": 1}) for owner in ("tenant:a", "tenant:b")]
    assert await periods.update_each(changes) == 1
    assert await periods.count({"state": "drafted"}) == 1
    total = await periods.aggregate([{"$group": {"_id": None, "fences": {"$sum": "$fence"}}}])
    assert total[0]["fences"] == 3


async def test_the_same_change_of_many_is_one_write_and_reaches_each_that_matches(database: Database) -> None:
    periods = Across(database, "periods")
    owners = [f"tenant:{name}" for name in "abcd"]
    await periods.insert_new([New(owner, 1, {"fence": 2 if owner == "tenant:d" else 1}) for owner in owners])
    drafted, when = {"$set": {"state": "drafted"}}, {"fence": 1}
    changes = [Change(owner, 1, dict(drafted), dict(when)) for owner in owners]
    changes += [Change("tenant:d", 1, {"$set": {"state": "void"}}), Change("tenant:e", 1, drafted, when)]
    writes = updates_of((each.owner, each.update, each.where) for each in changes)
    assert [type(write) for write in writes] == [UpdateMany, UpdateOne]
    assert await periods.update_each(changes) == 4
    found = await periods.find({}, sort=[("_id.owner", 1)])
    assert [each["state"] for each in found] == ["drafted", "drafted", "drafted", "void"]
    with pytest.raises(Unstorable):
        await periods.update_each([Change("tenant:a", 1, {"$set": {"bytes": 2**64}})])


async def test_no_script_and_no_other_collection(database: Database) -> None:
    periods = Across(database, "periods")
    with pytest.raises(QueryRefused):
        await periods.find({"$where": "true"})
    with pytest.raises(QueryRefused):
        await periods.aggregate([{"$lookup": {"from": "users", "as": "users"}}])
    with pytest.raises(QueryRefused):
        await periods.update_each([Change("tenant:a", 1, {"$set": {"_id.owner": "tenant:b"}})])
