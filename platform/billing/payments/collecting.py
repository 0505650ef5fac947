"""Charges what was issued: an open invoice of a tenant with a saved way to pay is charged once, by its first attempt.

Later attempts are dunning's. What is due is a query, so that nothing is lost with a process.
"""

from __future__ import annotations

import logging
from operator import itemgetter
from typing import Any, Final

from billing.gateways.protocol import Unsupported
from billing.invoices.model import NoSuchInvoice
from billing.invoices.repository import InvoiceRepository
from billing.payments.applying import Mismatch
from billing.payments.carrying import carry_small
from billing.payments.cashier import Cashier
from billing.payments.charging import charge
from billing.payments.errors import PaymentError
from billing.payments.lanes import in_lanes
from storage.across import Across, Change
from storage.errors import StorageUnavailable
from storage.indexes import Index
from storage.moments import moment
from storage.scope import TenantScope
from storage.system import SystemStore

MOST: Final = 500
Place = tuple[str, str]
"""An owner and its invoice."""
INDEXES: Final = (
    Index(
        "invoices", (("gateway", 1), ("asked_at", 1), ("due_at", 1)), "invoices_to_charge", partial={"state": "issued"}
    ),
)
log = logging.getLogger("marquee.billing")


async def collect(cashier: Cashier, *, limit: int = MOST) -> int:
    """Charges up to `limit` invoices that nobody was asked to pay yet; how many there were.

    What is too small to be charged is carried to the next invoice before.
    """
    await carry_small(cashier)
    charging = [gateway.name for gateway in cashier.gateways.values() if gateway.charges]
    invoices = Across(cashier.database, InvoiceRepository.collection)
    wanted: dict[str, Any] = {
        "state": "issued",
        "gateway": {"$in": charging},
        "asked_at": None,
        "kind": "invoice",
    }
    found = await invoices.find(wanted, fields=["_id"], sort=[("due_at", 1)], limit=limit)

    async def one(place: Place) -> None:
        owner, invoice_id = place
        try:
            await _charge(cashier, owner, invoice_id)
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("invoice %s of %s is not charged", invoice_id, owner)
        # Set after the attempt stands: a process that dies in between makes nobody pay twice.
        update = {"$set": {"asked_at": moment(cashier.clock())}}
        await invoices.update_each([Change(owner, invoice_id, update)])

    places = [(str(each["_id"]["owner"]), str(each["_id"]["id"])) for each in found]
    await in_lanes(places, one, lane=itemgetter(0))
    return len(places)


async def _charge(cashier: Cashier, owner: str, invoice_id: str) -> None:
    scope = SystemStore(cashier.database).owner_scope(owner)
    if not isinstance(scope, TenantScope):
        return
    try:
        await charge(cashier, scope, invoice_id)
    except (PaymentError, Unsupported, NoSuchInvoice, Mismatch) as why:
        log.info("invoice %s of %s is not charged: %s", invoice_id, owner, why)
