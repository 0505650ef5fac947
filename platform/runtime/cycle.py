"""Puts the billing cycle together from the stores and the settings."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from billing.contracts.desk import Contracts
from billing.contracts.holding import hold_ended
from billing.invoices.office import Office
from billing.payments.cashier import Cashier
from billing.periods.cycle import run_cycle
from billing.periods.desk import CycleReport, Desk, OnProgress, Rules
from billing.settlements.closing import settle_periods
from billing.settlements.desk import SettlementReport
from billing.settlements.leaving import follow_ended
from runtime.billing import hooks_of, issuer_of
from runtime.memberships import settlement_desk
from runtime.stores import Stores
from storage.moments import epoch_of, moment


class Billed(Struct, frozen=True):
    """What a run did: periods and their invoices, and the statements of what viewers paid in them."""

    cycle: CycleReport
    settled: SettlementReport

    @property
    def failed(self) -> dict[str, str]:
        """Tenants of which something could not be done, and why."""
        return self.settled.failed | self.cycle.failed


def _silent(report: CycleReport) -> None:
    """Nobody is told."""


async def bill(
    stores: Stores,
    cashier: Cashier,
    now: datetime,
    *,
    limit: int | None = None,
    force: bool = False,
    on_progress: OnProgress = _silent,
) -> Billed:
    """Periods become drafts, drafts invoices, and what viewers paid in them statements, as of `now` (naive UTC).

    Sites whose contracts ended are closed before, and those opened that began again. Viewers' money that moved after an
    end gets a period to be settled in.
    The tick does this, and `marquee billing run`; see `run_cycle`. Charging and paying out are ticks of their own.
    """
    # By the clock and not as of another moment: nobody's site is closed before its contract's end.
    await hold_ended(stores.database, stores.desk, moment(stores.clock()))
    await follow_ended(stores.database, now)
    cycle = await run_cycle(billing_desk(stores), now, limit=limit, force=force, on_progress=on_progress)
    as_of = msgspec.structs.replace(cashier, clock=lambda: epoch_of(now))
    return Billed(cycle, await settle_periods(settlement_desk(stores, as_of)))


def billing_desk(stores: Stores) -> Desk:
    """What `billing.periods.cycle.run_cycle` works with."""
    settings = stores.settings.billing
    return Desk(
        office=invoice_office(stores),
        contracts=Contracts(stores.database, stores.clock, stores.audit),
        system=stores.system,
        issuer=issuer_of(stores.settings),
        rules=Rules(grace_seconds=settings.grace_seconds, lag_threshold=settings.lag_threshold),
    )


def invoice_office(stores: Stores) -> Office:
    """Where invoices are issued, credited and voided."""
    return Office(
        database=stores.database,
        clock=stores.clock,
        audit=stores.audit,
        platform=stores.system.platform_scope(),
        settled=hooks_of(stores).invoice_settled,
    )
