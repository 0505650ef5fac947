"""What the books, the usage and the days say at the end, as the report shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from billing.contracts.model import Contract
from billing.contracts.repository import ContractRepository
from billing.invoices.model import Invoice
from billing.invoices.repository import InvoiceRepository
from billing.ledger.accounts import CREDIT, DISCOUNTS, RECEIVABLE
from billing.ledger.model import Entry
from billing.ledger.repository import EntryRepository
from billing.money import in_major
from billing.settlements.model import Statement
from billing.settlements.repository import StatementRepository
from runtime.simulation.tenants import GB, Member
from runtime.simulation.world import World
from storage.moments import epoch_of
from tenancy.usage import UsageRepository

INCOMES: Final = {
    "income.base": "Base fees",
    "income.addons": "Add-ons",
    "income.capacity": "Capacity",
    "income.bandwidth": "Bandwidth",
    "income.share": "Share of revenue",
    "income.minimum": "Minimum fees",
    DISCOUNTS: "Discounts",
}
_WEEK: Final = 7
_DAY: Final = timedelta(days=1)


class Series(Struct, frozen=True):
    """One of a chart's: a name, the page's colour of it, a value for each place."""

    label: str
    colour: str
    values: list[float]


class Told(Struct, frozen=True, kw_only=True):
    """A tenant's year."""

    member: Member
    contract: Contract
    invoices: list[Invoice]
    statements: list[Statement]
    entries: list[Entry]
    sent: dict[date, int]


class Calendar(Struct, frozen=True):
    """The simulated days, and the months that they make."""

    start: date
    end: date

    @property
    def days(self) -> list[date]:
        """In order."""
        return [self.start + timedelta(days=n) for n in range((self.end - self.start).days)]

    @property
    def months(self) -> list[tuple[int, int]]:
        """Year and month, in order."""
        return sorted({(day.year, day.month) for day in self.days})

    @property
    def names(self) -> list[str]:
        """The months' names."""
        return [f"{date(year, month, 1):%B}" for year, month in self.months]

    @property
    def starts(self) -> list[int]:
        """When each month begins, in epoch seconds."""
        return [_epoch(date(year, month, 1)) for year, month in self.months]


async def told_of(world: World, member: Member, calendar: Calendar) -> Told:
    """All that is there of a tenant."""
    database, scope = world.stores.database, world.scopes[member.id]
    days = await UsageRepository(database, scope).days(calendar.start, calendar.end)
    contract = await ContractRepository(database, scope).get()
    assert contract is not None
    return Told(
        member=member,
        contract=contract,
        statements=[each async for each in StatementRepository(database, scope).all()],
        invoices=[each async for each in InvoiceRepository(database, scope).all()],
        entries=[each async for each in EntryRepository(database, scope).all()],
        sent={each.day: each.bytes for each in days},
    )


def incomes(all_told: Sequence[Told], currency: str, calendar: Calendar) -> list[Series]:
    """What came in by kind and month, of the tenants of a currency, in major units."""
    sums: dict[str, dict[tuple[int, int], int]] = defaultdict(lambda: defaultdict(int))
    for entry in _entries(all_told, currency):
        for leg in entry.legs:
            if leg.account in INCOMES:
                sums[leg.account][entry.at.year, entry.at.month] -= leg.amount
    found: list[Series] = []
    for place, (account, label) in enumerate(INCOMES.items(), 1):
        if any(sums[account].values()):
            values = [_major(sums[account][month], currency) for month in calendar.months]
            found.append(Series(label, f"--c{place}", values))
    return found


def usage(all_told: Sequence[Told], calendar: Calendar) -> list[Series]:
    """Gigabytes a day, of the week up to it."""
    days = calendar.days
    found: list[Series] = []
    for place, told in enumerate(all_told, 1):
        sizes = [told.sent.get(day, 0) / GB for day in days]
        means = [sum(sizes[max(0, n - _WEEK + 1) : n + 1]) / min(n + 1, _WEEK) for n in range(len(days))]
        found.append(Series(told.member.site.brand.name, f"--c{place}", [round(mean, 2) for mean in means]))
    return found


def usage_by_month(all_told: Sequence[Told], calendar: Calendar) -> list[Series]:
    """Gigabytes a month."""
    found: list[Series] = []
    for told in all_told:
        sums: dict[tuple[int, int], int] = defaultdict(int)
        for day, size in told.sent.items():
            sums[day.year, day.month] += size
        values = [round(sums[month] / GB, 1) for month in calendar.months]
        found.append(Series(told.member.site.brand.name, "", values))
    return found


def receivables(all_told: Sequence[Told], currency: str, calendar: Calendar) -> list[Series]:
    """What was open at the end of each day, by tenant, in major units."""
    found: list[Series] = []
    for place, told in enumerate(all_told, 1):
        if told.member.currency != currency:
            continue
        moved: dict[date, int] = defaultdict(int)
        for entry in told.entries:
            moved[entry.at.date()] += entry.amount_on(RECEIVABLE)
        open_now, values = 0, list[float]()
        for day in calendar.days:
            open_now += moved[day]
            values.append(_major(open_now, currency))
        found.append(Series(told.member.site.brand.name, f"--c{place}", values))
    return found


class Stretch(Struct, frozen=True):
    """Days in a row that a tenant was the same."""

    state: str
    start: date
    end: date


def stretches(states: Sequence[tuple[date, Mapping[str, str]]], told: Told) -> list[Stretch]:
    """What a tenant was, days that follow each other as one; on trial a site is active, after its end closed."""
    found: list[Stretch] = []
    for day, held in states:
        state = held.get(told.member.id)
        if state is None:
            continue
        state = _state_on(day, state, told.contract)
        if found and found[-1].state == state:
            found[-1] = Stretch(state, found[-1].start, day + _DAY)
        else:
            found.append(Stretch(state, day, day + _DAY))
    return found


def _state_on(day: date, state: str, contract: Contract) -> str:
    paid_from = contract.trial_until or contract.phases[0].since
    if contract.ends_at is not None and day >= contract.ends_at.date():
        return "ended"
    if state != "active":
        return state
    return "trial" if day < paid_from.date() else state


def given_back(all_told: Sequence[Told], currency: str) -> int:
    """What of tenants' credit was paid out to them, in minor units."""
    moved = (entry for entry in _entries(all_told, currency) if entry.kind in {"refund", "refund-failed"})
    return sum(entry.amount_on(CREDIT) for entry in moved)


def chart(chart_id: str, series: Sequence[Series], **more: Any) -> dict[str, Any]:
    """A chart as the page's script takes it."""
    told = [{"label": each.label, "colour": each.colour, "values": each.values} for each in series]
    return {"id": chart_id, "series": told, **more}


def over_days(calendar: Calendar) -> dict[str, Any]:
    """The places of a chart that goes by days."""
    return {"x": [_epoch(day) for day in calendar.days], "starts": calendar.starts}


def at_month_ends(series: Sequence[Series], calendar: Calendar) -> list[Series]:
    """A series by days as its table has it."""
    last = [place for place, day in enumerate(calendar.days) if (day + timedelta(days=1)).day == 1]
    return [Series(each.label, each.colour, [each.values[place] for place in last]) for each in series]


def _entries(all_told: Sequence[Told], currency: str) -> Iterable[Entry]:
    return (entry for told in all_told if told.member.currency == currency for entry in told.entries)


def _major(amount: int, currency: str) -> float:
    return float(in_major(amount, currency))


def _epoch(day: date) -> int:
    return int(epoch_of(datetime(day.year, day.month, day.day)))  # noqa: DTZ001 - naive datetimes mean UTC here
