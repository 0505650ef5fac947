"""What the Greenfield API says, as far as it is read. https://docs.btcpayserver.org/API/Greenfield/v1/"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from msgspec import Struct, field

from billing.gateways.protocol import Outcome, Part, State
from billing.money import exponent

NAME: Final = "btcpay"


class BtcpayInvoice(Struct, frozen=True, rename="camel"):
    """An invoice there; amounts are in major units of its currency."""

    id: str
    amount: Decimal
    currency: str
    status: str
    additional_status: str = "None"
    checkout_link: str | None = None
    created_time: int = 0
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])


class BtcpayPayment(Struct, frozen=True, rename="camel"):
    """What came in on chain or by Lightning; `value` is in the coin."""

    id: str
    value: Decimal
    status: str
    received_date: int = 0


class PaymentMethod(Struct, frozen=True, rename="camel"):
    """One coin of an invoice; `rate` is what one of it is worth in the invoice's currency."""

    payment_method_id: str
    rate: Decimal = Decimal(0)
    payments: tuple[BtcpayPayment, ...] = ()


def outcome_of(invoice: BtcpayInvoice, methods: tuple[PaymentMethod, ...]) -> Outcome:
    """The invoice and what came for it, at the rates that it was offered at."""
    about = {name: value for name, value in invoice.metadata.items() if isinstance(value, str)}
    currency = invoice.currency.upper()
    asked = _minor(invoice.amount, currency)
    parts = parts_of(methods, currency)
    received = sum(part.amount for part in parts)
    return Outcome(
        gateway=NAME,
        reference=invoice.id,
        state=_state(invoice, paid=bool(parts) and received >= asked),
        amount=received or asked,
        currency=currency,
        parts=parts,
        # The payer pays the network's fee.
        fee=0 if parts else None,
        purpose=about.get("purpose", ""),
        tenant_id=about.get("tenant", ""),
        subject=about.get("subject", ""),
        key=about.get("orderId", ""),
        url=invoice.checkout_link if invoice.status == "New" else None,
        reason=_reason(invoice),
    )


def parts_of(methods: tuple[PaymentMethod, ...], currency: str) -> tuple[Part, ...]:
    """What has settled, in minor units. Rounding is carried along, so that all parts together are rounded once."""
    came = [(each, method.rate) for method in methods for each in method.payments if each.status != "Invalid"]
    parts: list[Part] = []
    worth, told = Decimal(0), 0
    for payment, rate in sorted(came, key=lambda each: (each[0].received_date, each[0].id)):
        worth += payment.value * rate
        amount = _minor(worth, currency) - told
        told += amount
        if payment.status == "Settled" and amount:
            parts.append(Part(payment.id, amount))
    return tuple(parts)


def _state(invoice: BtcpayInvoice, *, paid: bool) -> State:
    if paid or invoice.status == "Settled":
        return "succeeded"
    states: dict[str, State] = {"New": "action", "Processing": "pending"}
    return states.get(invoice.status, "failed")


def _reason(invoice: BtcpayInvoice) -> str | None:
    if invoice.additional_status != "None":
        return invoice.additional_status
    return invoice.status if invoice.status in {"Expired", "Invalid"} else None


def _minor(major: Decimal, currency: str) -> int:
    return int(major.scaleb(exponent(currency)).to_integral_value(ROUND_HALF_EVEN))
