"""What we keep of a period: the claim by which it is billed once, and what was billed for it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from storage.repository import TenantDocument

PeriodState = Literal["claimed", "drafted", "issued", "free", "void"]


class BilledPeriod(TenantDocument, kw_only=True):
    """A period of a tenant, its id the number n. While it is `claimed`, one process works on it until `lease_until`.

    Who takes over a lease that ran out raises `fence`. `billed_bytes` is what all bills together said of its usage,
    `read_at` the database's time before usage was read for them, `advance` what its invoice carries of the next
    period. A `free` period had nothing to be billed; `void` is one whose draft was voided. It is `settled` once
    what viewers paid in it has its statement, or needs none.
    """

    id: int
    state: PeriodState = "claimed"
    fence: int = 1
    by: str = ""
    lease_until: datetime
    start: datetime
    end: datetime
    billed_bytes: int = 0
    read_at: datetime | None = None
    advance: int = 0
    settled: bool = False
