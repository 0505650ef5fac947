"""Kills metered processes while films run, and holds the ledger against what the viewers' kernels took.

Two `marquee serve` share one home and one pair of engines, with a sandbox Telegram behind them. Viewers of two sites
pull films from both at players' pace and leave half of their downloads early. In every round each process is killed at
a moment of its own; whoever dies first comes back at once and is killed again. With both dead, what is durable is
noted; both start, and in half of the rounds both are killed once more, right when the ledger moves.

Then the ledger must hold what was durable to the byte: nothing twice, nothing lost on the way. And what the viewers
received minus what is booked must be at most the last second's bytes of the killed processes, and never negative beyond
0.6 %: per site, per round and in all.
"""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path
from typing import Final

from msgspec import Struct

from runtime.stores import Stores
from tests.drills.books import Books
from tests.drills.processes import Platform, Sandbox, sandbox_telegram
from tests.drills.stage import SITES, Surroundings, open_sites, play, visiting
from tests.drills.stores import stores_on
from tests.drills.verdict import MIB, Verdict
from tests.drills.viewers import Seen, Viewer, watch
from tests.streaming.delivery.kill_rounds import MARGIN_SECONDS, Tally
from tests.support.engines import engines

FILM_BYTES: Final = 64 * MIB
FILMS: Final = 2
VIEWERS: Final = 3
"""Of each site; every one of them pulls from both processes."""
SHORTEST_SECONDS, LONGEST_SECONDS = 0.3, 5.0
FLUSH_SECONDS: Final = 1.0
TOLERANCE: Final = 0.006
BOOKING_SECONDS: Final = 5.0


class Loss(Struct):
    """Of one site: bytes that its viewers received, and those of them that the kills could lose."""

    received: int = 0
    at_risk: int = 0

    def add(self, other: Loss) -> None:
        self.received += other.received
        self.at_risk += other.at_risk


Losses = dict[str, Loss]


def broken_bounds(where: str, received: int, booked: int, at_risk: int) -> list[str]:
    """What the ledger may not say of these figures, and does."""
    missing = received - booked
    slack = TOLERANCE * received
    if missing < -slack:
        return [f"{where}: {-missing:,} bytes more are booked than were received ({-missing / max(received, 1):.2%})"]
    if missing > at_risk + slack:
        return [f"{where}: {missing:,} bytes are missing and only {at_risk:,} were at risk"]
    return []


class Node:
    """One of the two processes, with those who watch on it."""

    def __init__(self, platform: Platform, chance: random.Random) -> None:
        self.platform = platform
        self.chance = chance
        self.longest_lag_seconds = 0.0

    async def live_and_die(self, viewers: Sequence[Viewer], seen: Seen) -> Losses:
        """Serve the viewers until a random moment, and be killed."""
        tallies = {tenant: Tally() for tenant in SITES}
        sampling = [asyncio.create_task(tally.sample()) for tally in tallies.values()]
        watching = [
            asyncio.create_task(
                watch(viewer, self.platform.address, tallies[viewer.tenant], seen, random.Random(self.chance.random()))
            )
            for viewer in viewers
        ]
        await asyncio.sleep(self.chance.uniform(SHORTEST_SECONDS, LONGEST_SECONDS))
        killed_at = time.monotonic()
        self.platform.kill()
        await asyncio.gather(*watching)
        for task in sampling:
            task.cancel()
        await self.platform.end(signal.SIGKILL)
        lag = max(lag_seconds(tally, killed_at) for tally in tallies.values())
        self.longest_lag_seconds = max(self.longest_lag_seconds, lag)
        since = killed_at - FLUSH_SECONDS - MARGIN_SECONDS - lag
        return {tenant: Loss(tally.total(), tally.since(since)) for tenant, tally in tallies.items()}


def lag_seconds(tally: Tally, until: float) -> float:
    """How late this busy machine was to run us in the two seconds before; it was no earlier for the killed process."""
    moments = [at for at, _ in tally.samples if until - 2 < at <= until]
    return max((later - at for at, later in pairwise(moments)), default=0.0)


class Drill:
    """The state over all rounds."""

    def __init__(self, nodes: Sequence[Node], viewers: Sequence[Viewer], books: Books, chance: random.Random) -> None:
        self.nodes = nodes
        self.viewers = viewers
        self.books = books
        self.chance = chance
        self.losses = {tenant: Loss() for tenant in SITES}
        self.seen = Seen()
        self.kills = 0
        self.half_done = 0
        self.verdict = Verdict(
            "meter kill", ("round", "site", "received", "booked", "missing", "missing %", "at risk", "seconds lost")
        )

    async def round(self, number: int) -> None:
        """Everything dies once or twice; then what was durable has to be in the ledger, each byte once."""
        before = await self.books.booked_bytes()
        lives = await self._lives()
        durable = await self._note_durable()
        await asyncio.gather(*(node.platform.start() for node in self.nodes))
        if self.chance.random() < 0.5:
            await self._kill_while_booking()
            still = await self._note_durable()
            self.verdict.hold(
                still == durable, f"round {number}: {durable} was durable, and {still} after another kill"
            )
            await asyncio.gather(*(node.platform.start() for node in self.nodes))
        await self.books.settled()
        after = await self.books.booked_bytes()
        self.verdict.hold(after == durable, f"round {number}: {durable} was durable, and {after} is booked")
        for tenant in SITES:
            loss = Loss()
            for life in lives:
                loss.add(life[tenant])
            self.losses[tenant].add(loss)
            self._enter(str(number), tenant, loss, after[tenant] - before[tenant])

    async def _lives(self) -> list[Losses]:
        """Whoever dies first comes back while films still run on the other, and dies again with nobody watching."""
        lives = [asyncio.create_task(node.live_and_die(self.viewers, self.seen)) for node in self.nodes]
        await asyncio.wait(lives, return_when=asyncio.FIRST_COMPLETED)
        first = next(node for node, life in zip(self.nodes, lives, strict=True) if life.done())
        await first.platform.start()
        losses = await asyncio.gather(*lives)
        await first.platform.end(signal.SIGKILL)
        self.kills += len(lives) + 1
        return losses

    async def _kill_while_booking(self) -> None:
        """As soon as the ledger moves: a segment may be booked for one site and not for the other, or not forgotten."""
        before = await self.books.booked("north")
        deadline = time.monotonic() + BOOKING_SECONDS
        while await self.books.booked("north") == before and time.monotonic() < deadline:
            await asyncio.sleep(0)
        for node in self.nodes:
            node.platform.kill()
        await asyncio.gather(*(node.platform.end(signal.SIGKILL) for node in self.nodes))
        self.kills += len(self.nodes)

    async def _note_durable(self) -> dict[str, int]:
        durable = await self.books.durable()
        self.half_done += durable.half_done
        return durable.sizes

    async def conclude(self) -> Verdict:
        """Stop both processes properly, and judge the sums."""
        for node in self.nodes:
            status = await node.platform.end(signal.SIGTERM)
            self.verdict.hold(status == 0, f"SIGTERM ended a process with {status}: {node.platform.last_words()}")
        await self.books.settled()
        booked = await self.books.booked_bytes()
        for tenant, loss in self.losses.items():
            self._enter("all", tenant, loss, booked[tenant])
        seen = self.seen
        self.verdict.hold(seen.wrong_bytes == 0, f"{seen.wrong_bytes:,} bytes were not the film's")
        self.verdict.hold(not seen.refused, f"requests were refused: {dict(seen.refused)}")
        window, lag = FLUSH_SECONDS + MARGIN_SECONDS, max(node.longest_lag_seconds for node in self.nodes)
        ranges = f"{seen.whole} ranges were read whole, {seen.left_early} left early, {seen.cut} cut by a kill"
        self.verdict.notes += [
            f"{self.kills} kills; {ranges}",
            f"{self.half_done} segments were found booked in part, or booked and not forgotten",
            f"at risk: what arrived in the last {window:.2f} s of a killed process",
            f"and in the time by which the machine ran late then ({lag:.2f} s at worst)",
        ]
        return self.verdict

    def _enter(self, number: str, tenant: str, loss: Loss, booked: int) -> None:
        missing = loss.received - booked
        window = FLUSH_SECONDS + MARGIN_SECONDS
        seconds = missing / loss.at_risk * window if loss.at_risk else 0.0
        share = 100 * missing / loss.received if loss.received else 0.0
        self.verdict.enter(number, tenant, loss.received, booked, missing, share, loss.at_risk, seconds)
        self.verdict.broken += broken_bounds(f"round {number}, {tenant}", loss.received, booked, loss.at_risk)


def run(folder: Path, *, rounds: int, seed: int) -> Verdict:
    """The whole drill, in an empty folder."""
    with engines() as (mongodb_uri, redis_url):
        return asyncio.run(_run(folder, mongodb_uri, redis_url, rounds=rounds, seed=seed))


async def _run(folder: Path, mongodb_uri: str, redis_url: str, *, rounds: int, seed: int) -> Verdict:
    chance = random.Random(seed)
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(sandbox_telegram(folder / "telegram"))
        surroundings = Surroundings(
            home=folder / "home",
            mongodb_uri=mongodb_uri,
            redis_url=redis_url,
            telegram=sandbox.telegram,
            # Less than the films take, so that Telegram stays in the game.
            more={"MARQUEE_CACHE__DISK_BYTES": str(32 * MIB), "MARQUEE_CACHE__MEMORY_BYTES": str(32 * MIB)},
        )
        stores = await stack.enter_async_context(stores_on(surroundings))
        nodes = [
            Node(Platform(surroundings, folder / f"node{number}.log"), random.Random(chance.random()))
            for number in range(2)
        ]
        viewers = await _gather_viewers(stack, nodes, sandbox, stores, folder)
        drill = Drill(nodes, viewers, Books(stores), chance)
        for number in range(1, rounds + 1):
            await drill.round(number)
        return await drill.conclude()


async def _gather_viewers(
    stack: AsyncExitStack, nodes: Sequence[Node], sandbox: Sandbox, stores: Stores, folder: Path
) -> list[Viewer]:
    """Start the processes, open the sites, and let everybody press play."""
    films = {
        f"film_{number}": await sandbox.add_film(FILM_BYTES, seed=f"film {number}", dc_id=(2, 4)[number % 2])
        for number in range(FILMS)
    }
    await open_sites(stores, films, folder / "dump")
    for node in nodes:
        stack.push_async_callback(node.platform.end, signal.SIGKILL)
    await asyncio.gather(*(node.platform.start() for node in nodes))
    viewers: list[Viewer] = []
    async with visiting(nodes[0].platform.address) as client:
        for tenant, host in SITES.items():
            for number in range(VIEWERS):
                title, film = list(films.items())[number % FILMS]
                ticket = await play(client, host, title)
                viewers.append(Viewer(tenant, ticket, film.media_id, film.size_bytes))
    return viewers
