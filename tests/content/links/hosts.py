"""Another host on loopback that answers what a test says, and a resolver that leads every name to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class OtherHost:
    """`answers` are status and location by method and path; all that was asked stands in `asked`."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, str]] = {}
        self.asked: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.port = 0

    def url(self, path: str, host: str = "mirror.example") -> str:
        return f"http://{host}:{self.port}{path}"

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").split("\r\n")
        method, path, _ = head[0].split(" ")
        self.asked.append((method, path))
        self.headers.append({name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])})
        status, location = self.answers.get(f"{method} {path}", self.answers.get(path, (404, "")))
        if status:
            more = f"Location: {location}\r\n" if location else ""
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n{more}\r\n".encode())
            await writer.drain()
        writer.close()


@asynccontextmanager
async def other_host() -> AsyncGenerator[OtherHost]:
    """The host while the block lasts."""
    host = OtherHost()
    server = await asyncio.start_server(host, "127.0.0.1", 0)
    host.port = server.sockets[0].getsockname()[1]
    async with server:
        yield host


async def to_loopback(_host: str, _port: int) -> list[str]:
    """Every name leads here."""
    return ["127.0.0.1"]
