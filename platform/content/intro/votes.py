"""Voting on intros: one vote a viewer, and what the crowd says now.

Votes lie in the tenant's own overlay and never touch the title. What they come to is kept beside them and reckoned
again by whoever finds that it no longer holds, so that any order of votes at the same time ends in the same answer.
"""

from __future__ import annotations

from typing import Final

from accounts.model import ViewerId
from content.intro.ballot import imported_vote
from content.intro.crowd import Timing, Vote, timing_of
from content.intro.repository import Reckoning, ReckoningRepository, VoteRepository
from content.model import IntroTimings
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope

_TRIES: Final = 8


class IntroVotes:
    """The votes on one site's intros. Every verb raises StorageUnavailable.

    `imported` are the votes that came with the title: they count as that many at their value.
    """

    def __init__(self, database: Database, scope: TenantScope, clock: Clock) -> None:
        self._votes = VoteRepository(database, scope)
        self._reckonings = ReckoningRepository(database, scope)
        self._clock = clock

    async def cast(self, target: str, viewer: ViewerId, vote: Vote, imported: IntroTimings | None) -> Timing | None:
        """The viewer's vote in the place of any former one; gives what the crowd says then."""
        await self._reckonings.turn(target)
        await self._votes.put(target, viewer, vote, moment(self._clock()))
        await self._reckonings.turn(target)
        return await self.timing(target, imported)

    async def withdraw(self, target: str, viewer: ViewerId, imported: IntroTimings | None) -> Timing | None:
        """Takes the viewer's vote back; without one nothing changes."""
        if await self._votes.of(target, viewer) is not None:
            await self._reckonings.turn(target)
            await self._votes.drop(target, viewer)
            await self._reckonings.turn(target)
        return await self.timing(target, imported)

    async def own(self, target: str, viewer: ViewerId) -> Vote | None:
        """What the viewer said."""
        found = await self._votes.of(target, viewer)
        return None if found is None else Vote(found.start, found.end)

    async def timing(self, target: str, imported: IntroTimings | None) -> Timing | None:
        """What the crowd says of the target; None where nobody has voted."""
        base = imported_vote(imported)
        for _ in range(_TRIES):
            known = await self._reckonings.of(target)
            if known is None:
                return timing_of([base] if base else [])
            if known.reckoned == known.revision and known.base == _numbers(base):
                return _timing(known)
            said = timing_of([*await self._votes.on(target), *([base] if base else [])])
            if await self._reckonings.settle(target, known.revision, said, _numbers(base)):
                return said
        # Under a storm of votes the answer of this moment does; whoever votes last settles it.
        return timing_of([*await self._votes.on(target), *([base] if base else [])])


def _timing(known: Reckoning) -> Timing | None:
    if known.start is None or known.end is None:
        return None
    return Timing(known.start, known.end, known.votes)


def _numbers(vote: Vote | None) -> list[float] | None:
    return None if vote is None else [vote.start, vote.end, float(vote.weight)]
