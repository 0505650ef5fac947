"""Which role a viewer has now: the document's own, or a better one that was granted and has not run out."""

from datetime import datetime
from typing import Final

import msgspec

from accounts.model import Grant, Role, Viewer

_RANK: Final[dict[Role, int]] = {"free": 0, "premium": 1, "admin": 2}


def is_live(grant: Grant, now: datetime) -> bool:
    """Whether the grant holds at `now` (naive UTC)."""
    return grant.until is None or grant.until > now


def with_grants(viewer: Viewer, now: datetime) -> Viewer:
    """The viewer with the best of the roles that hold at `now`."""
    roles: list[Role] = [viewer.role, *(each.role for each in viewer.ours.grants if is_live(each, now))]
    best: Role = max(roles, key=_RANK.__getitem__)
    return viewer if best == viewer.role else msgspec.structs.replace(viewer, role=best)


def role_ends(viewer: Viewer, now: datetime) -> datetime | None:
    """Until when the role of a viewer from `with_grants` holds; None where nothing ends it."""
    givers = [each for each in viewer.ours.grants if each.role == viewer.role and is_live(each, now)]
    ends = [each.until for each in givers]
    return max((each for each in ends if each is not None), default=None) if ends and None not in ends else None
