"""What the cycle works with, and what it says afterwards."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct, field

from billing.contracts.desk import Contracts
from billing.invoices.model import Issuer
from billing.invoices.office import Office
from billing.plans.model import Plan
from storage.moments import moment
from storage.mongo import Database
from storage.scope import TenantScope
from storage.system import SystemStore

log = logging.getLogger("marquee.billing")


class Rules(Struct, frozen=True, kw_only=True):
    """How the platform bills.

    A draft is issued `grace_seconds` after the end of its period, so that late events still get into it. A tenant that
    is more than `lag_threshold` periods behind is told of and left alone until somebody forces it. `lease_seconds` is
    how long one process has for a batch of `batch` periods, before others take them over.
    """

    grace_seconds: int = 86_400
    lag_threshold: int = 60
    lease_seconds: float = 120.0
    batch: int = 500
    block: int = 250

    @property
    def grace(self) -> timedelta:
        """The same as a span of time."""
        return timedelta(seconds=self.grace_seconds)


def _unwatched(step: str) -> None:
    """Nobody is told."""


class Desk(Struct, frozen=True, kw_only=True):
    """The dependencies of the cycle. `on_step` is told what is about to be written, by name."""

    office: Office
    contracts: Contracts
    system: SystemStore
    issuer: Issuer = Issuer()
    rules: Rules = Rules()
    on_step: Callable[[str], None] = _unwatched

    @property
    def database(self) -> Database:
        """Where everything is."""
        return self.office.database

    def now(self) -> datetime:
        """The clock's moment, which leases go by; what is due goes by the cycle's own `now`."""
        return moment(self.office.clock())

    def scope(self, owner: str) -> TenantScope:
        """The scope of a tenant's owner as stored. Raises ValueError."""
        scope = self.system.owner_scope(owner)
        if not isinstance(scope, TenantScope):
            raise ValueError(f"{owner} is no tenant")  # noqa: TRY004 - the text is wrong, not its type
        return scope


class CycleReport(Struct, kw_only=True):
    """What a run of the cycle did, and how many contracts were due when it began.

    `empty` are drafts that had nothing to be billed. `stopped` are tenants by how many periods they are behind, too
    many to be caught up unasked; `failed` are those that could not be billed, and why.
    """

    due: int = 0
    begun: int = 0
    drafted: int = 0
    issued: int = 0
    empty: int = 0
    stopped: dict[str, int] = field(default_factory=dict[str, int])
    failed: dict[str, str] = field(default_factory=dict[str, str])


def told(report: CycleReport, owner: str, error: Exception) -> None:
    """The owner could not be billed, and why: in the report and in the log."""
    log.warning("tenant %s cannot be billed: %s", tenant_of(owner), error)
    report.failed[tenant_of(owner)] = str(error)


OnProgress = Callable[[CycleReport], None]
PlansByRef = Mapping[str, Plan]
OWNER: Final = "tenant:"


def tenant_of(owner: str) -> str:
    """The tenant's id of an owner as stored."""
    return owner.removeprefix(OWNER)
