"""pymongo's waiting, safe to cancel twice on Python 3.11.

`asyncio.wait_for` of 3.11 waits in a task of its own. Cancelled once, it waits for that task; cancelled again
meanwhile, as anyio's scopes do until a task has ended, it leaves the task behind, which then takes the topology's lock
for nobody: every later operation of the client waits for ever. From 3.12 on it stays in its caller's task.
https://github.com/python/cpython/pull/98518
"""

import asyncio
import sys
from collections.abc import Awaitable
from typing import TypeVar

from pymongo import lock

_T = TypeVar("_T")


def wait_in_the_same_task() -> None:
    """Makes pymongo's waiting for a server or a connection that of Python 3.12; nothing to do from there on."""
    if sys.version_info < (3, 12):
        lock.__dict__["wait_for"] = _wait_for


async def _wait_for(awaitable: Awaitable[_T], timeout: float | None) -> _T:
    async with asyncio.timeout(timeout):
        return await awaitable
