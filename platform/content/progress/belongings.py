"""Progress in a viewer's export, deletion and sign-in, and in a tenant's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, final

from accounts.model import ViewerId
from content.progress.model import TitleProgress, unit_of
from content.progress.repository import ProgressRepository
from content.progress.watching import Progress
from storage.mongo import Database
from storage.scope import TenantScope


@final
class ProgressBelongings:
    """What one viewer has watched and read."""

    name: str = "progress"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, scope: TenantScope, viewer_id: ViewerId) -> AsyncIterator[Mapping[str, Any]]:
        """A title each, with its episodes or chapters."""
        await Progress(self._database, scope).take_over(viewer_id)
        async for title in ProgressRepository(self._database, scope).all_of(viewer_id):
            yield told(title)

    async def delete(self, scope: TenantScope, viewer_id: ViewerId) -> int:
        """How many titles there were."""
        return await Progress(self._database, scope).forget_all(viewer_id)

    async def merge(self, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        """The later place of each title stays."""
        await Progress(self._database, scope).merge(guest_id, viewer_id)


def told(title: TitleProgress) -> Mapping[str, Any]:
    """A title's progress for the person it is about."""
    units = {unit_of(name): unit for name, unit in title.units.items()}
    return {
        "title_id": title.title,
        "seen_at": title.at,
        "units": [
            {
                "unit": key or None,
                "seen_at": unit.at,
                "position_seconds": unit.position if unit.page is None else None,
                "duration_seconds": unit.duration,
                "page": unit.page,
                "pages": unit.pages,
                "finished": unit.finished,
                "times_finished": unit.finished_runs,
            }
            for key, unit in units.items()
        ],
    }
