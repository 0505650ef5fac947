"""Owns a home until it is told to stop or killed: `python -m tests.runtime.owner HOME`. One JSON line when ready."""

import asyncio
import json
import signal
import sys

from runtime.engines.embedded import engines_for
from runtime.loading import load_settings


async def main() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with engines_for(load_settings({"MARQUEE_HOME": sys.argv[1]}), attach=False) as engines:
        print(json.dumps([engines.mongodb_uri, engines.redis_url]), flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
