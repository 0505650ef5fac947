"""What payments are taken with: the gateways that are set up, the books, and who is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct

from billing.gateways.protocol import Gateway, Unsupported
from billing.payments.model import Payment
from storage.audit import Audit
from storage.events import Events
from storage.moments import Clock
from storage.mongo import Database
from storage.scope import TenantScope

TOPIC = "billing"
"""Events: {"owner", "invoice" or "purchase"} once something about it was booked."""
InvoiceTold = Callable[[TenantScope, str], Awaitable[None]]
PaymentTold = Callable[[TenantScope, Payment], Awaitable[None]]
PurchaseTold = PaymentTold


class Hooks(Struct, frozen=True, kw_only=True):
    """Who is told after something was booked; at least once, so each may hear the same again.

    `invoice_settled`: nothing is due of the invoice any more; `invoice_reopened`: a refund or a dispute made it due
    again; `charge_failed`: what was charged for an invoice did not go through, or needs its payer. `purchase_paid`: the
    purchase `payment.subject` is paid in full; `purchase_reversed`: part of it or all was taken back (`payment.kept`
    says what is left).
    """

    invoice_settled: tuple[InvoiceTold, ...] = ()
    invoice_reopened: tuple[InvoiceTold, ...] = ()
    charge_failed: tuple[PaymentTold, ...] = ()
    purchase_paid: tuple[PurchaseTold, ...] = ()
    purchase_reversed: tuple[PurchaseTold, ...] = ()


class Cashier(Struct, frozen=True, kw_only=True):
    """The dependencies of every verb of this room."""

    database: Database
    clock: Clock
    audit: Audit
    events: Events
    gateways: Mapping[str, Gateway]
    hooks: Hooks = Hooks()

    def gateway(self, name: str) -> Gateway:
        """The gateway of this name. Raises Unsupported where it is not set up."""
        found = self.gateways.get(name)
        if found is None:
            raise Unsupported(f"there is no gateway {name}: its settings are not set")
        return found
