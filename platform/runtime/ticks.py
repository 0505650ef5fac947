"""What the tick calls in the processes that do jobs."""

from __future__ import annotations

import logging

from billing.dunning.stepping import dun
from billing.ledger.revenue import revenue_in_all
from billing.memberships.renewing import renew_due
from billing.payments.collecting import collect
from billing.payments.reconciling import follow, reconcile
from billing.periods.cycle import run_cycle
from billing.settlements.closing import settle_periods
from billing.settlements.paying_out import pay_out
from content.links.checking import enqueue_due
from runtime.composition import Services, Stores
from runtime.cycle import billing_desk
from runtime.dunning import collections_of
from runtime.memberships import membership_desk, settlement_desk
from runtime.scheduler import Tick
from storage.moments import moment

STATS_SECONDS = 300
LINKS_SECONDS = 120
BILL_SECONDS = 300
CHARGE_SECONDS = 30
FOLLOW_SECONDS = 60
DUN_SECONDS = 60
RECONCILE_SECONDS = 3_600
RENEW_SECONDS = 300
SETTLE_SECONDS = 600
log = logging.getLogger("marquee.billing")


def ticks_of(services: Services) -> list[Tick]:
    """Every verb that runs by the clock."""
    stores = services.stores
    return [
        Tick("rebuild stats", STATS_SECONDS, lambda: rebuild_stats(stores)),
        Tick("charge invoices", CHARGE_SECONDS, lambda: collect(services.cashier)),
        Tick("follow payments", FOLLOW_SECONDS, lambda: follow(services.cashier)),
        Tick("reconcile payments", RECONCILE_SECONDS, lambda: reconcile(services.cashier)),
        Tick("renew memberships", RENEW_SECONDS, lambda: renew_due(membership_desk(stores, services.cashier))),
        Tick("settle", SETTLE_SECONDS, lambda: settle(services)),
        Tick("check links", LINKS_SECONDS, lambda: check_links(stores)),
        Tick("dun", DUN_SECONDS, lambda: dun(collections_of(stores), services.cashier)),
        Tick("bill", BILL_SECONDS, lambda: bill(stores)),
    ]


async def rebuild_stats(stores: Stores) -> None:
    """Bring every tenant's `stats` up to what its ledger says."""
    now = stores.clock()
    async for scope in stores.system.tenant_scopes():
        tenant = await stores.tenants.get(scope.tenant_id)
        if tenant is not None:
            revenue = await revenue_in_all(stores.database, scope, tenant.currency)
            await stores.usage.rebuild_stats(scope, now, revenue=revenue)


async def bill(stores: Stores) -> None:
    """Draft what is due and issue what is ready, for every tenant; what could not be is in the log."""
    report = await run_cycle(billing_desk(stores), moment(stores.clock()))
    for tenant, behind in report.stopped.items():
        log.error("tenant %s is %d periods behind and not billed: marquee billing run --force", tenant, behind)
    for tenant, reason in report.failed.items():
        log.error("tenant %s cannot be billed: %s", tenant, reason)
    if report.drafted or report.issued:
        log.info("%d periods drafted, %d invoices issued", report.drafted, report.issued)


async def settle(services: Services) -> None:
    """Settle what is closed with the operators, and send what is due to them."""
    desk = settlement_desk(services.stores, services.cashier)
    report = await settle_periods(desk)
    sent = await pay_out(desk)
    if report.made or sent:
        log.info("%d statements made, %d payouts sent", report.made, sent)


async def check_links(stores: Stores) -> None:
    """Enqueue the check of every link that is due; the jobs are told of what they miss."""
    await enqueue_due(stores.database, stores.jobs, stores.system, stores.clock)
