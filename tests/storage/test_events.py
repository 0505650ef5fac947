"""News reach every process once and in order, with Redis and without."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from storage.errors import StorageUnavailable
from storage.events import Events
from storage.mongo import Database, collection_of
from storage.valkey import Cache, publish
from tests.support.wire import until, wire_to


class Reader:
    def __init__(self) -> None:
        self.heard: list[Mapping[str, Any]] = []

    async def __call__(self, payload: Mapping[str, Any]) -> None:
        self.heard.append(payload)

    def numbers(self) -> list[int]:
        return [payload.get("n", -1) for payload in self.heard]


@asynccontextmanager
async def node(
    database: Database, cache: Cache, *, healthy: bool = True
) -> AsyncGenerator[tuple[Events, Reader], None]:
    events, reader = Events(database, cache), Reader()
    events.subscribe("tenants", reader)
    async with events:
        if healthy:
            await until(lambda: events.healthy)
        yield events, reader


async def test_every_node_hears_each_event_once_in_order(database: Database, cache: Cache) -> None:
    async with node(database, cache) as (here, near), node(database, cache) as (_, far):
        for number in range(200):
            await here.publish("tenants", {"n": number})
        await until(lambda: len(near.heard) >= 200 and len(far.heard) >= 200)
        assert near.numbers() == far.numbers() == list(range(200))


async def test_a_node_hears_nothing_of_before_its_time_nor_of_other_topics(database: Database, cache: Cache) -> None:
    await Events(database, cache).publish("tenants", {"n": 1})
    async with node(database, cache) as (events, reader):
        await events.publish("viewers", {"n": 2})
        await events.publish("tenants", {"n": 3})
        await until(lambda: len(reader.heard) >= 1)
        assert reader.numbers() == [3]


async def test_without_redis_an_event_arrives_within_a_second(database: Database, cache: Cache, redis_url: str) -> None:
    async with wire_to(redis_url) as (wire, url):
        severed = await Cache.connect(url)
        async with node(database, severed) as (events, reader), node(database, cache) as (_, far):
            await wire.cut()
            await until(lambda: not events.healthy)
            await events.publish("tenants", {"n": 1})
            await until(lambda: reader.numbers() == [1] and far.numbers() == [1], seconds=1.5)
            await wire.mend()
            await until(lambda: events.healthy)
            await events.publish("tenants", {"n": 2})
            await until(lambda: reader.numbers() == [1, 2] and far.numbers() == [1, 2])
        await severed.close()


async def test_a_node_that_missed_too_much_is_told_to_forget_everything(
    database: Database, cache: Cache, redis_url: str
) -> None:
    async with wire_to(redis_url) as (wire, url):
        severed = await Cache.connect(url)
        async with node(database, severed) as (events, reader):
            await wire.cut()
            await until(lambda: not events.healthy)
            await collection_of(database, "events").update_one(
                {"_id": "tenants"}, {"$set": {"generation": 1_000, "recent": [{"n": 1_000}]}}, upsert=True
            )
            await until(lambda: len(reader.heard) >= 1)
            assert reader.heard == [{}]
        await severed.close()


async def test_a_message_that_skips_a_generation_brings_the_missed_one_too(database: Database, cache: Cache) -> None:
    async with node(database, cache) as (events, reader):
        await collection_of(database, "events").update_one(
            {"_id": "tenants"}, {"$inc": {"generation": 1}, "$push": {"recent": {"n": 1}}}, upsert=True
        )
        await events.publish("tenants", {"n": 2})
        await until(lambda: len(reader.heard) >= 2)
        assert reader.numbers() == [1, 2]


async def test_a_reader_that_fails_does_not_stop_the_others(
    database: Database, cache: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_: Mapping[str, Any]) -> None:
        raise RuntimeError("broken reader")

    events, reader = Events(database, cache), Reader()
    events.subscribe("tenants", broken)
    events.subscribe("tenants", reader)
    async with events:
        await events.publish("tenants", {"n": 1})
        await events.publish("tenants", {"n": 2})
        await until(lambda: reader.numbers() == [1, 2])
    assert "broken reader" in caplog.text


async def test_an_event_that_cannot_be_written_down_is_an_error(
    database: Database, cache: Cache, mongodb_uri: str, database_name: str
) -> None:
    async with wire_to(mongodb_uri) as (wire, uri):
        severed = await Database.connect(uri, database_name)
        async with node(severed, cache) as (events, reader):
            await wire.cut()
            with pytest.raises(StorageUnavailable):
                await events.publish("tenants", {"n": 1})
            await Events(database, cache).publish("tenants", {"n": 2})
            await until(lambda: reader.numbers() == [2])
            await wire.mend()
            await events.publish("tenants", {"n": 3})
            await until(lambda: reader.numbers() == [2, 3])
        await severed.close()


async def test_an_empty_event_is_a_mistake(database: Database, cache: Cache) -> None:
    with pytest.raises(ValueError, match="not empty"):
        await Events(database, cache).publish("tenants", {})


async def test_leaving_at_once_never_hangs(database: Database, cache: Cache) -> None:
    async with asyncio.timeout(20):
        for number in range(60):
            async with node(database, cache, healthy=False):
                await asyncio.sleep(number % 6 / 1_000)


async def test_leaving_without_redis_never_hangs(database: Database, redis_url: str) -> None:
    async with wire_to(redis_url) as (wire, url), asyncio.timeout(20):
        severed = await Cache.connect(url)
        await wire.cut()
        for number in range(5):
            async with node(database, severed, healthy=False):
                await asyncio.sleep(number / 500)
        await severed.close()


async def test_noise_on_the_channel_is_passed_over(database: Database, cache: Cache) -> None:
    async with node(database, cache) as (events, reader):
        for noise in (b"", b"not json", b'{"topic": 5}', b'{"topic": "tenants"}', b"\xff"):
            await publish(cache, "marquee:events", noise)
        await events.publish("tenants", {"n": 1})
        await until(lambda: reader.numbers() == [1])
        assert events.healthy
