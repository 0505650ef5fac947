"""What the tick calls in the processes that do jobs."""

from __future__ import annotations

import logging
from functools import partial

from billing.dunning.stepping import dun
from billing.ledger.revenue import earned_by
from billing.memberships.renewing import renew_due
from billing.payments.collecting import collect
from billing.payments.reconciling import follow, look_through
from billing.settlements.paying_out import pay_out
from content.links.checking import enqueue_due
from runtime.composition import Services, Stores
from runtime.cycle import bill
from runtime.dunning import collections_of
from runtime.memberships import membership_desk, settlement_desk
from runtime.scheduler import Tick
from storage.moments import moment
from tenancy.stats import Stats

STATS_SECONDS = 300
LINKS_SECONDS = 120
BILL_SECONDS = 300
CHARGE_SECONDS = 30
FOLLOW_SECONDS = 60
DUN_SECONDS = 60
RECONCILE_SECONDS = 3_600
RENEW_SECONDS = 300
PAY_OUT_SECONDS = 600
log = logging.getLogger("marquee.billing")


def ticks_of(services: Services) -> list[Tick]:
    """Every verb that runs by the clock."""
    stores = services.stores
    return [
        Tick("rebuild stats", STATS_SECONDS, lambda: rebuild_stats(stores)),
        Tick("charge invoices", CHARGE_SECONDS, lambda: collect(services.cashier)),
        Tick("follow payments", FOLLOW_SECONDS, lambda: follow(services.cashier)),
        Tick("reconcile payments", RECONCILE_SECONDS, lambda: look_through(services.cashier)),
        Tick("renew memberships", RENEW_SECONDS, lambda: renew_due(membership_desk(stores, services.cashier))),
        Tick("pay out", PAY_OUT_SECONDS, lambda: send_payouts(services)),
        Tick("check links", LINKS_SECONDS, lambda: check_links(stores)),
        Tick("dun", DUN_SECONDS, lambda: dun(collections_of(stores), services.cashier)),
        Tick("bill", BILL_SECONDS, lambda: bill_all(services)),
    ]


async def rebuild_stats(stores: Stores) -> None:
    """Bring every tenant's `stats` up to what its ledgers say."""
    await Stats(stores.database, stores.cache).rebuild(stores.clock(), partial(earned_by, stores.database))


async def bill_all(services: Services) -> None:
    """Bill every tenant and settle with it; what could not be is in the log."""
    billed = await bill(services.stores, services.cashier, moment(services.stores.clock()))
    report, settled = billed.cycle, billed.settled
    for tenant, behind in report.stopped.items():
        log.error("tenant %s is %d periods behind and not billed: marquee billing run --force", tenant, behind)
    for tenant, reason in billed.failed.items():
        log.error("tenant %s cannot be billed: %s", tenant, reason)
    if report.drafted or report.issued or settled.made:
        said = "%d periods drafted, %d invoices issued, %d statements made"
        log.info(said, report.drafted, report.issued, settled.made)


async def send_payouts(services: Services) -> None:
    """Send what is due to operators."""
    sent = await pay_out(settlement_desk(services.stores, services.cashier))
    if sent:
        log.info("%d payouts sent", sent)


async def check_links(stores: Stores) -> None:
    """Enqueue the check of every link that is due; the jobs are told of what they miss."""
    await enqueue_due(stores.database, stores.jobs, stores.system, stores.clock)
