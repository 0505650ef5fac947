"""What a plan is. All prices are whole minor units of its currency, a period."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from billing.calendar import Unit

PlanKind = Literal["fixed_fee", "rev_share"]


class BadPlan(ValueError):
    """A plan that cannot be sold; the message names the field."""


class Tier(Struct, frozen=True):
    """What a capacity tier costs in all."""

    tier: int
    price: int


class Band(Struct, frozen=True):
    """The platform's share, in basis points, of revenue from the band before up to `up_to`; None is without end."""

    up_to: int | None
    share_bps: int


class Plan(Struct, frozen=True, kw_only=True):
    """A version of a plan; it is never changed once it is published.

    `advance`: the base of a period is paid before it, and trued up at its end. `addons` are prices by the add-on's
    name. `included_gb` and `overage_per_gb` speak of decimal GB (10^9 bytes), the latter of each one begun.
    `minimum_fee` is what the share comes to at least. A trial of `trial_days` days costs nothing.
    """

    id: str
    version: int
    kind: PlanKind
    name: str
    currency: str
    unit: Unit = "month"
    every: int = 1
    advance: bool = False
    base: int = 0
    capacity: tuple[Tier, ...] = ()
    addons: dict[str, int] = {}
    included_gb: int = 0
    overage_per_gb: int = 0
    bands: tuple[Band, ...] = ()
    minimum_fee: int = 0
    trial_days: int = 0

    @property
    def ref(self) -> str:
        """How contracts name it: `starter@2`."""
        return f"{self.id}@{self.version}"
