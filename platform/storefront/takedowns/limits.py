"""How often notices come in and receipts are looked up: enough for a rights holder, too little for a flood."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request

from storage.limits import Limits
from storage.scope import TenantScope
from storefront.allowances import allow
from storefront.members import address_of
from storefront.refusals import RateLimited
from tenancy.mail.letters import BadAddress, mailbox_of

NOTICES_PER_HOUR: Final = 20
"""From one address."""
NOTICES_PER_DAY_AND_SITE: Final = 2_000
"""From everybody: a site is not to drown."""
RECEIPTS_TO_A_MAILBOX: Final = 10
"""Letters a day; the address in a notice may be somebody else's. The notice itself is taken all the same."""
LOOKUPS_PER_MINUTE: Final = 20


async def allow_notice(limits: Limits, scope: TenantScope, request: Request[Any, Any, Any]) -> None:
    """Counts a notice. Raises RateLimited and StorageUnavailable."""
    await _take(limits, scope, "takedown", address_of(request), NOTICES_PER_HOUR, 3_600)
    await _take(limits, scope, "takedowns", "site", NOTICES_PER_DAY_AND_SITE, 86_400)


async def may_acknowledge(limits: Limits, scope: TenantScope, email: str) -> bool:
    """Counts a letter to the sender of a notice; whether it may go out. Raises StorageUnavailable."""
    try:
        await _take(limits, scope, "receipt-to", mailbox_of(email), RECEIPTS_TO_A_MAILBOX, 86_400)
    except (BadAddress, RateLimited):
        return False
    return True


async def allow_lookup(limits: Limits, scope: TenantScope, request: Request[Any, Any, Any]) -> None:
    """Counts a look at a receipt: nobody is to try numbers. Raises RateLimited and StorageUnavailable."""
    await _take(limits, scope, "receipt", address_of(request), LOOKUPS_PER_MINUTE, 60)


async def _take(limits: Limits, scope: TenantScope, name: str, subject: str, limit: int, seconds: float) -> None:
    await allow(limits, scope, name, subject, limit=limit, seconds=seconds)
