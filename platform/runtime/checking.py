"""Proves all books: every tenant's, and the numbers of the invoices across them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct, field

from billing.checking.model import Finding
from billing.checking.numbers import check_numbers
from billing.checking.tenant import check_tenant
from runtime.stores import Stores
from storage.moments import moment
from storage.scope import TenantScope

Track = Callable[[Sequence[TenantScope]], Iterable[TenantScope]]


class Checked(Struct, kw_only=True):
    """How much was looked at, and what is not as it should be."""

    tenants: int = 0
    entries: int = 0
    invoices: int = 0
    periods: int = 0
    findings: list[Finding] = field(default_factory=list[Finding])

    @property
    def counted(self) -> str:
        """What was looked at, in a line."""
        return (
            f"{self.tenants:,} tenants, {self.entries:,} entries, {self.invoices:,} invoices, {self.periods:,} periods"
        )


def _untracked(scopes: Sequence[TenantScope]) -> Iterable[TenantScope]:
    return scopes


async def check_everything(stores: Stores, track: Track = _untracked) -> Checked:
    """The books of all tenants, and all numbers."""
    found = await check_books_of(stores, [scope async for scope in stores.system.tenant_scopes()], track)
    found.findings += await check_numbers(stores.database, stores.system.platform_scope())
    return found


async def check_books_of(stores: Stores, scopes: Sequence[TenantScope], track: Track = _untracked) -> Checked:
    """The books of these tenants."""
    now, found = moment(stores.clock()), Checked()
    for scope in track(scopes):
        checked = await check_tenant(stores.database, scope, now)
        found.tenants += 1
        found.entries += checked.entries
        found.invoices += checked.invoices
        found.periods += checked.periods
        found.findings += checked.findings
    return found
