"""What a contract is: the calendar of a tenant's periods, and the terms that hold at each moment of them.

Every datetime is naive and means UTC.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec import Struct

from billing.calendar import Calendar, Period, Unit
from storage.repository import TenantDocument

CONTRACT: Final = "contract"
"""The id of a tenant's one contract."""


class BadTerms(ValueError):
    """Terms that the contract or its plan cannot have; the message says which."""


class NoContract(LookupError):
    """The tenant has no contract."""


class Phase(Struct, frozen=True, kw_only=True):
    """The terms from `since` on: a plan by its reference, add-ons by how many, the capacity tier (0: none).

    `override` are this tenant's own figures in the place of the plan's, by the names that `billing.rating.terms` lists.
    """

    since: datetime
    plan: str
    addons: dict[str, int] = {}
    capacity: int = 0
    override: dict[str, int] = {}


class Coupon(Struct, frozen=True, kw_only=True):
    """Less to pay for `periods` periods (None: all) from period `since_n` on: basis points or an amount a period."""

    code: str
    percent_bps: int | None = None
    amount: int | None = None
    periods: int | None = None
    since_n: int = 0

    def applies_to(self, n: int) -> bool:
        """Whether it makes period `n` cheaper."""
        return self.since_n <= n and (self.periods is None or n < self.since_n + self.periods)


class Tax(Struct, frozen=True, kw_only=True):
    """The tax on what the tenant is charged.

    `inclusive`: prices hold it already. `reverse_charge`: the tenant owes it to its own state, and none is added.
    """

    rate_bps: int = 0
    name: str = ""
    inclusive: bool = False
    country: str = ""
    tax_id: str = ""
    reverse_charge: bool = False


class BillTo(Struct, frozen=True, kw_only=True):
    """Who the invoices are written to; `locale` is a BCP 47 tag."""

    name: str = ""
    address: str = ""
    email: str = ""
    locale: str = "en"


class Rhythm(Struct, frozen=True, kw_only=True):
    """From period `first_n` on, which starts at `anchor`, periods are of this length."""

    first_n: int
    anchor: datetime
    unit: Unit
    every: int
    anchor_day: int | None = None


class Contract(TenantDocument, kw_only=True):
    """A tenant's contract; there is one, and its id is `contract`.

    `anchor` starts period 0 and lies on a quarter of an hour, as usage is counted. `phases` go by `since`. `next_n` is
    the period to be closed next, `next_due` when that is (None: all is closed). `ends_at` is when the tenant leaves.
    `revision` counts the writes.
    """

    anchor: datetime
    zone: str
    unit: Unit
    every: int
    anchor_day: int | None = None
    currency: str
    phases: tuple[Phase, ...]
    rhythms: tuple[Rhythm, ...] = ()
    coupon: Coupon | None = None
    trial_until: datetime | None = None
    tax: Tax = Tax()
    gateway: str = "manual"
    customer: str | None = None
    method: str | None = None
    bill_to: BillTo = BillTo()
    terms_days: int = 14
    ends_at: datetime | None = None
    next_n: int
    next_due: datetime | None
    revision: int = 1

    @property
    def calendar(self) -> Calendar:
        """The periods, through every change of rhythm."""
        then: Calendar | None = None
        for rhythm in reversed(self.rhythms):
            then = Calendar(
                anchor=rhythm.anchor,
                unit=rhythm.unit,
                every=rhythm.every,
                zone=self.zone,
                anchor_day=rhythm.anchor_day,
                first_n=rhythm.first_n,
                then=then,
            )
        return Calendar(
            anchor=self.anchor,
            unit=self.unit,
            every=self.every,
            zone=self.zone,
            anchor_day=self.anchor_day,
            then=then,
        )

    def period(self, n: int) -> Period:
        """Period `n`, whole, also where the contract ends within it."""
        return self.calendar.period(n)

    def closing_of(self, n: int) -> datetime | None:
        """When period `n` can be closed: its end, or that of the contract. None where nothing is left to close."""
        period, ends_at = self.period(n), self.ends_at
        if ends_at is None:
            return period.end
        never_began = ends_at <= self.phases[0].since
        return None if never_began or ends_at <= period.start else min(period.end, ends_at)

    def phase_at(self, moment: datetime) -> Phase | None:
        """The terms at the moment; None before the first."""
        held = [phase for phase in self.phases if phase.since <= moment]
        return held[-1] if held else None
