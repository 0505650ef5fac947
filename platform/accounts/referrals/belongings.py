"""Referrals in a viewer's export, deletion and sign-in, and in a tenant's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, final

from accounts.model import ViewerId
from accounts.referrals.repository import Referrers, RewardRepository, SignUpRepository
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope


@final
class ReferralBelongings:
    """What inviting brought a viewer; who invited whom stands in their own document."""

    name: str = "referrals"

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def export(self, scope: TenantScope, viewer_id: ViewerId) -> AsyncIterator[Mapping[str, Any]]:
        """A reward each."""
        for reward in await RewardRepository(self._database, scope).of(viewer_id):
            yield {"reward": reward.number, "until": reward.until, "given": reward.given}

    async def delete(self, scope: TenantScope, viewer_id: ViewerId) -> int:
        """Rewards go and names are taken out; that this identity was here stays, as a hash, so that it counts once."""
        sign_ups = SignUpRepository(self._database, scope)
        if isinstance(viewer_id, int):
            await sign_ups.erase(viewer_id, moment(self._clock()))
        invited = await sign_ups.forget_inviter(viewer_id)
        await Referrers(self._database, scope).forget_inviter(viewer_id)
        return invited + await RewardRepository(self._database, scope).delete_of(viewer_id)

    async def merge(self, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        """A code that a guest was brought with becomes the viewer's."""
        users = Referrers(self._database, scope)
        guest = await users.identity(guest_id)
        if guest is not None and guest.referral:
            await users.inherit(viewer_id, guest.referral)
