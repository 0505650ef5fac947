"""Lets the days pass: the ticks of the product, the traffic, who joins, who pays, and what the story tells."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Final

from runtime.simulation.deeds import links_of, owing_tenants, pay_by, pay_what_is_open
from runtime.simulation.joining import join
from runtime.simulation.story import DOWN_HOURS, Chapter, down_on
from runtime.simulation.traffic import send
from runtime.simulation.viewers import come, pay_operators
from runtime.simulation.world import World
from tenancy.model import Serving

ROUND_AT: Final = time(5, 20)
NOON: Final = time(12, 0)
EVENING: Final = time(23, 50)
MONDAY: Final = 0
OnDay = Callable[[date], None]


async def pass_days(world: World, story: list[Chapter], start: date, end: date, on_day: OnDay) -> None:
    """Every day of `[start, end)`, then a last round at the beginning of `end`."""
    today = start
    while today < end:
        await _morning(world, today)
        await _noon(world, story, today)
        await _evening(world, today)
        on_day(today)
        today += timedelta(days=1)
    await _round(world, datetime.combine(end, ROUND_AT), thorough=True)


async def _morning(world: World, today: date) -> None:
    morning = datetime.combine(today, ROUND_AT)
    if today == down_on(today.year):
        links = [link for member in world.members for link in await links_of(world, member)]
        world.clock.go_to(morning)
        world.door.is_shut = True
        world.note("", f"nothing of the platform runs for {DOWN_HOURS} hours")
        # Who has a link pays all the same, and what Stripe has to tell finds the door shut.
        for link in links:
            pay_by(world, *link)
        await world.sandbox.delivered()
        morning += timedelta(hours=DOWN_HOURS)
        world.door.is_shut = False
    await _round(world, morning, thorough=today.weekday() == MONDAY)


async def _round(world: World, now: datetime, *, thorough: bool) -> None:
    world.clock.go_to(now)
    await world.tick(thorough=thorough)


async def _noon(world: World, story: list[Chapter], today: date) -> None:
    world.clock.go_to(datetime.combine(today, NOON))
    for member in world.members:
        if member.begins == today:
            await join(world, member)
    for chapter in story:
        if chapter.on == today:
            await chapter.do(world)
    for member in world.members:
        if member.id not in world.scopes:
            continue
        await come(world, member)
        await pay_operators(world, member)
    owing = await owing_tenants(world)
    for member in world.members:
        if member.id in owing and member.way != "card" and member.id not in world.away:
            await pay_what_is_open(world, member, older_than=timedelta(days=member.pays_after_days))


async def _evening(world: World, today: date) -> None:
    world.clock.go_to(datetime.combine(today, EVENING))
    states: dict[str, Serving] = {tenant.id: tenant.status for tenant in await world.stores.tenants.list()}
    open_sites = [member for member in world.members if member.id in states]
    await asyncio.gather(*(send(world, member, states[member.id]) for member in open_sites))
    world.states.append((today, dict(states)))
