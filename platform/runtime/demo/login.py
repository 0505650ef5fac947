"""Signing in with a Telegram of the demo's own: a provider on loopback that asks who one would like to be."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from msgspec import structs

from runtime.demo.sites import SITES, Site
from runtime.settings import Settings
from sandbox.oidc.provider import served

_FIRST_BOT = 7_000_000_101


@asynccontextmanager
async def signing_in_with(settings: Settings) -> AsyncGenerator[Settings]:
    """The settings with the provider in them, which runs while the block lasts."""
    async with served() as provider:
        yield structs.replace(settings, telegram_login=structs.replace(settings.telegram_login, issuer=provider.issuer))


def login_settings(site: Site) -> dict[str, str]:
    """A bot of the site's own. The provider knows no secrets, so that these are none."""
    client = str(_FIRST_BOT + SITES.index(site))
    return {"login.client_id": client, "login.client_secret": f"demo-of-{site.id}"}
