"""One process: the whole platform with a large site, and beside it a plain Litestar that answers the same bytes.

`python -m benchmarks.site_server READY HOME OWN SHARED`. All of it is served by one process, so that what differs
between processes does not differ between what is compared; only one of the three is asked at a time.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import uvloop
from litestar import Litestar, Request, Response, get
from pymongo import AsyncMongoClient

from benchmarks.site_load import Load
from benchmarks.site_making import HOST, site
from benchmarks.site_queries import Query, paths, queries, repeat
from content.audience import EVERYBODY
from content.catalogue import Catalogue
from content.comments.reading import Reading
from runtime.address import Address
from runtime.listening import address_of, listening
from runtime.loading import load_settings
from runtime.process import Process, running
from runtime.serving import Manners, serving
from tenancy.resolver import ResolvedTenant

_MANNERS = Manners(idle_seconds=75, shutdown_seconds=1)
_ATTEMPTS = 9
_COMMANDS = ("find", "aggregate", "count", "distinct", "getMore", "insert", "update", "findAndModify")


class Measured(msgspec.Struct):
    """Ports, what is asked for, and of each answer its size and how many commands it sends to MongoDB."""

    platform: int
    plain: int
    alone: int
    paths: dict[str, str]
    sizes: dict[str, int]
    commands: dict[str, int]


async def main(ready: str, home: str, own: str, shared: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    local = {"MARQUEE_LISTEN": "127.0.0.1:0", "MARQUEE_INTERNAL__LISTEN": "127.0.0.1:0"}
    settings = load_settings({"MARQUEE_HOME": home, **local})
    async with AsyncExitStack() as stack:
        process = await stack.enter_async_context(running(settings, attach=False))
        tenant, words = await site(process.services, Path(home), own=int(own), shared=int(shared))
        asked = paths(words)
        bodies, commands = await _looked_at(process, asked)
        plain = await stack.enter_async_context(_served(_plain(bodies)))
        alone = await stack.enter_async_context(_served(_alone(_queries(process, tenant, words))))
        assert process.sites is not None
        sizes = {name: len(bodies[path].content) for name, path in asked.items()}
        told = Measured(process.sites.port, plain, alone, asked, sizes, commands)
        part = Path(ready).with_suffix(".part")
        part.write_bytes(msgspec.json.encode(told))
        part.replace(ready)
        await stop.wait()


async def _looked_at(process: Process, asked: dict[str, str]) -> tuple[dict[str, httpx.Response], dict[str, int]]:
    """The answers by path, and how many commands each sends, by name: the fewest seen, for others send some too."""
    assert process.sites is not None
    bodies, commands = dict[str, httpx.Response](), dict[str, int]()
    mongod: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(process.engines.mongodb_uri)
    async with mongod, httpx.AsyncClient(base_url=f"http://127.0.0.1:{process.sites.port}") as client:
        for name, path in asked.items():
            counted: list[int] = []
            for _ in range(_ATTEMPTS):
                before = await _commands(mongod)
                bodies[path] = await client.get(path, headers={"host": HOST})
                counted.append(await _commands(mongod) - before)
            assert bodies[path].status_code == 200, (path, bodies[path].text)
            commands[name] = min(counted)
    return bodies, commands


async def _commands(mongod: AsyncMongoClient[dict[str, Any]]) -> int:
    told = (await mongod.admin.command("serverStatus"))["metrics"]["commands"]
    return sum(int(told[name]["total"]) for name in _COMMANDS)


def _plain(bodies: dict[str, httpx.Response]) -> Any:
    """A handler that has nothing to do but to answer."""

    @get(["/", "/{path:path}"])
    async def answer(request: Request[Any, Any, Any]) -> Response[bytes]:
        path, query = request.scope["path"], request.scope["query_string"].decode()
        found = bodies[f"{path}?{query}" if query else path]
        return Response(found.content, media_type=found.headers["content-type"])

    return Litestar([answer], openapi_config=None, logging_config=None)


def _queries(process: Process, tenant: ResolvedTenant, words: str) -> dict[str, Query]:
    services = process.services
    database = services.stores.database

    def catalogue() -> Catalogue:
        return Catalogue(database, tenant, EVERYBODY, services.search, services.catalogue_memory)

    return queries(catalogue, Reading(database, tenant.scope), words)


def _alone(known: dict[str, Query]) -> Any:
    """Runs the queries of an answer, and nothing else of it."""

    @get("/alone")
    async def alone(name: str, lasting: float) -> Load:
        return await repeat(known[name], lasting=lasting)

    return Litestar([alone], openapi_config=None, logging_config=None)


@asynccontextmanager
async def _served(app: Any) -> AsyncGenerator[int]:
    with listening(Address("127.0.0.1", 0), "bench") as sock:
        async with serving(app, sock, protocol="httptools", manners=_MANNERS):
            yield address_of(sock).port


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
