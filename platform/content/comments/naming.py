"""Who a viewer is to the others of one site: a name that nobody else has, and a face drawn from a seed."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, final

from accounts.model import ViewerId
from content.comments.errors import NicknameTaken, NicknameTooSoon
from content.comments.model import Commenter
from content.comments.nicknames import checked, generated
from content.comments.people import CommenterRepository
from content.comments.repository import CommentRepository
from content.comments.skeletons import skeleton
from storage.errors import Conflict
from storage.moments import Clock, epoch_of, moment
from storage.mongo import Database
from storage.scope import TenantScope

CHANGE_SECONDS: Final = 30 * 24 * 3_600
_ATTEMPTS: Final = 12


@final
class Names:
    """The names of one site. `site_names` are the brand's and the tenant's own, which nobody may take."""

    def __init__(self, database: Database, scope: TenantScope, clock: Clock, site_names: Sequence[str] = ()) -> None:
        self._commenters = CommenterRepository(database, scope)
        self._comments = CommentRepository(database, scope)
        self._clock = clock
        self._site_names = site_names

    async def known(self, viewer: ViewerId) -> Commenter | None:
        """The viewer's name, if they have one yet."""
        return await self._commenters.get(viewer)

    async def of(self, viewer: ViewerId) -> Commenter:
        """The viewer's name; a new one is the name of their brought comments, or generated."""
        found = await self._commenters.get(viewer)
        if found is not None:
            return found
        earlier = await self._comments.latest_by(viewer)
        seed = (earlier.avatar_seed if earlier else "") or secrets.token_hex(5)
        wanted = earlier.nickname if earlier else ""
        for _ in range(_ATTEMPTS):
            made = self._named(viewer, wanted or generated(self._site_names), seed)
            if made.skeleton and not await self._comments.looks_taken(made.skeleton, viewer):
                try:
                    await self._commenters.add(made)
                except Conflict:
                    # Either somebody has the name, or the viewer's other tab was faster.
                    found = await self._commenters.get(viewer)
                    if found is not None:
                        return found
                else:
                    return made
            wanted = ""
        raise NicknameTaken("No free nickname was found. Please try again.")

    async def change(self, viewer: ViewerId, name: str) -> Commenter:
        """The viewer under another name, also in what they wrote. Raises NicknameRefused, -Taken and -TooSoon."""
        nickname = checked(name, self._site_names)
        looks = skeleton(nickname)
        held = await self.of(viewer)
        if held.nickname == nickname:
            return held
        if await self._comments.looks_taken(looks, viewer):
            raise NicknameTaken("Somebody here has this nickname, or one that looks like it.")
        now = moment(self._clock())
        changes = {"nickname": nickname, "skeleton": looks, "changed_at": now}
        try:
            done = await self._commenters.change(viewer, changes, unless_after=now - timedelta(seconds=CHANGE_SECONDS))
        except Conflict:
            raise NicknameTaken("Somebody here has this nickname, or one that looks like it.") from None
        if not done:
            raise NicknameTooSoon(self._wait(held))
        await self._comments.rename(viewer, {"$set": {"nickname": nickname, "_marquee.nick": looks}})
        return Commenter(
            id=viewer,
            nickname=nickname,
            skeleton=looks,
            avatar_seed=held.avatar_seed,
            created_at=held.created_at,
            changed_at=now,
        )

    def may_change_at(self, commenter: Commenter) -> float | None:
        """Epoch seconds from which on the name can be changed; None: now."""
        if commenter.changed_at is None:
            return None
        then = epoch_of(commenter.changed_at) + CHANGE_SECONDS
        return then if then > self._clock() else None

    def _wait(self, commenter: Commenter) -> float:
        return max(1.0, (self.may_change_at(commenter) or 0.0) - self._clock())

    def _named(self, viewer: ViewerId, nickname: str, seed: str) -> Commenter:
        now = moment(self._clock())
        return Commenter(id=viewer, nickname=nickname, skeleton=skeleton(nickname), avatar_seed=seed, created_at=now)
