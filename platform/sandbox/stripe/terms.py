"""What is to be paid and how, as intents of both kinds and Checkout are told it."""

import re
from typing import Final

from msgspec import Struct

from sandbox.http.store import Document

from .errors import invalid, refused
from .params import Params

TYPES: Final = ("card", "crypto", "us_bank_account")
NAMING: Final = ("payment_method_types", "allowed_payment_method_types", "excluded_payment_method_types")
"""How types are named; the first is refused since the API version of 2026-09-30."""
_LEAST: Final = {
    30: "gbp",
    50: "ars aud brl cad chf cop eur idr ils inr jpy krw nzd php rub sgd usd zar",
    200: "aed myr pln ron",
    250: "dkk",
    300: "nok sek",
    400: "hkd",
    1_000: "mxn thb",
    1_500: "czk",
    17_500: "huf",
}
LEAST: Final = {currency: amount for amount, names in _LEAST.items() for currency in names.split()}
"""The smallest charge of a currency, in its minor units: https://docs.stripe.com/currencies"""
STEPS: Final = {"isk": 100, "ugx": 100, "bhd": 10, "jod": 10, "kwd": 10, "omr": 10, "tnd": 10}
"""Currencies that Stripe counts in smaller units than it takes."""
_MOST: Final = 99_999_999
_CURRENCY: Final = re.compile(r"[a-z]{3}")


class Confirming(Struct, frozen=True):
    """How an attempt is made."""

    off_session: bool
    return_url: str | None
    error_on_action: bool
    usage: str | None


def confirming(params: Params) -> Confirming:
    """Read it from a request."""
    return Confirming(
        params.text("off_session") in {"true", "recurring", "one_off"},
        params.text("return_url"),
        params.flag("error_on_requires_action") or False,
        params.one_of("setup_future_usage", "off_session", "on_session"),
    )


def currency_told(params: Params) -> str:
    """A currency in lower case."""
    currency = params.needed("currency").lower()
    if not _CURRENCY.fullmatch(currency):
        raise invalid(f"Invalid currency: {currency}.", param="currency")
    return currency


def amount_told(params: Params, currency: str, name: str = "amount") -> int:
    """An amount that can be charged."""
    params.needed(name)
    return chargeable(params.whole(name) or 0, currency, name)


def chargeable(amount: int, currency: str, param: str = "amount") -> int:
    """The amount itself. Raises StripeError for one below or above what is charged."""
    if amount < 1:
        raise invalid("This value must be greater than or equal to 1.", param=param, code="parameter_invalid_integer")
    if amount < LEAST.get(currency, 1):
        least = LEAST[currency]
        raise invalid(
            f"Amount must be at least {least} minor units of {currency}", param=param, code="amount_too_small"
        )
    if amount % (step := STEPS.get(currency, 1)):
        raise invalid(f"Amounts in {currency} are multiples of {step}", param=param)
    if amount > _MOST:
        raise invalid(f"Amount must be no more than {_MOST}", param=param, code="amount_too_large")
    return amount


def method_types(params: Params, currency: str | None, *, kept: bool = False) -> list[str]:
    """The types by which it can be paid: those that suit the currency, of those allowed where any are named.

    `kept`: the method is to be used again, which crypto cannot be.
    """
    if "payment_method_types" in params:
        raise invalid(
            "The payment_method_types parameter is no longer supported. Use allowed_payment_method_types.",
            param="payment_method_types",
            code="payment_method_types_no_longer_supported",
        )
    allowed = params.texts("allowed_payment_method_types")
    excluded = params.texts("excluded_payment_method_types")
    if unknown := [kind for kind in (*allowed, *excluded) if kind not in TYPES]:
        raise invalid(f"The payment method type {unknown[0]} is invalid.", param="allowed_payment_method_types")
    if allowed and (excluded or "automatic_payment_methods" in params):
        raise invalid("You may only specify one of these parameters.", param="allowed_payment_method_types")
    suiting = [kind for kind in TYPES if kind == "card" or currency in {None, "usd"}]
    suiting = [kind for kind in suiting if kind != "crypto" or not kept]
    found = [kind for kind in suiting if kind not in excluded and (not allowed or kind in allowed)]
    if not found:
        raise invalid("No payment method type is left that can be used.", param="allowed_payment_method_types")
    return found


def automatic(params: Params) -> Document | None:
    """`automatic_payment_methods`, which also hold where no types are allowed by name."""
    if params.texts("allowed_payment_method_types"):
        return None
    inner = params.inner("automatic_payment_methods").only("enabled", "allow_redirects")
    redirects = inner.one_of("allow_redirects", "always", "never") or "always"
    return {"allow_redirects": redirects, "enabled": inner.flag("enabled") is not False}


def of_customer(method: Document, customer: str | None) -> Document:
    """The method, if this customer may pay by it. Raises StripeError."""
    owner = method["customer"]
    if owner is not None and owner != customer:
        if customer is None:
            raise refused(
                f"The PaymentMethod {method['id']} belongs to a Customer. Please include the Customer in the "
                "`customer` parameter on the PaymentIntent."
            )
        raise refused(f"The customer does not have a payment method with the ID {method['id']}.", "resource_missing")
    if owner is None and method["_used"]:
        raise refused(
            f"The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared "
            f"with a connected account without Customer attachment, or was detached from a Customer. It may not be "
            f"used again. ({method['id']})"
        )
    return method
