"""Time as storage keeps it: datetimes without a zone that mean UTC, to the millisecond."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

Clock = Callable[[], float]
"""Epoch seconds, as `time.time` gives them."""
EpochMillis = Annotated[int, Meta(ge=0, le=253_402_300_799_999)]
"""Epoch milliseconds that are a datetime, whoever wrote them."""


def moment(epoch_seconds: float) -> datetime:
    """Epoch seconds as MongoDB gives them back: naive, UTC, cut to the millisecond."""
    exact = datetime.fromtimestamp(epoch_seconds, UTC).replace(tzinfo=None)
    return exact.replace(microsecond=exact.microsecond // 1_000 * 1_000)


def epoch_of(instant: datetime) -> float:
    """Epoch seconds of a naive UTC datetime."""
    return instant.replace(tzinfo=UTC).timestamp()


def rfc3339(instant: datetime) -> str:
    """A naive UTC datetime to the second, by RFC 3339: `2026-11-22T15:00:00Z`."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
