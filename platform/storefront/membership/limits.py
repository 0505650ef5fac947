"""How often somebody may begin to pay, and try codes."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request

from accounts.model import Viewer
from storage.limits import Limits
from storage.scope import TenantScope
from storefront.allowances import allow
from storefront.members import address_of
from streaming.links import user_claim

HOUR: Final = 3_600
BUYS_PER_HOUR: Final = 20
BUYS_PER_ADDRESS: Final = 120
LOOKS_PER_MINUTE: Final = 60
CODES_PER_HOUR: Final = 20
"""That one viewer, or one address, may try: a code has 100 random bits."""


async def allow_buying(request: Request[Any, Any, Any], limits: Limits, scope: TenantScope, viewer: Viewer) -> None:
    """Counts a purchase that is begun. Raises RateLimited and StorageUnavailable."""
    await allow(limits, scope, "buy", user_claim(viewer.id), limit=BUYS_PER_HOUR, seconds=HOUR)
    await allow(limits, scope, "buy-address", address_of(request), limit=BUYS_PER_ADDRESS, seconds=HOUR)


async def allow_looking(limits: Limits, scope: TenantScope, viewer: Viewer) -> None:
    """Counts a question that may go on to the gateway. Raises as `allow_buying`."""
    await allow(limits, scope, "purchase", user_claim(viewer.id), limit=LOOKS_PER_MINUTE, seconds=60)


async def allow_code(request: Request[Any, Any, Any], limits: Limits, scope: TenantScope, viewer: Viewer) -> None:
    """Counts a code that is tried. Raises as `allow_buying`."""
    await allow(limits, scope, "gift-code", user_claim(viewer.id), limit=CODES_PER_HOUR, seconds=HOUR)
    await allow(limits, scope, "gift-code-address", address_of(request), limit=CODES_PER_HOUR, seconds=HOUR)
