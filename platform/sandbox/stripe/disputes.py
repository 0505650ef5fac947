"""Disputes: the bank takes a charge back, and may give it again: https://docs.stripe.com/api/disputes"""

from typing import Final

from sandbox.http.store import Document

from .balance import booked
from .errors import refused
from .lists import PAGING, listed
from .params import Params
from .render import shown
from .world import World

_OPEN: Final = {"needs_response", "under_review"}
_ANSWER_SECONDS: Final = 7 * 86_400


def opened(world: World, charge: Document, reason: str, amount: int | None = None) -> Document:
    """The bank takes the charge back, or a part of it, and asks a fee. Raises StripeError where it cannot."""
    if charge["status"] != "succeeded" or charge["disputed"]:
        raise refused(f"Charge {charge['id']} cannot be disputed.")
    dispute = world.make(
        "du",
        amount=charge["amount"] if amount is None else amount,
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={"uncategorized_text": None},
        evidence_details={
            "due_by": world.now() + _ANSWER_SECONDS,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=False,
        metadata={},
        network_reason_code="10.4",
        payment_intent=charge["payment_intent"],
        payment_method_details=None,
        reason=reason,
        status="needs_response",
    )
    world.change(charge, disputed=True)
    world.tell("charge.dispute.created", dispute)
    _booked(world, dispute, -dispute["amount"], world.options.dispute_fee)
    world.tell("charge.dispute.funds_withdrawn", dispute)
    return dispute


def closed(world: World, dispute: Document, *, won: bool) -> None:
    """The bank decided; what was won comes back without the fee. Raises StripeError where it had decided before."""
    if dispute["status"] not in _OPEN:
        raise refused(f"This dispute is already closed ({dispute['status']}).", "dispute_closed")
    former = world.change(dispute, status="won" if won else "lost")
    if won:
        _booked(world, dispute, dispute["amount"], 0)
        world.tell("charge.dispute.funds_reinstated", dispute)
    world.tell("charge.dispute.updated", dispute, former)
    world.tell("charge.dispute.closed", dispute)


def retrieve(world: World, params: Params, key: str) -> Document:
    """A dispute."""
    params.only("expand")
    return world.get("dispute", key)


def list_all(world: World, params: Params) -> Document:
    """A page of disputes."""
    params.only(*PAGING, "charge", "payment_intent")
    wanted = {name: params.text(name) for name in ("charge", "payment_intent")}
    return listed(world, "dispute", "/v1/disputes", params, **wanted)


def update(world: World, params: Params, key: str) -> Document:
    """Hand evidence in; `winning_evidence` and `losing_evidence` decide it at once, as in Stripe's test mode."""
    params.only("evidence", "metadata", "submit", "expand")
    dispute = world.get("dispute", key)
    if dispute["status"] not in _OPEN:
        raise refused("This dispute is already closed.", "dispute_closed")
    text = params.inner("evidence").text("uncategorized_text") or dispute["evidence"]["uncategorized_text"]
    details = {**dispute["evidence_details"], "has_evidence": text is not None}
    former = world.change(
        dispute,
        evidence={"uncategorized_text": text},
        evidence_details=details,
        metadata=params.merged(dispute["metadata"]),
    )
    if params.flag("submit") is False:
        return dispute
    former |= world.change(dispute, status="under_review")
    world.tell("charge.dispute.updated", dispute, former)
    if text in {"winning_evidence", "losing_evidence"}:
        closed(world, dispute, won=text == "winning_evidence")
    return dispute


def close(world: World, params: Params, key: str) -> Document:
    """Give it up: lost."""
    params.only("expand")
    dispute = world.get("dispute", key)
    closed(world, dispute, won=False)
    return dispute


def _booked(world: World, dispute: Document, amount: int, fee: int) -> None:
    booking = booked(world, "adjustment", dispute, amount, fee)
    world.change(dispute, balance_transactions=[*dispute["balance_transactions"], shown(booking)])
