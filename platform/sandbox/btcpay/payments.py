"""Payments of invoices: in full, in parts, too much, too late, and those that never settle."""

from decimal import ROUND_DOWN, Decimal
from typing import Final

from sandbox.http.exchange import Request
from sandbox.http.store import Document

from .errors import problem
from .invoices import moved
from .model import METHODS
from .world import World, new_id

_SATOSHI: Final = Decimal("0.00000001")


def received(world: World, invoice: Document, amount: Decimal, method: str = "BTC-CHAIN") -> Document:
    """Somebody pays so much in the invoice's currency. Raises Problem for one that is not watched any more."""
    if method not in METHODS:
        raise problem(400, "unknown-method", f"There is no payment method {method}")
    if world.now() >= invoice["monitoringExpiration"]:
        raise problem(400, "not-monitored", "Nobody watches for payments of this invoice any more")
    late = invoice["status"] == "Expired"
    fast = method == "BTC-LN" or invoice["checkout"]["speedPolicy"] == "HighSpeed"
    payment: Document = {
        "id": new_id(),
        "receivedDate": world.now(),
        "value": _in_bitcoin(world, amount),
        "fee": "0.0",
        "status": "Processing",
        "destination": f"bcrt1q{new_id().lower()}",
        "_amount": str(amount),
        "_method": method,
    }
    invoice["_payments"].append(payment)
    invoice["paidAmount"] = str(paid(invoice))
    world.save("invoice", invoice)
    told = {"paymentMethodId": method, "payment": _shown(payment)}
    world.tell("InvoiceReceivedPayment", invoice, afterExpiration=late, **told)
    _counted(world, invoice, late=late)
    if fast:
        confirmed(world, invoice["id"], payment["id"])
    else:
        world.timers.put(world.options.confirmed_after, "confirmed", f"{invoice['id']} {payment['id']}")
    return payment


def confirmed(world: World, key: str, payment_id: str) -> None:
    """The network confirmed a payment; nothing where it was settled or lost before."""
    invoice = world.get("invoice", key)
    payment = next(each for each in invoice["_payments"] if each["id"] == payment_id)
    if payment["status"] != "Processing":
        return
    payment["status"] = "Settled"
    world.save("invoice", invoice)
    told = {"paymentMethodId": payment["_method"], "payment": _shown(payment)}
    world.tell("InvoicePaymentSettled", invoice, afterExpiration=invoice["status"] == "Expired", **told)
    if invoice["status"] == "Processing" and _is_enough(invoice, paid(invoice, "Settled")):
        moved(world, invoice, "Settled", invoice["additionalStatus"])
        world.tell("InvoiceSettled", invoice, manuallyMarked=False, overPaid=_is_over(invoice))


def lost(world: World, key: str) -> None:
    """Its payments never confirm (spent twice): an invoice that was under way becomes invalid."""
    invoice = world.get("invoice", key)
    for payment in invoice["_payments"]:
        if payment["status"] == "Processing":
            payment["status"] = "Invalid"
    invoice["paidAmount"] = str(paid(invoice))
    world.save("invoice", invoice)
    if invoice["status"] == "Processing":
        moved(world, invoice, "Invalid", "None")
        world.tell("InvoiceInvalid", invoice, manuallyMarked=False)


def expired(world: World, key: str) -> None:
    """Its time is up; nothing where enough was paid before."""
    invoice = world.get("invoice", key)
    if invoice["status"] != "New":
        return
    partly = paid(invoice) > 0
    moved(world, invoice, "Expired", "PaidPartial" if partly else "None")
    world.tell("InvoiceExpired", invoice, partiallyPaid=partly)
    if partly:
        world.tell("InvoiceExpiredPaidPartial", invoice)


def unwatched(world: World, key: str) -> None:
    """Nobody waits for its confirmations any more."""
    if world.get("invoice", key)["status"] == "Processing":
        lost(world, key)


def methods(world: World, request: Request, store_id: str, key: str) -> list[Document]:
    """By what an invoice can be paid, and what was."""
    invoice = world.get("invoice", key, store_id)
    total, due = Decimal(invoice["amount"]), Decimal(invoice["amount"]) - paid(invoice)
    return [
        {
            "paymentMethodId": method,
            "currency": "BTC",
            "activated": True,
            "destination": f"bcrt1q{invoice['id'].lower()}",
            "paymentLink": f"bitcoin:bcrt1q{invoice['id'].lower()}",
            "rate": world.options.rate,
            "paymentMethodPaid": _in_bitcoin(world, _by(invoice, method)),
            "totalPaid": _in_bitcoin(world, paid(invoice)),
            "due": _in_bitcoin(world, due),
            "amount": _in_bitcoin(world, total),
            "paymentMethodFee": "0.0",
            "payments": [_shown(each) for each in invoice["_payments"] if each["_method"] == method],
            "additionalData": {},
        }
        for method in invoice["checkout"]["paymentMethods"]
    ]


def paid(invoice: Document, *statuses: str) -> Decimal:
    """What came in, in the invoice's currency; what was lost does not count."""
    wanted = statuses or ("Processing", "Settled")
    return sum((Decimal(each["_amount"]) for each in invoice["_payments"] if each["status"] in wanted), Decimal(0))


def _counted(world: World, invoice: Document, *, late: bool) -> None:
    enough = _is_enough(invoice, paid(invoice))
    if late:
        # An expired invoice stays expired: the merchant decides what a late payment is worth.
        if enough and invoice["additionalStatus"] != "PaidLate":
            moved(world, invoice, "Expired", "PaidLate")
            world.tell("InvoicePaidAfterExpiration", invoice)
    elif invoice["status"] == "New" and enough:
        over = _is_over(invoice)
        moved(world, invoice, "Processing", "PaidOver" if over else "None")
        world.tell("InvoiceProcessing", invoice, overPaid=over)
    elif invoice["status"] == "New":
        moved(world, invoice, "New", "PaidPartial")
    elif invoice["status"] in {"Processing", "Settled"} and _is_over(invoice):
        moved(world, invoice, invoice["status"], "PaidOver")


def _is_enough(invoice: Document, amount: Decimal) -> bool:
    tolerated = Decimal(str(invoice["checkout"]["paymentTolerance"])) / 100
    return amount > 0 and amount >= Decimal(invoice["amount"]) * (1 - tolerated)


def _is_over(invoice: Document) -> bool:
    return invoice["type"] == "Standard" and paid(invoice) > Decimal(invoice["amount"])


def _by(invoice: Document, method: str) -> Decimal:
    own = [each for each in invoice["_payments"] if each["_method"] == method and each["status"] != "Invalid"]
    return sum((Decimal(each["_amount"]) for each in own), Decimal(0))


def _in_bitcoin(world: World, amount: Decimal) -> str:
    return str((amount / world.rate).quantize(_SATOSHI, rounding=ROUND_DOWN))


def _shown(payment: Document) -> Document:
    return {name: value for name, value in payment.items() if not name.startswith("_")}
