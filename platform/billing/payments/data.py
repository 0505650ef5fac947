"""What this room keeps of a tenant, and its indexes."""

from __future__ import annotations

from typing import Final

from billing.payments import carrying, collecting, repository
from billing.payments.methods import SavingRepository
from billing.payments.repository import PaymentRepository
from storage.mongo import Database
from tenancy.data import KeptData, PassingData, TenantData

INDEXES: Final = (*repository.INDEXES, *collecting.INDEXES, *carrying.INDEXES)


def payments_data(database: Database) -> list[TenantData]:
    """Payments are books, and are kept as such; a page that was open for saving a card is not."""
    return [KeptData(database, PaymentRepository), PassingData(database, SavingRepository)]
