"""How long a search takes among 1,000,000 titles of 1,000 tenants, from the request to the answer's last byte.

The whole application in process, without a socket: host → tenant → age gate → index → MongoDB → JSON. Mistyped words,
unfinished words and words in the wrong order, on sites picked anew for each request. Each site shows titles of its own
and 100,000 shared ones.

Writing the library takes most of the time: BENCH_SEARCH_HOME names a home that is kept, to be measured again.
"""

import asyncio
import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import httpx
import msgspec
from litestar import Litestar
from rich.console import Console

from benchmarks.figures import Figure, figure
from benchmarks.search_library import Vocabulary, titles, write
from content.indexes import LIBRARY
from runtime.app import create_app
from runtime.composition import Services, Stores, open_services, open_stores
from runtime.engines.embedded import engines_for
from runtime.engines.home import Home
from runtime.health import Health
from runtime.loading import load_settings
from storage.audit import Actor
from storage.indexes import build_indexes
from storage.mongo import collection_of
from tenancy.desk import create_tenant

TENANTS = int(os.environ.get("BENCH_SEARCH_TENANTS", "1000"))
TITLES = int(os.environ.get("BENCH_SEARCH_TITLES", "1000000"))
SHARED = TITLES // 10
REQUESTS = 2_000
TARGET_MS = 50.0
_ACTOR = Actor("system", "bench")
_console = Console(stderr=True)
Ask = Callable[[str, str], str]


async def run() -> list[Figure]:
    """p95 of searches and of suggestions against the bar of 50 ms."""
    with tempfile.TemporaryDirectory(prefix="marquee-bench-search-") as folder:
        async with _platform(Path(os.environ.get("BENCH_SEARCH_HOME", folder))) as (app, services, sample):
            size = sum(each.stat().st_size for each in services.stores.home.search.rglob("*") if each.is_file())
            told = f"{services.search.titles if services.search else 0:,} titles, index {size / 2**20:.0f} MiB on disk"
            _console.print(f"{told}; this process has {_resident_mib():.0f} MiB resident")
            transport = httpx.ASGITransport(cast("Any", app), raise_app_exceptions=True)
            async with httpx.AsyncClient(transport=transport) as client:
                searches = await _times(client, sample, lambda text, _: f"/api/v1/titles?{urlencode({'q': text})}")
                typed = await _times(client, sample, lambda text, _: f"/api/v1/suggestions?{urlencode({'q': text})}")
                pages = await _times(client, sample[:200], lambda text, _: f"/search?{urlencode({'q': text})}")
            return [
                _figure("a search by the API", searches, told),
                _figure("a suggestion", typed, told),
                _figure("a search page in HTML", pages, told),
            ]


def _figure(what: str, seconds: list[float], told: str) -> Figure:
    percentiles = [value * 1_000 for value in statistics.quantiles(seconds, n=100)]
    p50, p95, p99 = percentiles[49], percentiles[94], percentiles[98]
    how = (
        f"python -m benchmarks search: {len(seconds)} requests to the application in process, one after the other, on "
        f"{TENANTS:,} sites; {told}; p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f} ms"
    )
    return figure(f"p95 of {what} / {TARGET_MS:g} ms", p95, TARGET_MS, p95 / TARGET_MS, unit="ms", target=1.0, how=how)


async def _times(client: httpx.AsyncClient, sample: list[tuple[str, str]], url: Ask) -> list[float]:
    dice = random.Random(3)
    asked = [dice.choice(sample) for _ in range(min(REQUESTS, 10 * len(sample)))]
    seconds: list[float] = []
    for place, (owner, name) in enumerate(asked):
        tenant = owner.removeprefix("tenant:") if owner != "platform" else f"t{dice.randrange(TENANTS)}"
        text = spelled(name, place, dice)
        started = time.perf_counter()
        answer = await client.get(f"http://{tenant}.example{url(text, tenant)}")
        seconds.append(time.perf_counter() - started)
        assert answer.status_code == 200, answer.text
    return seconds[len(seconds) // 10 :]


def spelled(name: str, place: int, dice: random.Random) -> str:
    """A title as people type it: as it is, a part of it, turned around, or with a typo."""
    words = re.findall(r"\w+", name.lower())
    way = place % 5
    if way == 0:
        return name
    if way == 1:
        return " ".join(words)[: dice.randint(2, 8)]
    if way == 2:
        return " ".join(reversed(words))
    word = max(words, key=len)
    cut = dice.randrange(max(1, len(word) - 1))
    typo = word[:cut] + word[cut + 1 :] if way == 3 else word[:cut] + word[cut : cut + 2][::-1] + word[cut + 2 :]
    return " ".join(typo if each == word else each for each in words)


@asynccontextmanager
async def _platform(home: Path) -> AsyncGenerator[tuple[Litestar, Services, list[tuple[str, str]]]]:
    """A platform whose index is ready, and some titles with whose they are."""
    settings = load_settings({"MARQUEE_HOME": str(home), "MARQUEE_INTERNAL__LISTEN": "127.0.0.1:0"})
    Home(settings.home).prepare()
    async with (
        engines_for(settings, attach=False) as engines,
        open_stores(settings, engines, clock=time.time) as stores,
    ):
        sample_file = home / "sample.json"
        if not sample_file.exists():
            sample_file.write_bytes(msgspec.json.encode(await _written(stores)))
        sample = msgspec.json.decode(sample_file.read_bytes(), type=list[tuple[str, str]])
        written = await collection_of(stores.database, "library").estimated_document_count()
        before = time.monotonic()
        async with open_services(stores) as services:
            assert services.search is not None
            while services.search.titles != written:
                await asyncio.sleep(0.5)
            _console.print(f"the index was made in {time.monotonic() - before:.0f} s")
            checks = {"mongodb": stores.database.ping}
            yield create_app(services, Health(checks)), services, sample


async def _written(stores: Stores) -> list[tuple[str, str]]:
    """Writes tenants and titles; gives every hundredth title with its owner."""
    started, sample, vocabulary = time.monotonic(), list[tuple[str, str]](), Vocabulary()
    # Indexes are made faster of what is there than one document at a time.
    await collection_of(stores.database, "library").drop_indexes()
    written = await write(stores.database, titles(vocabulary, "platform", SHARED, sample))
    for number in range(TENANTS):
        await create_tenant(stores.desk, f"t{number}", f"t{number}.example", {}, actor=_ACTOR)
        own = titles(vocabulary, f"tenant:t{number}", (TITLES - SHARED) // TENANTS, sample)
        written += await write(stores.database, own)
        if number % 100 == 99:
            _console.print(f"{written:,} titles after {time.monotonic() - started:.0f} s")
    patient = await stores.database.patient()
    await build_indexes(patient, LIBRARY)
    await patient.close()
    _console.print(f"indexed by MongoDB after {time.monotonic() - started:.0f} s")
    return sample


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
