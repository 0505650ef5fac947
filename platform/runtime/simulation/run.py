"""`simulate`: from the first day to the report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

from msgspec import Struct

from runtime.checking import Checked, check_everything
from runtime.settings import Mongodb, Redis
from runtime.simulation.days import pass_days
from runtime.simulation.gathering import Calendar
from runtime.simulation.joining import publish_plans
from runtime.simulation.report import clear, write_report
from runtime.simulation.story import story_of
from runtime.simulation.tenants import members
from runtime.simulation.world import opened

YEAR: Final = 2028
"""A leap year, and to come: nothing that is told of it can be taken for what happened."""


class Progress(Struct, frozen=True):
    """How far it is: what is going on, and how many days have passed."""

    what: str
    days: int


OnProgress = Callable[[Progress], None]


class Asked(Struct, frozen=True, kw_only=True):
    """What to simulate, and where to write the report."""

    months: int
    seed: int
    out: Path

    @property
    def start(self) -> date:
        """The first day."""
        return date(YEAR, 1, 1)

    @property
    def end(self) -> date:
        """The day after the last."""
        years, month = divmod(self.months, 12)
        return date(YEAR + years, month + 1, 1)

    @property
    def days(self) -> int:
        """How many there are."""
        return (self.end - self.start).days


async def simulate(
    asked: Asked,
    home: Path,
    on_progress: OnProgress,
    *,
    mongodb: Mongodb = Mongodb(),  # noqa: B008 - a frozen struct
    redis: Redis = Redis(),  # noqa: B008 - a frozen struct
) -> Checked:
    """Simulates and writes the report; gives what proving the books afterwards found. Raises Refused, OSError."""
    clear(asked.out)
    calendar = Calendar(asked.start, asked.end)
    first = datetime.combine(asked.start, time())

    def on_day(day: date) -> None:
        on_progress(Progress(f"{day:%B}", (day - asked.start).days + 1))

    async with opened(home, first, asked.seed, mongodb=mongodb, redis=redis) as world:
        world.members = members(YEAR)
        await publish_plans(world)
        await pass_days(world, story_of(YEAR, world.members), asked.start, asked.end, on_day)
        on_progress(Progress("proving the books", asked.days))
        checked = await check_everything(world.stores)
        await write_report(
            world, calendar, checked, asked.out, lambda number: on_progress(Progress(f"writing {number}", asked.days))
        )
        return checked
