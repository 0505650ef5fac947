"""A whole process over the suite's engines, with a sandbox Telegram behind it."""

from __future__ import annotations

import gc
import json
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime.loading import load_settings
from runtime.process import Process, running
from runtime.settings import Settings
from sandbox.telegram import DocumentInfo, SandboxOptions, TelegramSandbox
from storage.audit import Actor
from tenancy.desk import create_tenant
from tests.runtime.counter import counter
from tests.support.cli import home

__all__ = ["counter", "home"]

CHANNEL = -1002345678901
FILM_BYTES = 3_500_000
STAFF = Actor("staff", "tests")


@pytest.fixture
async def sandbox() -> AsyncIterator[TelegramSandbox]:
    async with TelegramSandbox(SandboxOptions()) as server:
        server.add_channel(CHANNEL)
        yield server


@pytest.fixture
def settings(
    tmp_path: Path, mongodb_uri: str, redis_url: str, database_name: str, sandbox: TelegramSandbox
) -> Settings:
    return load_settings(
        {
            "MARQUEE_HOME": str(tmp_path / "home"),
            "MARQUEE_LISTEN": "127.0.0.1:0",
            "MARQUEE_INTERNAL__LISTEN": "127.0.0.1:0",
            "MONGODB_URI": mongodb_uri,
            "REDIS_URL": redis_url,
            "MARQUEE_MONGODB__DATABASE": database_name,
            "MARQUEE_TELEGRAM__API_ID": "12345",
            "MARQUEE_TELEGRAM__API_HASH": "0123456789abcdef0123456789abcdef",
            "MARQUEE_TELEGRAM__BOT_TOKENS": "7000001:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "MARQUEE_TELEGRAM__STORAGE_CHANNELS": json.dumps({str(CHANNEL): "platform"}),
            "MARQUEE_TELEGRAM__DATACENTERS": json.dumps({str(dc): list(at) for dc, at in sandbox.datacenters.items()}),
            "MARQUEE_TELEGRAM__PUBLIC_KEYS": str(sandbox.public_key_pem),
        }
    )


@pytest.fixture
async def process(settings: Settings, clean_database: None) -> AsyncIterator[Process]:
    async with running(settings, attach=False) as started:
        desk = started.services.stores.desk
        await create_tenant(desk, "acme", "acme.example", {"brand.name": "Acme Films"}, actor=STAFF)
        await create_tenant(desk, "other", "other.example", {"policy.shared": False}, actor=STAFF)
        yield started


@pytest.fixture
async def site(process: Process) -> AsyncIterator[httpx.AsyncClient]:
    """Asks the tenant's host on the real socket."""
    async with httpx.AsyncClient(base_url=f"http://{process.sites}", headers={"Host": "acme.example"}) as client:
        yield client


def film(document: DocumentInfo, name: str = "film_1") -> dict[str, Any]:
    """A line of a library dump for a document of the sandbox."""
    return {
        "_id": name,
        "short_id": "v7K1wP2",
        "media_type": "movie",
        "title": "Big Buck Bunny",
        "year": 2008,
        "genres": ["Animation"],
        "status": "available",
        "files": [
            {
                "quality": "1080p",
                "label": "Full HD",
                "tg_raw": {
                    "media_id": document.media_id,
                    "access_hash": document.access_hash,
                    "file_reference": document.file_reference.hex(),
                },
                "size_bytes": document.size_bytes,
                "dc_id": document.dc_id,
                "mime": document.mime,
                "origin": {"chat": document.chat_id, "message": document.message_id},
            }
        ],
    }


@pytest.fixture
def driver_leftovers() -> Iterator[None]:
    """For tests without MongoDB: pymongo leaves a socket to the collector when a connection attempt is cancelled."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
