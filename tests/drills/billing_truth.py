"""What is wrong after a round: our documents and books, held against what Stripe's stand-in says was moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from billing.checking.numbers import check_numbers
from billing.checking.tenant import check_tenant
from billing.invoices.repository import InvoiceRepository
from billing.ledger.ledger import Ledger
from billing.memberships.repository import PurchaseRepository
from billing.payments.orphans import Orphans
from billing.payments.repository import PaymentRepository
from billing.settlements.repository import StatementRepository
from storage.scope import TenantScope, mint_platform_scope
from tests.drills.billing_town import PRICE, Town
from tests.drills.billing_worker import left

Charged = dict[str, list[int]]


async def complaints(town: Town, month: int, now: datetime) -> list[str]:
    """Everything, after so many months."""
    database = town.stage.database
    charged: Charged = dict(await town.stripe.ask("charged", name="key"))
    found = await _checked(town, now)
    for scope in town.scopes:
        found += await _invoices(town, scope, charged)
        found += await _payments(town, scope)
    for scope in town.sellers:
        found += await _members(town, scope, month, charged)
    found += [f"Stripe took {amounts} for {key}, which is nothing of ours" for key, amounts in charged.items()]
    found += [f"orphan {each.id}: {each.why}" for each in await Orphans(database).everything()]
    return found + await _money(town)


async def _checked(town: Town, now: datetime) -> list[str]:
    """Periods without gaps, numbers, entries, statements: by the verb that staff have."""
    database = town.stage.database
    still = await left(database, now)
    findings = await check_numbers(database, mint_platform_scope())
    for scope in town.scopes:
        findings += (await check_tenant(database, scope, now)).findings
    told = [f"{each.tenant}: {each.what}" for each in findings if not each.what.startswith("stats: ")]
    return [f"left to do: {still}", *told] if still else told


async def _invoices(town: Town, scope: TenantScope, charged: Charged) -> list[str]:
    """One charge for each of them that was not paid by credit, and of what was due."""
    found: list[str] = []
    async for invoice in InvoiceRepository(town.stage.database, scope).all():
        if invoice.of or not invoice.is_issued:
            continue
        key = f"{scope.tenant_id}:{invoice.id}"
        # Nobody's card is refused here, so that there are no further attempts.
        took, meant = charged.pop(key, []), [invoice.paid] if invoice.paid else []
        if took != meant or invoice.paid + invoice.credited != max(invoice.total, 0):
            found.append(f"{key}: {invoice.total} with {invoice.credited} of credit, and Stripe took {took}")
        if invoice.state != "paid" or invoice.due:
            found.append(f"{key}: it is {invoice.state}, and {invoice.due} is due")
    return found


async def _payments(town: Town, scope: TenantScope) -> list[str]:
    found: list[str] = []
    async for payment in PaymentRepository(town.stage.database, scope).all():
        if payment.state != "succeeded" or payment.flags or payment.untold or len(payment.parts) != 1:
            found.append(f"payment {payment.id}: {payment.state}, {payment.flags}, parts {payment.parts}")
    return found


async def _members(town: Town, scope: TenantScope, month: int, charged: Charged) -> list[str]:
    """The first month and a renewal for each that went by, and one statement for each of them."""
    found: list[str] = []
    bought = await PurchaseRepository(town.stage.database, scope).newest(limit=1_000)
    if sorted(each.n for each in bought) != list(range(month + 1)):
        found.append(f"{scope.tenant_id}: periods {[each.n for each in bought]} of its membership were sold")
    for purchase in bought:
        took = charged.pop(f"{scope.tenant_id}:m:{purchase.id}", [])
        if took != [PRICE] or purchase.state != "paid":
            found.append(f"{scope.tenant_id}: purchase {purchase.id} is {purchase.state}, and Stripe took {took}")
    made = [each async for each in StatementRepository(town.stage.database, scope).all()]
    if [each.id for each in made] != list(range(month)):
        found.append(f"{scope.tenant_id}: there are statements of the periods {[each.id for each in made]}")
    if any(each.figures.sales != 1 for each in made):
        found.append(f"{scope.tenant_id}: its statements are of {[each.figures.sales for each in made]} sales")
    return found


async def _money(town: Town) -> list[str]:
    """What the ledgers have at Stripe is what Stripe has."""
    ours = 0
    for scope in town.scopes:
        ours += (await Ledger(town.stage.database).balances(scope)).get("cash.stripe", 0)
    worth: Mapping[str, int] = await town.stripe.ask("worth")
    return [] if worth == {"usd": ours} else [f"{ours} is at Stripe by the ledgers, and {worth} by itself"]
