"""Everything that is checked of one tenant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from msgspec import Struct

from billing.checking.books import Books, check_books
from billing.checking.model import Finding
from billing.checking.payments import check_payments, check_purchases
from billing.checking.periods import check_periods
from billing.checking.statements import check_statements
from billing.contracts.repository import ContractRepository
from billing.invoices.repository import InvoiceRepository
from billing.ledger.repository import EntryRepository
from billing.ledger.revenue import revenue_in_all
from billing.memberships.repository import PurchaseRepository
from billing.payments.model import Payment
from billing.payments.repository import PaymentRepository
from billing.periods.repository import PeriodRepository
from billing.settlements.repository import PayoutRepository, StatementRepository
from storage.across import Across
from storage.errors import Unreadable
from storage.mongo import Database
from storage.scope import TenantScope
from storage.transactions import all_or_none
from tenancy.model import Tenant
from tenancy.tenants import TenantStore
from tenancy.usage import UsageRepository

_EARNED: Final = "revenue_generated"
# The figures are rebuilt by the clock.
_LATELY: Final = timedelta(minutes=15)


class Checked(Struct, frozen=True):
    """How much was looked at, and what was found."""

    entries: int
    invoices: int
    periods: int
    findings: list[Finding]


async def check_tenant(database: Database, scope: TenantScope, now: datetime) -> Checked:
    """What is wrong with the tenant's books, periods and figures at `now`, all of one moment."""
    try:
        return await all_or_none(database, lambda: _checked(database, scope, now))
    except Unreadable as error:
        # Nothing more can be said of these books, and all of the others'.
        return Checked(0, 0, 0, [Finding(scope.tenant_id, f"unreadable: {error}")])


async def _checked(database: Database, scope: TenantScope, now: datetime) -> Checked:
    books = Books()
    async for entry in EntryRepository(database, scope).all():
        books.enter(entry)
    invoices = [each async for each in InvoiceRepository(database, scope).all()]
    periods = [each async for each in PeriodRepository(database, scope).all()]
    payments = [each async for each in PaymentRepository(database, scope).all()]
    contract = await ContractRepository(database, scope).get()
    found = check_books(books, invoices, None if contract is None else contract.currency)
    found += check_payments(books, payments)
    if contract is not None:
        found += check_periods(contract, periods, invoices)
    elif invoices:
        found.append("contract: there are invoices and none")
    found += await _check_sales(database, scope, books, payments)
    tenant = await TenantStore(database).get(scope.tenant_id)
    if tenant is not None:
        found += await _check_stats(database, scope, tenant, now)
    return Checked(len(books.ids), len(invoices), len(periods), [Finding(scope.tenant_id, what) for what in found])


async def _check_sales(database: Database, scope: TenantScope, books: Books, payments: Sequence[Payment]) -> list[str]:
    """Viewers' money."""
    statements = [each async for each in StatementRepository(database, scope).all()]
    payouts = [each async for each in PayoutRepository(database, scope).all()]
    # As stored: of a purchase that cannot be read, what it counts for is still told.
    sold = await Across(database, PurchaseRepository.collection).find(
        {"_id.owner": scope.owner}, fields=["_id", "amount", "kept"]
    )
    return [
        *check_statements(books, books.revenue, statements, payouts),
        *check_purchases(books, {str(each["_id"]["id"]): each for each in sold}, payments),
    ]


async def _check_stats(database: Database, scope: TenantScope, tenant: Tenant, now: datetime) -> list[str]:
    """Whether the dashboard's revenue is what was brought along and what the books earned since, up to lately."""
    opening = await UsageRepository(database, scope).opening()
    brought = 0 if opening is None else opening.stats.get(_EARNED, 0)
    earned = [await revenue_in_all(database, scope, tenant.currency, end=end) for end in (now - _LATELY, None)]
    least, most = (Decimal(str(brought)) + each for each in sorted(earned))
    shown = Decimal(str(tenant.stats.get(_EARNED, 0)))
    return [] if least <= shown <= most else [f"stats: {_EARNED} is {shown}, and by the ledger {most}"]
