"""A sandbox Telegram and a core that streams from it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import msgspec
import pytest

from sandbox.telegram import SandboxOptions, TelegramSandbox
from storage.scope import TenantScope
from streaming.core import StreamCore, build_core
from streaming.model import Bucket
from streaming.settings import CoreSettings, TelegramSettings
from streaming.telegram.source import TelegramSource
from tests.streaming.core.doubles import bucket, read, tenant

CHANNEL = -1001234567890
OWNERS = {CHANNEL: "platform", -1000000000077: "tenant:a"}


class Studio:
    """A sandbox with documents in it, and cores that read them."""

    def __init__(self, sandbox: TelegramSandbox, stack: AsyncExitStack) -> None:
        self.sandbox = sandbox
        self._stack = stack
        for channel in OWNERS:
            sandbox.add_channel(channel)

    def settings(self, *, workers: int = 1, **changes: object) -> TelegramSettings:
        settings = TelegramSettings(
            api_id=1,
            api_hash="hash",
            bot_tokens=tuple(f"{n}:{'x' * 20}" for n in range(101, 101 + workers)),
            storage_channels=OWNERS,
            datacenters=self.sandbox.datacenters,
            public_keys=(str(self.sandbox.public_key_pem),),
            sessions_per_dc=2,
            request_timeout_seconds=1.0,
        )
        return msgspec.structs.replace(settings, **changes)

    async def core(self, telegram: TelegramSettings | None = None, **settings: float) -> StreamCore:
        """A started core; without a memory cache unless `memory_cache_bytes` is given."""
        chosen = msgspec.convert({"memory_cache_bytes": 0, **settings}, CoreSettings)
        core = build_core(msgspec.structs.replace(chosen, telegram=telegram or self.settings()))
        self._stack.push_async_callback(core.close)
        await core.start()
        return core

    async def film(
        self,
        core: StreamCore,
        size_bytes: int,
        *,
        channel: int = CHANNEL,
        dc_id: int | None = None,
        advertised_dc_id: int | None = None,
    ) -> Bucket:
        info = self.sandbox.add_document(channel, size_bytes, dc_id=dc_id, advertised_dc_id=advertised_dc_id)
        return bucket(await source_of(core).describe(channel, info.message_id))

    def content(self, film: Bucket, start: int = 0, end: int | None = None) -> bytes:
        document = film.documents[0]
        return self.sandbox.content(document.media_id, start, film.size_bytes if end is None else end)

    async def reads_exactly(self, core: StreamCore, film: Bucket, scope: TenantScope | None = None) -> bool:
        got = await read(core, film, scope or tenant("a"), 0, film.size_bytes)
        return got == self.content(film)


def source_of(core: StreamCore) -> TelegramSource:
    assert isinstance(core.telegram, TelegramSource)
    return core.telegram


@pytest.fixture
async def studio() -> AsyncIterator[Studio]:
    async with TelegramSandbox(SandboxOptions()) as sandbox, AsyncExitStack() as stack:
        yield Studio(sandbox, stack)
