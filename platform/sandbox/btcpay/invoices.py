"""Invoices: https://docs.btcpayserver.org/API/Greenfield/v1/#tag/Invoices"""

import re
from typing import Final
from urllib.parse import parse_qsl

from sandbox.http.exchange import Request
from sandbox.http.store import Document

from .errors import invalid
from .model import METHODS, OLD_METHODS
from .told import decimal, document_of, inner, minutes, text
from .world import World, new_id, shown

_CURRENCY: Final = re.compile(r"[A-Z]{3,5}")
_STATUSES: Final = {"New", "Processing", "Expired", "Invalid", "Settled"}
_SPEEDS: Final = {"HighSpeed", "MediumSpeed", "LowSpeed", "LowMediumSpeed"}
_LOOKS: Final = ("redirectURL", "defaultLanguage", "checkoutType")


def create(world: World, request: Request, store_id: str) -> Document:
    """A new invoice. There are no idempotency keys: the same order twice makes two."""
    told = document_of(request)
    amount = decimal(told, "amount")
    currency = (text(told, "currency") or "USD").upper()
    if not _CURRENCY.fullmatch(currency):
        raise invalid("currency", "Invalid currency")
    checkout = _checkout(world, inner(told, "checkout"))
    now = world.now()
    ends = now + checkout["expirationMinutes"] * 60
    key = new_id()
    invoice: Document = {
        "id": key,
        "storeId": store_id,
        "amount": "0" if amount is None else str(amount),
        "paidAmount": "0",
        "currency": currency,
        "type": "TopUp" if amount is None else "Standard",
        "checkoutLink": f"{world.url}/i/{key}",
        "createdTime": now,
        "expirationTime": ends,
        "monitoringExpiration": ends + checkout["monitoringMinutes"] * 60,
        "status": "New",
        "additionalStatus": "None",
        "availableStatusesForManualMarking": ["Settled", "Invalid"],
        "archived": False,
        "metadata": inner(told, "metadata"),
        "checkout": checkout,
        "receipt": {"enabled": None, "showQR": None, "showPayments": None},
        "_payments": [],
    }
    world.save("invoice", invoice)
    world.timers.put(ends - world.clock(), "expired", key)
    world.timers.put(invoice["monitoringExpiration"] - world.clock(), "unwatched", key)
    world.tell("InvoiceCreated", invoice)
    return shown(invoice)


def retrieve(world: World, request: Request, store_id: str, key: str) -> Document:
    """An invoice as it is now."""
    return shown(world.get("invoice", key, store_id))


def update(world: World, request: Request, store_id: str, key: str) -> Document:
    """An invoice with other metadata."""
    invoice = world.get("invoice", key, store_id)
    invoice["metadata"] = inner(document_of(request), "metadata")
    return shown(world.save("invoice", invoice))


def archive(world: World, request: Request, store_id: str, key: str) -> None:
    """Leave it out of lists."""
    invoice = world.get("invoice", key, store_id)
    invoice["archived"] = True
    world.save("invoice", invoice)


def unarchive(world: World, request: Request, store_id: str, key: str) -> Document:
    """Have it in lists again."""
    invoice = world.get("invoice", key, store_id)
    invoice["archived"] = False
    return shown(world.save("invoice", invoice))


def list_all(world: World, request: Request, store_id: str) -> list[Document]:
    """Invoices, newest first, by order, status, time and text."""
    asked: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.query):
        asked.setdefault(name, []).append(value)
    if unknown := set(asked.get("status", [])) - _STATUSES:
        raise invalid("status", f"There is no status {unknown.pop()}")
    fitting = [
        shown(each)
        for each in world.store.newest_first("invoice")
        if each["storeId"] == store_id and _fits(each, asked)
    ]
    skip, take = _number(asked, "skip", 0), _number(asked, "take", 50)
    return fitting[skip : skip + take]


def mark(world: World, request: Request, store_id: str, key: str) -> Document:
    """Declare an invoice settled or invalid by hand."""
    invoice = world.get("invoice", key, store_id)
    status = text(document_of(request), "status")
    if status is None or status not in invoice["availableStatusesForManualMarking"]:
        raise invalid("status", f"The invoice cannot be marked as {status}")
    moved(world, invoice, status, "Marked")
    world.tell(f"Invoice{status}", invoice, manuallyMarked=True)
    return shown(invoice)


def moved(world: World, invoice: Document, status: str, additional: str) -> None:
    """Give it another status."""
    rest = {"Settled": ["Invalid"], "Invalid": ["Settled"]}.get(status, ["Settled", "Invalid"])
    invoice.update(status=status, additionalStatus=additional, availableStatusesForManualMarking=rest)
    world.save("invoice", invoice)


def _checkout(world: World, told: Document) -> Document:
    options = world.options
    speed = text(told, "speedPolicy") or "MediumSpeed"
    if speed not in _SPEEDS:
        raise invalid("checkout.speedPolicy", f"There is no speed policy {speed}")
    named = told.get("paymentMethods") or list(METHODS)
    if not isinstance(named, list):
        raise invalid("checkout.paymentMethods", "This has to be a list")
    methods = [OLD_METHODS.get(str(each), str(each)) for each in named]
    if unknown := [each for each in methods if each not in METHODS]:
        raise invalid("checkout.paymentMethods", f"Invalid payment method {unknown[0]}")
    tolerance = decimal(told, "paymentTolerance") or 0
    return {
        "speedPolicy": speed,
        "paymentMethods": methods,
        "defaultPaymentMethod": methods[0],
        "expirationMinutes": minutes(told, "expirationMinutes", options.expires_after_minutes),
        "monitoringMinutes": minutes(told, "monitoringMinutes", options.monitored_for_minutes),
        "paymentTolerance": float(tolerance),
        "redirectAutomatically": told.get("redirectAutomatically") is True,
        **{name: text(told, name) for name in _LOOKS},
    }


def _fits(invoice: Document, asked: dict[str, list[str]]) -> bool:
    words = " ".join(asked.get("textSearch", [])).lower()
    tests = (
        not invoice["archived"] or "true" in asked.get("includeArchived", []),
        "orderId" not in asked or invoice["metadata"].get("orderId") in asked["orderId"],
        "status" not in asked or invoice["status"] in asked["status"],
        invoice["createdTime"] >= _number(asked, "startDate", 0),
        invoice["createdTime"] <= _number(asked, "endDate", 1 << 62),
        words in f"{invoice['id']} {' '.join(map(str, invoice['metadata'].values()))}".lower(),
    )
    return all(tests)


def _number(asked: dict[str, list[str]], name: str, default: int) -> int:
    value = asked.get(name, [str(default)])[-1]
    if not value.isdigit():
        raise invalid(name, "This has to be a whole number")
    return int(value)
