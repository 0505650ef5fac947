"""One HTTP answer, two ways to fetch its bytes: `ours` (the core) or `kurigram` (its stream_media, as it ships).

A process of its own for each: the core puts warpcrypto behind kurigram's crypto, which the other must not see.
`python -m benchmarks.stream_server ours|kurigram SANDBOX.json READY CHAT`; GET /<message id>/<size>.
"""

import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.serving import serve


class Ready(msgspec.Struct):
    """What the sandbox's ready file says; its module is not imported, since it brings another crypto along."""

    datacenters: dict[str, tuple[str, int]]
    public_key: str
    fingerprint: int
    control: tuple[str, int]


Fetch = Callable[[int, int], AsyncIterator[Any]]
"""(message id, size in bytes) → pieces of the body."""


@asynccontextmanager
async def kurigram(sandbox: Ready, chat: int) -> AsyncGenerator[Fetch]:
    """stream_media: 1 MiB at a time on kurigram's own media session, decrypted by TgCrypto."""
    from pyrogram import Client
    from pyrogram.connection import Connection
    from pyrogram.crypto import rsa

    _trust(sandbox, rsa)

    def dial(dc_id: int, server_address: str, port: int, **options: Any) -> Any:
        host, own_port = sandbox.datacenters[str(dc_id)]
        return Connection(dc_id, host, own_port, **options)

    factory: Any = dial  # kurigram calls it; its annotation asks for a class
    client = Client(
        "bench",
        1,
        "0" * 32,
        bot_token="1000:sandbox-token",
        in_memory=True,
        no_updates=True,
        connection_factory=factory,
    )
    await client.start()

    async def fetch(message_id: int, size: int) -> AsyncIterator[bytes]:
        message = await client.get_messages(chat, message_id)
        assert message is not None
        async for piece in client.stream_media(message):
            yield piece

    try:
        yield fetch
    finally:
        await client.stop()


def _trust(sandbox: Ready, rsa: Any) -> None:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = load_pem_public_key(Path(sandbox.public_key).read_bytes())
    assert isinstance(key, RSAPublicKey)
    numbers = key.public_numbers()
    rsa.server_public_keys[sandbox.fingerprint] = rsa.PublicKey(numbers.n, numbers.e)


@asynccontextmanager
async def ours(sandbox: Ready, chat: int) -> AsyncGenerator[Fetch]:
    """The streaming core without a disk cache; its memory cache is smaller than one document."""
    from storage.scope import TenantId, mint_tenant_scope
    from streaming.core import build_core
    from streaming.model import Bucket
    from streaming.settings import CoreSettings, TelegramSettings
    from streaming.telegram.source import TelegramSource

    settings = CoreSettings(
        telegram=TelegramSettings(
            api_id=1,
            api_hash="0" * 32,
            bot_tokens=("1000:sandbox-token",),
            storage_channels={chat: "platform"},
            datacenters={int(dc_id): address for dc_id, address in sandbox.datacenters.items()},
            public_keys=(sandbox.public_key,),
        ),
        memory_cache_bytes=16 << 20,
    )
    core = build_core(settings)
    await core.start()
    scope = mint_tenant_scope(TenantId("bench"))

    async def fetch(message_id: int, size: int) -> AsyncIterator[memoryview]:
        assert isinstance(core.telegram, TelegramSource)
        document = await core.telegram.describe(chat, message_id)
        bucket = Bucket(etag="bench", mime="video/mp4", documents=(document,), size_bytes=size, last_modified=None)
        async with await core.open(bucket, scope) as reading:
            async for view in reading.read(0, size):
                yield view

    try:
        yield fetch
    finally:
        await core.close()


def answering(fetch: Fetch) -> Callable[..., Any]:
    """The one ASGI answer that both stand behind."""

    async def app(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        message_id, size = (int(part) for part in scope["path"].strip("/").split("/"))
        headers = [(b"content-type", b"video/mp4"), (b"content-length", str(size).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for piece in fetch(message_id, size):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return app


async def main(kind: str, sandbox_file: str, ready: str, chat: str) -> None:
    sandbox = msgspec.json.decode(Path(sandbox_file).read_bytes(), type=Ready)
    source: Callable[[Ready, int], AbstractAsyncContextManager[Fetch]] = {"ours": ours, "kurigram": kurigram}[kind]
    async with source(sandbox, int(chat)) as fetch:
        await serve([answering(fetch)], ready)


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(*sys.argv[1:]))
