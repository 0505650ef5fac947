"""What each role may do, as one table."""

from collections.abc import Mapping
from typing import Final, Literal

from accounts.model import Role, Viewer

Permission = Literal["watch", "comment", "watch_premium", "download", "moderate"]

ROLES: Final[Mapping[Role, frozenset[Permission]]] = {
    "free": frozenset({"watch", "comment"}),
    "premium": frozenset({"watch", "comment", "watch_premium", "download"}),
    "admin": frozenset({"watch", "comment", "watch_premium", "download", "moderate"}),
}
# Somebody without a session looks around; the first play makes a guest of them.
NOBODY: Final[frozenset[Permission]] = frozenset()


def may(viewer: Viewer | None, permission: Permission) -> bool:
    """Whether the viewer has the permission; a banned one has none."""
    if viewer is None:
        return permission in NOBODY
    return viewer.ours.ban is None and permission in ROLES[viewer.role]
