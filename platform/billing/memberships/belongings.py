"""What a viewer bought, in their export, at sign-in, and when they leave."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, final

import msgspec

from accounts.model import ViewerId
from billing.memberships.desk import Members
from billing.memberships.model import Membership
from billing.memberships.repository import MembershipRepository, PurchaseRepository
from billing.memberships.settling import entitle, lay_out
from billing.memberships.stopping import give_up_next
from billing.payments.repository import PaymentRepository
from storage.scope import TenantScope
from storage.transactions import all_or_none

_SHOWN: Final = (
    "id",
    "plan",
    "gift",
    "renewal",
    "state",
    "amount",
    "tax",
    "currency",
    "kept",
    "created_at",
    "paid_at",
    "redeemed_at",
    "start",
    "end",
)
# How the membership goes on: what a guest brings along when they become somebody.
_GOING_ON: Final = (
    *("plan", "series", "n", "amount", "tax", "currency", "gateway", "customer", "method"),
    *("renews", "stopped", "refusal"),
)


@final
class MembershipBelongings:
    """Purchases stay for the books, without the person; the membership itself goes."""

    name: str = "purchases"

    def __init__(self, members: Members) -> None:
        self._members = members

    async def export(self, scope: TenantScope, viewer_id: ViewerId) -> AsyncIterator[Mapping[str, Any]]:
        """A purchase each; a gift's code where the viewer paid for it."""
        purchases = PurchaseRepository(self._members.database, scope)
        bought = await purchases.of_buyer(viewer_id)
        for each in bought:
            code = {"code": each.code} if each.code and each.paid_at is not None else {}
            yield {name: getattr(each, name) for name in _SHOWN} | code
        known = {each.id for each in bought}
        for each in await purchases.of_holder(viewer_id):
            if each.id not in known:
                yield {name: getattr(each, name) for name in _SHOWN}

    async def delete(self, scope: TenantScope, viewer_id: ViewerId) -> int:
        """Takes the person out of every purchase and its payments; nothing is charged any more."""
        database = self._members.database
        await MembershipRepository(database, scope).delete(viewer_id)
        purchases, payments = PurchaseRepository(database, scope), PaymentRepository(database, scope)
        for each in await purchases.of_buyer(viewer_id):
            await payments.forget_payer("membership", each.id, self._members.now())
        return await purchases.forget(viewer_id)

    async def merge(self, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        """The guest's purchases are the viewer's; of two memberships that go on, the viewer's own does."""
        work = _Merge(self._members, scope, guest_id, viewer_id)
        if await all_or_none(self._members.database, work.write):
            await entitle(self._members, scope, viewer_id)


class _Merge:
    """One transaction's work."""

    def __init__(self, members: Members, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        database = members.database
        self._members = members
        self._scope = scope
        self._memberships = MembershipRepository(database, scope)
        self._purchases = PurchaseRepository(database, scope)
        self._guest_id = guest_id
        self._viewer_id = viewer_id

    async def write(self) -> bool:
        """Whether there was anything."""
        guest = await self._memberships.get(self._guest_id)
        bought = await self._purchases.of_buyer(self._guest_id)
        if guest is None and not bought:
            return False
        await self._purchases.give_to(self._guest_id, self._viewer_id)
        if guest is not None:
            await self._memberships.delete(self._guest_id)
            own = await self._memberships.get(self._viewer_id) or Membership(id=self._viewer_id)
            if not own.renews and guest.plan is not None:
                brought = {name: getattr(guest, name) for name in _GOING_ON}
                own = msgspec.structs.replace(own, **brought)
            elif guest.renews:
                await give_up_next(self._members.database, self._scope, guest, self._members.now())
            await self._memberships.put(own)
        await lay_out(self._members, self._scope, self._viewer_id)
        return True
