"""Kills the `marquee serve` that owns embedded engines while others write through it.

Writers create tenants, import films and press play (which opens sessions) as fast as they are answered. At a random
moment the owner is killed. No mongod and no valkey may outlive it; after the next start every write that was
acknowledged before is there; and a second owner is refused by name while the first lives.
"""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import httpx
import msgspec

from content.catalogue import Catalogue
from runtime.engines.home import Home
from runtime.engines.process import Identity
from runtime.stores import Stores
from sandbox.telegram import DocumentInfo
from storage.audit import Actor
from storage.errors import StorageError
from tenancy.desk import create_tenant
from tests.drills.processes import Platform
from tests.drills.stage import CHANNEL, SITES, Surroundings, line, open_sites, play, put_films, visiting
from tests.drills.stores import stores_on
from tests.drills.verdict import MIB, Verdict

SHORTEST_SECONDS, LONGEST_SECONDS = 0.2, 3.0
ORPHANS_SECONDS: Final = 10.0
STAFF: Final = Actor("system", "drill")


class Written(msgspec.Struct):
    """What was acknowledged, over all rounds."""

    tenants: list[str] = msgspec.field(default_factory=list[str])
    titles: list[str] = msgspec.field(default_factory=list[str])
    sessions: list[str] = msgspec.field(default_factory=list[str])

    def counts(self) -> tuple[int, int, int]:
        return len(self.tenants), len(self.titles), len(self.sessions)


def document(number: int) -> DocumentInfo:
    """A document that nobody is going to ask Telegram for."""
    return DocumentInfo(
        media_id=number, access_hash=1, file_reference=b"\0", size_bytes=MIB, dc_id=2, chat_id=CHANNEL,
        message_id=number + 1, mime="video/mp4", file_name="film.mp4",
    )  # fmt: skip


def run(folder: Path, *, rounds: int, seed: int) -> Verdict:
    """The whole drill, in an empty folder."""
    return asyncio.run(_run(folder, rounds=rounds, seed=seed))


async def _run(folder: Path, *, rounds: int, seed: int) -> Verdict:
    chance = random.Random(seed)
    columns = ("round", "seconds", "tenants", "titles", "sessions", "lost", "engines gone after (s)", "second owner")
    verdict = Verdict("engines kill", columns)
    owner = Platform(Surroundings(home=folder / "home"), folder / "serve.log")
    written = Written()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(owner.end, signal.SIGKILL)
        await owner.start()
        async with stores_on(_attached(owner)) as stores:
            await open_sites(stores, {"film": document(1)}, folder / "first")
        for number in range(1, rounds + 1):
            before = written.counts()
            refused = await _second_owner(owner)
            verdict.hold(refused, f"round {number}: a second owner was not refused by name")
            seconds = chance.uniform(SHORTEST_SECONDS, LONGEST_SECONDS)
            gone = await _write_and_kill(owner, written, folder / f"round{number}", number, seconds)
            verdict.hold(gone is not None, f"round {number}: an engine outlived its owner")
            await owner.start()
            async with stores_on(_attached(owner)) as stores:
                lost = await _lost(stores, written)
            verdict.broken += [f"round {number}: lost {each}" for each in lost]
            fresh = (after - was for after, was in zip(written.counts(), before, strict=True))
            verdict.enter(
                number,
                seconds,
                *fresh,
                len(lost),
                float("inf") if gone is None else gone,
                "refused" if refused else "NOT REFUSED",
            )
        engines = _engines(owner)
        status = await owner.end(signal.SIGTERM)
        verdict.hold(status == 0, f"SIGTERM ended the owner with {status}: {owner.last_words()}")
        verdict.hold(not any(each.lives for each in engines), "engines outlived their owner's orderly end")
    tenants, titles, sessions = written.counts()
    verdict.hold(min(tenants, titles, sessions) > 0, "some kind of write was never acknowledged")
    verdict.notes.append(f"acknowledged in all: {tenants} tenants, {titles} titles, {sessions} sessions")
    return verdict


def _attached(owner: Platform) -> Surroundings:
    """The engines of the owner, as others find them."""
    said = Home(owner.surroundings.home).addresses()
    assert said is not None
    assert said.pid == owner.pid
    return msgspec.structs.replace(
        owner.surroundings, mongodb_uri=said.mongodb_uri or "", redis_url=said.redis_url or ""
    )


def _engines(owner: Platform) -> list[Identity]:
    run = owner.surroundings.home / "run"
    return [msgspec.json.decode((run / f"{name}.json").read_bytes(), type=Identity) for name in ("mongod", "valkey")]


async def _second_owner(owner: Platform) -> bool:
    """Whether another `marquee serve` on the home ends at once, saying who has it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "runtime", "serve"),
        env=owner.surroundings.environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        _, said = await process.communicate()
    return process.returncode not in {0, None} and f"in use by process {owner.pid}" in said.decode()


async def _write_and_kill(owner: Platform, written: Written, folder: Path, number: int, seconds: float) -> float | None:
    """How long the engines outlived their killed owner; None for too long."""
    engines = _engines(owner)
    async with stores_on(_attached(owner)) as stores, visiting(owner.address) as client:

        async def tenant(turn: int) -> None:
            tenant_id = f"t{number}-{turn}"
            await create_tenant(stores.desk, tenant_id, f"{tenant_id}.example", {}, actor=STAFF)
            written.tenants.append(tenant_id)

        async def title(turn: int) -> None:
            title_id = f"film_{number}_{turn}"
            await put_films(stores, [line(title_id, document(number * 10_000 + turn))], folder)
            written.titles.append(title_id)

        async def session(turn: int) -> None:
            address = f"10.{number}.{turn >> 8}.{turn & 255}"
            written.sessions.append((await play(client, SITES["north"], "film", address=address)).cookie)

        writers = [asyncio.create_task(_repeat(verb)) for verb in (tenant, title, session)]
        await asyncio.sleep(seconds)
        assert all(each.lives for each in engines)
        owner.kill()
        gone, *_ = await asyncio.gather(_seconds_until_gone(engines, time.monotonic()), *writers)
    await owner.end(signal.SIGKILL)
    return gone


async def _repeat(verb: Callable[[int], Awaitable[None]]) -> None:
    """Write until it is refused."""
    turn = 0
    while True:
        try:
            await verb(turn)
        except (StorageError, httpx.HTTPError):
            return
        turn += 1


async def _seconds_until_gone(engines: list[Identity], killed_at: float) -> float | None:
    while any(each.lives for each in engines):
        if time.monotonic() - killed_at > ORPHANS_SECONDS:
            return None
        await asyncio.sleep(0.01)
    return time.monotonic() - killed_at


async def _lost(stores: Stores, written: Written) -> list[str]:
    """What was acknowledged in this round or an earlier one and is not there."""
    north = await stores.resolver.by_id("north")
    assert north is not None
    catalogue = Catalogue(stores.database, north)
    lost = [f"tenant {each}" for each in written.tenants if await stores.tenants.get(each) is None]
    lost += [f"title {each}" for each in written.titles if await catalogue.get(each) is None]
    lost += [
        "a session" for each in written.sessions if await stores.sessions.current_viewer(north.scope, each) is None
    ]
    return lost
