"""Charges: every attempt that reached the card network, with what it cost: https://docs.stripe.com/api/charges"""

from sandbox.http.store import Document

from .balance import booked
from .cards import Card
from .errors import StripeError
from .lists import PAGING, listed
from .methods import card_of
from .params import Params
from .world import World


def retrieve(world: World, params: Params, key: str) -> Document:
    """A charge."""
    params.only("expand")
    return world.get("charge", key)


def list_all(world: World, params: Params) -> Document:
    """A page of charges."""
    params.only(*PAGING, "customer", "payment_intent")
    wanted = {name: params.text(name) for name in ("customer", "payment_intent")}
    return listed(world, "charge", "/v1/charges", params, **wanted)


def succeeded(world: World, intent: Document, method: Document, *, captured: bool) -> Document:
    """A charge that went through; its fee is known at once or later (`fee_after`)."""
    charge = _made(world, intent, method, status="succeeded", paid=True, captured=captured)
    world.change(charge, amount_captured=charge["amount"] if captured else 0)
    if captured:
        _cost(world, charge)
    world.tell("charge.succeeded", charge)
    return charge


def captured(world: World, charge: Document, amount: int) -> None:
    """Take an amount that was only held."""
    former = world.change(charge, captured=True, amount_captured=amount)
    _cost(world, charge)
    world.tell("charge.captured", charge, former)


def failed(world: World, intent: Document, method: Document, error: StripeError) -> Document:
    """A charge that was declined."""
    charge = _made(world, intent, method, status="failed", paid=False, captured=False)
    code = error.body.get("code")
    outcome = {
        **charge["outcome"],
        "network_status": "declined_by_network",
        "type": "issuer_declined",
        "reason": error.body.get("decline_code", code),
    }
    world.change(charge, failure_code=code, failure_message=error.body["message"], outcome=outcome)
    world.tell("charge.failed", charge)
    return charge


def cost_known(world: World, key: str) -> None:
    """Book a charge's balance transaction, if that has not been done."""
    charge = world.get("charge", key)
    if charge["balance_transaction"] is None:
        _book(world, charge)
        world.tell("charge.updated", charge, {"balance_transaction": None})


def card_behind(world: World, charge: Document) -> Card:
    """How the card behaves that was charged."""
    return card_of(world.get("payment_method", charge["payment_method"]))


def fee_of(world: World, kind: str, amount: int) -> int:
    """The processing fee, rounded half up as Stripe does."""
    options = world.options
    bps, fixed = (options.crypto_fee_bps, 0) if kind == "crypto" else (options.fee_bps, options.fee_fixed)
    return (amount * bps + 5_000) // 10_000 + fixed


def _cost(world: World, charge: Document) -> None:
    if world.options.fee_after:
        world.timers.put(world.options.fee_after, "cost_known", charge["id"])
    else:
        _book(world, charge)


def _book(world: World, charge: Document) -> None:
    kind = charge["payment_method_details"]["type"]
    at_once = kind == "card" and card_behind(world, charge).available_at_once
    available_on = world.now() + (0 if at_once else world.options.available_after)
    amount = charge["amount_captured"]
    name = "charge" if kind == "card" else "payment"
    booking = booked(world, name, charge, amount, fee_of(world, kind, amount), available_on=available_on)
    world.change(charge, balance_transaction=booking["id"])


def _made(world: World, intent: Document, method: Document, *, status: str, paid: bool, captured: bool) -> Document:
    kind = method["type"]
    return world.make(
        "ch",
        amount=intent["amount"],
        amount_captured=0,
        amount_refunded=0,
        application_fee_amount=None,
        balance_transaction=None,
        billing_details=method["billing_details"],
        calculated_statement_descriptor="SANDBOX",
        captured=captured,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        destination=None,
        disputed=False,
        failure_balance_transaction=None,
        failure_code=None,
        failure_message=None,
        fraud_details={},
        metadata=dict(intent["metadata"]),
        outcome={
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "seller_message": "Payment complete." if paid else "The bank declined the payment.",
            "type": "authorized",
        },
        paid=paid,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={"type": kind, kind: dict(method[kind])},
        receipt_email=intent["receipt_email"],
        receipt_url=f"{world.url}/receipts/{intent['id']}",
        refunded=False,
        source_transfer=None,
        statement_descriptor=None,
        status=status,
        transfer_data=None,
        transfer_group=intent["transfer_group"],
    )
