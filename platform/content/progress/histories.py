"""The `history` of users' documents: taken over once for each time that a document was imported."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final, cast

from msgspec import field

from content.progress.brought import Brought, read_history, with_progress
from content.progress.model import TitleProgress
from content.progress.repository import ProgressRepository
from content.targets import BadTarget, parse_target
from storage.moments import moment
from storage.mongo import Database
from storage.repository import TenantDocument, TenantRepository
from storage.scope import TenantScope

_BATCH: Final = 500
_BEGINNING: Final = moment(0)


class HistoryDocument(TenantDocument, kw_only=True):
    """A user's document as far as progress reads it."""

    history: Any = None
    ours: dict[str, Any] = field(name="_marquee", default_factory=dict[str, Any])


class Histories(TenantRepository[HistoryDocument]):
    """What users' documents bring along."""

    collection = "users"
    document = HistoryDocument

    async def to_take(self, viewer_id: object) -> tuple[list[Brought], str | None]:
        """What was imported and not taken over yet, and the mark to leave once it is."""
        marks = await self._get(viewer_id, projection={"_marquee.source": 1, "_marquee.history_taken": 1})
        if marks is None or marks.ours.get("source") == marks.ours.get("history_taken"):
            return [], None
        found = await self._get(viewer_id, projection={"history": 1, "_marquee": 1})
        if found is None:
            return [], None
        imported = found.ours.get("imported_at")
        since = imported if isinstance(imported, datetime) else _BEGINNING
        return list(read_history(found.history, since)), found.ours.get("source")

    async def taken(self, viewer_id: object, source: str) -> None:
        """The history of this import need not be looked at again."""
        await self._update(viewer_id, {"$set": {"_marquee.history_taken": source}}, where={"_marquee.source": source})

    async def forget(self, viewer_id: object, title_id: str | None, unit: str = "") -> None:
        """Takes a title, one unit of it, or (None) everything out of the document's history."""
        while True:
            found = await self._get(viewer_id, projection={"history": 1})
            if found is None or not isinstance(found.history, dict) or not found.history:
                return
            held = cast("dict[str, Any]", found.history)
            kept = {key: entry for key, entry in held.items() if not _is_about(key, title_id, unit)}
            if len(kept) == len(held):
                return
            if await self._update(viewer_id, {"$set": {"history": kept}}, where={"history": {"$eq": held}}):
                return


async def exported(
    database: Database, scope: TenantScope, documents: AsyncIterator[dict[str, Any]]
) -> AsyncIterator[dict[str, Any]]:
    """Users' documents with what was seen here since: the same ones, field by field, where nothing was."""
    repository = ProgressRepository(database, scope)
    batch: list[dict[str, Any]] = []
    async for document in documents:
        batch.append(document)
        if len(batch) == _BATCH:
            for each in await _overlaid(repository, batch):
                yield each
            batch = []
    for each in await _overlaid(repository, batch):
        yield each


async def _overlaid(repository: ProgressRepository, batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not batch:
        return []
    made_here: dict[Any, list[TitleProgress]] = {}
    async for title in repository.live_of([document["_id"] for document in batch]):
        made_here.setdefault(title.viewer, []).append(title)
    return [with_progress(document, made_here.get(document["_id"], [])) for document in batch]


def _is_about(key: str, title_id: str | None, unit: str) -> bool:
    if title_id is None:
        return True
    try:
        target = parse_target(key)
    except BadTarget:
        return False
    return target.title_id == title_id and (not unit or target.unit == unit)
