"""What readers get: threads page by page, one thread, one's own comments, and the markers of a player's timeline.

Each verb raises StorageUnavailable and, where it takes a cursor, CursorInvalid.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, final

from msgspec import Struct

from accounts.model import ViewerId
from content.comments.errors import NoSuchComment
from content.comments.markup import excerpt_of
from content.comments.model import Comment
from content.comments.orders import Place, Sort, place_of
from content.comments.people import LikeRepository
from content.comments.repository import CommentRepository
from content.cursors import seal, unseal
from storage.mongo import Database
from storage.scope import TenantScope

FIRST_REPLIES: Final = 3
MOST_COMMENTS: Final = 50
MOST_COUNTED: Final = 10_000
_MARKER_CHARACTERS: Final = 120


class Replies(Struct, frozen=True):
    """Answers of a thread, the oldest first, and the cursor of those that follow."""

    comments: list[Comment]
    after: str | None = None


class Thread(Struct, frozen=True):
    """A comment with the first answers to it."""

    comment: Comment
    replies: Replies


class Seen(Struct, frozen=True):
    """Threads as one viewer sees them. `liked` are ids; `answered` are comments that replies on the page answer."""

    threads: list[Thread]
    after: str | None
    liked: list[object]
    answered: list[Comment]


class Marker(Struct, frozen=True):
    """A second of the film, how many comments are pinned to it, and the best liked one without its spoilers."""

    second: int
    count: int
    text: str


@final
class Reading:
    """The comments of one site, for those who read."""

    def __init__(self, database: Database, scope: TenantScope) -> None:
        self._comments = CommentRepository(database, scope)
        self._likes = LikeRepository(database, scope)
        self._tenant = scope.tenant_id

    async def threads(
        self, target: str, sort: Sort, *, viewer: ViewerId | None, after: str | None = None, limit: int = 20
    ) -> Seen:
        """A page of what is said about the target."""
        asked = ("comments", target, sort)
        place = unseal(after, Place, self._tenant, *asked) if after else None
        wanted = max(1, min(limit, MOST_COMMENTS))
        found = await self._comments.page(target, sort, viewer=viewer, after=place, limit=wanted + 1)
        kept = found[:wanted]
        further = seal(place_of(kept[-1], sort), self._tenant, *asked) if len(found) > wanted else None
        return await self._seen(kept, viewer, further)

    async def thread(self, root: Comment, *, viewer: ViewerId | None, after: str | None = None) -> Seen:
        """One comment with a page of the answers."""
        replies = await self.replies(root, viewer=viewer, after=after)
        return await self._told([Thread(root, replies)], viewer, None)

    async def replies(
        self, root: Comment, *, viewer: ViewerId | None, after: str | None = None, limit: int = 20
    ) -> Replies:
        """A page of the answers in a thread."""
        asked = ("replies", str(root.id))
        place = unseal(after, Place, self._tenant, *asked) if after else None
        wanted = max(1, min(limit, MOST_COMMENTS))
        found = await self._comments.replies(root.id, viewer=viewer, after=place, limit=wanted + 1)
        kept = found[:wanted]
        further = seal(place_of(kept[-1], "old"), self._tenant, *asked) if len(found) > wanted else None
        return Replies(kept, further)

    async def told(self, comments: Sequence[Comment], viewer: ViewerId | None, after: str | None = None) -> Seen:
        """Single comments as the viewer sees them, without the answers to them."""
        return await self._told([Thread(each, Replies([])) for each in comments], viewer, after)

    async def mine(self, viewer: ViewerId, *, after: str | None = None, limit: int = 20) -> Seen:
        """What the viewer wrote, the newest first."""
        asked = ("mine", repr(viewer))
        place = unseal(after, Place, self._tenant, *asked) if after else None
        found = await self._comments.by(viewer, after=place, limit=limit + 1)
        kept = found[:limit]
        further = seal(place_of(kept[-1], "new"), self._tenant, *asked) if len(found) > limit else None
        return await self.told(kept, viewer, further)

    async def one(self, comment_id: str, *, viewer: ViewerId | None) -> Comment:
        """A comment that this viewer may see. Raises NoSuchComment."""
        found = await self._comments.named(comment_id)
        if found is None or not _may_see(found, viewer):
            raise NoSuchComment("There is no such comment on this site.")
        return found

    async def root_of(self, comment: Comment) -> Comment:
        """What the comment's thread hangs on; itself where that is gone."""
        return comment if comment.ours.root is None else await self._comments.get(comment.ours.root) or comment

    async def count(self, target: str) -> int:
        """How many comments can be read, counted up to MOST_COUNTED."""
        return await self._comments.count_shown(target, limit=MOST_COUNTED)

    async def markers(self, target: str) -> list[Marker]:
        """Where on the timeline something was said, in its order."""
        return [
            Marker(each["_id"], each["count"], _text(each.get("body"), is_spoiler=each.get("is_spoiler") is True))
            async for each in self._comments.markers(target)
        ]

    async def _seen(self, comments: list[Comment], viewer: ViewerId | None, after: str | None) -> Seen:
        answers = await asyncio.gather(
            *(
                self.replies(each, viewer=viewer, limit=FIRST_REPLIES) if each.ours.replies > 0 else _none()
                for each in comments
            )
        )
        threads = [Thread(comment, replies) for comment, replies in zip(comments, answers, strict=True)]
        return await self._told(threads, viewer, after)

    async def _told(self, threads: list[Thread], viewer: ViewerId | None, after: str | None) -> Seen:
        every = [comment for thread in threads for comment in (thread.comment, *thread.replies.comments)]
        liked = [] if viewer is None else await self._likes.among([each.id for each in every], viewer)
        known = {str(each.id): each for each in every}
        wanted = [each.ours.parent for each in every if each.ours.parent is not None]
        missing = [each for each in wanted if str(each) not in known]
        answered = [known[str(each)] for each in wanted if str(each) in known] + await self._comments.many(missing)
        return Seen(threads, after, liked, answered)


def _may_see(comment: Comment, viewer: ViewerId | None) -> bool:
    """Shown ones, what still holds a thread together, and one's own."""
    if comment.is_shown or comment.ours.replies > 0:
        return True
    return comment.ours.gone != "author" and comment.is_by(viewer)


async def _none() -> Replies:
    return Replies([])


def _text(body: object, *, is_spoiler: bool) -> str:
    return excerpt_of(body, _MARKER_CHARACTERS, is_spoiler=is_spoiler) if isinstance(body, str) else ""
