"""One real mongod and one real Valkey for the whole test run, as the product embeds them."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from runtime.engines.home import Home
from runtime.engines.mongod import Mongod
from runtime.engines.valkey import Valkey

_MEMORY: Final = Path("/dev/shm")
_ROOM_BYTES: Final = 6 << 30


@contextmanager
def engines(*, on_disk: bool = False) -> Generator[tuple[str, str]]:
    """Yield (mongodb uri, redis url); both engines end with the block, or with the run if it is killed.

    What is measured is `on_disk`, as it is where it counts; tests need not wait for one.
    """
    home = Home(Path(tempfile.mkdtemp(prefix="marquee-tests-", dir=None if on_disk else _memory())))
    home.prepare()
    mongod, valkey = Mongod(home), Valkey(home)
    try:
        asyncio.run(_both(mongod.start(), valkey.start()))
        yield mongod.uri, valkey.url
    finally:
        asyncio.run(_both(mongod.end(), valkey.end()))
        shutil.rmtree(home.root, ignore_errors=True)


def _memory() -> Path | None:
    """Where a write that waits for its journal waits for no disk, if there is room for the engines of every worker."""
    is_roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES
    return _MEMORY if is_roomy else None


async def _both(*verbs: Coroutine[Any, Any, None]) -> None:
    await asyncio.gather(*verbs)
