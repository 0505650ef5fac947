"""What letters about money say, in the language of whom they are for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from billing.documents.invoicing import too_small_text
from billing.documents.language import N_, Language
from billing.documents.model import Note
from billing.dunning.model import LetterKind

_REASONS: Final = {
    "card_declined": N_("the bank declined the card"),
    "generic_decline": N_("the bank declined the card"),
    "do_not_honor": N_("the bank declined the card"),
    "insufficient_funds": N_("the card has not enough funds"),
    "expired_card": N_("the card has expired"),
    "authentication_required": N_("the bank wants you to confirm the payment yourself"),
}
"""What gateways say in codes, in words; of codes that are not here no letter speaks."""


class Occasion(Struct, frozen=True, kw_only=True):
    """What a letter is about, with every figure ready to be read.

    `amount` is what is asked for or was moved; `is_carried`: it is on the tenant's account now. `day` is the due
    date, `hold_day` when the site is closed, `reason` the gateway's code for why a charge was refused.
    """

    site: str
    issuer: str
    number: str
    period: str
    amount: str
    day: str
    hold_day: str = ""
    reason: str = ""
    is_open: bool = True
    is_carried: bool = False
    charges: bool = False
    pay_url: str | None = None
    payment: Note | None = None


class Text(Struct, frozen=True):
    """A letter's words: what it is about, and paragraphs."""

    subject: str
    heading: str
    lines: tuple[str, ...]


def text_of(kind: LetterKind, about: Occasion, language: Language) -> Text:
    """The letter."""
    return _TEXTS[kind](about, language)


def footing_of(about: Occasion, language: Language) -> str:
    """Why somebody gets it."""
    return language.say(
        "You get this letter because you are the billing contact of {site} at {issuer}.",
        site=about.site,
        issuer=about.issuer,
    )


def _issued(about: Occasion, language: Language) -> Text:
    heading = language.say("Invoice {number}: {amount}", number=about.number, amount=about.amount)
    first = language.say("This is your invoice for {period}, as a PDF beside this letter.", period=about.period)
    if about.is_carried:
        second = too_small_text(about.amount, language)
    elif not about.is_open:
        second = language.say("Nothing is left to pay.")
    elif about.charges:
        second = language.say("It is charged to the payment method that you saved. There is nothing to do.")
    else:
        second = language.say("Please pay {amount} by {day}.", amount=about.amount, day=about.day)
    return Text(heading, heading, (first, second))


def _payment_failed(about: Occasion, language: Language) -> Text:
    heading = language.say("A payment for invoice {number} did not go through", number=about.number)
    lines = [language.say("{amount} could not be charged to your payment method.", amount=about.amount)]
    if about.reason in _REASONS:
        lines.append(language.say("The reason given: {reason}", reason=language.say(_REASONS[about.reason])))
    lines.append(
        language.say("We will try again in a few days. Please make sure by then that your payment method works.")
    )
    return Text(heading, heading, tuple(lines))


def _overdue(about: Occasion, language: Language) -> Text:
    heading = language.say("Invoice {number} is overdue", number=about.number)
    lines = [
        language.say("{amount} was due on {day} and has not arrived yet.", amount=about.amount, day=about.day),
        language.say("If you have paid in the last days, there is nothing to do."),
    ]
    if about.hold_day:
        stays = language.say("{site} stays up.", site=about.site)
        until = language.say("It would be suspended on {day} if the invoice is still open then.", day=about.hold_day)
        lines.append(f"{stays} {until}")
    return Text(heading, heading, tuple(lines))


def _open_since(about: Occasion, language: Language) -> str:
    return language.say(
        "Invoice {number} has been open since {day}: {amount}.", number=about.number, day=about.day, amount=about.amount
    )


def _will_be_suspended(about: Occasion, language: Language) -> Text:
    if about.hold_day:
        heading = language.say("{site} will be suspended on {day}", site=about.site, day=about.hold_day)
    else:
        heading = language.say("{site} will be suspended", site=about.site)
    return Text(
        heading,
        heading,
        (
            _open_since(about, language),
            language.say("From then on viewers see a notice in the place of your site, and streams end."),
            language.say("A payment before that day is enough. No fees are charged while a site is suspended."),
        ),
    )


def _suspended(about: Occasion, language: Language) -> Text:
    heading = language.say("{site} is suspended", site=about.site)
    return Text(
        heading,
        heading,
        (
            _open_since(about, language),
            language.say("Viewers see a notice in the place of your site. Nothing of it is lost."),
            language.say("Once your payment has arrived, the site is back within seconds, by itself."),
        ),
    )


def _paid(about: Occasion, language: Language) -> Text:
    return Text(
        language.say("Invoice {number} is settled", number=about.number),
        language.say("Thank you"),
        (
            language.say("Invoice {number} is settled. Nothing is left to pay of it.", number=about.number),
            language.say("Keep this letter with the invoice; it is your receipt."),
        ),
    )


def _refunded(about: Occasion, language: Language) -> Text:
    heading = language.say("{amount} was sent back to you", amount=about.amount)
    return Text(
        heading,
        heading,
        (
            language.say("It was paid for invoice {number}.", number=about.number),
            language.say("It can take some days until it shows on your side."),
        ),
    )


_TEXTS: Final[dict[LetterKind, Callable[[Occasion, Language], Text]]] = {
    "issued": _issued,
    "payment_failed": _payment_failed,
    "overdue": _overdue,
    "will_be_suspended": _will_be_suspended,
    "suspended": _suspended,
    "paid": _paid,
    "refunded": _refunded,
}
