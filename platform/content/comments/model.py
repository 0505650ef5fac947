"""What a comment is: the user's fields as in the contract, and ours under `_marquee`.

Times are naive UTC. A comment is `active`, `flagged` (held back until a moderator has looked) or `deleted`.
"""

from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from accounts.model import ViewerId
from storage.repository import TenantDocument

Status = Literal["active", "flagged", "deleted"]
STATUSES: Final[tuple[Status, ...]] = ("active", "flagged", "deleted")
Gone = Literal["", "author", "moderator"]
AppealDecision = Literal["restored", "upheld"]

EDIT_SECONDS: Final = 24 * 3_600
MOST_EDITS: Final = 20
LONGEST_TIMESTAMP: Final = 48 * 3_600
FORMER_VIEWER: Final = "Former viewer"


class Version(msgspec.Struct, frozen=True):
    """What the comment said until `until`."""

    body: str
    until: datetime


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """The author's word against a decision, and what came of it."""

    text: str
    at: datetime
    decision: AppealDecision | None = None
    words: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""


class CommentOurs(msgspec.Struct, frozen=True, kw_only=True):
    """What the platform keeps beside a comment.

    `at` (epoch milliseconds), `likes`, `second`, `target`, `key` and `status` are the user's fields in a form that can
    be sorted and found, whatever was brought. `root` is the comment that a thread hangs on, `parent` the one that was
    answered. `nick` is what the nickname looks like; `gone` says who took the comment away.
    """

    at: int = 0
    likes: int = 0
    second: int | None = None
    target: str = ""
    key: str = ""
    status: Status = "active"
    nick: str = ""
    root: Any = None
    parent: Any = None
    replies: int = 0
    edited_at: datetime | None = None
    versions: list[Version] = msgspec.field(default_factory=list[Version])
    flags: int = 0
    cleared: bool = False
    reason: str = ""
    gone: Gone = ""
    decided_at: datetime | None = None
    decided_by: str = ""
    appeal: Appeal | None = None


class Comment(TenantDocument):
    """A comment. Odd values of a brought one read as nothing."""

    target_id: str = ""
    user_id: ViewerId | None = None
    nickname: str = ""
    avatar_seed: str = ""
    body: str = ""
    is_spoiler: bool = False
    created_at: datetime | None = None
    ours: CommentOurs = msgspec.field(name="_marquee", default=CommentOurs())

    @property
    def is_shown(self) -> bool:
        """Whether everybody may read it."""
        return self.ours.status == "active"

    def is_by(self, viewer_id: ViewerId | None) -> bool:
        """Whether the viewer wrote it; 42 and "42" are two viewers."""
        return viewer_id is not None and type(viewer_id) is type(self.user_id) and viewer_id == self.user_id


class Commenter(TenantDocument):
    """Under which name and face a viewer comments on one site."""

    id: ViewerId
    nickname: str
    skeleton: str
    avatar_seed: str
    created_at: datetime
    changed_at: datetime | None = None


class Mark(TenantDocument):
    """That one viewer did something to one comment: a like or a flag. The id says both."""

    at: datetime
    reason: str = ""
