"""Every query of the votes and of what they came to, over one site's viewers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final

from accounts.model import ViewerId
from content.intro.crowd import Timing, Vote
from storage.indexes import Index
from storage.repository import TenantDocument, TenantRepository

MOST_DISTINCT: Final = 20_000
"""Distinct votes (to a tenth of a second) that one reckoning looks at: more than any intro gathers."""


class VoteDocument(TenantDocument, kw_only=True):
    """One viewer's vote on one target."""

    target: str
    viewer: ViewerId
    start: float
    end: float
    at: datetime


class Reckoning(TenantDocument, kw_only=True):
    """What the votes on a target came to. It holds while `reckoned` is `revision` and `base` is the title's own."""

    revision: int = 0
    reckoned: int = -1
    base: list[float] | None = None
    start: float | None = None
    end: float | None = None
    votes: int = 0


class VoteRepository(TenantRepository[VoteDocument]):
    """The votes of one site."""

    collection = "intro_votes"
    document = VoteDocument

    async def put(self, target: str, viewer: ViewerId, vote: Vote, at: datetime) -> None:
        """The viewer's vote on the target; a former one is replaced."""
        fields = {"target": target, "viewer": viewer, "start": vote.start, "end": vote.end, "at": at}
        await self._put(_id(target, viewer), fields)

    async def of(self, target: str, viewer: ViewerId) -> VoteDocument | None:
        """What the viewer said."""
        return await self._get(_id(target, viewer))

    async def drop(self, target: str, viewer: ViewerId) -> bool:
        """Whether there was one."""
        return await self._delete(_id(target, viewer))

    async def on(self, target: str) -> list[Vote]:
        """All votes on the target, equal ones counted together."""
        stages: list[dict[str, Any]] = [
            {"$match": {"target": target}},
            {"$group": {"_id": {"start": "$start", "end": "$end"}, "count": {"$sum": 1}}},
            {"$limit": MOST_DISTINCT},
        ]
        return [
            Vote(float(found["_id"]["start"]), float(found["_id"]["end"]), int(found["count"]))
            async for found in self._aggregate(stages)
        ]

    async def by(self, viewer: ViewerId) -> AsyncIterator[VoteDocument]:
        """Everything that the viewer said."""
        async for vote in self._find({"viewer": viewer}):
            yield vote


class ReckoningRepository(TenantRepository[Reckoning]):
    """What the votes of one site came to."""

    collection = "intros"
    document = Reckoning

    async def of(self, target: str) -> Reckoning | None:
        """The target's, current or not."""
        return await self._get(target)

    async def turn(self, target: str) -> None:
        """Says that a vote is about to change or has changed: what was reckoned before does not hold any more."""
        await self._update(target, {"$inc": {"revision": 1}}, upsert=True)

    async def settle(self, target: str, revision: int, timing: Timing | None, base: list[float] | None) -> bool:
        """Keeps what was reckoned of this revision; False where the votes have changed meanwhile."""
        found: Mapping[str, Any] = {
            "reckoned": revision,
            "base": base,
            "start": timing.start if timing else None,
            "end": timing.end if timing else None,
            "votes": timing.votes if timing else 0,
        }
        return await self._update(target, {"$set": found}, where={"revision": revision}) == 1


def _id(target: str, viewer: ViewerId) -> dict[str, object]:
    return {"target": target, "viewer": viewer}


_OWNER: Final = ("_id.owner", 1)
INDEXES: tuple[Index, ...] = (
    Index("intro_votes", (_OWNER, ("target", 1), ("start", 1), ("end", 1)), "owner_target_vote"),
    Index("intro_votes", (_OWNER, ("viewer", 1)), "owner_viewer"),
)
