"""What a contract is: the calendar of a tenant's periods, and the terms that hold at each moment of them.

Every datetime is naive and means UTC.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from billing.calendar import Calendar, Period, Unit
from storage.repository import TenantDocument

CONTRACT: Final = "contract"
"""The id of a tenant's one contract."""
AFTERMATH: Final = timedelta(days=30)
"""How long after a contract's end its last bill waits for what comes late."""
_LEAST: Final = timedelta(microseconds=1)


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


class Away(Struct, frozen=True, kw_only=True):
    """Period `n` is the time in which the contract had ended: nothing in it counts. Its bill has what came late."""

    n: int
    since: datetime
    until: datetime


class Contract(TenantDocument, kw_only=True):
    """A tenant's contract; there is one, and its id is `contract`.

    `anchor` starts period 0 and lies on a quarter of an hour, as usage is counted. `phases` go by `since`. `next_n` is
    the period to be closed next, `next_due` when that is (None: all is closed). `ends_at` is when the tenant leaves,
    `away` the times between an end and a new beginning, `afterwards` those behind its present end and the 30 days after
    it in which viewers' money moved all the same, `hold_due` when its site is to be closed or opened for it.
    `past_coupons` are those before `coupon`, each for the periods that it kept. `revision` counts the writes.
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
    past_coupons: tuple[Coupon, ...] = ()
    trial_until: datetime | None = None
    tax: Tax = Tax()
    gateway: str = "manual"
    customer: str | None = None
    method: str | None = None
    bill_to: BillTo = BillTo()
    terms_days: int = 14
    ends_at: datetime | None = None
    away: tuple[Away, ...] = ()
    afterwards: tuple[Away, ...] = ()
    hold_due: datetime | None = None
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

    @property
    def has_begun(self) -> bool:
        """Whether it did not end before its first period."""
        return self.ends_at is None or self.ends_at > self.phases[0].since

    @property
    def counts_since(self) -> datetime:
        """When its time begins to count: with its first terms, or the end of its trial."""
        return max(self.phases[0].since, self.trial_until or self.phases[0].since)

    @property
    def aftermath(self) -> Away | None:
        """The time after its present end, whose bill is the last one unless it begins again, or money moves."""
        if self.ends_at is None or not self.has_begun:
            return None
        n = self.calendar.index_at(self.ends_at - _LEAST) + 1
        return Away(n=n, since=self.ends_at, until=self.ends_at + AFTERMATH)

    @property
    def absences(self) -> tuple[Away, ...]:
        """All periods in which it had ended."""
        last = self.aftermath
        return self.away if last is None else (*self.away, last, *self.afterwards)

    def has_ended(self, now: datetime) -> bool:
        """Whether the tenant has left."""
        return self.ends_at is not None and self.ends_at <= now

    def absence(self, n: int) -> Away | None:
        """Period `n` where it is one in which the contract had ended."""
        return next((each for each in self.absences if each.n == n), None)

    def period(self, n: int) -> Period:
        """Period `n`, whole, also where the contract ends within it."""
        away = self.absence(n)
        return self.calendar.period(n) if away is None else Period(n, away.since, away.until)

    def index_at(self, moment: datetime) -> int:
        """The period that the moment lies in; behind them all, the number that is free."""
        absences = self.absences
        for away in absences:
            if away.since <= moment < away.until:
                return away.n
        if self.has_ended(moment):
            return absences[-1].n + 1 if self.has_begun else self.next_n
        return self.calendar.index_at(moment)

    def end_of(self, n: int) -> datetime | None:
        """When the contract ended, or ends, that period `n` is of."""
        return next((each.since for each in self.absences if each.n > n), self.ends_at)

    def closing_of(self, n: int) -> datetime | None:
        """When period `n` can be closed: its end, or that of the contract. None where nothing is left to close."""
        period, ends_at = self.period(n), self.end_of(n)
        if ends_at is None or self.absence(n) is not None:
            return period.end
        return None if not self.has_begun or ends_at <= period.start else min(period.end, ends_at)

    def phase_at(self, moment: datetime) -> Phase | None:
        """The terms at the moment; None before the first."""
        held = [phase for phase in self.phases if phase.since <= moment]
        return held[-1] if held else None

    def last_phase(self, n: int) -> Phase | None:
        """The terms that held last in period `n`; where the contract had ended, those that held at its end."""
        period = self.period(n)
        if self.absence(n) is not None:
            return self.phase_at(min(period.start, self.ends_at or period.start) - _LEAST)
        return self.phase_at((self.closing_of(n) or period.end) - _LEAST)

    def coupon_of(self, n: int) -> Coupon | None:
        """The coupon that makes period `n` cheaper."""
        given = (*self.past_coupons, *(() if self.coupon is None else (self.coupon,)))
        return next((each for each in given if each.applies_to(n)), None)
