"""Refunds, whole and in parts: https://docs.stripe.com/api/refunds"""

from sandbox.http.store import Document

from .balance import booked
from .charges import card_behind
from .errors import refused
from .lists import PAGING, listed
from .params import Params
from .world import World


def create(world: World, params: Params) -> Document:
    """Give back what is left of a charge, or a part of it."""
    params.only("charge", "payment_intent", "amount", "reason", "metadata", "expand")
    charge = _charge(world, params)
    left = charge["amount_captured"] - charge["amount_refunded"]
    params.one_of("reason", "duplicate", "fraudulent", "requested_by_customer")
    amount = left if "amount" not in params else params.whole("amount") or 0
    _allowed(charge, amount, left)
    kind = charge["payment_method_details"]["type"]
    course = card_behind(world, charge).refund if kind == "card" else "pending"
    refund = world.make(
        "re",
        amount=amount,
        balance_transaction=None,
        charge=charge["id"],
        currency=charge["currency"],
        destination_details={kind: {"type": "refund"} if kind == "card" else {}, "type": kind},
        metadata=params.merged(),
        payment_intent=charge["payment_intent"],
        reason=params.text("reason"),
        receipt_number=None,
        source_transfer_reversal=None,
        status="pending" if course == "pending" else "succeeded",
        transfer_reversal=None,
    )
    world.change(refund, balance_transaction=booked(world, "refund", refund, -amount)["id"])
    _back(world, charge, amount)
    world.tell("charge.refunded", charge)
    world.tell("refund.created", refund)
    if course != "succeeded":
        world.timers.put(world.options.processing_for, f"refund_{course}", refund["id"])
    return refund


def retrieve(world: World, params: Params, key: str) -> Document:
    """A refund."""
    params.only("expand")
    return world.get("refund", key)


def update(world: World, params: Params, key: str) -> Document:
    """A refund with other metadata."""
    params.only("metadata", "expand")
    refund = world.get("refund", key)
    former = world.change(refund, metadata=params.merged(refund["metadata"]))
    _told(world, refund, former)
    return refund


def list_all(world: World, params: Params) -> Document:
    """A page of refunds."""
    params.only(*PAGING, "charge", "payment_intent")
    wanted = {name: params.text(name) for name in ("charge", "payment_intent")}
    return listed(world, "refund", "/v1/refunds", params, **wanted)


def arrived(world: World, key: str) -> None:
    """A pending refund is through."""
    refund = world.get("refund", key)
    _told(world, refund, world.change(refund, status="succeeded"))


def bounced(world: World, key: str) -> None:
    """The bank sent a refund back: the money is on the balance again, and the charge refunded less."""
    refund = world.get("refund", key)
    booking = booked(world, "refund_failure", refund, refund["amount"])
    former = world.change(
        refund,
        status="failed",
        failure_reason="expired_or_canceled_card",
        failure_balance_transaction=booking["id"],
    )
    _back(world, world.get("charge", refund["charge"]), -refund["amount"])
    _told(world, refund, former)
    world.tell("refund.failed", refund)


def _charge(world: World, params: Params) -> Document:
    if key := params.text("charge"):
        return world.get("charge", key, "charge")
    intent = world.get("payment_intent", params.needed("payment_intent"), "payment_intent")
    if intent["amount_received"] == 0:
        raise refused(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
    return world.get("charge", intent["latest_charge"], "charge")


def _allowed(charge: Document, amount: int, left: int) -> None:
    key = charge["id"]
    if charge["status"] != "succeeded":
        raise refused(f"Charge {key} has not succeeded; it cannot be refunded.")
    if charge["disputed"]:
        raise refused(f"Charge {key} has been charged back; cannot issue a refund.", "charge_disputed")
    if left == 0:
        raise refused(f"Charge {key} has already been refunded.", "charge_already_refunded")
    if amount < 1:
        raise refused("Invalid positive integer", "parameter_invalid_integer", param="amount", kept=False)
    if amount > left:
        raise refused(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")


def _back(world: World, charge: Document, amount: int) -> None:
    total = charge["amount_refunded"] + amount
    world.change(charge, amount_refunded=total, refunded=total == charge["amount_captured"])


def _told(world: World, refund: Document, former: Document) -> None:
    world.tell("refund.updated", refund, former)
    world.tell("charge.refund.updated", refund, former)
