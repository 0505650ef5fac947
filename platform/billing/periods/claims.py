"""Who works on a period: the first to insert it, until the lease runs out and another takes it over by its fence."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from billing.periods.desk import Desk
from billing.periods.facts import Asking
from billing.periods.model import BilledPeriod
from billing.periods.repository import PeriodRepository, Place, fields_of, periods_at
from storage.across import Across, Change, New


class Claims(Struct, frozen=True):
    """What came of claiming: the periods that are ours, with their fence, and those that were drafted before."""

    by: str
    fences: dict[Place, int]
    done: frozenset[Place]


async def claim(desk: Desk, asked: Sequence[Asking]) -> Claims:
    """Claims what nobody has, and what was left by who died over it."""
    by, now = secrets.token_hex(8), desk.now()
    until = now + timedelta(seconds=desk.rules.lease_seconds)
    periods = Across(desk.database, PeriodRepository.collection)
    new = await periods.insert_new([_first(each, by, until) for each in asked])
    fences = {asked[place].place: 1 for place in new}
    others = await periods_at(desk.database, [each.place for each in asked if each.place not in fences])
    done = frozenset(place for place, period in others.items() if period.state != "claimed")
    left = {place: each for place, each in others.items() if place not in done and each.lease_until <= now}
    fences |= await _taken_over(desk, left, by, until)
    return Claims(by, fences, done)


async def _taken_over(desk: Desk, left: dict[Place, BilledPeriod], by: str, until: datetime) -> dict[Place, int]:
    changes = [
        Change(
            owner,
            n,
            {"$set": {"by": by, "lease_until": until, "fence": period.fence + 1}},
            {"state": "claimed", "fence": period.fence},
        )
        for (owner, n), period in left.items()
    ]
    await Across(desk.database, PeriodRepository.collection).update_each(changes)
    ours = await periods_at(desk.database, left)
    return {place: period.fence for place, period in ours.items() if period.by == by and period.state == "claimed"}


def _first(asked: Asking, by: str, until: datetime) -> New:
    period = asked.contract.period(asked.n)
    end = asked.contract.closing_of(asked.n) or period.end
    claimed = BilledPeriod(id=asked.n, by=by, lease_until=until, start=period.start, end=end)
    return New(asked.owner, asked.n, fields_of(claimed))
