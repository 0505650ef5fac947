"""What goes with the end of a renewal: the next period is not for sale any more, and nobody pays it by mistake."""

from __future__ import annotations

from datetime import datetime

from billing.memberships.model import Membership, Stopped
from billing.memberships.repository import MembershipRepository, PurchaseRepository
from billing.payments.repository import PaymentRepository
from storage.mongo import Database
from storage.scope import TenantScope
from storage.transactions import all_or_none


async def stop_renewing(
    database: Database, scope: TenantScope, membership: Membership, why: Stopped, now: datetime
) -> bool:
    """Nothing is charged from now on; False where the membership has changed since it was read."""

    async def work() -> bool:
        memberships = MembershipRepository(database, scope)
        if not await memberships.replace(membership, renews=False, stopped=why, renew_at=None):
            return False
        await give_up_next(database, scope, membership, now)
        return True

    return await all_or_none(database, work)


async def give_up_next(database: Database, scope: TenantScope, membership: Membership, now: datetime) -> None:
    """The next period's purchase is dropped; what is in doubt of it, or waits for the payer's hand, is to be closed.

    Otherwise an authentication that was asked for would take a year's price months later. Money that is on its way
    already is not turned back: it pays for the period. In the transaction that the caller is in.
    """
    purchase_id = f"{membership.series}.{membership.n + 1}"
    await PurchaseRepository(database, scope).drop(purchase_id)
    await PaymentRepository(database, scope).give_up("membership", purchase_id, now)


async def take_up_next(database: Database, scope: TenantScope, membership: Membership) -> None:
    """Undoes `give_up_next` as far as nothing was closed yet: who pays on a page that is still open has paid."""
    purchase_id = f"{membership.series}.{membership.n + 1}"
    await PurchaseRepository(database, scope).reopen(purchase_id)
    await PaymentRepository(database, scope).take_up("membership", purchase_id)
