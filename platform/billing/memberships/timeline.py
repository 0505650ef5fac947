"""How the time that somebody paid for lies, one purchase after the other: a pure function of the purchases.

Because nothing is remembered of it, what a refund takes away is exactly what the purchase had added: the others lie as
if it had never been made, or as if only the part that was kept had been bought.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from billing.calendar import Calendar
from billing.memberships.model import PLANS, Purchase
from billing.money import share


class Held(Struct, frozen=True):
    """The time that a purchase gives, `[start, end)`."""

    start: datetime
    end: datetime


def timeline(purchases: Iterable[Purchase]) -> dict[str, Held]:
    """The time of each purchase that counts, by its id.

    Each begins when it was paid or redeemed, or where the one before ends. Those that follow each other without a gap
    keep the day on which the first of them began (31 January, 28 February, 31 March).
    """
    held: dict[str, Held] = {}
    until: datetime | None = None
    calendar: Calendar | None = None
    place = 0
    for counts_from, each in sorted(_counting(purchases), key=lambda pair: (pair[0], pair[1].id)):
        start = counts_from if until is None else max(until, counts_from)
        if calendar is None or not _goes_on(calendar, place, each, start):
            calendar = Calendar(anchor=start, unit=PLANS[each.plan], every=1, zone=each.zone)
            place = 0
        whole = calendar.boundary(place + 1)
        if each.kept >= each.amount:
            end, place = whole, place + 1
        else:
            end = start + timedelta(seconds=share(round((whole - start).total_seconds()), each.kept, each.amount))
        held[each.id] = Held(start, end)
        until = end
    return held


def _counting(purchases: Iterable[Purchase]) -> Iterable[tuple[datetime, Purchase]]:
    return ((each.counts_from, each) for each in purchases if each.counts_from is not None and each.paid_at is not None)


def _goes_on(calendar: Calendar, place: int, purchase: Purchase, start: datetime) -> bool:
    same = calendar.unit == PLANS[purchase.plan] and calendar.zone == purchase.zone
    return same and calendar.boundary(place) == start
