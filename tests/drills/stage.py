"""What the drills play on: two sites that show the same films, and how a process is told of its surroundings."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Final

import httpx
from msgspec import Struct

from content.importing.target import Target
from runtime.stores import Stores
from sandbox.telegram import DocumentInfo
from tenancy.resolver import platform_scope
from tests.support.platform import open_site, take_in

CHANNEL: Final = -1002345678901
SITES: Final = {"north": "north.example", "south": "south.example"}
COOKIE: Final = "__Host-session"


class Telegram(Struct, frozen=True):
    """Where a sandbox is: its datacenters by id, and the file of its public key."""

    datacenters: Mapping[int, tuple[str, int]]
    public_key: Path


class Surroundings(Struct, frozen=True, kw_only=True):
    """What a process runs on. Without URIs it embeds its engines; without Telegram it has no films to send."""

    home: Path
    mongodb_uri: str = ""
    redis_url: str = ""
    database: str = "marquee"
    telegram: Telegram | None = None
    workers: int = 4
    more: Mapping[str, str] = {}

    def variables(self) -> dict[str, str]:
        """The settings, as the environment spells them."""
        given = {"MONGODB_URI": self.mongodb_uri, "REDIS_URL": self.redis_url}
        given = {name: value for name, value in given.items() if value}
        given |= {
            "MARQUEE_HOME": str(self.home),
            "MARQUEE_LISTEN": "127.0.0.1:0",
            "MARQUEE_INTERNAL__LISTEN": "127.0.0.1:0",
            "MARQUEE_MONGODB__DATABASE": self.database,
            "MARQUEE_LIMITS__STREAMS_FREE": "8",
            "MARQUEE_PROXY__TRUSTED": "127.0.0.1",
        }
        return {**given, **(_telegram(self.telegram, self.workers) if self.telegram else {}), **self.more}

    def environment(self) -> dict[str, str]:
        """All of a child's environment; nothing of the caller's own settings."""
        own = {name: os.environ[name] for name in ("HOME", "LANG", "PATH", "TMPDIR") if name in os.environ}
        return {**own, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **self.variables()}


def _telegram(telegram: Telegram, workers: int) -> dict[str, str]:
    return {
        "MARQUEE_TELEGRAM__API_ID": "12345",
        "MARQUEE_TELEGRAM__API_HASH": "0123456789abcdef0123456789abcdef",
        "MARQUEE_TELEGRAM__BOT_TOKENS": ",".join(f"{7_000_001 + number}:{'A' * 35}" for number in range(workers)),
        "MARQUEE_TELEGRAM__STORAGE_CHANNELS": json.dumps({str(CHANNEL): "platform"}),
        "MARQUEE_TELEGRAM__DATACENTERS": json.dumps({str(dc): list(at) for dc, at in telegram.datacenters.items()}),
        "MARQUEE_TELEGRAM__PUBLIC_KEYS": str(telegram.public_key),
    }


async def open_sites(stores: Stores, films: Mapping[str, DocumentInfo], folder: Path) -> None:
    """Create the sites and put the films, by title id, into the catalogue that they share."""
    for tenant_id, domain in SITES.items():
        await open_site(stores, tenant_id, domain)
    lines = [line(title_id, document) for title_id, document in films.items()]
    await put_films(stores, lines, folder)


async def put_films(stores: Stores, lines: Iterable[Mapping[str, Any]], folder: Path) -> None:
    """Import lines of a library dump into the shared catalogue."""
    await take_in(stores, Target.shared(platform_scope()), "library", lines, folder)


def line(title_id: str, document: DocumentInfo) -> dict[str, Any]:
    """A line of a library dump for a document of the sandbox."""
    keys = {"media_id": document.media_id, "access_hash": document.access_hash}
    return {
        "_id": title_id,
        "media_type": "movie",
        "title": title_id.replace("_", " ").title(),
        "status": "available",
        "files": [
            {
                "quality": "1080p",
                "tg_raw": {**keys, "file_reference": document.file_reference.hex()},
                "size_bytes": document.size_bytes,
                "dc_id": document.dc_id,
                "mime": document.mime,
                "origin": {"chat": document.chat_id, "message": document.message_id},
            }
        ],
    }


class Ticket(Struct, frozen=True):
    """A viewer with a link: what a request for the film's bytes carries."""

    host: str
    url: str
    cookie: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Host": self.host, "Cookie": f"{COOKIE}={self.cookie}"}


async def play(client: httpx.AsyncClient, host: str, title_id: str, *, address: str = "127.0.0.1") -> Ticket:
    """Press play as somebody new at `address`: a guest session, a lease and the link of the first quality."""
    headers = {"Host": host, "X-Forwarded-For": address}
    answer = await client.post(f"/api/v1/titles/{title_id}/play", headers=headers)
    answer.raise_for_status()
    cookie = SimpleCookie(answer.headers["set-cookie"])[COOKIE].value
    return Ticket(host, answer.json()["streams"][0]["url"], cookie)


@asynccontextmanager
async def visiting(address: str, **options: Any) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of a process's sites."""
    async with httpx.AsyncClient(base_url=address, timeout=90, **options) as client:
        yield client
