"""Failing fast while a server does not answer: one caller a second finds out, the others are told at once."""

import time
from collections.abc import Callable
from typing import Final, final

from storage.errors import StorageUnavailable

OPEN_SECONDS: Final = 1.0


@final
class Circuit:
    """Shut while all is well. `failed` opens it for a second; then one caller is let through to try, and so on."""

    __slots__ = ("_monotonic", "_open_until", "_what")

    def __init__(self, what: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._monotonic = monotonic
        self._open_until: float | None = None

    def pass_through(self) -> None:
        """Raises StorageUnavailable for those who need not try now."""
        if self._open_until is None:
            return
        now = self._monotonic()
        if now < self._open_until:
            raise StorageUnavailable(f"{self._what} did not answer a moment ago")
        self._open_until = now + OPEN_SECONDS

    def failed(self) -> None:
        """The server did not answer."""
        self._open_until = self._monotonic() + OPEN_SECONDS

    def answered(self) -> None:
        """The server did answer."""
        self._open_until = None
