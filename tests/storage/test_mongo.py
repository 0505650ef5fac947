"""A MongoDB that is away is said to be, soon, and used again when it is back."""

import asyncio
import contextlib
import time
from datetime import datetime
from pathlib import Path

import pytest
from bson import DatetimeMS

from storage.errors import StorageUnavailable
from storage.moments import epoch_of, moment
from storage.mongo import Database, collection_of, edge
from tests.support.wire import wire_to


async def test_nobody_listening_fails_within_two_seconds() -> None:
    started = time.monotonic()
    with pytest.raises(StorageUnavailable):
        await Database.connect("mongodb://127.0.0.1:1/")
    assert time.monotonic() - started < 2.5


@pytest.mark.parametrize("uri", ["", "http://x", "mongodb://", "mongodb://127.0.0.1:1/?w=-9", "mongodb://a:b:c"])
async def test_a_bad_uri_is_named_as_such(uri: str) -> None:
    with pytest.raises(ValueError, match="not a MongoDB URI"):
        await Database.connect(uri)


async def test_a_lost_server_fails_fast_and_comes_back_without_a_restart(mongodb_uri: str, database_name: str) -> None:
    async with wire_to(mongodb_uri) as (wire, uri):
        database = await Database.connect(uri, database_name)
        await wire.cut()
        for _ in range(2):
            started = time.monotonic()
            with pytest.raises(StorageUnavailable):
                await database.ping()
            with pytest.raises(StorageUnavailable), edge:
                await collection_of(database, "tenants").find_one({})
            assert time.monotonic() - started < 5
        await wire.mend()
        await database.ping()
        await database.close()


async def test_datetimes_are_naive_utc_and_odd_ones_still_readable(database: Database) -> None:
    tenants = collection_of(database, "tenants")
    await tenants.insert_one({"_id": 1, "at": moment(1_800_000_000.1239), "odd": DatetimeMS(2**55)})
    found = await tenants.find_one({"_id": 1})
    assert found is not None
    assert found["at"] == datetime(2027, 1, 15, 8, 0, 0, 123_000)  # noqa: DTZ001 - naive on purpose
    assert epoch_of(found["at"]) == 1_800_000_000.123
    assert found["odd"] == DatetimeMS(2**55)


async def test_an_option_in_the_uri_wins(mongodb_uri: str) -> None:
    database = await Database.connect(mongodb_uri + "&appName=other&maxPoolSize=3")
    await database.close()


def test_no_other_room_imports_a_driver() -> None:
    rooms = [path for path in Path("platform").rglob("*.py") if path.parts[1] not in {"storage", "sandbox"}]
    drivers = ("import pymongo", "from pymongo", "import redis", "from redis", "import bson", "from bson", "gridfs")
    found = [f"{path}: {line}" for path in rooms for line in path.read_text().splitlines() if line.startswith(drivers)]
    assert found == []


async def test_a_cancellation_that_the_driver_loses_is_not_lost() -> None:
    went_on: list[str] = []

    async def working() -> None:
        while True:
            with edge, contextlib.suppress(asyncio.CancelledError):  # as asyncio.wait_for of Python 3.11 does
                await asyncio.sleep(60)
            went_on.append("worked")

    task = asyncio.create_task(working())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)
    assert went_on == []


async def test_what_cleans_up_after_a_cancellation_is_let_finish() -> None:
    done: list[str] = []

    async def working() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            for step in ("first", "second"):
                with edge:
                    await asyncio.sleep(0)
                done.append(step)

    task = asyncio.create_task(working())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert done == ["first", "second"]
