"""The watch over the suite's commands tells scoped ones from the others."""

from typing import Any

import pytest
from pymongo.errors import PyMongoError

from storage.mongo import Database, collection_of
from storage.scope import TenantScope
from tests.support.commands import UnscopedCommands, is_scoped

OWNED: dict[str, Any] = {"_id": {"owner": "tenant:a", "id": 1}}


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("find", {"filter": {"_id.owner": "tenant:a"}}),
        ("find", {"filter": OWNED}),
        ("find", {"filter": {"$and": [{"x": 1}, {"_id.owner": "platform"}]}}),
        ("find", {"filter": {"$or": [OWNED, {"_id.owner": "platform"}]}}),
        ("find", {"filter": {"_id": {"$in": [OWNED["_id"]]}}}),
        ("find", {"filter": {"files_id": {"$eq": OWNED["_id"]}}}),
        ("insert", {"documents": [OWNED, OWNED]}),
        ("update", {"updates": [{"q": OWNED}]}),
        ("delete", {"deletes": [{"q": {"_id.owner": "tenant:a"}}]}),
        ("findAndModify", {"query": OWNED}),
        ("aggregate", {"pipeline": [{"$match": {"_id.owner": "tenant:a"}}, {"$group": {"_id": None}}]}),
    ],
)
def test_a_command_that_names_an_owner_passes(name: str, command: dict[str, Any]) -> None:
    assert is_scoped(name, command)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("find", {}),
        ("find", {"filter": {}}),
        ("find", {"filter": {"short_id": "x"}}),
        ("find", {"filter": {"_id": 1}}),
        ("find", {"filter": {"_id.owner": {"$exists": True}}}),
        ("find", {"filter": {"$or": [OWNED, {"x": 1}]}}),
        ("find", {"filter": {"$nor": [OWNED]}}),
        ("insert", {"documents": [OWNED, {"_id": 1}]}),
        ("update", {"updates": [{"q": OWNED}, {"q": {}}]}),
        ("delete", {"deletes": [{"q": {"x": 1}}]}),
        ("findAndModify", {"query": {"x": 1}}),
        ("distinct", {"query": {}}),
        ("count", {}),
        ("aggregate", {"pipeline": []}),
        ("aggregate", {"pipeline": [{"$group": {"_id": None}}]}),
        ("aggregate", {"pipeline": [{"$match": OWNED}, {"$facet": {"x": [{"$unionWith": "library"}]}}]}),
    ],
)
def test_a_command_without_an_owner_is_seen(name: str, command: dict[str, Any]) -> None:
    assert not is_scoped(name, command)


async def test_the_watch_is_on_every_connection(
    database: Database, scope_a: TenantScope, unscoped_commands: UnscopedCommands
) -> None:
    library = collection_of(database, "library")
    await library.find_one({"_id.owner": scope_a.owner})
    await library.find_one({}, comment="system")
    await collection_of(database, "tenants").find_one({})
    assert unscoped_commands.violations == []
    await library.find_one({"short_id": "x"})
    assert len(unscoped_commands.violations) == 1
    assert "find on library" in unscoped_commands.violations[0]
    with pytest.raises(PyMongoError):
        await library.aggregate([{"$match": {}}, {"$nonsense": 1}])
    assert len(unscoped_commands.violations) == 2
    unscoped_commands.violations.clear()
