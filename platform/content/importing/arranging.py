"""What an import adds to comments, reports and collections, so that they can be sorted and found whatever they hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from content.collections.model import shelved
from content.comments.placing import placed
from content.reports.filing import filed


def arranged(collection: str, document: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The platform's fields of a document of the collection; nothing for those that need none. Never raises."""
    if collection == "comments":
        return placed(document)
    if collection == "collections":
        return shelved(document)
    return filed(document, now) if collection == "reports" else {}
