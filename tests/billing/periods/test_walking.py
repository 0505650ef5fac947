"""What is due is worked off by owner within long stretches, and reading it costs no look at documents."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.monitoring import CommandStartedEvent

from billing.contracts.repository import INDEXES as CONTRACTS
from billing.invoices.repository import INDEXES as INVOICES
from billing.periods.desk import CycleReport
from billing.periods.drafting import due_batches
from billing.periods.finishing import waiting_blocks
from billing.periods.usage import bytes_of_many
from billing.periods.walking import Key, walked
from billing.rating.model import Span
from storage.across import Across, New
from storage.indexes import build_indexes
from storage.mongo import Database
from tenancy.usage import INDEXES as USAGE
from tests.billing.stage import START, Stage, at, monthly
from tests.support.listening import StartsOnly

DUE = {"$and": [{"state": "draft"}, {"issue_at": {"$lte": at("2026-02-01")}}]}
ORDER = ("issue_at", "_id.owner", "_id.id")


class Asked(StartsOnly):
    """Every command as it was sent."""

    def __init__(self) -> None:
        self.commands: list[Mapping[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.commands.append(event.command)


@asynccontextmanager
async def listening(mongodb_uri: str, name: str, asked: Asked) -> AsyncGenerator[Database]:
    database = await Database.connect(mongodb_uri, name, listeners=[asked])
    try:
        yield database
    finally:
        await database.close()


def looked_at(cleaner: MongoClient[dict[str, Any]], name: str, command: Mapping[str, Any]) -> int:
    """How many documents MongoDB reads for it, besides its index."""
    kept = {key: value for key, value in command.items() if key in {"find", "filter", "projection", "sort", "limit"}}
    kept |= {key: value for key, value in command.items() if key in {"aggregate", "pipeline", "cursor"}}
    told = cleaner[name].command("explain", kept, verbosity="executionStats", comment="system")
    stages: list[dict[str, Any]] = told.get("stages", [])
    stats: dict[str, Any] = (stages[0]["$cursor"] if stages else told)["executionStats"]
    return int(stats["totalDocsExamined"])


async def drafted(database: Database, *drafts: tuple[str, str, datetime]) -> None:
    new = [New(f"tenant:{owner}", n, {"state": "draft", "issue_at": when, "n": int(n)}) for owner, n, when in drafts]
    await build_indexes(database, INVOICES)
    await Across(database, "invoices").insert_new(new)


async def walk(database: Database, batch: int, stretch: int) -> list[list[Key]]:
    return [keys async for keys in walked(database, "invoices", DUE, ORDER, batch=batch, stretch=stretch)]


def owners(batches: list[list[Key]]) -> list[str]:
    return ["".join(key["owner"].removeprefix("tenant:") + key["id"] for key in keys) for keys in batches]


async def test_a_stretch_is_the_oldest_and_goes_by_owner(database: Database) -> None:
    later = START + timedelta(hours=1)
    await drafted(database, ("d", "0", START), ("b", "0", START), ("c", "0", later), ("a", "0", later))
    assert owners(await walk(database, batch=4, stretch=4)) == ["a0b0c0d0"]
    assert owners(await walk(database, batch=4, stretch=2)) == ["b0d0", "a0c0"]
    assert owners(await walk(database, batch=1, stretch=3)) == ["a0", "b0", "d0", "c0"]


@pytest.mark.parametrize("stretch", [1, 2, 3, 4, 5, 6, 7])
async def test_no_document_is_passed_over_or_met_twice_where_a_stretch_ends(database: Database, stretch: int) -> None:
    later = START + timedelta(hours=1)
    everything = [(owner, n, when) for when, n in ((START, "0"), (later, "1")) for owner in "cab"]
    await drafted(database, *everything, ("z", "0", at("2026-02-01T00:00:00.001")))
    met = owners(await walk(database, 1, stretch))
    assert sorted(met) == sorted(owner + n for owner, n, _ in everything)


async def test_what_somebody_else_did_since_the_stretch_began_is_left_alone(stage: Stage) -> None:
    for name in ("north", "south"):
        await stage.begin(await stage.add_tenant(name), monthly(), anchor=START)
    now, one_by_one = at("2026-02-01"), stage.ruled(batch=1, block=1, grace_seconds=60)
    due = due_batches(one_by_one.desk, now, CycleReport(), force=False)
    assert [each.owner for each in await anext(due)] == ["tenant:north"]
    assert (await one_by_one.run(now)).drafted == 2
    assert [batch async for batch in due] == [[]]
    now += timedelta(minutes=1)
    waiting = waiting_blocks(one_by_one.desk, now, CycleReport())
    assert [owner for owner, _ in await anext(waiting)] == ["tenant:north"]
    assert (await one_by_one.run(now)).issued == 2
    assert [block async for block in waiting] == [[]]


async def test_what_is_due_is_read_from_the_index_alone(
    mongodb_uri: str, database_name: str, cleaner: MongoClient[dict[str, Any]]
) -> None:
    asked = Asked()
    async with listening(mongodb_uri, database_name, asked) as database:
        await build_indexes(database, CONTRACTS)
        new = [New(f"tenant:{owner}", "contract", {"next_due": START}) for owner in "abc"]
        await Across(database, "contracts").insert_new(new)
        due = {"$and": [{"next_due": {"$type": "date"}}, {"next_due": {"$lte": START}}]}
        order = ("next_due", "_id.owner")
        assert [len(keys) async for keys in walked(database, "contracts", due, order, batch=3, stretch=2)] == [2, 1]
    finds = [each for each in asked.commands if "find" in each]
    assert [looked_at(cleaner, database_name, each) for each in finds] == [0, 0]


async def test_whole_days_of_usage_are_added_up_from_the_index_alone(
    mongodb_uri: str, database_name: str, cleaner: MongoClient[dict[str, Any]]
) -> None:
    asked = Asked()
    async with listening(mongodb_uri, database_name, asked) as database:
        await build_indexes(database, USAGE)
        days = [New(f"tenant:{owner}", f"2026-01-{day:02d}", {"bytes": day}) for owner in "ab" for day in range(1, 32)]
        await Across(database, "usage").insert_new(days)
        span = Span(START, at("2026-02-01"))
        found = await bytes_of_many(database, [("tenant:a", span), ("tenant:b", span)])
    assert list(found.values()) == [496, 496]
    sums = [each for each in asked.commands if "aggregate" in each]
    assert [looked_at(cleaner, database_name, each) for each in sums] == [0]
