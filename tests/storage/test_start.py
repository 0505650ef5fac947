"""What every start does to a database: once, by one process, however many start."""

import asyncio
from datetime import timedelta

import pytest

from storage.errors import Conflict
from storage.indexes import Index, build_indexes
from storage.locks import LockLost, locked
from storage.migrations import Migration, apply
from storage.moments import moment
from storage.mongo import Database, collection_of
from tests.support.clock import FakeClock

NOTES = Index(
    "notes", (("_id.owner", 1), ("short_id", 1)), "short", unique=True, partial={"short_id": {"$exists": True}}
)


async def test_many_starts_at_once_migrate_once(database: Database, clock: FakeClock) -> None:
    ran: list[str] = []
    at_work = 0

    async def step(_: Database) -> None:
        nonlocal at_work
        at_work += 1
        assert at_work == 1, "two processes at once"
        await asyncio.sleep(0.02)
        ran.append("first")
        at_work -= 1

    migrations = (Migration("first", step),)
    answers = await asyncio.gather(*(apply(database, (NOTES,), clock=clock, migrations=migrations) for _ in range(3)))
    assert sorted(map(len, answers)) == [0, 0, 1]
    assert ran == ["first"]
    assert "short" in await collection_of(database, "notes").index_information()


async def test_a_migration_that_died_runs_again(database: Database, clock: FakeClock) -> None:
    attempts: list[int] = []

    async def step(_: Database) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise RuntimeError("died")

    migrations = (Migration("first", step),)
    with pytest.raises(RuntimeError):
        await apply(database, (), clock=clock, migrations=migrations)
    assert await apply(database, (), clock=clock, migrations=migrations) == ["first"]
    assert await apply(database, (), clock=clock, migrations=migrations) == []


async def test_a_changed_declaration_makes_the_index_anew(database: Database) -> None:
    await build_indexes(database, (NOTES,))
    changed = Index("notes", (("_id.owner", 1), ("other", 1)), "short")
    await build_indexes(database, (changed, Index("notes", (("_id.owner", 1), ("more", 1)), "more")))
    information = await collection_of(database, "notes").index_information()
    assert information["short"]["key"] == [("_id.owner", 1), ("other", 1)]
    assert information["more"]["key"] == [("_id.owner", 1), ("more", 1)]
    await collection_of(database, "notes").drop()


async def test_documents_that_break_a_unique_index_are_a_conflict(database: Database) -> None:
    notes = collection_of(database, "broken_notes")
    await notes.insert_many([{"_id": {"owner": "tenant:a", "id": each}, "x": 1} for each in range(2)])
    with pytest.raises(Conflict):
        await build_indexes(database, (Index("broken_notes", (("_id.owner", 1), ("x", 1)), "x", unique=True),))


async def test_a_dead_holder_does_not_hold_for_ever(database: Database, clock: FakeClock) -> None:
    await collection_of(database, "locks").insert_one(
        {"_id": "schema", "holder": "dead", "until": moment(clock()) + timedelta(seconds=10)}
    )
    waiting = asyncio.create_task(apply(database, (), clock=clock))
    done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done
    clock.advance(11)
    assert await waiting == []
    assert await collection_of(database, "locks").count_documents({}) == 0


async def test_a_holder_that_lost_its_lease_is_told(database: Database, clock: FakeClock) -> None:
    with pytest.raises(LockLost):
        async with locked(database, "schema", clock=clock):
            await collection_of(database, "locks").update_one({"_id": "schema"}, {"$set": {"holder": "another"}})
    assert await collection_of(database, "locks").count_documents({"holder": "another"}) == 1
