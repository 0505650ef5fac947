"""What this room keeps of a tenant."""

from __future__ import annotations

from billing.settlements.repository import PayoutRepository, StatementRepository
from storage.mongo import Database
from tenancy.data import KeptData, TenantData


def settlements_data(database: Database) -> list[TenantData]:
    """Both belong to the books, and stay."""
    return [KeptData(database, StatementRepository), KeptData(database, PayoutRepository)]
