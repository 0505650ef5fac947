"""Rounds of ending metered processes at random points while films run: what clients got against what was booked."""

import asyncio
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from tests.streaming.delivery.serving import Client

MIB = 1 << 20
ROOT = Path(__file__).parents[3]
PULLS = 4
# Beside the flush interval: the fsync and the samples of this side.
MARGIN_SECONDS = 0.25


class Figures(msgspec.Struct):
    """Bytes that the clients' kernels took, and those of them that a kill could lose: taken in its last moment."""

    received: int = 0
    at_risk: int = 0
    downloads: int = 0
    ended: int = 0


class Tally:
    """What the clients of one process received, sampled over time."""

    def __init__(self) -> None:
        self.clients: list[tuple[Client, int]] = []
        self.finished = 0
        self.samples: list[tuple[float, int]] = []

    def total(self) -> int:
        return self.finished + sum(max(0, client.received() - head) for client, head in self.clients)

    async def sample(self) -> None:
        while True:
            self.samples.append((time.monotonic(), self.total()))
            await asyncio.sleep(0.02)

    def since(self, moment: float) -> int:
        earlier = [total for at, total in self.samples if at <= moment]
        return self.total() - (earlier[-1] if earlier else 0)


async def rounds(
    number: int,
    directory: Path,
    mongodb_uri: str,
    database_name: str,
    *,
    seed: int,
    how: signal.Signals,
    flush_seconds: float = 0.25,
) -> Figures:
    """Run `number` rounds and book everything at the end: the ledger of `tenant:drill` then holds the other figure.

    In each round two processes share the directory, PULLS clients pull from each, half of the downloads are aborted,
    and both processes are ended by the signal `how`.
    """
    chance = random.Random(seed)
    figures = Figures()
    arguments = [str(directory), mongodb_uri, database_name, str(flush_seconds)]
    for _ in range(number):
        processes = [_start(arguments) for _ in range(2)]
        ports = [await asyncio.to_thread(_port, process) for process in processes]
        seconds = flush_seconds * chance.uniform(1.2, 5)
        await asyncio.gather(
            *(
                _round(process, port, seconds, flush_seconds, how, figures, chance.randrange(2**30))
                for process, port in zip(processes, ports, strict=True)
            )
        )
    await asyncio.to_thread(_ship, arguments)
    return figures


async def _round(
    process: "subprocess.Popen[str]",
    port: int,
    seconds: float,
    flush_seconds: float,
    how: signal.Signals,
    figures: Figures,
    seed: int,
) -> None:
    tally = Tally()
    sampling = asyncio.create_task(tally.sample())
    pulls = [asyncio.create_task(_pull(port, seed + number, tally, figures)) for number in range(PULLS)]
    await asyncio.sleep(seconds)
    ended_at = time.monotonic()
    process.send_signal(how)
    await asyncio.gather(*pulls)
    sampling.cancel()
    await asyncio.to_thread(process.communicate, timeout=30)
    figures.ended += 1
    figures.received += tally.total()
    figures.at_risk += tally.since(ended_at - flush_seconds - MARGIN_SECONDS)


async def _pull(port: int, seed: int, tally: Tally, figures: Figures) -> None:
    """Download after download, half of them aborted, until the server is gone."""
    chance = random.Random(seed)
    while True:
        client = Client(window_bytes=32 << 10)
        try:
            await client.connect(("127.0.0.1", port))
            size = chance.randrange(2 * MIB, 8 * MIB)
            await client.ask(f"/tenant:drill/{size}")
            head = len(await client.head())
        except OSError:
            client.close()
            return
        entry = client, head
        tally.clients.append(entry)
        wanted = size if chance.random() < 0.5 else chance.randrange(1, size)
        try:
            taken = len(await client.read(wanted))
        except OSError:
            taken = 0
        tally.clients.remove(entry)
        tally.finished += max(0, client.received() - head)
        client.close()
        if taken < wanted:
            return
        figures.downloads += 1


def _start(arguments: list[str], *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.streaming.delivery.metered_process", *arguments, *options]
    environment = {"PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}", "PATH": "/usr/bin:/bin"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def _port(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def _ship(arguments: list[str]) -> None:
    process = _start(arguments, "--ship-only")
    process.communicate(timeout=60)
    assert process.returncode == 0
