"""The platform's share of a site's revenue, by bands: each band's rate is for the part of the revenue in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from billing.calendar import Period
from billing.money import share, split
from billing.plans.model import Band
from billing.rating.model import Line
from billing.rating.spans import Stretch

_WHOLE: Final = 10_000


def share_of(revenue: int, bands: Sequence[Band]) -> int:
    """The share of so much revenue, rounded once; nothing of revenue that refunds made negative."""
    return share(sum(part * band.share_bps for band, part in _parts(revenue, bands)), 1, _WHOLE)


def shares(stretches: Sequence[Stretch], period: Period, revenue: int) -> list[Line]:
    """The lines of the share: one a band or, where the bands changed within the period, one for all by time."""
    held = {each.terms.bands for each in stretches}
    if len(held) == 1:
        return _by_band(revenue, held.pop(), period)
    counted = sum(each.seconds for each in stretches)
    weighed = sum(
        part * band.share_bps * each.seconds for each in stretches for band, part in _parts(revenue, each.terms.bands)
    )
    amount = share(weighed, 1, _WHOLE * counted) if counted else 0
    return [_line(amount, revenue, None, period)] if amount else []


def minimum(stretches: Sequence[Stretch], period: Period, shared: int) -> list[Line]:
    """What is missing to the minimum fee of the time that counts."""
    if not stretches:
        return []
    weighed = sum(each.terms.minimum_fee * each.seconds for each in stretches)
    least = share(weighed, 1, period.seconds)
    if shared >= least:
        return []
    params: dict[str, str | int] = {"minimum": least, "share": shared}
    return [Line(kind="minimum", params=params, amount=least - shared, start=period.start, end=period.end)]


def _by_band(revenue: int, bands: Sequence[Band], period: Period) -> list[Line]:
    parts = _parts(revenue, bands)
    amounts = split(share_of(revenue, bands), [part * band.share_bps for band, part in parts])
    return [
        _line(amount, part, band.share_bps, period) for (band, part), amount in zip(parts, amounts, strict=True) if part
    ]


def _line(amount: int, revenue: int, share_bps: int | None, period: Period) -> Line:
    params: dict[str, str | int] = {"revenue": revenue}
    if share_bps is not None:
        params["share_bps"] = share_bps
    return Line(kind="share", params=params, amount=amount, start=period.start, end=period.end)


def _parts(revenue: int, bands: Sequence[Band]) -> list[tuple[Band, int]]:
    """How much of the revenue lies in each band."""
    parts: list[tuple[Band, int]] = []
    below = 0
    for band in bands:
        upper = revenue if band.up_to is None else min(revenue, band.up_to)
        parts.append((band, max(0, upper - below)))
        below = max(below, upper)
    return parts
