"""A sandbox with one channel, and a kurigram client signed in to it."""

from collections.abc import AsyncIterator

import pytest
from pyrogram import Client

from sandbox.telegram import SandboxOptions, TelegramSandbox
from sandbox.telegram.clients import signed_in

CHANNEL = 2_345_678_901


@pytest.fixture
async def sandbox() -> AsyncIterator[TelegramSandbox]:
    async with TelegramSandbox(SandboxOptions()) as running:
        running.add_channel(CHANNEL)
        yield running


@pytest.fixture
def chat_id(sandbox: TelegramSandbox) -> int:
    return sandbox.add_channel(CHANNEL)


@pytest.fixture
async def bot(sandbox: TelegramSandbox) -> AsyncIterator[Client]:
    async with signed_in(sandbox) as client:
        yield client


@pytest.fixture(scope="module")
async def lasting_sandbox() -> AsyncIterator[TelegramSandbox]:
    """One for a module whose tests leave it as they find it."""
    async with TelegramSandbox(SandboxOptions()) as running:
        running.add_channel(CHANNEL)
        yield running


@pytest.fixture(scope="module")
async def lasting_bot(lasting_sandbox: TelegramSandbox) -> AsyncIterator[Client]:
    async with signed_in(lasting_sandbox) as client:
        yield client
