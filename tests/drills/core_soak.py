"""Random ranges of a 300 MiB film over HTTP while Telegram does its worst, and ten viewers of one cold film.

Every round asks 200 ranges of a film that lies in another datacenter than its message says, with flood waits every 20
calls, references that expire, sign-ins that are lost, and connections that are dropped or cut, at rates of its own.
Every byte is held against the source. Then ten viewers of two sites watch a film that nobody has seen: each of its
chunks is fetched once.
"""

from __future__ import annotations

import asyncio
import random
import re
import signal
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

from sandbox.telegram import DocumentInfo
from sandbox.telegram.content import content
from tests.drills.processes import Platform, Sandbox, sandbox_telegram
from tests.drills.ranges import Findings, asks, check
from tests.drills.stage import SITES, Surroundings, open_sites, play, visiting
from tests.drills.stores import stores_on
from tests.drills.verdict import MIB, Verdict
from tests.support.engines import engines

FILM_BYTES: Final = 300 * MIB - 12_345
COLD_BYTES: Final = 24 * MIB + 1
RANGES: Final = 200
LONGEST_BYTES: Final = 3 * MIB
AT_ONCE: Final = 6
VIEWERS: Final = 10
EXPECTED: Final = {"FLOOD_WAIT_1", "FILE_REFERENCE_EXPIRED", "FILE_MIGRATE_4", "AUTH_KEY_UNREGISTERED"}


def run(folder: Path, *, rounds: int, seed: int) -> Verdict:
    """The whole drill, in an empty folder."""
    with engines() as (mongodb_uri, redis_url):
        return asyncio.run(_run(folder, mongodb_uri, redis_url, rounds=rounds, seed=seed))


async def _run(folder: Path, mongodb_uri: str, redis_url: str, *, rounds: int, seed: int) -> Verdict:
    chance = random.Random(seed)
    verdict = Verdict("core soak", ("round", "what", "requests", "film bytes", "fetched chunks", "complaints"))
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(sandbox_telegram(folder / "telegram"))
        surroundings = Surroundings(
            home=folder / "home",
            mongodb_uri=mongodb_uri,
            redis_url=redis_url,
            telegram=sandbox.telegram,
            # The film does not fit, so that chunks are fetched again.
            more={"MARQUEE_CACHE__DISK_BYTES": str(64 * MIB), "MARQUEE_CACHE__MEMORY_BYTES": str(64 * MIB)},
        )
        films = {"large": await sandbox.add_film(FILM_BYTES, seed="large", dc_id=4, advertised_dc_id=2)}
        films |= {f"cold_{number}": await sandbox.add_film(COLD_BYTES, seed=str(number)) for number in range(rounds)}
        stores = await stack.enter_async_context(stores_on(surroundings))
        await open_sites(stores, films, folder / "dump")
        platform = Platform(surroundings, folder / "serve.log")
        stack.push_async_callback(platform.end, signal.SIGKILL)
        await platform.start()
        errors: Counter[str] = Counter()
        for number in range(rounds):
            await _ranges(platform, sandbox, films["large"], number, chance, verdict)
            errors.update((await sandbox.counters())["errors"])
            await _cold(platform, sandbox, f"cold_{number}", films[f"cold_{number}"], number, verdict)
        verdict.hold(set(errors) >= EXPECTED, f"the faults {EXPECTED - set(errors)} never came")
        verdict.hold(await platform.end(signal.SIGTERM) == 0, f"SIGTERM: {platform.last_words()}")
        verdict.notes.append(
            f"Telegram answered {', '.join(f'{count} {name}' for name, count in errors.most_common())}"
        )
    return verdict


async def _ranges(
    platform: Platform, sandbox: Sandbox, film: DocumentInfo, number: int, chance: random.Random, verdict: Verdict
) -> None:
    await sandbox.reset_counters()
    await sandbox.faults(
        flood_every=20,
        expire_reference_every=chance.randrange(25, 50),
        drop_every=chance.randrange(25, 60),
        cut_every=chance.randrange(25, 60),
        unregister_every=chance.randrange(60, 120),
        latency_seconds=chance.uniform(0, 0.02),
        jitter_seconds=chance.uniform(0, 0.02),
    )
    async with visiting(platform.address) as client:
        ticket = await play(client, SITES["north"], "large", address=f"10.1.0.{number + 1}")
        client.headers.update(ticket.headers)
        etag = (await client.head(ticket.url)).headers["etag"].strip('"')
        queue = asks(chance, size=FILM_BYTES, etag=etag, number=RANGES, longest=LONGEST_BYTES)
        findings = Findings.none_yet()

        async def pull() -> None:
            while queue:
                await check(
                    client,
                    ticket.url,
                    queue.pop(),
                    size=FILM_BYTES,
                    content=lambda start, end: content(film.media_id, start, end),
                    findings=findings,
                )

        await asyncio.gather(*(pull() for _ in range(AT_ONCE)))
    await sandbox.faults_off()
    parts = (await sandbox.counters())["file_parts"]
    asked, wrong = sum(findings.kinds.values()), len(findings.complaints)
    verdict.enter(number + 1, "ranges", asked, findings.film_bytes, sum(parts.values()), wrong)
    verdict.broken += [f"round {number + 1}: {complaint}" for complaint in findings.complaints]
    verdict.hold(asked == RANGES, f"round {number + 1}: {asked} of {RANGES} ranges were asked")


async def _cold(
    platform: Platform, sandbox: Sandbox, title: str, film: DocumentInfo, number: int, verdict: Verdict
) -> None:
    await sandbox.reset_counters()
    source = content(film.media_id, 0, COLD_BYTES)
    pieces = -await _first_pieces(platform)

    async def watch(viewer: int) -> bool:
        host = list(SITES.values())[viewer % len(SITES)]
        async with visiting(platform.address) as client:
            ticket = await play(client, host, title, address=f"10.2.{number}.{viewer + 1}")
            return (await client.get(ticket.url, headers=ticket.headers)).content == source

    exact = sum(await asyncio.gather(*(watch(viewer) for viewer in range(VIEWERS))))
    pieces += await _first_pieces(platform)
    counters: Mapping[str, Any] = await sandbox.counters()
    fetched, chunks = sum(counters["file_parts"].values()) - pieces, -(-COLD_BYTES // MIB)
    verdict.enter(number + 1, "cold film", VIEWERS, VIEWERS * COLD_BYTES, fetched, VIEWERS - exact)
    verdict.hold(exact == VIEWERS, f"round {number + 1}: {VIEWERS - exact} viewers of the cold film got other bytes")
    verdict.hold(fetched == chunks, f"round {number + 1}: {fetched} fetches for the {chunks} chunks of the cold film")


async def _first_pieces(platform: Platform) -> int:
    """Small requests ahead of a chunk, which a slow line makes a seek begin with."""
    async with visiting(platform.internal) as client:
        metrics = (await client.get("/metrics")).text
    found = re.search(r"^marquee_stream_first_pieces(?:_total)? ([0-9.]+)$", metrics, re.MULTILINE)
    assert found is not None, metrics
    return int(float(found[1]))
