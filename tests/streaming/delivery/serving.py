"""A real uvicorn on loopback with the metered protocol, and clients that count what reached them."""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from streaming.delivery import delivery_of
from streaming.meter.meter import Meter
from streaming.meter.tcp import tune_listener
from streaming.protocol import ConnectionLimits, metered_protocol

Application = Callable[..., Awaitable[None]]
_BYTES_RECEIVED_OFFSET = 128
SLICE = bytes(range(256)) * 512


class Served:
    """A running server."""

    def __init__(self, server: uvicorn.Server, address: tuple[str, int]) -> None:
        self._server = server
        self.address = address

    @property
    def connections(self) -> int:
        """How many connections are open on the server's side."""
        return len(self._server.server_state.connections)


@asynccontextmanager
async def served(
    application: Application, meter: Meter, limits: ConnectionLimits | None = None
) -> AsyncGenerator[Served]:
    """`application`, served until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    tune_listener(listener)
    config = uvicorn.Config(
        application, http=metered_protocol(meter, limits), ws="none", lifespan="off", log_config=None, access_log=False,
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started:
        await asyncio.sleep(0.005)
    try:
        yield Served(server, listener.getsockname())
    finally:
        server.should_exit = True
        await serving
        listener.close()
        # Sockets that were kept for their last bytes would else be left to the garbage collector.
        meter.end()


async def film(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers /<owner>/<bytes> with a metered body of that size; /<bytes> with an unmetered one."""
    parts = scope["path"].strip("/").split("/")
    size = int(parts[-1])
    delivery = delivery_of(scope)
    assert delivery is not None
    headers = [(b"content-length", b"%d" % size)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if len(parts) == 2:
        delivery.begin(parts[0], "stream")
    sent = 0
    while sent < size and not delivery.is_closing():
        piece = memoryview(SLICE)[: size - sent]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        delivery.sent(len(piece))
        sent += len(piece)
    if sent == size:
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    delivery.finish()


class Client:
    """A blocking-free raw client with a small receive window."""

    def __init__(self, window_bytes: int = 16 << 10) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window_bytes)
        self.socket.setblocking(False)

    async def connect(self, address: tuple[str, int]) -> None:
        await asyncio.get_running_loop().sock_connect(self.socket, address)

    async def ask(self, path: str, *, headers: str = "", method: str = "GET", host: str = "films.example") -> None:
        request = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n"
        await asyncio.get_running_loop().sock_sendall(self.socket, request.encode())

    async def head(self) -> bytes:
        """The response's head, byte for byte so that nothing of the body is taken."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = await asyncio.get_running_loop().sock_recv(self.socket, 1)
            if not byte:
                raise ConnectionError(f"closed after {head!r}")
            head += byte
        return head

    async def read(self, size: int) -> bytes:
        """Exactly `size` bytes, or fewer where the connection ends."""
        taken = bytearray()
        while len(taken) < size:
            piece = await asyncio.get_running_loop().sock_recv(self.socket, min(65536, size - len(taken)))
            if not piece:
                break
            taken += piece
        return bytes(taken)

    def received(self) -> int:
        """Bytes that this side's kernel has taken from the far side, read by us or not."""
        info = self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 136)
        (received,) = struct.unpack_from("=Q", info, _BYTES_RECEIVED_OFFSET)
        return int(received)

    def close(self, *, reset: bool = False) -> None:
        if reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
