"""What Stripe is asked for, built out of orders."""

from __future__ import annotations

from typing import Literal

from stripe.params import PaymentIntentCreateParams
from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItem

from billing.gateways.protocol import Order, Payer
from billing.gateways.stripe.amounts import to_stripe


def metadata_of(order: Order, by: Literal["charge", "checkout"]) -> dict[str, str]:
    """What the object says of itself: whose it is, what for, and under which key."""
    return {
        "tenant": order.tenant_id,
        "purpose": order.purpose,
        "subject": order.subject,
        "key": order.key,
        "by": by,
    }


def intent_params(order: Order) -> PaymentIntentCreateParams:
    """A PaymentIntent that takes the money at once, by the saved card, while nobody is there to authenticate."""
    params: PaymentIntentCreateParams = {
        "amount": to_stripe(order.amount, order.currency),
        "currency": order.currency.lower(),
        "customer": order.customer or "",
        "payment_method": order.method or "",
        "off_session": True,
        "confirm": True,
        "description": order.description,
        "metadata": metadata_of(order, "charge"),
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
    }
    return params


def checkout_params(order: Order, customer: str | None, *, back: str, crypto: bool) -> SessionCreateParams:
    """Stripe's page for one payment of exactly this amount in exactly this currency."""
    about = metadata_of(order, "checkout")
    line: SessionCreateParamsLineItem = {
        "quantity": 1,
        "price_data": {
            "currency": order.currency.lower(),
            "unit_amount": to_stripe(order.amount, order.currency),
            "product_data": {"name": order.description or order.subject},
        },
    }
    params: SessionCreateParams = {
        "mode": "payment",
        "line_items": [line],
        "success_url": back,
        "cancel_url": back,
        "metadata": about,
        "payment_intent_data": {"metadata": about, "description": order.description},
        "allowed_payment_method_types": ["card", "crypto"] if crypto else ["card"],
        # Another currency than the order's would be another amount.
        "adaptive_pricing": {"enabled": False},
    }
    if customer is not None:
        params["customer"] = customer
    elif order.email:
        params["customer_email"] = order.email
    keeps = order.keep or order.purpose == "invoice"
    if keeps and customer is None:
        params["customer_creation"] = "always"
    if keeps and crypto:
        # For cards alone: what is kept for later cannot be a wallet.
        params["payment_method_options"] = {"card": {"setup_future_usage": "off_session"}}
    elif keeps:
        params["payment_intent_data"]["setup_future_usage"] = "off_session"
    return params


def saving_params(payer: Payer, customer: str, *, back: str) -> SessionCreateParams:
    """Stripe's page that keeps a card for later."""
    about = {"tenant": payer.tenant_id, "purpose": "method", "key": payer.key}
    return {
        "mode": "setup",
        "customer": customer,
        "success_url": back,
        "cancel_url": back,
        "metadata": about,
        "setup_intent_data": {"metadata": about},
        "allowed_payment_method_types": ["card"],
    }
