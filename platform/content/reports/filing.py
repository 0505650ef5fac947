"""Where a brought report stands: worked out from the user's fields, whatever they hold. Never raises."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from content.comments.placing import canonical_target, milliseconds
from content.reports.model import Fate
from storage.moments import epoch_of


def filed(document: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The sortable half of `_marquee`; an import adds it. A status that nobody knows is pending.

    Two brought reports may be open about one thing: they are counted apart, and the next viewer joins one of them.
    """
    fate: Fate = "fixed" if document.get("status") == "fixed" else "pending"
    issue = document.get("issue")
    return {
        "at": milliseconds(document.get("created_at")) or int(epoch_of(now) * 1_000),
        "key": str(document.get("_id"))[:200],
        "target": canonical_target(document.get("target_id")),
        "issue": issue if isinstance(issue, str) else "",
        "fate": fate,
        "count": 1,
    }
