"""What Stripe's objects say, as outcomes. Whatever an answer leaves out is asked for."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, Literal

import stripe
from stripe import Charge, PaymentIntent, StripeClient
from stripe.checkout import Session

from billing.gateways.protocol import Dispute, DisputeState, Outcome, Part, Refund, State
from billing.gateways.stripe.amounts import from_stripe
from billing.gateways.stripe.calling import asking

NAME: Final = "stripe"
EXPAND: Final = ["latest_charge.balance_transaction"]
"""What every question for a PaymentIntent asks to be told with it."""
AUTHENTICATION: Final = "authentication_required"
_WITHHOLDING: Final = ("needs_response", "under_review", "appeal_needs_response", "appeal_under_review")
_PAGE: Final = 100


async def outcome_of_intent(client: StripeClient, intent: PaymentIntent, *, refunded: bool = True) -> Outcome:
    """The outcome of a PaymentIntent that was asked for with EXPAND. Not `refunded`: its refunds need not be asked for.

    The charge's own sum of refunds does not tell: one that failed is not in it any more.
    """
    about = metadata_in(intent)
    state, reason = _state_of(intent)
    url = None
    if state in {"failed", "action"} and about.get("by") == "checkout":
        state, url = await _while_open(client, intent, state)
    elif state == "action" and intent.next_action is not None and intent.next_action.redirect_to_url is not None:
        url = intent.next_action.redirect_to_url.url
    currency = intent.currency.upper()
    charge = intent.latest_charge
    assert not isinstance(charge, str)
    came = from_stripe(intent.amount_received, currency)
    return Outcome(
        gateway=NAME,
        reference=intent.id,
        state=state,
        amount=came or from_stripe(intent.amount, currency),
        currency=currency,
        parts=(Part(intent.id, came),) if came else (),
        fee=_fee_of(charge, currency),
        refunds=await _refunds(client, intent.id, currency) if came and refunded else (),
        disputes=await _disputes(client, intent.id, currency) if charge and charge.disputed else (),
        purpose=about.get("purpose", ""),
        tenant_id=about.get("tenant", ""),
        subject=about.get("subject", ""),
        key=about.get("key", ""),
        url=url,
        reason=reason,
        customer=id_of(intent.customer),
        method=id_of(intent.payment_method) if _keeps_the_card(intent, charge) else None,
    )


async def outcome_of_session(client: StripeClient, session: Session) -> Outcome:
    """The outcome of a Checkout session: that of its payment, once there is one."""
    intent_id = id_of(session.payment_intent)
    if intent_id is not None:
        with asking:
            intent = await client.v1.payment_intents.retrieve_async(intent_id, {"expand": EXPAND})
        return await outcome_of_intent(client, intent)
    about = metadata_in(session)
    currency = (session.currency or "").upper()
    return Outcome(
        gateway=NAME,
        reference=session.id,
        state="failed" if session.status == "expired" else "action",
        amount=from_stripe(session.amount_total or 0, currency) if currency else 0,
        currency=currency,
        purpose=about.get("purpose", ""),
        tenant_id=about.get("tenant", ""),
        subject=about.get("subject", ""),
        key=about.get("key", ""),
        url=session.url,
        reason="expired" if session.status == "expired" else None,
        customer=id_of(session.customer),
    )


def outcome_of_transfer(transfer: stripe.Transfer) -> Outcome:
    """The outcome of a payout: what was reversed of it went back to us."""
    about = metadata_in(transfer)
    currency = transfer.currency.upper()
    back = from_stripe(transfer.amount_reversed, currency)
    return Outcome(
        gateway=NAME,
        reference=transfer.id,
        state="succeeded",
        amount=from_stripe(transfer.amount, currency),
        currency=currency,
        refunds=(Refund(transfer.id, back),) if back else (),
        purpose=about.get("purpose", ""),
        tenant_id=about.get("tenant", ""),
        key=about.get("key", ""),
    )


def refund_of(refund: stripe.Refund, currency: str) -> Refund:
    """One refund. One that fails or is canceled has come back to us."""
    known: dict[str | None, Literal["pending", "succeeded", "failed"]] = {
        "succeeded": "succeeded",
        "failed": "failed",
        "canceled": "failed",
    }
    key = metadata_in(refund).get("key")
    return Refund(refund.id, from_stripe(refund.amount, currency), known.get(refund.status, "pending"), key)


def id_of(value: str | stripe.StripeObject | None) -> str | None:
    """The id of what an answer gives as an id or whole."""
    if value is None or isinstance(value, str):
        return value
    found: str = value.to_dict()["id"]
    return found


def metadata_in(subject: PaymentIntent | Session | stripe.Refund | stripe.Transfer) -> dict[str, str]:
    """What an object says of itself."""
    metadata = subject.metadata
    return {} if metadata is None else {name: str(value) for name, value in metadata.to_dict().items()}


def _state_of(intent: PaymentIntent) -> tuple[State, str | None]:
    error = intent.last_payment_error
    code = None if error is None else (error.decline_code or error.code)
    match intent.status:
        case "succeeded":
            return "succeeded", None
        case "canceled":
            return "failed", intent.cancellation_reason or "canceled"
        case "requires_action":
            return "action", AUTHENTICATION
        case "requires_payment_method" if error is not None and AUTHENTICATION in {error.code, error.decline_code}:
            return "action", AUTHENTICATION
        case "requires_payment_method":
            return "failed", code or "no payment method"
        case _:
            return "pending", None


async def _while_open(client: StripeClient, intent: PaymentIntent, state: State) -> tuple[State, str | None]:
    """On Stripe's page a declined payer tries again: nothing has failed before the page is closed."""
    with asking:
        sessions = await client.v1.checkout.sessions.list_async({"payment_intent": intent.id, "limit": 1})
    for session in sessions.data:
        if session.status == "open":
            return "action", session.url
        return "failed", None
    return state, None


def _keeps_the_card(intent: PaymentIntent, charge: Charge | None) -> bool:
    """Whether the card may be charged again while nobody is there."""
    by = None if charge is None or charge.payment_method_details is None else charge.payment_method_details.type
    options = {} if intent.payment_method_options is None else intent.payment_method_options.to_dict()
    usages = (intent.setup_future_usage, options.get("card", {}).get("setup_future_usage"))
    return by == "card" and "off_session" in usages


def _fee_of(charge: Charge | None, currency: str) -> int | None:
    booked = None if charge is None else charge.balance_transaction
    if booked is None or isinstance(booked, str):
        return None
    settled = booked.currency.upper()
    fee = from_stripe(booked.fee, settled)
    if settled == currency or not booked.exchange_rate:
        return fee
    # The account keeps another currency: its fee at the rate at which the payment was turned into it.
    there = Decimal(booked.fee) / Decimal(str(booked.exchange_rate))
    return from_stripe(int(there.to_integral_value(ROUND_HALF_EVEN)), currency)


async def _refunds(client: StripeClient, intent_id: str, currency: str) -> tuple[Refund, ...]:
    with asking:
        found = await client.v1.refunds.list_async({"payment_intent": intent_id, "limit": _PAGE})
        return tuple([refund_of(each, currency) async for each in found.auto_paging_iter()])


async def _disputes(client: StripeClient, intent_id: str, currency: str) -> tuple[Dispute, ...]:
    with asking:
        found = await client.v1.disputes.list_async({"payment_intent": intent_id, "limit": _PAGE})
    all_of_it = [_dispute(each, currency) for each in found.data]
    return tuple(each for each in all_of_it if each is not None)


def _dispute(dispute: stripe.Dispute, currency: str) -> Dispute | None:
    """None for a mere inquiry, which withholds nothing."""
    states: dict[str, DisputeState] = {"won": "won", "prevented": "won", "lost": "lost"}
    states |= dict.fromkeys(_WITHHOLDING, "open")
    state = states.get(dispute.status)
    if state is None:
        return None
    fee = sum(from_stripe(each.fee, each.currency.upper()) for each in dispute.balance_transactions)
    return Dispute(dispute.id, from_stripe(dispute.amount, currency), state, fee)
