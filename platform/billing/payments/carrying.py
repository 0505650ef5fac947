"""Carries what is open of invoices and too small: by our list after a part payment, or as the gateway answers."""

from __future__ import annotations

from typing import Any, Final

from billing.gateways.least import currencies_with_least, least_charge
from billing.invoices.carrying import carry
from billing.invoices.repository import InvoiceRepository
from billing.payments.cashier import Cashier
from billing.payments.model import Payment
from storage.across import Across
from storage.indexes import Index
from storage.moments import moment
from storage.scope import TenantScope
from storage.system import SystemStore

_REFUSED: Final = {"state": "issued", "too_small": {"$gt": 0}}
INDEXES: Final = (
    Index("invoices", (("gateway", 1), ("currency", 1), ("due", 1)), "invoices_too_small", partial={"state": "issued"}),
    Index("invoices", (("too_small", 1),), "invoices_refused", partial=_REFUSED),
)


async def carry_small(cashier: Cashier) -> int:
    """How many were carried; whoever waits for their payment is told that nothing is due."""
    listed = [
        {"gateway": gateway, "currency": currency, "due": {"$gt": 0, "$lt": least_charge(gateway, currency)}}
        for gateway in cashier.gateways
        for currency in currencies_with_least(gateway)
    ]
    found: dict[str, Any] = {"state": "issued", "kind": "invoice", "$or": [*listed, _REFUSED]}
    places = await Across(cashier.database, InvoiceRepository.collection).find(found, fields=["_id"])
    count = 0
    for each in places:
        scope = SystemStore(cashier.database).owner_scope(str(each["_id"]["owner"]))
        if isinstance(scope, TenantScope):
            count += await _carried(cashier, scope, str(each["_id"]["id"]))
    return count


async def carry_refused(cashier: Cashier, scope: TenantScope, payment: Payment) -> None:
    """The gateway says that the payment's amount is too small for it: whatever our list says, it is carried."""
    if payment.purpose == "invoice":
        invoices = InvoiceRepository(cashier.database, scope)
        await invoices.note_too_small(payment.subject, payment.gateway, payment.amount)
        await _carried(cashier, scope, payment.subject)


async def _carried(cashier: Cashier, scope: TenantScope, invoice_id: str) -> bool:
    if not await carry(cashier.database, scope, invoice_id, moment(cashier.clock())):
        return False
    for hook in cashier.hooks.invoice_settled:
        await hook(scope, invoice_id)
    return True
