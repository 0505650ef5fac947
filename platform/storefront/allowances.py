"""How often somebody may do something, counted at the site's edge."""

from __future__ import annotations

from storage.limits import Limits
from storage.scope import TenantScope
from storefront.refusals import RateLimited


async def allow(limits: Limits, scope: TenantScope, name: str, subject: str, *, limit: int, seconds: float) -> None:
    """Counts one more of `name` by the subject, `limit` in `seconds`. Raises RateLimited and StorageUnavailable."""
    verdict = await limits.take(scope, name, subject, limit=limit, window_seconds=seconds)
    if not verdict.allowed:
        raise RateLimited(verdict.retry_after_seconds)
