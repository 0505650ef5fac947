"""What the verbs of the desk work with."""

from __future__ import annotations

from msgspec import Struct

from storage.audit import Audit
from storage.events import Events
from storage.jobs import Jobs
from storage.moments import Clock
from storage.mongo import Database
from tenancy.desk import TenantDesk


class Desk(Struct, frozen=True):
    """The takedown desk over its stores; `tenants` sets holds and what a tenant does not show."""

    database: Database
    tenants: TenantDesk
    jobs: Jobs

    @property
    def audit(self) -> Audit:
        """Where deeds are written down."""
        return self.tenants.audit

    @property
    def events(self) -> Events:
        """Where the other processes hear of them."""
        return self.tenants.events

    @property
    def clock(self) -> Clock:
        """Epoch seconds."""
        return self.tenants.clock
