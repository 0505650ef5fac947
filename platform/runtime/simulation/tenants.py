"""Who takes part: the demo's sites with the terms that each of them has agreed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from billing.contracts.beginning import Opening
from billing.contracts.model import BillTo, Coupon, Tax
from billing.plans.model import Plan, Tier
from runtime.demo.sites import SITES, Site

Way = Literal["card", "page", "bank"]
GB: Final = 10**9


class Traffic(Struct, frozen=True):
    """Gigabytes a day at first, how many times as many a year later, and how much more on a weekend day."""

    first_gb: float
    growth: float
    weekend: float


class Audience(Struct, frozen=True, kw_only=True):
    """What viewers are sold, in minor units, and how many new ones buy it in a month, at first and a year later.

    `payouts`: `stripe` for an account of Stripe Connect, else the bank account that staff pay to.
    """

    monthly: int
    yearly: int
    tax_bps: int = 0
    tax_name: str = ""
    new_a_month: float
    growth: float
    payouts: str


class Member(Struct, frozen=True, kw_only=True):
    """A tenant of the simulation. `way`: a saved card is charged, it pays by link or by transfer some days later."""

    id: str
    kind: Literal["fixed_fee", "rev_share"]
    plan: str
    currency: str
    zone: str
    begins: date
    way: Way
    card: str = ""
    pays_after_days: int = 0
    cut_off: tuple[date, ...] = ()
    traffic: Traffic
    audience: Audience | None = None
    opening: Opening

    @property
    def site(self) -> Site:
        """The site of the demo."""
        return next(site for site in SITES if site.id == self.id)

    @property
    def anchor(self) -> datetime:
        """Midnight of the first day where the tenant is; naive UTC."""
        midnight = datetime.combine(self.begins, datetime.min.time(), ZoneInfo(self.zone))
        return midnight.astimezone(UTC).replace(tzinfo=None)


STARTER_JPY: Final = Plan(
    id="starter-jpy",
    version=1,
    kind="fixed_fee",
    name="Starter",
    currency="JPY",
    base=7_400,
    capacity=(Tier(1, 0), Tier(2, 5_900)),
    addons={"android_app": 2_900, "dmca_shield": 1_400},
    included_gb=500,
    overage_per_gb=6,
)
STUDIO_JPY: Final = msgspec.structs.replace(
    STARTER_JPY, id="studio-jpy", name="Studio", base=16_800, included_gb=2_000, overage_per_gb=5
)


def members(year: int) -> tuple[Member, ...]:
    """The four, beginning in January of the year."""
    return (
        Member(
            id="kumo",
            kind="fixed_fee",
            plan=STARTER_JPY.ref,
            currency="JPY",
            zone="Asia/Tokyo",
            begins=date(year, 1, 5),
            way="card",
            card="mastercard",
            traffic=Traffic(13, 4.4, 1.5),
            opening=Opening(
                coupon=Coupon(code="NEWYEAR", percent_bps=2_500, periods=3),
                tax=Tax(rate_bps=1_000, name="Consumption tax", inclusive=True, country="JP", tax_id="T8010401050387"),
                bill_to=BillTo(
                    name="Kumo Club KK",
                    address="4-2-8 Shibakoen, Minato\n105-0011 Tokyo\nJapan",
                    email="accounts@kumo.example",
                    locale="en",
                ),
                terms_days=7,
            ),
        ),
        Member(
            id="northlight",
            kind="rev_share",
            plan="partner@1",
            currency="USD",
            zone="America/New_York",
            begins=date(year, 1, 31),
            way="card",
            card="visa",
            cut_off=tuple(date(year, 5, day) for day in (28, 29, 30)),
            traffic=Traffic(28, 3.1, 1.7),
            audience=Audience(monthly=1_490, yearly=14_900, new_a_month=1.0, growth=2.0, payouts="stripe"),
            opening=Opening(
                trial_days=14,
                anchor_day=31,
                bill_to=BillTo(
                    name="Northlight Cinema Inc.",
                    address="88 Wythe Avenue\nBrooklyn, NY 11249\nUSA",
                    email="books@northlight.example",
                    locale="en-US",
                ),
            ),
        ),
        Member(
            id="papercut",
            kind="rev_share",
            plan="partner-eur@1",
            currency="EUR",
            zone="Europe/Berlin",
            begins=date(year, 1, 1),
            way="page",
            card="authenticationRequired",
            pays_after_days=3,
            traffic=Traffic(6, 2.6, 1.2),
            audience=Audience(
                monthly=690,
                yearly=6_900,
                tax_bps=1_900,
                tax_name="USt",
                new_a_month=0.7,
                growth=1.6,
                payouts="DE75 5121 0800 1245 1261 99",
            ),
            opening=Opening(
                trial_days=0,
                tax=Tax(rate_bps=1_900, name="USt", country="DE", tax_id="DE287654309"),
                bill_to=BillTo(
                    name="Papercut Leseraum UG",
                    address="Weserstraße 40\n12045 Berlin\nDeutschland",
                    email="rechnung@papercut.example",
                    locale="de",
                ),
            ),
        ),
        Member(
            id="saltwind",
            kind="fixed_fee",
            plan="starter-yearly-eur@1",
            currency="EUR",
            zone="Atlantic/Canary",
            begins=date(year, 1, 8),
            way="bank",
            pays_after_days=9,
            traffic=Traffic(11, 1.5, 1.1),
            opening=Opening(
                trial_days=14,
                tax=Tax(name="IVA", country="ES", tax_id="ESB76123454", reverse_charge=True),
                bill_to=BillTo(
                    name="Archivo Saltwind S.L.",
                    address="Calle Triana 61\n35002 Las Palmas\nEspaña",
                    email="cuentas@saltwind.example",
                    locale="es",
                ),
            ),
        ),
    )
