"""What is open of an invoice and too small to be charged is carried to the next one.

It becomes a debt on the tenant's `credit` account, which is below nothing then; whatever is there, credit or debt, the
next invoice takes up. So each period still has one charge, and each invoice one account that says what is open of it.
Nobody is reminded of a debt; where no invoice follows it stays there.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from billing.gateways.least import chargeable, least_charge
from billing.invoices.model import Invoice
from billing.invoices.repository import InvoiceRepository
from billing.ledger.accounts import CREDIT, RECEIVABLE
from billing.ledger.credit import take_hold
from billing.ledger.ledger import Ledger
from billing.ledger.model import Entry, Leg, entry
from storage.errors import Conflict
from storage.mongo import Database
from storage.scope import TenantScope
from storage.transactions import all_or_none


def is_too_small(invoice: Invoice) -> bool:
    """Whether something is open of it, and less than its gateway charges, by its list or by what it has answered."""
    if invoice.state != "issued" or invoice.due <= 0:
        return False
    asked = chargeable(invoice.gateway, invoice.due, invoice.currency)
    return invoice.due < least_charge(invoice.gateway, invoice.currency) or asked <= invoice.too_small


def carried_on(invoice: Invoice, now: datetime) -> tuple[Invoice, Entry]:
    """The invoice without what is open of it, and the entry that moves it."""
    after = msgspec.structs.replace(
        invoice, carried=invoice.carried + invoice.due, due=0, state="paid", paid_at=invoice.paid_at or now
    )
    # Named by all that was carried, so that each time has an entry of its own.
    name = f"carried:{invoice.id}:{after.carried}"
    legs = [Leg(CREDIT, invoice.due), Leg(RECEIVABLE, -invoice.due)]
    return after, entry(name, at=now, ref=invoice.ref, currency=invoice.currency, legs=legs)


async def carry(database: Database, scope: TenantScope, invoice_id: str, now: datetime) -> bool:
    """Carries what is open of it if that is too small; whether it was. As often as anybody likes."""

    async def work() -> bool:
        invoices = InvoiceRepository(database, scope)
        invoice = await invoices.get(invoice_id)
        if invoice is None or not is_too_small(invoice):
            return False
        after, moved = carried_on(invoice, now)
        await take_hold(database, scope)
        await Ledger(database).post(scope, moved)
        return await invoices.carry(after)

    try:
        return await all_or_none(database, work)
    except Conflict:
        # It was paid or credited at the same moment: what is left is looked at next time.
        return False
