"""Inviting: a code and its link, counted once for each real sign-up, and rewarded as the tenant says.

What counts is the record of the sign-up, one for each Telegram identity; the count in the inviter's document and the
rewards follow from the records, so that whatever breaks off in between is done by the next call.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, final

from msgspec import Struct

from accounts.errors import AccountsError, NoSuchViewer
from accounts.model import Viewer, ViewerId
from accounts.referrals.repository import Referrers, Reward, RewardRepository, SignUpRepository
from accounts.viewers import Viewers
from storage.audit import Actor
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.model import Referrals as Rules
from tenancy.tenants import TenantStore

# Without letters that read like digits; 40 bits are told apart well enough, and each is looked up before it is given.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_CODE_LETTERS: Final = 8
_LONGEST_CHAIN: Final = 32
_ACTOR: Final = Actor("system", "referrals")
_NO_RULES: Final = Rules()


class NotSignedIn(AccountsError):
    """Only who has signed in with Telegram can invite."""


class Standing(Struct, frozen=True, kw_only=True):
    """An inviter's code, how many came by it, and the rewards given."""

    code: str | None
    invited: int
    rewards: int
    rewarded_until: datetime | None
    rules: Rules


def new_code() -> str:
    """A code that nobody can guess at."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LETTERS))


@final
class ReferralDesk:
    """The referrals of every site. Each verb raises StorageUnavailable."""

    def __init__(
        self,
        database: Database,
        tenants: TenantStore,
        viewers: Viewers,
        clock: Clock,
        *,
        code: Callable[[], str] = new_code,
    ) -> None:
        self._database = database
        self._tenants = tenants
        self._viewers = viewers
        self._clock = clock
        self._new_code = code

    async def code_of(self, scope: TenantScope, viewer: Viewer) -> str:
        """The viewer's code, a new one where they have none. Raises NotSignedIn."""
        if viewer.type != "telegram":
            raise NotSignedIn("Sign in with Telegram to invite people.")
        users = Referrers(self._database, scope)
        while True:
            held = await users.identity(viewer.id)
            if held is None:
                raise NoSuchViewer(str(viewer.id))
            if code := _code(held):
                return code
            code = self._new_code()
            if await users.by_code(code) is None and not await users.set_code(viewer.id, code):
                held = await users.identity(viewer.id)
                if held is None or not _code(held):
                    raise NotSignedIn("This account cannot have a code.")

    async def standing(self, scope: TenantScope, viewer: Viewer) -> Standing:
        """Where the viewer stands."""
        rewards = [each for each in await RewardRepository(self._database, scope).of(viewer.id) if each.given]
        invited = viewer.referral.get("invited_count")
        return Standing(
            code=_code(viewer),
            invited=invited if isinstance(invited, int) else 0,
            rewards=len(rewards),
            rewarded_until=max((each.until for each in rewards), default=None),
            rules=await self._rules(scope),
        )

    async def is_code(self, scope: TenantScope, code: str) -> bool:
        """Whether somebody on the site invites by this code."""
        return await Referrers(self._database, scope).by_code(code) is not None

    async def signed_up(self, scope: TenantScope, viewer: Viewer, code: str | None) -> None:
        """Hears of a first sign-up with Telegram; again it does what is left of it."""
        if viewer.type != "telegram":
            return
        users = Referrers(self._database, scope)
        inviter = await self._inviter(users, viewer, code)
        record = await SignUpRepository(self._database, scope).first(viewer.id, inviter, moment(self._clock()))
        if record.inviter is None or record.erased:
            return
        await users.set_invited_by(viewer.id, record.inviter)
        await self.settle(scope, record.inviter)

    async def settle(self, scope: TenantScope, inviter: ViewerId) -> None:
        """Brings the inviter's count and rewards up to the sign-ups that counted."""
        counted = await SignUpRepository(self._database, scope).count(inviter)
        await Referrers(self._database, scope).raise_count(inviter, counted)
        rules = await self._rules(scope)
        rewards = RewardRepository(self._database, scope)
        held = await rewards.of(inviter)
        for number in range(len(held) + 1, _earned(counted, rules) + 1):
            after = held[-1].until if held else moment(self._clock())
            until = max(after, moment(self._clock())) + timedelta(days=rules.reward_days)
            reward = Reward(id={"inviter": inviter, "number": number}, inviter=inviter, number=number, until=until)
            held = [*held, reward] if await rewards.add(reward) else await rewards.of(inviter)
        for reward in held:
            if not reward.given:
                await self._give(scope, rewards, reward)

    async def _give(self, scope: TenantScope, rewards: RewardRepository, reward: Reward) -> None:
        try:
            await self._viewers.grant(
                scope,
                reward.inviter,
                "premium",
                reward.until,
                "for inviting people",
                actor=_ACTOR,
                key=f"referral-{reward.number}",
            )
        except NoSuchViewer:
            return
        await rewards.given(reward)

    async def _inviter(self, users: Referrers, viewer: Viewer, code: str | None) -> ViewerId | None:
        """Whose invitation it is; nobody's where they would invite themselves, directly or around others."""
        inviter = await users.by_code(code) if code else None
        if inviter is None or inviter.id == viewer.id or inviter.ours.ban is not None:
            return None
        above: Viewer | None = inviter
        for _ in range(_LONGEST_CHAIN):
            by = above.referral.get("invited_by") if above else None
            if by == viewer.id:
                return None
            if not isinstance(by, int | str):
                break
            above = await users.identity(by)
        return inviter.id

    async def _rules(self, scope: TenantScope) -> Rules:
        tenant = await self._tenants.get(scope.tenant_id)
        return tenant.referrals if tenant else _NO_RULES


def _earned(counted: int, rules: Rules) -> int:
    return min(counted // rules.per_sign_ups, rules.most_rewards) if rules.reward_days else 0


def _code(viewer: Viewer) -> str | None:
    code = viewer.referral.get("code")
    return code if isinstance(code, str) and code else None
