"""What this room keeps of a tenant."""

from __future__ import annotations

from billing.memberships.repository import MembershipRepository, PurchaseRepository
from storage.mongo import Database
from tenancy.data import CollectionData, KeptData, TenantData


def memberships_data(database: Database) -> list[TenantData]:
    """Purchases belong to the books, and stay; memberships go along with a tenant."""
    return [KeptData(database, PurchaseRepository), CollectionData(database, MembershipRepository)]
