"""Where a comment stands in every order, worked out from the user's fields, whatever they hold. Never raises."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from content.comments.model import LONGEST_TIMESTAMP, STATUSES, Status
from content.comments.skeletons import skeleton
from content.targets import BadTarget, parse_target
from storage.moments import epoch_of

_MOST_LIKES: Final = 2**53


def placed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The sortable half of `_marquee` for a comment as its user brought it; an import adds it."""
    nickname = document.get("nickname")
    return {
        "at": milliseconds(document.get("created_at")),
        "likes": _whole(document.get("likes"), _MOST_LIKES) or 0,
        "second": _whole(document.get("timestamp"), LONGEST_TIMESTAMP),
        "target": canonical_target(document.get("target_id")),
        "key": str(document.get("_id"))[:200],
        "status": _status(document.get("moderation_status")),
        "nick": skeleton(nickname[:200]) if isinstance(nickname, str) else "",
    }


def milliseconds(value: object) -> int:
    """Epoch milliseconds of a date or ISO text; 0 for anything else: the oldest of all."""
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(instant, datetime):
            plain = instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant
            return int(epoch_of(plain) * 1_000)
    except (ValueError, OverflowError):
        pass
    return 0


def _whole(value: object, most: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if 0 <= value <= most else None


def canonical_target(value: object) -> str:
    """The target in its one form, for `#c12.0` and `#c12` are one chapter; empty for what names nothing."""
    try:
        return str(parse_target(value)) if isinstance(value, str) else ""
    except BadTarget:
        return ""


def _status(value: object) -> Status:
    """What nobody knows is held back until somebody has looked; what says nothing is as if just written."""
    if value is None:
        return "active"
    for status in STATUSES:
        if status == value:
            return status
    return "flagged"
