"""Every query over referrals: codes and counts in users' documents, sign-ups, rewards."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from msgspec.structs import asdict

from accounts.model import Viewer, ViewerId
from accounts.repository import ViewerRepository
from storage.errors import Conflict
from storage.indexes import Index
from storage.repository import TenantDocument, TenantRepository

_BASE: Final = "_marquee.referral_base"
_CODE: Final = "referral.code"
_INVITED_BY: Final = "referral.invited_by"
# A document may have come with anything in this place; only an object, or nothing, is written into.
_WRITABLE: Final[Mapping[str, Any]] = {"$or": [{"referral": {"$type": "object"}}, {"referral": {"$exists": False}}]}


class SignUpRecord(TenantDocument, kw_only=True):
    """That a Telegram identity signed up here once; its id stands for the identity and outlives the account.

    `inviter` is whose invitation counted, if one did; `erased` says that the account was deleted.
    """

    at: datetime
    inviter: ViewerId | None = None
    erased: bool = False


class Reward(TenantDocument, kw_only=True):
    """The n-th reward of an inviter; its id is {inviter, number}. `until` is decided once."""

    inviter: ViewerId
    number: int
    until: datetime
    given: bool = False


class Referrers(ViewerRepository):
    """The users of one site, by what is about referrals in them."""

    async def by_code(self, code: str) -> Viewer | None:
        """Whose code it is; of two that were brought with one code, the first by id."""
        found = await self._list({_CODE: code}, projection={"history": 0}, sort=[("_id", 1)], limit=1)
        return found[0] if found else None

    async def set_code(self, viewer_id: ViewerId, code: str) -> bool:
        """Gives a code to who has none."""
        none_yet = {"$and": [{_CODE: {"$exists": False}}, _WRITABLE]}
        return await self._update(viewer_id, {"$set": {_CODE: code}}, where=none_yet) == 1

    async def set_invited_by(self, viewer_id: ViewerId, inviter: ViewerId) -> None:
        """Says who invited them, once."""
        none_yet = {"$and": [{_INVITED_BY: {"$exists": False}}, _WRITABLE]}
        await self._update(viewer_id, {"$set": {_INVITED_BY: inviter}}, where=none_yet)

    async def forget_inviter(self, inviter: ViewerId) -> int:
        """Takes an inviter out of the documents of those who were invited; how many there were."""
        return await self._update_where({_INVITED_BY: inviter}, {"$unset": {_INVITED_BY: ""}})

    async def raise_count(self, viewer_id: ViewerId, counted_here: int) -> None:
        """The count becomes what was brought and what was counted here; done again it stays."""
        base = await self._base(viewer_id)
        if base is not None:
            change = {"$max": {"referral.invited_count": base + counted_here}}
            await self._update(viewer_id, change, where=_WRITABLE)

    async def inherit(self, viewer_id: ViewerId, referral: Mapping[str, Any]) -> None:
        """Takes over what a guest had, where there is nothing."""
        for name in ("code", "invited_by", "invited_count"):
            if name in referral:
                none_yet = {"$and": [{f"referral.{name}": {"$exists": False}}, _WRITABLE]}
                await self._update(viewer_id, {"$set": {f"referral.{name}": referral[name]}}, where=none_yet)

    async def _base(self, viewer_id: ViewerId) -> int | None:
        """What was brought before anything was counted here."""
        while True:
            stored = await self.raw_one(viewer_id)
            if stored is None:
                return None
            ours = stored.get("_marquee")
            if isinstance(ours, dict) and isinstance(base := ours.get("referral_base"), int):
                return base
            referral = stored.get("referral")
            brought = referral.get("invited_count") if isinstance(referral, dict) else 0
            base = brought if isinstance(brought, int) and not isinstance(brought, bool) and brought > 0 else 0
            await self._update(viewer_id, {"$set": {_BASE: base}}, where={_BASE: {"$exists": False}})


class SignUpRepository(TenantRepository[SignUpRecord]):
    """The sign-ups of one site."""

    collection = "referral_sign_ups"
    document = SignUpRecord

    async def first(self, viewer_id: ViewerId, inviter: ViewerId | None, now: datetime) -> SignUpRecord:
        """The record of this identity: a new one, or the one that there is."""
        fields = {"at": now} | ({} if inviter is None else {"inviter": inviter})
        try:
            await self._insert(self._key(viewer_id), fields)
        except Conflict:
            held = await self._get(self._key(viewer_id))
            if held is not None:
                return held
        return SignUpRecord(id=self._key(viewer_id), at=now, inviter=inviter)

    async def count(self, inviter: ViewerId) -> int:
        """How many sign-ups counted for the inviter."""
        return await self._count({"inviter": inviter})

    async def erase(self, viewer_id: ViewerId, now: datetime) -> None:
        """The account goes; that the identity was here stays, so that it counts for nobody again."""
        await self.first(viewer_id, None, now)
        await self._update(self._key(viewer_id), {"$set": {"erased": True}})

    async def forget_inviter(self, inviter: ViewerId) -> int:
        """Takes an inviter out of the records; how many there were."""
        return await self._update_where({"inviter": inviter}, {"$unset": {"inviter": ""}})

    def _key(self, viewer_id: ViewerId) -> str:
        """Stands for the identity on this site alone."""
        named = f"{type(viewer_id).__name__}:{viewer_id}".encode()
        key = hashlib.sha256(self.scope.owner.encode()).digest()
        return hashlib.blake2b(named, key=key, digest_size=24).hexdigest()


class RewardRepository(TenantRepository[Reward]):
    """The rewards of one site's inviters."""

    collection = "referral_rewards"
    document = Reward

    async def of(self, inviter: ViewerId) -> list[Reward]:
        """The inviter's, in order."""
        return await self._list({"inviter": inviter}, sort=[("number", 1)], limit=10_000)

    async def add(self, reward: Reward) -> bool:
        """Whether it was not there."""
        fields = asdict(reward)
        del fields["id"]
        try:
            await self._insert(reward.id, fields)
        except Conflict:
            return False
        return True

    async def given(self, reward: Reward) -> None:
        """It is granted."""
        await self._update(reward.id, {"$set": {"given": True}})

    async def delete_of(self, inviter: ViewerId) -> int:
        """How many there were."""
        return await self._delete_where({"inviter": inviter})


INDEXES: Final = (
    Index(
        "users",
        (("_id.owner", 1), (_INVITED_BY, 1)),
        "owner_invited_by",
        partial={_INVITED_BY: {"$exists": True}},
    ),
    Index("referral_sign_ups", (("_id.owner", 1), ("inviter", 1)), "owner_inviter"),
    Index("referral_rewards", (("_id.owner", 1), ("inviter", 1), ("number", 1)), "owner_inviter_number"),
)
