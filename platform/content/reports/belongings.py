"""Who reported what, in a tenant's export and deletion, and among a viewer's belongings."""

from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any, final

from accounts.model import ViewerId
from content.reports.model import Reporter
from content.reports.repository import ReporterRepository, ReportRepository
from storage.mongo import Database
from storage.scope import TenantScope
from storage.transactions import all_or_none


@final
class ReportsBelongings:
    """What a viewer reported."""

    name: str = "reports"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, scope: TenantScope, viewer_id: ViewerId) -> AsyncIterator[Mapping[str, Any]]:
        """What, when and with which note."""
        async for each in ReporterRepository(self._database, scope).all_by(viewer_id):
            yield {"report": each.id["report"], "at": each.at, "note": each.note}

    async def delete(self, scope: TenantScope, viewer_id: ViewerId) -> int:
        """Forgets that it was this viewer; the reports stay counted."""
        return await ReporterRepository(self._database, scope).remove_by(viewer_id)

    async def merge(self, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        """The guest's become the viewer's; what both reported counts once from now on."""
        async for each in ReporterRepository(self._database, scope).all_by(guest_id):
            await all_or_none(self._database, partial(self._bring, scope, each, viewer_id))

    async def _bring(self, scope: TenantScope, given: Reporter, viewer_id: ViewerId) -> None:
        reporters, report = ReporterRepository(self._database, scope), given.id["report"]
        if not await reporters.remove(report, given.id["viewer"]):
            return
        if not await reporters.has(report, viewer_id):
            await reporters.add(report, viewer_id, given.at, given.note)
        else:
            await ReportRepository(self._database, scope).count_reporter(report, -1)
