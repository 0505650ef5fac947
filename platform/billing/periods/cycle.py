"""The cycle: contracts begin, due periods become drafts, drafts become invoices.

Any number of processes may run it at once, and each may die at any moment: what is due is a query, a period is
claimed, and each step leaves alone what was done.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncGenerator
from datetime import datetime

from billing.invoices.issuing import Ready
from billing.periods import drafting, finishing
from billing.periods.contracting import begin_contracts
from billing.periods.desk import CycleReport, Desk, OnProgress, PlansByRef
from billing.periods.pipeline import written_in_turn
from billing.plans.repository import Plans

log = logging.getLogger("marquee.billing")


def _silent(report: CycleReport) -> None:
    """Nobody is told."""


async def run_cycle(
    desk: Desk,
    now: datetime,
    *,
    limit: int | None = None,
    force: bool = False,
    on_progress: OnProgress = _silent,
) -> CycleReport:
    """Bills whatever is due at `now` (naive UTC): at most `limit` periods are drafted, or all.

    `force` catches up tenants that are further behind than the rules allow. Raises StorageUnavailable; running again
    goes on where it ended.
    """
    report = CycleReport()
    await begin_contracts(desk, report)
    report.due = await drafting.count_due(desk, now)
    on_progress(report)
    plans = await Plans(desk.database).every()
    await _draft_all(desk, plans, now, report, limit, on_progress, force=force)
    await _issue_all(desk, plans, now, report, on_progress)
    return report


async def _draft_all(
    desk: Desk,
    plans: PlansByRef,
    now: datetime,
    report: CycleReport,
    limit: int | None,
    on_progress: OnProgress,
    *,
    force: bool,
) -> None:
    """Walks through all that is due until a walk brings nothing forward: who is behind is due again at once."""

    async def prepared() -> AsyncGenerator[drafting.Prepared]:
        left = sys.maxsize if limit is None else limit - report.drafted
        async for asked in drafting.due_batches(desk, now, report, force=force):
            if left <= 0:
                return
            batch = await drafting.prepare(desk, asked[:left], plans, now, report)
            left -= len(batch.drafts)
            yield batch

    async def draft(batch: drafting.Prepared) -> int:
        advanced = await drafting.draft(desk, batch, report)
        on_progress(report)
        return advanced

    while await written_in_turn(prepared(), draft):
        pass


async def _issue_all(
    desk: Desk, plans: PlansByRef, now: datetime, report: CycleReport, on_progress: OnProgress
) -> None:
    """Walks through the drafts whose grace is over until a walk issues none."""

    async def prepared() -> AsyncGenerator[list[Ready]]:
        async for block in finishing.waiting_blocks(desk, now, report):
            yield await finishing.prepare(desk, block, plans, report)

    async def issue(block: list[Ready]) -> int:
        issued = await finishing.finish(desk, block, now, report)
        on_progress(report)
        return issued

    while await written_in_turn(prepared(), issue):
        pass
