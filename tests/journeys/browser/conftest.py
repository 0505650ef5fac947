"""A platform as it is served: sites with films in a Telegram of their own, and one that is closed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from msgspec import Struct
from playwright.async_api import Browser
from pymongo import MongoClient

from content.importing.target import Target
from runtime.process import Process, running
from sandbox.btcpay import BtcpaySandbox
from sandbox.oidc import provider as oidc
from sandbox.stripe import StripeOptions, StripeSandbox
from sandbox.telegram import DocumentInfo, SandboxOptions, TelegramSandbox
from tenancy.holds import suspend
from tenancy.resolver import platform_scope
from tests.support.browser import launched
from tests.support.gateways import SHOP, btcpay_at, stripe_at
from tests.support.platform import ACTOR, open_site, settings_of, take_in

CHANNEL = -1002345678901
SECONDS = 30
CLOSED = "We are hanging the winter programme."


class Served(Struct, frozen=True):
    """A platform that listens, the provider that signs people in, and the services where they pay."""

    process: Process
    variables: dict[str, str]
    telegram: TelegramSandbox
    login: oidc.OidcSandbox
    stripe: StripeSandbox
    btcpay: BtcpaySandbox

    def origin(self, site: str) -> str:
        """Where a site is, for a browser."""
        assert self.process.sites is not None
        return f"http://{site}.localhost:{self.process.sites.port}"

    async def bytes_of(self, site: str) -> int:
        """What the ledger has of today for a site."""
        stores = self.process.services.stores
        tenant = await stores.resolver.by_id(site)
        assert tenant is not None
        today = datetime.now(UTC).date()
        first, last = today.replace(day=1), today.replace(year=today.year + 1)
        return sum(day.bytes for day in await stores.usage.usage(tenant.scope, first, last))


@pytest.fixture(scope="package")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One film in two qualities, large enough that a seek asks for bytes that are not there yet."""
    folder = tmp_path_factory.mktemp("film")
    made: dict[str, Path] = {}
    for quality, size, noise in (("270p", "480x270", "noise=alls=24:allf=t"), ("136p", "240x136", "null")):
        made[quality] = folder / f"{quality}.mp4"
        picture = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r=15:d={SECONDS},{noise}"]
        sound = ["-f", "lavfi", "-i", f"sine=f=220:d={SECONDS}"]
        coding = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "15", "-c:a", "aac"]
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *picture, *sound, *coding]
        subprocess.run([*command, "-movflags", "+faststart", str(made[quality])], check=True, timeout=60)
    return made


@pytest.fixture(scope="package")
async def served(
    tmp_path_factory: pytest.TempPathFactory, mongodb_uri: str, redis_url: str, films: dict[str, Path]
) -> AsyncIterator[Served]:
    home = tmp_path_factory.mktemp("served")
    database = f"marquee_browser_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    async with (
        TelegramSandbox(SandboxOptions()) as telegram,
        oidc.served() as login,
        StripeSandbox(StripeOptions()) as stripe,
        BtcpaySandbox(SHOP) as btcpay,
    ):
        telegram.add_channel(CHANNEL)
        bucket = [_bucket(quality, telegram.add_document(CHANNEL, path=path)) for quality, path in films.items()]
        settings = settings_of(
            home,
            mongodb_uri=mongodb_uri,
            redis_url=redis_url,
            database=database,
            TELEGRAM__API_ID="12345",
            TELEGRAM__API_HASH="0123456789abcdef0123456789abcdef",
            TELEGRAM__BOT_TOKENS="7000001:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            TELEGRAM__STORAGE_CHANNELS=json.dumps({str(CHANNEL): "platform"}),
            TELEGRAM__DATACENTERS=json.dumps({str(dc): list(at) for dc, at in telegram.datacenters.items()}),
            TELEGRAM__PUBLIC_KEYS=str(telegram.public_key_pem),
            TELEGRAM_LOGIN__ISSUER=login.issuer,
            **stripe_at(stripe),
            **btcpay_at(btcpay),
            BILLING__ISSUER__NAME="Lantern Media Platform",
            BILLING__ISSUER__ADDRESS="Hafenstraße 12\n20457 Hamburg",
            BILLING__ISSUER__TAX_ID="DE123456789",
            BILLING__ISSUER__BANK="IBAN DE02 1203 0000 0000 2020 51\nBIC BYLADEM1001",
        )
        with MongoClient[dict[str, object]](mongodb_uri) as client:
            try:
                async with running(settings, attach=False) as process:
                    await _open_sites(process, bucket, home / "dumps")
                    variables = _variables(home, mongodb_uri, redis_url, database)
                    yield Served(process, variables, telegram, login, stripe, btcpay)
            finally:
                client.drop_database(database)


@pytest.fixture(scope="package")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


async def _open_sites(process: Process, bucket: list[dict[str, Any]], folder: Path) -> None:
    stores = process.services.stores
    shared = [
        _title("tide", "The Tide Tables", ["Drama"], bucket, rating=8.8),
        _title("orchard", "The Last Orchard of Grenzgebirgsverwaltung", ["Drama", "Comedy"], bucket, rating=7.1),
        _title("kite", "A Kite over Kowloon", ["Animation"], bucket, rating=6.0),
    ]
    await take_in(stores, Target.shared(platform_scope()), "library", shared, folder / "shared")
    aurora = {"theme": "nocturne", "brand__name": "Aurora Cinema", "brand__tagline": "Films for the long evening"}
    await open_site(stores, "aurora", "aurora.localhost", **aurora, policy__genres_block=["Animation"])
    lantern = {"theme": "hanabi", "brand__name": "Lantern Club", "policy__genres_allow": ["Animation"]}
    await open_site(stores, "lantern", "lantern.localhost", **lantern)
    await open_site(stores, "quiet", "quiet.localhost", brand__name="Quiet House")
    await open_site(stores, "harbour", "harbour.localhost", brand__name="Harbour Archive")
    await suspend(stores.desk, "harbour", "operator", CLOSED, actor=ACTOR)


def _title(name: str, title: str, genres: list[str], files: list[dict[str, Any]], *, rating: float) -> dict[str, Any]:
    return {
        "_id": f"film_{name}",
        "media_type": "movie",
        "title": title,
        "overview": "A film about water, paper and patience.",
        "year": 2024,
        "genres": genres,
        "rating": rating,
        "status": "available",
        "files": files,
    }


def _bucket(quality: str, document: DocumentInfo) -> dict[str, Any]:
    return {
        "quality": quality,
        "label": f"{quality} test",
        "file_hash": f"film-{quality}",
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


def _variables(home: Path, mongodb_uri: str, redis_url: str, database: str) -> dict[str, str]:
    return {
        "MARQUEE_HOME": str(home),
        "MONGODB_URI": mongodb_uri,
        "REDIS_URL": redis_url,
        "MARQUEE_MONGODB__DATABASE": database,
    }
