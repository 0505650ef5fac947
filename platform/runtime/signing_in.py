"""Signing in with Telegram, put together: the provider that is asked, and who hears of a first sign-up."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx

from accounts.referrals.referring import ReferralDesk
from accounts.sign_in.arriving import Arrivals, SignedUp
from accounts.sign_in.attempts import Attempts
from accounts.sign_in.desk import SignInDesk
from accounts.sign_in.provider import Provider
from runtime.stores import Stores


def referral_desk(stores: Stores) -> ReferralDesk:
    """The referrals of every site."""
    return ReferralDesk(stores.database, stores.tenants, stores.viewers, stores.clock)


def signed_up(stores: Stores) -> list[SignedUp]:
    """Who hears of each first sign-up, with the code of the referral."""
    return [referral_desk(stores).signed_up]


@asynccontextmanager
async def signing_in(stores: Stores) -> AsyncGenerator[SignInDesk]:
    """What signs people in on every site, with connections of its own to the provider."""
    settings, clock = stores.settings.telegram_login, stores.clock
    attempts = Attempts(stores.database, clock)
    arrivals = Arrivals(stores.database, stores.sessions, attempts, stores.belongings, signed_up(stores), clock)
    limits = httpx.Limits(max_connections=20, max_keepalive_connections=5)
    async with httpx.AsyncClient(follow_redirects=False, limits=limits, headers={"accept": "application/json"}) as http:
        provider = Provider(settings.issuer, http)
        yield SignInDesk(
            stores.tenants,
            attempts,
            arrivals,
            provider,
            bytes.fromhex(settings.public_key),
            clock,
            widget_script=settings.widget_script,
        )
