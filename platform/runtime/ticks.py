"""What the tick calls in the processes that do jobs."""

from __future__ import annotations

from runtime.composition import Services
from runtime.scheduler import Tick


def ticks_of(services: Services) -> list[Tick]:
    """Every verb that runs by the clock."""
    del services
    return []
