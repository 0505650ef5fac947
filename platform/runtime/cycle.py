"""Puts the billing cycle together from the stores and the settings."""

from __future__ import annotations

from billing.contracts.desk import Contracts
from billing.invoices.office import Office
from billing.periods.desk import Desk, Rules
from runtime.billing import hooks_of, issuer_of
from runtime.stores import Stores


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
