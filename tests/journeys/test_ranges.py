"""Ranges of a large film over HTTP through the whole platform, with Telegram at its worst behind it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtime.loading import load_settings
from runtime.process import Process, running
from sandbox.telegram import DocumentInfo, SandboxOptions, TelegramSandbox
from tests.drills.ranges import Findings, asks, check
from tests.drills.stage import CHANNEL, SITES, Surroundings, Telegram, open_sites, play, visiting
from tests.drills.verdict import MIB

FILM_BYTES = 300 * MIB - 12_345
RANGES = 200
LONGEST = 96 << 10
AT_ONCE = 6


@pytest.fixture
async def sandbox() -> AsyncIterator[TelegramSandbox]:
    async with TelegramSandbox(SandboxOptions()) as server:
        server.add_channel(CHANNEL)
        yield server


@pytest.fixture
async def process(
    tmp_path: Path, mongodb_uri: str, redis_url: str, database_name: str, sandbox: TelegramSandbox, clean_database: None
) -> AsyncIterator[Process]:
    surroundings = Surroundings(
        home=tmp_path / "home",
        mongodb_uri=mongodb_uri,
        redis_url=redis_url,
        database=database_name,
        telegram=Telegram(sandbox.datacenters, sandbox.public_key_pem),
    )
    async with running(load_settings(surroundings.variables()), attach=False) as started:
        yield started


async def film(
    process: Process,
    sandbox: TelegramSandbox,
    folder: Path,
    size: int,
    *,
    dc_id: int = 2,
    advertised_dc_id: int = 2,
) -> DocumentInfo:
    document = sandbox.add_document(CHANNEL, size, seed="film", dc_id=dc_id, advertised_dc_id=advertised_dc_id)
    await open_sites(process.services.stores, {"the_film": document}, folder)
    return document


async def test_200_ranges_are_the_sources_bytes_whatever_telegram_does(
    process: Process, sandbox: TelegramSandbox, tmp_path: Path
) -> None:
    document = await film(process, sandbox, tmp_path, FILM_BYTES, dc_id=4)
    seed = random.randrange(2**32)
    sandbox.faults.set(flood_every=20, expire_reference_every=37, drop_every=41, cut_every=43, unregister_every=71)
    findings = Findings.none_yet()
    async with visiting(f"http://{process.sites}") as client:
        ticket = await play(client, SITES["north"], "the_film")
        client.headers.update(ticket.headers)
        etag = (await client.head(ticket.url)).headers["etag"].strip('"')
        queue = asks(random.Random(seed), size=FILM_BYTES, etag=etag, number=RANGES, longest=LONGEST)

        async def pull() -> None:
            while queue:
                await check(
                    client,
                    ticket.url,
                    queue.pop(),
                    size=FILM_BYTES,
                    content=lambda start, end: sandbox.content(document.media_id, start, end),
                    findings=findings,
                )

        await asyncio.gather(*(pull() for _ in range(AT_ONCE)))
    assert findings.complaints == [], f"seed {seed}"
    assert sum(findings.kinds.values()) == RANGES
    assert set(findings.statuses) == {200, 206, 304, 412, 416}
    told = set(sandbox.counters.errors)
    assert told >= {"FLOOD_WAIT_1", "FILE_REFERENCE_EXPIRED", "FILE_MIGRATE_4", "AUTH_KEY_UNREGISTERED"}
    assert process.services.core.stats["telegram_connections_lost"] > 0


async def test_ten_viewers_of_a_cold_film_cause_each_chunk_to_be_fetched_once(
    process: Process, sandbox: TelegramSandbox, tmp_path: Path
) -> None:
    size = 12 * MIB + 1
    document = await film(process, sandbox, tmp_path, size)
    source = sandbox.content(document.media_id, 0, size)

    async def watch(number: int) -> bool:
        host = list(SITES.values())[number % len(SITES)]
        async with visiting(f"http://{process.sites}") as client:
            ticket = await play(client, host, "the_film", address=f"10.0.0.{number}")
            return (await client.get(ticket.url, headers=ticket.headers)).content == source

    assert all(await asyncio.gather(*(watch(number) for number in range(10))))
    assert process.services.core.stats["fetched"] == 13
    assert process.services.core.stats["fetched_bytes"] == size
    fetched = {offset for _, offset in sandbox.counters.file_parts}
    assert fetched >= {chunk * MIB for chunk in range(13)}
    pieces = process.services.core.stats["first_pieces"]
    assert sum(sandbox.counters.file_parts.values()) == 13 + pieces
