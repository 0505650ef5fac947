"""How often notices come in and receipts are looked up: enough for a rights holder, too little for a flood."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request

from storage.limits import Limits
from storage.scope import TenantScope
from storefront.allowances import allow
from storefront.members import address_of

NOTICES_PER_HOUR: Final = 20
"""From one address."""
NOTICES_PER_DAY_AND_SITE: Final = 2_000
"""From everybody: a site is not to drown."""
LOOKUPS_PER_MINUTE: Final = 20


async def allow_notice(limits: Limits, scope: TenantScope, request: Request[Any, Any, Any]) -> None:
    """Counts a notice. Raises RateLimited and StorageUnavailable."""
    await _take(limits, scope, "takedown", address_of(request), NOTICES_PER_HOUR, 3_600)
    await _take(limits, scope, "takedowns", "site", NOTICES_PER_DAY_AND_SITE, 86_400)


async def allow_lookup(limits: Limits, scope: TenantScope, request: Request[Any, Any, Any]) -> None:
    """Counts a look at a receipt: nobody is to try numbers. Raises RateLimited and StorageUnavailable."""
    await _take(limits, scope, "receipt", address_of(request), LOOKUPS_PER_MINUTE, 60)


async def _take(limits: Limits, scope: TenantScope, name: str, subject: str, limit: int, seconds: float) -> None:
    await allow(limits, scope, name, subject, limit=limit, seconds=seconds)
