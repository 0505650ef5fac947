"""The sandbox's own time."""

from collections.abc import Callable

Clock = Callable[[], float]


class MovableClock:
    """Another clock (epoch seconds), and how far this one has been moved against it."""

    def __init__(self, base: Clock, ahead_seconds: float = 0.0) -> None:
        self.base = base
        self.ahead_seconds = ahead_seconds

    def __call__(self) -> float:
        return self.base() + self.ahead_seconds

    def advance(self, seconds: float) -> None:
        """Let so much time pass at once; never backwards (ValueError)."""
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self.ahead_seconds += seconds
