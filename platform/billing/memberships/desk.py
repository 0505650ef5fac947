"""What memberships are sold and kept with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from msgspec import Struct

from accounts.model import ViewerId
from accounts.recovery import RecoveryCodes
from accounts.viewers import Viewers
from billing.payments.cashier import Cashier
from storage.audit import Actor, Audit
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope
from storage.system import SystemStore
from tenancy.tenants import TenantStore

ACTOR: Final = Actor("job", "memberships")
Remind = Callable[[TenantScope, ViewerId, str, str], Awaitable[None]]
"""Tells a viewer something about their membership: a key, by which it is told once, and the text."""


async def unheard(scope: TenantScope, viewer_id: ViewerId, key: str, text: str) -> None:
    """Nobody is told."""


class Members(Struct, frozen=True, kw_only=True):
    """What follows from a payment needs no gateway."""

    database: Database
    clock: Clock
    audit: Audit
    viewers: Viewers

    def now(self) -> datetime:
        """The present as it is stored."""
        return moment(self.clock())


class Desk(Struct, frozen=True, kw_only=True):
    """What buying and renewing need."""

    members: Members
    cashier: Cashier
    tenants: TenantStore
    recovery: RecoveryCodes
    system: SystemStore
    remind: Remind = unheard

    @property
    def database(self) -> Database:
        """Where everything is."""
        return self.members.database

    def now(self) -> datetime:
        """The present as it is stored."""
        return self.members.now()
