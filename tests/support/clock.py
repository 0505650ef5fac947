"""A clock that moves when told to."""


class FakeClock:
    """Callable like `time.time`: epoch seconds, standing still until `advance`."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds
