"""A wire to an engine that a test can cut and mend: what a lost MongoDB or Redis looks like from here."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit


class Wire:
    """Forwards a port of its own to the engine's. `cut` drops every connection and refuses new ones, `mend` ends that;
    `hold` keeps them and carries nothing, `let_go` ends that."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.port = 0

    async def mend(self) -> None:
        """Listens (again), on the same port as before."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def cut(self) -> None:
        """The engine is gone."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()

    def hold(self) -> None:
        """The engine is silent."""
        self._flowing.clear()

    def let_go(self) -> None:
        """The engine answers again, also what it was asked meanwhile."""
        self._flowing.set()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there_reader, there_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, there_writer}
        await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer))
        self._writers -= {writer, there_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


@asynccontextmanager
async def wire_to(url: str) -> AsyncGenerator[tuple[Wire, str], None]:
    """A wire to the engine at `url`, and the URL that goes through it."""
    parts = urlsplit(url)
    wire = Wire(parts.hostname or "127.0.0.1", parts.port or 0)
    await wire.mend()
    query = "directConnection=true" if parts.scheme == "mongodb" else parts.query
    try:
        yield wire, urlunsplit(parts._replace(netloc=f"127.0.0.1:{wire.port}", query=query))
    finally:
        await wire.cut()
        wire.let_go()


async def until(condition: Callable[[], object], *, seconds: float = 5.0) -> None:
    """Waits until the condition gives something true. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
