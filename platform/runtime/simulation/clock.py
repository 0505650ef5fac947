"""The time that passes when the simulation says so."""

from __future__ import annotations

from datetime import datetime

from storage.moments import epoch_of, moment


class SimulatedClock:
    """A Clock (epoch seconds) that stands still until it is moved, and only goes forward."""

    def __init__(self, start: datetime) -> None:
        self._now = epoch_of(start)

    def __call__(self) -> float:
        return self._now

    @property
    def now(self) -> datetime:
        """Naive UTC."""
        return moment(self._now)

    def go_to(self, instant: datetime) -> None:
        """Let it be this moment (naive UTC). Raises ValueError for one that is past."""
        epoch = epoch_of(instant)
        if epoch < self._now:
            raise ValueError(f"{instant} is past: it is {self.now}")
        self._now = epoch
