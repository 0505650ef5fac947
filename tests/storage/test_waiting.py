"""A request that is given up while it waits for a server leaves nothing behind that others wait for."""

from __future__ import annotations

import asyncio

import anyio
import pytest

from storage.errors import StorageUnavailable
from storage.mongo import Database, collection_of, edge
from tests.support.wire import wire_to


async def ask(database: Database) -> None:
    with edge:
        await collection_of(database, "anything").find_one({}, comment="system")


async def test_requests_cancelled_again_and_again_while_no_server_answers_do_not_lock_out_the_next(
    mongodb_uri: str, database_name: str
) -> None:
    async with wire_to(mongodb_uri) as (wire, url):
        database = await Database.connect(url, database_name)
        await wire.cut()
        with pytest.raises(StorageUnavailable):
            await ask(database)
        for _ in range(20):
            # anyio cancels at every turn of the loop until the task has ended.
            with anyio.move_on_after(0.01):
                async with anyio.create_task_group() as tasks:
                    for _ in range(10):
                        tasks.start_soon(ask, database)
        async with asyncio.timeout(5):
            with pytest.raises(StorageUnavailable):
                await ask(database)
        await wire.mend()
        async with asyncio.timeout(10):
            while True:
                try:
                    await ask(database)
                except StorageUnavailable:
                    continue
                break
        await database.close()
