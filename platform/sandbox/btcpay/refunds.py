"""Refunds, as BTCPay makes them: a pull payment that the payer claims with an address of their own."""

from decimal import Decimal
from typing import Final

from sandbox.http.exchange import Request
from sandbox.http.store import Document

from .errors import invalid, not_found, problem
from .payments import paid
from .told import decimal, document_of, text
from .world import World, new_id, shown

_VARIANTS: Final = {"RateThen", "CurrentRate", "Fiat", "OverpaidAmount", "Custom"}


def refund(world: World, request: Request, store_id: str, key: str) -> Document:
    """Let the payer claim an amount back. There are no idempotency keys: twice asked is twice given."""
    invoice = world.get("invoice", key, store_id)
    told = document_of(request)
    variant = text(told, "refundVariant")
    if variant not in _VARIANTS:
        raise invalid("refundVariant", f"This has to be one of {', '.join(sorted(_VARIANTS))}")
    if invoice["status"] not in {"Settled", "Processing", "Expired", "Invalid"} or paid(invoice) == 0:
        raise problem(400, "non-refundable", "Cannot refund this invoice")
    amount, currency = _worth(world, invoice, told, variant)
    pull = {
        "id": new_id(),
        "storeId": store_id,
        "name": text(told, "name") or f"Refund {key}",
        "description": text(told, "description") or "",
        "currency": currency,
        "amount": str(amount),
        "BOLT11Expiration": 30,
        "autoApproveClaims": True,
        "archived": False,
        "viewLink": "",
        "_invoice": key,
        "_payouts": [],
    }
    pull["viewLink"] = f"{world.url}/pull-payments/{pull['id']}"
    return shown(world.save("pull-payment", pull))


def list_all(world: World, request: Request, store_id: str) -> list[Document]:
    """The pull payments of a store."""
    return [shown(each) for each in world.store.newest_first("pull-payment") if each["storeId"] == store_id]


def retrieve(world: World, request: Request, key: str) -> Document:
    """A pull payment."""
    return shown(world.get("pull-payment", key))


def payouts(world: World, request: Request, key: str) -> list[Document]:
    """What was claimed of a pull payment."""
    claims: list[Document] = world.get("pull-payment", key)["_payouts"]
    return claims


def payout(world: World, request: Request, key: str, payout_id: str) -> Document:
    """One claim."""
    found = [each for each in payouts(world, request, key) if each["id"] == payout_id]
    if not found:
        raise not_found("payout")
    return found[0]


def claim(world: World, key: str, amount: Decimal | None = None) -> Document:
    """The payer claims the pull payment, or a part of it, and is paid. Raises Problem for more than there is."""
    pull = world.get("pull-payment", key)
    left = Decimal(pull["amount"]) - sum((Decimal(each["originalAmount"]) for each in pull["_payouts"]), Decimal(0))
    wanted = left if amount is None else amount
    if not 0 < wanted <= left:
        raise problem(400, "overdraft", "The claim is more than what is left")
    made = {
        "id": new_id(),
        "revision": 0,
        "pullPaymentId": key,
        "date": world.now(),
        "destination": f"bcrt1q{new_id().lower()}",
        "originalAmount": str(wanted),
        "originalCurrency": pull["currency"],
        "payoutCurrency": "BTC",
        "payoutMethodId": "BTC-CHAIN",
        "state": "Completed",
    }
    pull["_payouts"].append(made)
    world.save("pull-payment", pull)
    return made


def _worth(world: World, invoice: Document, told: Document, variant: str) -> tuple[Decimal, str]:
    if variant == "Custom":
        amount, currency = decimal(told, "customAmount"), text(told, "customCurrency")
        if not amount or currency is None:
            raise invalid("customAmount", "An amount and a currency have to be given")
        return amount, currency
    whole = paid(invoice)
    if variant == "OverpaidAmount":
        whole -= Decimal(invoice["amount"])
        if whole <= 0:
            raise problem(400, "not-overpaid", "The invoice was not overpaid")
    kept = (decimal(told, "subtractPercentage") or Decimal(0)) / 100
    worth = whole * (1 - kept)
    return (worth, invoice["currency"]) if variant == "Fiat" else (worth / world.rate, "BTC")
