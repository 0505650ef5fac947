"""What a pay page does: it shows how an invoice stands, opens gateways' pages, and looks payments up."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from billing.contracts.model import Contract
from billing.contracts.repository import ContractRepository
from billing.documents.desk import Documents
from billing.documents.model import Document
from billing.dunning.collecting import due_of
from billing.dunning.model import dunning_of
from billing.gateways.least import least_charge
from billing.gateways.protocol import Gateway, Saving
from billing.invoices.carrying import is_too_small
from billing.invoices.model import Invoice
from billing.invoices.repository import InvoiceRepository
from billing.payments.cashier import Cashier
from billing.payments.charging import pay_link, resume
from billing.payments.methods import look_at_savings, save_method
from billing.payments.model import Payment
from billing.payments.repository import PaymentRepository
from billing.paypage.addresses import BadToken, PayAddresses
from storage.moments import moment
from storage.scope import TenantScope
from storage.system import SystemStore
from tenancy.tenants import TenantStore

Standing = Literal["open", "overdue", "underway", "paid"]
_MOST_LOOKED_UP: Final = 3


class Bill(Struct, frozen=True, kw_only=True):
    """An issued invoice and whose it is."""

    token: str
    scope: TenantScope
    invoice: Invoice


class View(Struct, frozen=True, kw_only=True):
    """A bill as its page shows it.

    `pages` are the gateways with a page to pay it on, `keeper` the one that saves a card; `is_kept` says that one is
    saved and charged by itself, `is_too_small` that a gateway would take it if it were more. `closed_site` is the site
    that this bill keeps closed.
    """

    bill: Bill
    document: Document
    standing: Standing
    due_at: datetime
    zone: str
    pages: tuple[str, ...] = ()
    keeper: str | None = None
    is_kept: bool = False
    is_too_small: bool = False
    closed_site: str | None = None


class PayDesk(Struct, frozen=True, kw_only=True):
    """What stands behind the pages. Verbs raise StorageUnavailable."""

    addresses: PayAddresses
    cashier: Cashier
    documents: Documents

    async def bill(self, token: str) -> Bill:
        """The bill of a token. Raises BadToken, also for what was never issued: a draft, a voided one."""
        payable = self.addresses.read(token)
        scope = await SystemStore(self.cashier.database).tenant_scope(payable.tenant)
        found = None if scope is None else await InvoiceRepository(self.cashier.database, scope).get(payable.invoice)
        if scope is None or found is None or found.kind != "invoice" or not found.is_issued:
            raise BadToken("of nothing that is to be shown")
        return Bill(token=token, scope=scope, invoice=found)

    async def view(self, bill: Bill) -> View:
        """How it stands, as our books have it."""
        database, invoice = self.cashier.database, bill.invoice
        made = await PaymentRepository(database, bill.scope).about("invoice", invoice.id)
        contract = await ContractRepository(database, bill.scope).get()
        dunning = dunning_of(invoice.dunning)
        due_at = due_of(invoice, dunning)
        standing = self._standing(invoice, made, due_at)
        is_open = standing in {"open", "overdue"}
        keeper = next((each.name for each in self._gateways() if each.charges), None)
        is_kept = contract is not None and contract.method is not None and contract.gateway == keeper
        pages = [each.name for each in self._gateways() if each.pages] if is_open else []
        taking = tuple(each for each in pages if _takes(each, invoice))
        is_held = dunning is not None and dunning.held_at is not None
        return View(
            bill=bill,
            document=await self.documents.document(bill.scope, invoice.id),
            standing=standing,
            due_at=due_at,
            zone="UTC" if contract is None else contract.zone,
            pages=taking,
            keeper=keeper if _may_keep(contract, is_open=is_open, is_kept=is_kept) else None,
            is_kept=is_kept,
            is_too_small=len(taking) < len(pages),
            closed_site=await self._site(bill.scope) if is_held and standing != "paid" else None,
        )

    async def pay(self, bill: Bill, gateway: str, *, back: str) -> Payment:
        """A payment with a `url` where the payer goes on, or one that is paid. Raises what `pay_link` does."""
        return await pay_link(self.cashier, bill.scope, bill.invoice.id, back=back, gateway=gateway)

    async def save(self, bill: Bill, gateway: str, *, back: str) -> Saving:
        """The gateway's page that saves a card. Raises what `save_method` does."""
        return await save_method(self.cashier, bill.scope, gateway=gateway, back=back)

    async def look(self, bill: Bill) -> None:
        """Asks the gateways what became of the bill's latest payments that are open, and of cards to be saved."""
        made = await PaymentRepository(self.cashier.database, bill.scope).about("invoice", bill.invoice.id)
        for each in [each for each in made if each.is_open][-_MOST_LOOKED_UP:]:
            await resume(self.cashier, bill.scope, each)
        await look_at_savings(self.cashier, bill.scope)

    async def pdf(self, bill: Bill) -> bytes:
        """The invoice as it was issued. Raises NotSet."""
        return await self.documents.invoice_pdf(bill.scope, bill.invoice.id)

    def _standing(self, invoice: Invoice, made: list[Payment], due_at: datetime) -> Standing:
        if invoice.state == "paid" or invoice.due <= 0:
            return "paid"
        if any(each.is_underway for each in made):
            return "underway"
        return "overdue" if due_at <= moment(self.cashier.clock()) else "open"

    def _gateways(self) -> list[Gateway]:
        return list(self.cashier.gateways.values())

    async def _site(self, scope: TenantScope) -> str | None:
        tenant = await TenantStore(self.cashier.database).get(scope.tenant_id)
        held = tenant is not None and any(hold.kind == "billing" for hold in tenant.holds)
        return (tenant.brand.name or tenant.domain) if tenant is not None and held else None


def _takes(gateway: str, invoice: Invoice) -> bool:
    """By its list, and by what it has answered of this one, which the next tick carries."""
    refused = gateway == invoice.gateway and is_too_small(invoice)
    return not refused and invoice.due >= least_charge(gateway, invoice.currency)


def _may_keep(contract: Contract | None, *, is_open: bool, is_kept: bool) -> bool:
    """Whoever finds the letter of a bill that was paid long ago puts no other card in the place of the saved one."""
    return contract is not None and contract.next_due is not None and (is_open or not is_kept)
