"""PaymentIntents: https://docs.stripe.com/api/payment_intents"""

import secrets
from typing import Final

from sandbox.http.store import Document

from . import charges
from .attempts import attempt
from .customers import living
from .errors import invalid, refused
from .lists import PAGING, listed
from .methods import resolved
from .params import Params
from .render import shown
from .terms import NAMING, Confirming, amount_told, automatic, confirming, currency_told, method_types, of_customer
from .world import World

_DESCRIBING: Final = ("description", "metadata", "receipt_email", "statement_descriptor_suffix", "transfer_group")
_CONFIRMING: Final = ("off_session", "return_url", "error_on_requires_action", "setup_future_usage", "mandate_data")
_BEFORE_PAYING: Final = {"requires_payment_method", "requires_confirmation", "requires_action"}


def create(world: World, params: Params) -> Document:
    """A new intent, paid at once where `confirm` says so."""
    params.only(
        *("amount", "currency", "customer", "payment_method", "automatic_payment_methods", *NAMING),
        *("confirm", "capture_method", "confirmation_method", "payment_method_options", "expand"),
        *_DESCRIBING,
        *_CONFIRMING,
    )
    currency = currency_told(params)
    amount = amount_told(params, currency)
    customer = params.text("customer")
    if customer:
        living(world, customer)
    told = confirming(params)
    if params.flag("confirm") is not True and told.off_session:
        raise invalid("off_session can only be used with confirm=true", param="off_session")
    method = params.text("payment_method")
    if method:
        method = of_customer(resolved(world, method), customer)["id"]
    intent = made(world, params, amount, currency, customer, method)
    if params.flag("confirm"):
        return confirmed(world, intent, told)
    return intent


def made(
    world: World, params: Params, amount: int, currency: str, customer: str | None, method: str | None
) -> Document:
    """An intent that nobody has tried to pay."""
    intent = world.make(
        "pi",
        amount=amount,
        amount_capturable=0,
        amount_details={"tip": {}},
        amount_received=0,
        application=None,
        application_fee_amount=None,
        automatic_payment_methods=automatic(params),
        canceled_at=None,
        cancellation_reason=None,
        capture_method=params.one_of("capture_method", "automatic", "automatic_async", "manual") or "automatic_async",
        client_secret=None,
        confirmation_method=params.one_of("confirmation_method", "automatic", "manual") or "automatic",
        currency=currency,
        customer=customer,
        description=params.text("description"),
        last_payment_error=None,
        latest_charge=None,
        metadata=params.merged(),
        next_action=None,
        on_behalf_of=None,
        payment_method=method,
        payment_method_options=params.plain("payment_method_options") or {},
        payment_method_types=method_types(params, currency, kept="setup_future_usage" in params),
        processing=None,
        receipt_email=params.text("receipt_email"),
        review=None,
        setup_future_usage=params.one_of("setup_future_usage", "off_session", "on_session"),
        shipping=None,
        statement_descriptor=None,
        statement_descriptor_suffix=params.text("statement_descriptor_suffix"),
        status="requires_confirmation" if method else "requires_payment_method",
        transfer_data=None,
        transfer_group=params.text("transfer_group"),
        _return_url=None,
        _error_on_action=False,
    )
    world.change(intent, client_secret=f"{intent['id']}_secret_{secrets.token_urlsafe(18)}")
    world.tell("payment_intent.created", intent)
    return intent


def retrieve(world: World, params: Params, key: str) -> Document:
    """An intent as it is now."""
    params.only("expand", "client_secret")
    return world.get("payment_intent", key)


def update(world: World, params: Params, key: str) -> Document:
    """A changed intent; what is to be paid changes only before it is paid."""
    params.only(*_DESCRIBING, "amount", "currency", "customer", "payment_method", "setup_future_usage", "expand")
    intent = world.get("payment_intent", key)
    told: Document = {name: params.text(name) for name in _DESCRIBING if name in params and name != "metadata"}
    if "metadata" in params:
        told["metadata"] = params.merged(intent["metadata"])
    if {"amount", "currency", "customer", "payment_method"} & set(params.names):
        _still(intent, _BEFORE_PAYING, "update")
        currency = currency_told(params) if "currency" in params else intent["currency"]
        told["currency"] = currency
        if "amount" in params:
            told["amount"] = amount_told(params, currency)
        if customer := params.text("customer"):
            told["customer"] = living(world, customer)["id"]
        if method := params.text("payment_method"):
            told["payment_method"] = of_customer(resolved(world, method), intent["customer"])["id"]
            told["status"] = "requires_confirmation"
    world.change(intent, **told)
    return intent


def confirm(world: World, params: Params, key: str) -> Document:
    """Try to pay."""
    params.only("payment_method", "receipt_email", *_CONFIRMING, "client_secret", "expand")
    intent = world.get("payment_intent", key)
    _still(intent, {"requires_payment_method", "requires_confirmation"}, "confirm")
    told = confirming(params)
    if method := params.text("payment_method"):
        world.change(intent, payment_method=of_customer(resolved(world, method), intent["customer"])["id"])
    return confirmed(world, intent, told)


def confirmed(world: World, intent: Document, told: Confirming) -> Document:
    """The intent after an attempt. Raises StripeError for one that failed."""
    if intent["payment_method"] is None:
        raise refused(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken.",
            "payment_intent_unexpected_state",
            payment_intent=shown(intent),
        )
    method = world.get("payment_method", intent["payment_method"])
    if method["type"] not in intent["payment_method_types"]:
        kinds = ", ".join(intent["payment_method_types"])
        raise refused(f"The PaymentMethod's type {method['type']} is not among the intent's ({kinds}).")
    if told.usage:
        world.change(intent, setup_future_usage=told.usage)
    world.change(intent, _return_url=told.return_url, _error_on_action=told.error_on_action)
    needs_return = (intent["automatic_payment_methods"] or {}).get("allow_redirects") == "always"
    if needs_return and not told.return_url:
        raise refused(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
            "these payment methods might redirect your customer off of your page, you must provide a `return_url`.",
            param="return_url",
        )
    if error := attempt(world, intent, method, off_session=told.off_session):
        raise error
    return intent


def cancel(world: World, params: Params, key: str) -> Document:
    """Give it up; what was held is let go."""
    params.only("cancellation_reason", "expand")
    reason = params.one_of("cancellation_reason", "duplicate", "fraudulent", "requested_by_customer", "abandoned")
    intent = world.get("payment_intent", key)
    _still(intent, _BEFORE_PAYING | {"requires_capture"}, "cancel")
    world.change(
        intent,
        status="canceled",
        canceled_at=world.now(),
        cancellation_reason=reason,
        amount_capturable=0,
        next_action=None,
    )
    world.tell("payment_intent.canceled", intent)
    return intent


def capture(world: World, params: Params, key: str) -> Document:
    """Take what was held, or less."""
    params.only("amount_to_capture", "expand")
    intent = world.get("payment_intent", key)
    _still(intent, {"requires_capture"}, "capture")
    amount = params.whole("amount_to_capture") or intent["amount_capturable"]
    if amount > intent["amount_capturable"]:
        raise refused("The amount to capture is more than was authorised.", "amount_too_large")
    charges.captured(world, world.get("charge", intent["latest_charge"]), amount)
    world.change(intent, status="succeeded", amount_received=amount, amount_capturable=0)
    world.tell("payment_intent.succeeded", intent)
    return intent


def list_all(world: World, params: Params) -> Document:
    """A page of intents."""
    params.only(*PAGING, "customer")
    return listed(world, "payment_intent", "/v1/payment_intents", params, customer=params.text("customer"))


def _still(intent: Document, states: set[str], verb: str) -> None:
    if intent["status"] not in states:
        raise refused(
            f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent "
            f"with one of the following statuses may be {verb}ed: {', '.join(sorted(states))}.",
            "payment_intent_unexpected_state",
            payment_intent=shown(intent),
        )
