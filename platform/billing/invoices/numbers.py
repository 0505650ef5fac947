"""Numbers without gaps, by issuer, kind of document and year.

A number is taken in the transaction that writes the document which has it: there is none that was taken and not used,
and of two who take one at once, one begins anew.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from billing.invoices.model import InvoiceKind, Issuer
from storage.mongo import Database
from storage.repository import TenantDocument, TenantRepository
from storage.scope import PlatformScope

_MARK: Final[dict[InvoiceKind, str]] = {"invoice": "", "credit_note": "C-"}


class Series(TenantDocument, kw_only=True):
    """How far a row of numbers has come; its id is what they begin with (`MQ-2026-`)."""

    id: str
    last: int = 0


class Numbers(TenantRepository[Series]):
    """The platform's rows of numbers."""

    collection = "numbers"
    document = Series

    def __init__(self, database: Database, platform: PlatformScope) -> None:
        super().__init__(database, platform)

    async def take(self, prefix: str, count: int) -> list[str]:
        """The next `count` numbers of a row. For use within a transaction."""
        if count == 0:
            return []
        series = await self._change(prefix, {"$inc": {"last": count}}, upsert=True)
        assert series is not None
        return [number_of(prefix, place) for place in range(series.last - count + 1, series.last + 1)]

    async def rows(self) -> list[Series]:
        """Every row."""
        return [each async for each in self._find(sort=[("_id.id", 1)])]


def prefix_of(issuer: Issuer, kind: InvoiceKind, at: datetime) -> str:
    """What numbers given at the naive UTC moment begin with: the issuer and its local year."""
    year = at.replace(tzinfo=UTC).astimezone(ZoneInfo(issuer.zone)).year
    return f"{issuer.id}-{_MARK[kind]}{year}-"


def number_of(prefix: str, place: int) -> str:
    """The number at a place of its row: `MQ-2026-000123`."""
    return f"{prefix}{place:06d}"
