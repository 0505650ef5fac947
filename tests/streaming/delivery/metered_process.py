"""A process that serves metered films on uvloop until it is ended, by a kill or properly by SIGTERM.

`python -m … DIRECTORY MONGODB_URI DATABASE FLUSH_SECONDS` prints its port once it serves. With `--ship-only` it serves
nothing: it books what dead processes left, and ends.
"""

import asyncio
import signal
import sys
import time
from pathlib import Path

import uvloop

from storage.mongo import Database
from storage.system import SystemStore
from streaming.meter.ledger import TenantLedger
from streaming.meter.service import metering
from tests.streaming.delivery.serving import film, served


async def main(directory: Path, mongodb_uri: str, database_name: str, flush_seconds: float, *, ship_only: bool) -> None:
    database = await Database.connect(mongodb_uri, database_name)
    ledger = TenantLedger(database, SystemStore(database).owner_scope)
    try:
        async with metering(directory, ledger, clock=time.time, flush_seconds=flush_seconds, ship_seconds=0.5) as meter:
            if ship_only:
                return
            async with served(film, meter) as server:
                ended = asyncio.Event()
                asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
                print(server.address[1], flush=True)
                await ended.wait()
    finally:
        await database.close()


if __name__ == "__main__":
    uvloop.run(
        main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4]), ship_only="--ship-only" in sys.argv)
    )
