"""Puts viewers' memberships and the operators' part of them together."""

from __future__ import annotations

import msgspec

from accounts.model import ViewerId
from billing.invoices.model import Issuer
from billing.memberships.desk import Desk, Members
from billing.payments.cashier import Cashier
from billing.settlements.desk import Desk as SettlementDesk
from content.notices.telling import Notices
from runtime.stores import Stores
from storage.scope import TenantScope


def members_of(stores: Stores) -> Members:
    """What viewers' purchases are reckoned with."""
    return Members(database=stores.database, clock=stores.clock, audit=stores.audit, viewers=stores.viewers)


def membership_desk(stores: Stores, cashier: Cashier) -> Desk:
    """Where memberships are bought and go on; what concerns one is told as a notice of the site."""
    notices = Notices(stores.database, stores.jobs, stores.clock)

    async def remind(scope: TenantScope, viewer_id: ViewerId, key: str, text: str) -> None:
        await notices.tell(scope, viewer_id, "account", key=f"membership:{key}", text=text, url="/account#premium")

    return Desk(
        members=members_of(stores),
        cashier=cashier,
        tenants=stores.tenants,
        recovery=stores.recovery,
        system=stores.system,
        remind=remind,
    )


def settlement_desk(stores: Stores, cashier: Cashier) -> SettlementDesk:
    """Where operators are settled with."""
    billing = stores.settings.billing
    return SettlementDesk(
        cashier=cashier,
        tenants=stores.tenants,
        system=stores.system,
        issuer=Issuer(**msgspec.structs.asdict(billing.issuer)),
        least=billing.least_payout,
    )
