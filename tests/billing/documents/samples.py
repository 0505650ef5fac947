"""Invoices to be shown."""

from datetime import datetime, timedelta

import msgspec

from billing.contracts.model import BillTo, Tax
from billing.invoices.model import Invoice, Issuer, TaxAmount
from billing.rating.model import Line, LineKind

START, END = datetime(2026, 9, 30, 22), datetime(2026, 10, 31, 23)
"""October 2026 in Berlin, which is an hour longer than 31 days."""
SECONDS = int((END - START).total_seconds())
ISSUER = Issuer(
    name="Lantern Media Platform",
    address="Hafenstraße 12\n20457 Hamburg",
    email="billing@lantern.example",
    tax_id="DE123456789",
    country="DE",
    bank="IBAN DE02 1203 0000 0000 2020 51\nBIC BYLADEM1001",
    zone="Europe/Berlin",
)
TO = BillTo(name="Nordlicht Verleih", address="Am Elbufer 99\n22765 Hamburg", email="ann@north.example")
VAT = Tax(rate_bps=1_900, name="VAT", tax_id="DE987654321")


def line(kind: LineKind, amount: int, *, quantity: int = 1, unit: int | None = None, **params: str | int) -> Line:
    return Line(kind=kind, params=params, quantity=quantity, unit_amount=unit, amount=amount, start=START, end=END)


BASE = line("base", 4_900, unit=4_900, key="starter@1", name="Starter", seconds=SECONDS, of_seconds=SECONDS)
LINES = (
    BASE,
    line("addon", 919, unit=1_900, key="android_app", name="android_app", seconds=15 * 86_400, of_seconds=SECONDS),
    line("bandwidth", 492, quantity=123, unit=4, used_bytes=622_400_000_000, included_bytes=500_000_000_000),
    line("late", 28, quantity=7, unit=4, n=3, used_bytes=6_400_000_000, included_bytes=500_000_000_000),
    line("discount", -634, code="WELCOME10", percent_bps=1_000),
)


def invoice(*, lines: tuple[Line, ...] = LINES, locale: str = "en", name: str = TO.name, **fields: object) -> Invoice:
    """An issued invoice with VAT of 19 % on top; `fields` in the place of its own."""
    discount = -sum(each.amount for each in lines if each.kind == "discount")
    net = sum(each.amount for each in lines)
    tax = net * 19 // 100
    issued = END + timedelta(hours=3)
    made = Invoice(
        id="4",
        state="issued",
        number="MQ-2026-000123",
        n=4,
        start=START,
        end=END,
        currency="EUR",
        plan="starter@1",
        lines=lines,
        subtotal=net + discount,
        discount=discount,
        taxes=(TaxAmount(name="VAT", rate_bps=1_900, base=net, amount=tax),),
        total=net + tax,
        due=net + tax,
        drafted_at=END,
        issue_at=END,
        issued_at=issued,
        due_at=issued + timedelta(days=14),
        bill_to=msgspec.structs.replace(TO, name=name, locale=locale),
        issuer=ISSUER,
        tax=VAT,
    )
    return msgspec.structs.replace(made, **fields)
