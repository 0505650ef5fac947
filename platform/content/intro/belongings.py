"""Votes in a tenant's export and deletion, and among a viewer's belongings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, final

from accounts.model import ViewerId
from content.intro.crowd import Vote
from content.intro.repository import ReckoningRepository, VoteRepository
from storage.mongo import Database
from storage.scope import TenantScope


@final
class IntroVotesOf:
    """A viewer's votes as Belongings."""

    name: str = "intro_votes"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, scope: TenantScope, viewer_id: ViewerId) -> AsyncIterator[Mapping[str, Any]]:
        """What the viewer voted."""
        async for vote in VoteRepository(self._database, scope).by(viewer_id):
            yield {"target": vote.target, "start": vote.start, "end": vote.end, "at": vote.at}

    async def delete(self, scope: TenantScope, viewer_id: ViewerId) -> int:
        """Takes every vote back; how many there were."""
        votes, reckonings = VoteRepository(self._database, scope), ReckoningRepository(self._database, scope)
        count = 0
        async for vote in votes.by(viewer_id):
            await reckonings.turn(vote.target)
            count += await votes.drop(vote.target, viewer_id)
            await reckonings.turn(vote.target)
        return count

    async def merge(self, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        """The guest's votes become the viewer's, where the viewer has not voted: still one vote a person."""
        votes, reckonings = VoteRepository(self._database, scope), ReckoningRepository(self._database, scope)
        async for vote in votes.by(guest_id):
            await reckonings.turn(vote.target)
            if await votes.of(vote.target, viewer_id) is None:
                await votes.put(vote.target, viewer_id, Vote(vote.start, vote.end), vote.at)
            await votes.drop(vote.target, guest_id)
            await reckonings.turn(vote.target)
