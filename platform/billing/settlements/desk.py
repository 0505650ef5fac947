"""What operators are settled with."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from billing.invoices.model import Issuer
from billing.payments.cashier import Cashier
from storage.moments import moment
from storage.mongo import Database
from storage.system import SystemStore
from tenancy.tenants import TenantStore


class Desk(Struct, frozen=True, kw_only=True):
    """The dependencies of statements and payouts; a balance below `least` minor units is not paid out but carried."""

    cashier: Cashier
    tenants: TenantStore
    system: SystemStore
    issuer: Issuer = Issuer()
    least: int = 1_000

    @property
    def database(self) -> Database:
        """Where everything is."""
        return self.cashier.database

    def now(self) -> datetime:
        """The present as it is stored."""
        return moment(self.cashier.clock())


class SettlementReport(Struct, kw_only=True):
    """What a run did; `failed` are tenants that could not be settled, and why."""

    looked: int = 0
    made: int = 0
    sent: int = 0
    failed: dict[str, str] = {}
