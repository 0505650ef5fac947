"""The checkout that a payer sees."""

from decimal import Decimal
from html import escape
from typing import Final
from urllib.parse import quote

from sandbox.http.exchange import Answer, Request, page, sent_on
from sandbox.http.store import Document

from .errors import Problem
from .payments import paid, received
from .refunds import claim
from .world import World

_SHARES: Final = {"full": Decimal(1), "lightning": Decimal(1), "part": Decimal("0.5"), "over": Decimal("1.5")}
_BUTTONS: Final = {
    "full": "Pay on the chain",
    "lightning": "Pay over Lightning",
    "part": "Pay half of it",
    "over": "Pay too much",
}


def answered(world: World, request: Request) -> Answer:
    """The page of a path, or where the browser goes next."""
    parts = request.path.strip("/").split("/")
    try:
        match parts:
            case ["i", key] if request.method == "GET":
                return _checkout(world.get("invoice", key))
            case ["i", key] if request.method == "POST":
                return _paid(world, world.get("invoice", key), request.form.get("how", "full"))
            case ["pull-payments", key] if request.method == "GET":
                pull = world.get("pull-payment", key)
                return page(_html(f"{pull['amount']} {pull['currency']} for you", _button("claim", "Claim")))
            case ["pull-payments", key] if request.method == "POST":
                claim(world, key)
                return page(_html("Claimed", ""))
            case _:
                return page(_html("There is no such page", ""), 404)
    except Problem as error:
        return page(_html("That did not work", f"<p role=alert>{escape(str(error))}</p>"), error.status)


def _paid(world: World, invoice: Document, how: str) -> Answer:
    rest = Decimal(invoice["amount"]) - paid(invoice)
    due = rest if rest > 0 else Decimal(invoice["amount"])
    method = "BTC-LN" if how == "lightning" else "BTC-CHAIN"
    received(world, invoice, due * _SHARES.get(how, Decimal(1)), method)
    back = _back(invoice)
    if back and invoice["checkout"]["redirectAutomatically"] and invoice["status"] in {"Processing", "Settled"}:
        return sent_on(back)
    return sent_on(f"/i/{invoice['id']}")


def _checkout(invoice: Document) -> Answer:
    due = Decimal(invoice["amount"]) - paid(invoice)
    told = f"<p>{escape(invoice['status'])}; {max(due, Decimal(0))} {escape(invoice['currency'])} to pay</p>"
    open_ = invoice["status"] in {"New", "Expired"}
    buttons = "".join(_button(how, text) for how, text in _BUTTONS.items()) if open_ else ""
    back = _back(invoice)
    link = f'<p><a id="return" href="{escape(back)}">Return to store</a></p>' if back else ""
    return page(_html(f"Pay {invoice['amount']} {invoice['currency']}", told + buttons + link))


def _back(invoice: Document) -> str | None:
    url: str | None = invoice["checkout"]["redirectURL"]
    order = str(invoice["metadata"].get("orderId", ""))
    return url and url.replace("{InvoiceId}", invoice["id"]).replace("{OrderId}", quote(order, safe=""))


def _button(how: str, text: str) -> str:
    return f'<form method="post"><p><button name="how" value="{how}">{text}</button></p></form>'


def _html(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>body{{font:16px/1.5 system-ui;max-width:30rem;margin:3rem auto;"
        "padding:0 1rem}button{font:inherit;padding:.5rem 1rem}</style>"
        f"<h1>{escape(title)}</h1><p>A stand-in for BTCPay Server: no money moves.</p>{content}</html>"
    )
