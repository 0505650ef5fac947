"""The meter as a service of the process: flushes twice a second, ships every few, and takes over what the dead left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from storage.errors import StorageUnavailable
from streaming.meter.meter import Clock, Meter
from streaming.meter.producers import claim_abandoned, claim_slot
from streaming.meter.segments import SegmentLog, SegmentsDamaged
from streaming.meter.shipper import Ledger, ship

logger = logging.getLogger(__name__)


@asynccontextmanager
async def metering(
    directory: Path,
    ledger: Ledger,
    *,
    clock: Clock,
    flush_seconds: float = 0.5,
    ship_seconds: float = 5.0,
    last_bytes_seconds: float = 2.0,
) -> AsyncGenerator[Meter]:
    """Hold a slot of `directory` and run the meter on it; the end flushes and ships once more.

    A kill loses what was delivered since the last flush: at half a second, and the time that a flush itself takes, it
    stays under a second on a busy machine too.

    The server must be stopped within the block. What its kernel still delivers then is waited for a little, and
    settled as it stands after `last_bytes_seconds`. Raises NoFreeSlot or SegmentsDamaged.
    """
    with claim_slot(directory) as slot:
        log = SegmentLog(directory, slot.producer)
        meter = Meter(log, clock=clock)
        stop = asyncio.Event()
        loops = [
            asyncio.create_task(_repeat(meter.flush, flush_seconds, stop), name="meter flush"),
            asyncio.create_task(
                _repeat(lambda: ship_all(directory, log, ledger), ship_seconds, stop), name="meter ship"
            ),
        ]
        try:
            yield meter
        finally:
            stop.set()
            await asyncio.gather(*loops)
            await _last_bytes(meter, last_bytes_seconds)
            meter.end()
            await meter.flush()
            await ship_all(directory, log, ledger)


async def _last_bytes(meter: Meter, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            while meter.under_way:
                meter.settle()
                await asyncio.sleep(0.02)
    except TimeoutError:
        logger.info("%d connections still had bytes under way at the end", meter.under_way)


async def ship_all(directory: Path, log: SegmentLog, ledger: Ledger) -> None:
    """Ship this process's segments and those of dead processes; what the ledger cannot take now waits."""
    try:
        await asyncio.to_thread(log.seal)
        await ship(log, ledger)
        for slot in await asyncio.to_thread(claim_abandoned, directory):
            with slot:
                await ship(SegmentLog(directory, slot.producer), ledger)
    except (StorageUnavailable, OSError, SegmentsDamaged) as error:
        logger.warning("usage waits to be booked: %s", error)


async def _repeat(work: Callable[[], Awaitable[None]], seconds: float, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            async with asyncio.timeout(seconds):
                await stop.wait()
        except TimeoutError:
            try:
                await work()
            except Exception:
                logger.exception("a round of the meter failed")
