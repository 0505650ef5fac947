"""What the sites send: a little more each week, more on weekends, nothing while a site is closed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from typing import Final

from runtime.simulation.tenants import GB, Member
from runtime.simulation.world import World
from tenancy.model import Serving
from tenancy.usage import Booking, UsageRepository

_SATURDAY: Final = 5
_YEAR_DAYS: Final = 365
_STREAM_BYTES: Final = 1_300_000_000
_QUARTERS: Final = (("0615", 2), ("1130", 3), ("1945", 7), ("2115", 5))
"""When of the day (UTC) it is sent, and how much of it."""


async def send(world: World, member: Member, serving: Serving) -> None:
    """Books the day's traffic of a site, unless one of the nodes cannot deliver its part now."""
    if serving == "suspended":
        return
    today = world.clock.now.date()
    size = bytes_on(world.seed, member, today)
    late = size * 3 // 10 if is_cut_off(member, today) else 0
    await _book(world, member.id, today, "node-a", size - late)


async def deliver_late(world: World, tenant: str, days: Sequence[date]) -> None:
    """What a node that was cut off had counted on those days comes in now."""
    member = world.member(tenant)
    for day in days:
        if day <= world.clock.now.date() and day >= member.begins:
            await _book(world, tenant, day, "node-b", bytes_on(world.seed, member, day) * 3 // 10)


def bytes_on(seed: int, member: Member, day: date) -> int:
    """What the site sends on a day if it is open: the same for the same seed."""
    chance = random.Random(f"{seed}:{member.id}:{day}")  # noqa: S311 - a story, and no secret
    traffic = member.traffic
    grown = traffic.growth ** ((day - member.begins).days / _YEAR_DAYS)
    weekend = traffic.weekend if day.weekday() >= _SATURDAY else 1.0
    return int(traffic.first_gb * grown * weekend * chance.uniform(0.82, 1.18) * GB)


def is_cut_off(member: Member, day: date) -> bool:
    """Whether one of the site's nodes cannot tell anybody what it sends on this day."""
    return day in member.cut_off


async def _book(world: World, tenant: str, day: date, node: str, size: int) -> None:
    whole = sum(weight for _, weight in _QUARTERS)
    quarters = {time: size * weight // whole for time, weight in _QUARTERS}
    quarters["1945"] += size - sum(quarters.values())
    ledger = UsageRepository(world.stores.database, world.scopes[tenant])
    streams = max(1, size // _STREAM_BYTES)
    await ledger.book(day.isoformat(), Booking(node, 1, quarters, streams))
