"""What happens in the year, day by day. Each chapter goes on only as far as the simulation does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from runtime.simulation import deeds, viewers
from runtime.simulation.tenants import STUDIO_JPY, Member
from runtime.simulation.traffic import deliver_late
from runtime.simulation.world import World

Deed = Callable[[World], Awaitable[None]]
DOWN_HOURS: Final = 4


class Chapter(Struct, frozen=True):
    """Something that is done on a day, at noon."""

    on: date
    do: Deed


def story_of(year: int, members: tuple[Member, ...]) -> list[Chapter]:
    """All of it, in order."""
    told = [*_kumo(year), *_northlight(year), *_papercut(year), *_saltwind(year), *_late(members)]
    return sorted(told, key=lambda each: each.on)


def down_on(year: int) -> date:
    """The day on whose morning nothing runs for four hours: a period waits for its bill, a payment for its webhook."""
    return date(year, 8, 5)


def _kumo(year: int) -> list[Chapter]:
    def day(month: int, day: int, do: Deed) -> Chapter:
        return Chapter(date(year, month, day), do)

    async def card_fails(world: World) -> None:
        await deeds.save_card(world, "kumo", "chargeCustomerFail")
        world.away.add("kumo")
        world.note("kumo", "saves another card, which will be declined")

    async def pays(world: World) -> None:
        world.away.discard("kumo")
        await deeds.save_card(world, "kumo", "mastercard")
        await deeds.pay_what_is_open(world, world.member("kumo"))
        world.note("kumo", "pays what is open by the link in the letter")

    return [
        day(1, 24, lambda world: deeds.change(world, "kumo", "adds the Android app", addons={"android_app": 1})),
        day(2, 20, card_fails),
        day(3, 30, pays),
        day(
            5,
            17,
            lambda world: deeds.change(
                world, "kumo", "adds the takedown shield", addons={"android_app": 1, "dmca_shield": 1}
            ),
        ),
        day(
            8,
            11,
            lambda world: deeds.change(
                world,
                "kumo",
                "gives the takedown shield up, and takes capacity tier 2",
                addons={"android_app": 1},
                capacity=2,
            ),
        ),
        day(
            9,
            21,
            lambda world: deeds.change(
                world, "kumo", "goes over to Studio in the middle of a period", plan=STUDIO_JPY.ref
            ),
        ),
        day(
            11,
            14,
            lambda world: deeds.take_back(world, "kumo", 25, "streams stalled for two evenings"),
        ),
    ]


def _northlight(year: int) -> list[Chapter]:
    opened: list[str] = []
    taken: list[str] = []

    async def disputes(world: World) -> None:
        found = await deeds.dispute(world, "northlight")
        if found is not None:
            opened.append(found)

    async def won(world: World) -> None:
        for each in opened:
            await deeds.decide(world, "northlight", each, won=True)

    async def viewer_disputes(world: World) -> None:
        found = await viewers.charge_back(world, "northlight")
        if found is not None:
            taken.append(found)

    async def lost(world: World) -> None:
        for each in taken:
            await deeds.decide(world, "northlight", each, won=False)

    return [
        Chapter(
            date(year, 3, 14),
            lambda world: deeds.change(world, "northlight", "takes capacity tier 2", capacity=2),
        ),
        Chapter(date(year, 8, 22), disputes),
        Chapter(date(year, 9, 19), won),
        Chapter(date(year, 5, 14), lambda world: viewers.give(world, "northlight")),
        Chapter(date(year, 6, 20), lambda world: viewers.leave(world, "northlight")),
        Chapter(date(year, 7, 12), lambda world: viewers.want_back(world, "northlight")),
        Chapter(date(year, 9, 6), viewer_disputes),
        Chapter(date(year, 10, 2), lost),
        Chapter(
            date(year, 10, 9),
            lambda world: deeds.change(
                world, "northlight", "takes capacity tier 3 and the Android app", capacity=3, addons={"android_app": 1}
            ),
        ),
    ]


def _papercut(year: int) -> list[Chapter]:
    return [
        Chapter(
            date(year, 6, 6),
            lambda world: deeds.hold(world, "papercut", "legal", "a court asked for a comic's removal"),
        ),
        Chapter(date(year, 6, 27), lambda world: deeds.lift(world, "papercut", "legal")),
        Chapter(
            date(year, 9, 4),
            lambda world: deeds.change(world, "papercut", "adds the takedown shield", addons={"dmca_shield": 1}),
        ),
    ]


def _saltwind(year: int) -> list[Chapter]:
    return [
        Chapter(
            date(year, 10, 18),
            lambda world: deeds.hold(world, "saltwind", "operator", "the archive is being hung anew for the winter"),
        ),
        Chapter(date(year, 11, 6), lambda world: deeds.lift(world, "saltwind", "operator")),
        Chapter(date(year, 11, 27), lambda world: deeds.cancel(world, "saltwind")),
        Chapter(date(year, 12, 6), lambda world: deeds.give_credit_back(world, "saltwind")),
    ]


def _late(members: tuple[Member, ...]) -> list[Chapter]:
    """What nodes that were cut off had counted comes some days later."""

    def arrival(member: Member) -> Deed:
        async def arrive(world: World) -> None:
            await deliver_late(world, member.id, member.cut_off)
            world.note(member.id, f"a node that was cut off tells what it sent on {len(member.cut_off)} days")

        return arrive

    return [Chapter(member.cut_off[-1] + timedelta(days=6), arrival(member)) for member in members if member.cut_off]
