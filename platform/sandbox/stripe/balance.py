"""What moves the account's balance: https://docs.stripe.com/api/balance_transactions"""

from collections import defaultdict
from typing import Any

from sandbox.http.store import Document

from .lists import PAGING, listed
from .params import Params
from .world import World


def booked(
    world: World, kind: str, source: Document, amount: int, fee: int = 0, *, available_on: float | None = None
) -> Document:
    """Book an amount and a fee against it; `kind`: charge, payment, refund, adjustment, transfer, topup…"""
    now = world.now()
    at = int(now if available_on is None else available_on)
    details = [{"amount": fee, "application": None, "currency": source["currency"], "description": "Stripe fees"}]
    return world.make(
        "txn",
        amount=amount,
        available_on=at,
        currency=source["currency"],
        description=source.get("description"),
        exchange_rate=None,
        fee=fee,
        fee_details=[{**each, "type": "stripe_fee"} for each in details] if fee else [],
        net=amount - fee,
        reporting_category="dispute" if kind == "adjustment" else kind,
        source=source["id"],
        status="available" if at <= now else "pending",
        type=kind,
    )


def retrieve(world: World, params: Params, key: str) -> Document:
    """One of them."""
    params.only("expand")
    return _aged(world, world.get("balance_transaction", key))


def list_all(world: World, params: Params) -> Document:
    """A page of them."""
    params.only(*PAGING, "source", "type", "currency", "payout")
    wanted = {name: params.text(name) for name in ("source", "type", "currency")}
    found = listed(world, "balance_transaction", "/v1/balance_transactions", params, **wanted)
    return {**found, "data": [_aged(world, each) for each in found["data"]]}


def balance(world: World, params: Params) -> Document:
    """What can be transferred now, and what later."""
    params.only("expand")
    sums: dict[bool, dict[str, int]] = {True: defaultdict(int), False: defaultdict(int)}
    for each in world.all("balance_transaction"):
        sums[each["available_on"] <= world.now()][each["currency"]] += each["net"]
    return {
        "object": "balance",
        "livemode": False,
        "available": _sums(sums[True]),
        "pending": _sums(sums[False]),
    }


def available(world: World, currency: str) -> int:
    """What can be transferred now."""
    rows = world.all("balance_transaction")
    return sum(each["net"] for each in rows if each["currency"] == currency and each["available_on"] <= world.now())


def _sums(by_currency: dict[str, int]) -> list[dict[str, Any]]:
    return [{"amount": amount, "currency": currency} for currency, amount in sorted(by_currency.items())]


def _aged(world: World, document: Document) -> Document:
    if document["status"] == "pending" and document["available_on"] <= world.now():
        world.change(document, status="available")
    return document
