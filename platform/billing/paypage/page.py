"""Pay pages as HTML: one file each, without scripts and without anything from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct

from billing.documents.html import logo_url
from billing.documents.invoicing import bank_note, is_carried_whole, too_small_text
from billing.documents.language import N_, Language, language_of
from billing.documents.model import Note
from billing.invoices.model import Invoice
from billing.paypage.desk import View

Trouble = Literal["silent", "refused"]
_TEMPLATES: Final = Path(__file__).with_name("templates")
_PAY_BY: Final = {"stripe": N_("Pay by card"), "btcpay": N_("Pay with Bitcoin")}
_TROUBLES: Final[dict[Trouble, str]] = {
    "silent": N_("The payment service gives no answer. Nothing was charged; please try again in a minute."),
    "refused": N_("That way to pay is not open now. Nothing was charged; please choose another or try again later."),
}


class Button(Struct, frozen=True):
    """A form of one button."""

    action: str
    label: str


class Page(Struct, frozen=True, kw_only=True):
    """What the template shows besides the document, every text final."""

    state: str
    state_text: str
    amount: str
    dated: str
    trouble: str = ""
    lines: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    again: Button | None = None
    bank_heading: str
    bank: Note | None = None
    keep: Button | None = None
    keep_text: str = ""
    pdf: Button
    details: str


def page_of(view: View, *, stablecoins: bool = False, trouble: Trouble | None = None) -> str:
    """The page. `stablecoins`: the gateway of cards takes them too, where it is in USD."""
    language = language_of(view.bill.invoice.bill_to.locale, zone=view.zone)
    said = _page(view, language, stablecoins=stablecoins, trouble=trouble)
    return (
        _environment()
        .get_template("pay.html")
        .render(page=said, document=view.document, logo=logo_url(view.document.look), style=_style(view))
    )


def style_hash(view: View) -> str:
    """The page's own style, as a source of a Content-Security-Policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(_style(view).encode()).digest()).decode()}'"


def _page(view: View, language: Language, *, stablecoins: bool, trouble: Trouble | None) -> Page:
    invoice, here = view.bill.invoice, f"/pay/{view.bill.token}"
    payable = view.standing in {"open", "overdue"}
    card = N_("Pay by card or stablecoins") if stablecoins and invoice.currency == "USD" else _PAY_BY["stripe"]
    names = {**_PAY_BY, "stripe": card}
    keep = N_("Save another card") if view.is_kept else N_("Save a card for later invoices")
    return Page(
        state=view.standing,
        state_text=_state(view, language),
        amount=language.money(invoice.total if view.standing == "paid" else invoice.due, invoice.currency),
        dated=_dated(view, language),
        trouble="" if trouble is None else language.say(_TROUBLES[trouble]),
        lines=tuple(_lines(view, language)),
        buttons=tuple(Button(f"{here}/by/{each}", language.say(names[each])) for each in view.pages if each in names),
        again=Button(f"{here}/look", language.say("Look again")) if view.standing == "underway" else None,
        bank_heading=language.say("Pay by bank transfer"),
        bank=bank_note(invoice, language, amount=invoice.due) if payable and _takes_transfers(view) else None,
        keep=None if view.keeper is None else Button(f"{here}/card", language.say(keep)),
        keep_text=language.say("Later invoices are charged to it when they are issued."),
        pdf=Button(f"{here}/invoice.pdf", language.say("Download the PDF")),
        details=language.say("What it is for"),
    )


def _takes_transfers(view: View) -> bool:
    """A bank account is told; or there is no other way, and the reference is all that can be said."""
    return bool(view.bill.invoice.issuer.bank) or not view.pages


def _state(view: View, language: Language) -> str:
    if view.standing == "paid" and is_carried_whole(view.bill.invoice):
        return language.say("Carried to your account")
    return {
        "open": language.say("Open"),
        "overdue": language.say("Overdue"),
        "underway": language.say("Payment under way"),
        "paid": language.say("Settled"),
    }[view.standing]


def _dated(view: View, language: Language) -> str:
    invoice = view.bill.invoice
    at_issuers = language_of(language.tag, zone=invoice.issuer.zone)
    if view.standing == "paid":
        if invoice.paid_at is None or is_carried_whole(invoice):
            return ""
        return language.say("Paid on {day}", day=at_issuers.day(invoice.paid_at))
    if view.standing == "underway":
        return ""
    day = at_issuers.day(view.due_at)
    if view.standing == "overdue":
        return language.say("It was due on {day}", day=day)
    return language.say("Please pay by {day}", day=day)


def _lines(view: View, language: Language) -> list[str]:
    lines: list[str] = []
    if view.standing == "paid":
        lines += _settled(view.bill.invoice, language)
    elif view.standing == "underway":
        lines.append(language.say("A payment is on its way. There is nothing more to do until it has arrived."))
    if view.is_too_small:
        lines.append(language.say("An amount this small cannot be paid by card."))
    if view.closed_site is not None:
        lines.append(language.say("{site} is suspended", site=view.closed_site) + ".")
        lines.append(language.say("Once your payment has arrived, the site is back within seconds, by itself."))
    elif view.is_kept and view.standing != "paid":
        lines.append(language.say("A card is saved, and charged by itself. You can also pay now."))
    return lines


def _settled(invoice: Invoice, language: Language) -> list[str]:
    lines: list[str] = []
    if not is_carried_whole(invoice):
        lines.append(language.say("Thank you. Nothing is left to pay of it."))
    if invoice.carried:
        lines.append(too_small_text(language.money(invoice.carried, invoice.currency), language))
    return lines


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)


def _style(view: View) -> Markup:
    return _styled(view.document.look.accent)


@lru_cache(maxsize=4)
def _styled(accent: str) -> Markup:
    css = (_TEMPLATES / "pay.css").read_text(encoding="utf-8").replace("#1f3a5f", accent)
    # The file is the platform's own, and an accent is `#rrggbb`; in a style element nothing of it may be escaped.
    return Markup(css)  # noqa: S704 - a constant of ours
